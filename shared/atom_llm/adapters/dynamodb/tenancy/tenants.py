"""Tenants in DynamoDB: one partition is the directory of all of them."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind, WindowSpan
from atom_llm.domain.tenancy.tenants import Tenant

_NOT_DELETED: Final = "attribute_exists(pk) AND attribute_not_exists(deleted_at)"


class DynamoTenants:
    """Implements `TenantStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def find(self, tenant: TenantId) -> Tenant | None:
        """Return a tenant, also a deleted one. Consistent."""
        item = self._table.get(keys.tenant(tenant), consistent=True)
        return _tenant(item) if item is not None else None

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        """Iterate over all tenants, in the order of ids."""
        return (_tenant(item) for item in self._table.query(keys.TENANTS, after=after, limit=limit, consistent=True))

    def add(self, tenant: Tenant, entry: AuditEntry) -> None:
        """Store a new tenant; raises `Conflict` when the id is, or was, another's."""
        try:
            # The condition keeps an id from being used again, also that of a tenant that is gone.
            self._audited.commit(entry, self._table.putting(keys.tenant(tenant.id), _item(tenant), if_absent=True))
        except ConditionFailed:
            raise Conflict("the tenant's id is taken", tenant=str(tenant.id)) from None

    def change(
        self,
        tenant: TenantId,
        entry: AuditEntry,
        *,
        name: str | None,
        calendar: BudgetCalendar | None,
        hashes_end_users: bool | None = None,
    ) -> Tenant | None:
        """Change what is given; None when there is no such tenant, or it was deleted."""
        given = {"name": name, "hashes_end_users": hashes_end_users}
        changed: dict[str, Any] = {word: value for word, value in given.items() if value is not None}
        if calendar is not None:
            changed |= {"time_zone": calendar.zone.key, "ran": _spans(calendar.ran)}
        change = self._table.updating(
            keys.tenant(tenant),
            "SET " + ", ".join(f"#{word} = :{word}" for word in changed),
            {f":{word}": value for word, value in changed.items()},
            condition=_NOT_DELETED,
            names={f"#{word}": word for word in changed},
        )
        try:
            self._audited.commit(entry, change)
        except ConditionFailed:
            return None
        return self.find(tenant)

    def mark_deleted(self, tenant: TenantId, at: datetime, entry: AuditEntry) -> None:
        """Mark a tenant as deleted, once; its record stays, so that its id is not given to another."""
        mark = self._table.updating(
            keys.tenant(tenant), "SET deleted_at = :at", {":at": at.isoformat()}, condition=_NOT_DELETED
        )
        try:
            self._audited.commit(entry, mark)
        except ConditionFailed:
            return


def _item(tenant: Tenant) -> Item:
    item: Item = {
        "name": tenant.name,
        "time_zone": tenant.time_zone,
        "created_at": tenant.created_at.isoformat(),
        "created_by": tenant.created_by,
        "is_operator": tenant.is_operator,
        "hashes_end_users": tenant.hashes_end_users or None,
        "ran": _spans(tenant.ran) or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def _tenant(item: Item) -> Tenant:
    deleted_at, ran = item.get("deleted_at"), item.get("ran", {})
    return Tenant(
        id=TenantId(item["sk"]),
        name=item["name"],
        time_zone=item["time_zone"],
        created_at=datetime.fromisoformat(item["created_at"]),
        created_by=item.get("created_by"),
        is_operator=item["is_operator"],
        hashes_end_users=item.get("hashes_end_users", False),
        deleted_at=datetime.fromisoformat(deleted_at) if deleted_at else None,
        ran=tuple(_span(kind, *ran[kind]) for kind in WindowKind if kind in ran),
    )


def _spans(spans: tuple[WindowSpan, ...]) -> dict[str, list[str]]:
    return {
        str(span.kind): [each.isoformat() for each in (span.first, span.begins, span.ends, span.following) if each]
        for span in spans
    }


def _span(kind: WindowKind, first: str, begins: str, ends: str, following: str) -> WindowSpan:
    return WindowSpan(
        kind,
        date.fromisoformat(first),
        datetime.fromisoformat(begins),
        datetime.fromisoformat(ends),
        date.fromisoformat(following),
    )
