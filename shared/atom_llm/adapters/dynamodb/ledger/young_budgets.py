"""Young budgets in the usage table: all in one partition, which is nearly always empty and is read each minute."""

from collections.abc import Mapping
from datetime import datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.keys import Key
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import ZERO
from atom_llm.domain.ledger.budgets import USD
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.ledger.young_budgets import KEPT, YoungBudget


class DynamoYoungBudgets:
    """Implements `YoungBudgetStore`."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table

    def all(self) -> list[YoungBudget]:
        """Return them by one query, not consistent: it costs half a unit, and none is due in its first minute."""
        return [_young(item) for item in self._table.query(keys.YOUNG_BUDGETS)]

    def put(self, young: YoungBudget) -> None:
        """Write the item over an older one."""
        self._table.put(_key(young), _item(young))

    def replace(self, seen: YoungBudget, by: YoungBudget | None) -> None:
        """Write or remove the item of that very setting: a later one has its own looks before it."""
        key, condition, values = _key(seen), "id = :id", {":id": seen.id}
        try:
            if by is None:
                self._table.transact([self._table.deleting(key, condition=condition, values=values)])
            else:
                self._table.update(key, "SET looks = :looks", {":looks": by.looks, **values}, condition=condition)
        except ConditionFailed:
            return

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a tenant's items."""
        found = self._table.query(keys.YOUNG_BUDGETS, prefix=keys.young_budget_position(tenant), consistent=True)
        gone = [(item["pk"], item["sk"]) for item in found]
        self._table.delete_many(gone)
        return {"young_budgets_deleted": len(gone)}


def _key(young: YoungBudget) -> Key:
    return keys.YOUNG_BUDGETS, keys.young_budget_position(young.tenant, young.scope, f"{young.unit}.{young.window}")


def _item(young: YoungBudget) -> Item:
    item: Item = {
        "tenant": str(young.tenant),
        "scope": young.scope,
        "window": str(young.window),
        "id": young.id,
        "set_at": young.set_at.isoformat(),
        "looks": young.looks,
        "ttl": int((young.set_at + KEPT).timestamp()),
    }
    item |= {} if young.unit == USD else {"unit": young.unit}
    item |= {"members": young.members} if young.members else {}
    return item | ({"before": young.before} if young.before else {})


def _young(item: Item) -> YoungBudget:
    return YoungBudget(
        tenant=TenantId(item["tenant"]),
        scope=item["scope"],
        window=WindowKind(item["window"]),
        unit=item.get("unit", USD),
        id=item["id"],
        set_at=datetime.fromisoformat(item["set_at"]),
        members=item.get("members", ""),
        before=item.get("before", ZERO),
        looks=int(item["looks"]),
    )
