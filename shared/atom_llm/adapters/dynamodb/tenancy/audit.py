"""Audit entries in DynamoDB, by tenant and time."""

from collections.abc import Iterator
from datetime import datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import Item, Table
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.audit import AuditEntry


class DynamoAuditLog:
    """Implements `AuditLog` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table

    def record(self, entry: AuditEntry) -> None:
        """Store an entry; its id is its own, so that writing it again changes nothing."""
        self._table.put((keys.audit(entry.tenant), entry.id), _item(entry))

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """Iterate over a tenant's entries, newest first."""
        found = self._table.query(keys.audit(tenant), after=before, descending=True, limit=limit)
        return (_entry(tenant, item) for item in found)


def _item(entry: AuditEntry) -> Item:
    item = {
        "at": entry.at.isoformat(),
        "actor": str(entry.actor),
        "action": entry.action,
        "subject": entry.subject,
        "origin": entry.origin,
    }
    return {name: value for name, value in item.items() if value is not None}


def _entry(tenant: TenantId, item: Item) -> AuditEntry:
    return AuditEntry(
        id=item["sk"],
        tenant=tenant,
        at=datetime.fromisoformat(item["at"]),
        actor=ServiceKeyId(item["actor"]),
        action=item["action"],
        subject=item["subject"],
        origin=item.get("origin"),
    )
