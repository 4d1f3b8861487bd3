"""Narrowed holds in the usage table: one item a model, all in one partition, for they are few and read together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.ledger.narrowing import ExcessBill, Narrowing


class DynamoNarrowings:
    """Implements `NarrowingStore`. Items do not expire: a person ends them."""

    def __init__(self, table: Table, audited: AuditedWrites) -> None:
        """Take the usage table, and the writer of changes with their audit entries."""
        self._table = table
        self._audited = audited

    def all(self) -> list[Narrowing]:
        """Return every narrowing with one query."""
        return [_narrowing(item) for item in self._table.query(keys.NARROWED_HOLDS, consistent=True)]

    def of(self, model: str) -> Narrowing | None:
        """Return the narrowing of one model."""
        item = self._table.get(keys.narrowed_hold(model), consistent=True)
        return None if item is None else _narrowing(item)

    def save(self, changed: Narrowing, *, before: str) -> bool:
        """Write the narrowing with one condition; a refusal that carries our own revision is a lost answer."""
        values: dict[str, object] = {
            ":since": changed.since.isoformat(),
            ":bills": [_item(bill) for bill in changed.bills],
            ":revision": changed.revision,
        }
        try:
            self._table.update(
                keys.narrowed_hold(changed.model),
                "SET #since = :since, bills = :bills, revision = :revision",
                values | ({":before": before} if before else {}),
                condition="revision = :before" if before else "attribute_not_exists(pk)",
                names={"#since": "since"},
            )
        except ConditionFailed as failed:
            return failed.item is not None and failed.item["revision"] == changed.revision
        return True

    def acknowledge(self, seen: Narrowing, entry: AuditEntry) -> bool:
        """Remove the item and write the entry in one transaction."""
        gone = self._table.deleting(
            keys.narrowed_hold(seen.model), condition="revision = :seen", values={":seen": seen.revision}
        )
        try:
            self._audited.commit(entry, gone)
        except ConditionFailed:
            return False
        return True


def _item(bill: ExcessBill) -> Item:
    return {
        "tenant": str(bill.tenant),
        "call_id": str(bill.call_id),
        "label": bill.label,
        "at": bill.at.isoformat(),
        "held": bill.held,
        "cost": bill.cost,
        "times": bill.times,
    }


def _narrowing(item: Mapping[str, Any]) -> Narrowing:
    bills = tuple(
        ExcessBill(
            tenant=TenantId(bill["tenant"]),
            call_id=CallId(bill["call_id"]),
            label=bill["label"],
            at=datetime.fromisoformat(bill["at"]),
            held=bill["held"],
            cost=bill["cost"],
            times=bill["times"],
        )
        for bill in item["bills"]
    )
    return Narrowing(item["sk"], datetime.fromisoformat(item["since"]), bills, item["revision"])
