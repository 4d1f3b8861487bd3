"""Budgets in DynamoDB as they were set, in the keys table; their windows are in `budget_windows.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import USD, Budget, Raise
from atom_llm.domain.ledger.near_limit import NearStep
from atom_llm.domain.ledger.windows import WindowKind


class DynamoBudgetSettings:
    """Implements `BudgetSettings` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> list[Budget]:
        """Return all budgets of a tenant, in the order of scopes and windows."""
        found = self._table.query(keys.tenant_items(tenant), prefix=keys.BUDGETS, consistent=True)
        return [_budget(tenant, item) for item in found]

    def put(self, budget: Budget, entry: AuditEntry) -> None:
        """Write the budget, unless a later revision is there; raises `Conflict` then."""
        setting = self._table.putting(
            keys.budget_setting(budget.tenant, budget.scope, budget.kept_as),
            _setting(budget),
            # The condition lets the later of two writers at once win, in whatever order their writes arrive.
            condition="attribute_not_exists(pk) OR revision <= :revision",
            values={":revision": budget.revision},
        )
        try:
            self._audited.commit(entry, setting)
        except ConditionFailed:
            raise Conflict("the budget was set by somebody else at the same time") from None

    def delete(self, tenant: TenantId, scope: str, kept_as: str, entry: AuditEntry) -> bool:
        """Delete the budget; False when there was none."""
        return self._audited.delete(entry, self._table, keys.budget_setting(tenant, scope, kept_as))

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        found = self.of(tenant)
        self._table.delete_many([keys.budget_setting(tenant, each.scope, each.kept_as) for each in found])
        return len(found)


def _setting(budget: Budget) -> Item:
    return {
        "scope": budget.scope,
        "window": str(budget.window),
        "limit": budget.limit,
        "mode": budget.mode,
        "alert_at": list(budget.alert_at),
        "revision": budget.revision,
        "set_at": budget.set_at.isoformat(),
    } | _beside(budget)


def _beside(budget: Budget) -> Item:
    """Return what most budgets have not: another unit than USD, a raise, steps near the limit, what is carried over, a
    pool."""
    beside: Item = {} if budget.unit == USD else {"unit": budget.unit}
    if (raised := budget.raised) is not None:
        until = raised.until.isoformat()
        beside["raised"] = {"amount": raised.amount, "until": until, "why": raised.why, "by": raised.by}
    if budget.carry_over is not None:
        beside["carry_over"] = budget.carry_over
    if budget.overflow is not None:
        beside["overflow"] = budget.overflow
    if budget.near:
        beside["near"] = [
            {name: said for name, said in each._asdict().items() if said is not None} for each in budget.near
        ]
    return beside


def _step(item: Mapping[str, Any]) -> NearStep:
    share = item.get("to_percent")
    return NearStep(int(item["at"]), item["do"], None if share is None else int(share))


def _raise(item: Mapping[str, Any]) -> Raise:
    return Raise(item["amount"], datetime.fromisoformat(item["until"]), item["why"], item["by"])


def _budget(tenant: TenantId, item: Item) -> Budget:
    return Budget(
        tenant=tenant,
        scope=item["scope"],
        window=WindowKind(item["window"]),
        limit=item["limit"],
        mode=item["mode"],
        alert_at=tuple(int(threshold) for threshold in item["alert_at"]),
        revision=item["revision"],
        set_at=datetime.fromisoformat(item["set_at"]),
        unit=item.get("unit", USD),
        raised=_raise(item["raised"]) if "raised" in item else None,
        near=tuple(map(_step, item.get("near", ()))),
        carry_over=item.get("carry_over"),
        overflow=item.get("overflow"),
    )
