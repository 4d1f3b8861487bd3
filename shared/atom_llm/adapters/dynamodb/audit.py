"""Audit entries in DynamoDB, by tenant and time: each is written in the transaction of the change that it tells of."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table, Write
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import ServiceKeyId, TenantId


class AuditedWrites:
    """The writer of changes, of the keys table or of another one, together with their entries."""

    def __init__(self, keys_table: Table) -> None:
        """Take the keys table, which keeps the entries."""
        self._table = keys_table

    def commit(self, entry: AuditEntry, *writes: Write, further: Sequence[AuditEntry] = ()) -> None:
        """Make a change and its entry, both or neither; `further` entries tell other tenants whom it concerns.

        Raises `ConditionFailed` with the positions of the writes whose conditions failed. A transaction that is sent
        again because its answer was lost meets its own writes: its entry, whose id nobody else can have drawn, is the
        proof that it took effect.
        """
        key = keys.audit_entry(entry.tenant, entry.id)
        try:
            told = [self._table.putting(keys.audit_entry(each.tenant, each.id), _item(each)) for each in further]
            self._table.transact([*writes, *told, self._table.putting(key, _item(entry), if_absent=True)])
        except ConditionFailed:
            if self._table.get(key, consistent=True) is None:
                raise

    def delete(self, entry: AuditEntry, table: Table, key: keys.Key) -> bool:
        """Delete an item of any table with its entry; False, without an entry, where there was none."""
        try:
            self.commit(entry, table.deleting(key, if_there=True))
        except ConditionFailed:
            return False
        return True

    def put(
        self, entry: AuditEntry | None, table: Table, key: keys.Key, item: Item, *, if_absent: bool = False
    ) -> None:
        """Write an item of any table, with the entry that tells of it where there is one; raises `ConditionFailed`."""
        if entry is None:
            table.put(key, item, if_absent=if_absent)
        else:
            self.commit(entry, table.putting(key, item, if_absent=if_absent))

    def update(
        self,
        entry: AuditEntry | None,
        table: Table,
        key: keys.Key,
        expression: str,
        values: Mapping[str, object],
        *,
        condition: str,
    ) -> None:
        """Change an item of any table, with the entry that tells of it where there is one; raises `ConditionFailed`."""
        if entry is None:
            table.update(key, expression, values, condition=condition)
        else:
            self.commit(entry, table.updating(key, expression, values, condition=condition))


class DynamoAuditLog:
    """Implements `AuditLog` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._writes = AuditedWrites(table)

    def record(self, entry: AuditEntry) -> None:
        """Write an entry whose act changes nothing that is stored."""
        self._writes.commit(entry)

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """List entries newest first."""
        found = self._table.query(keys.audit(tenant), after=before, descending=True, limit=limit)
        return (_entry(tenant, item) for item in found)


def _item(entry: AuditEntry) -> Item:
    item: dict[str, str | bool | None] = {
        "at": entry.at.isoformat(),
        "actor": str(entry.actor),
        "action": entry.action,
        "subject": entry.subject,
        "origin": entry.origin,
        "by_operator": entry.by_operator or None,
        "person": entry.person,
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
        by_operator=item.get("by_operator", False),
        person=item.get("person"),
    )
