"""Tenants' own prices in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.catalogue.catalogue import TokenLimits
from atom_llm.domain.catalogue.own_prices import AddedModel, Display, OwnPrice
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import ServiceKeyId, TenantId


class DynamoOwnPrices:
    """Implements `OwnPriceStore` on the keys table; ended prices stand apart, so that calls do not read them."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> Sequence[OwnPrice]:
        """Return a tenant's prices that nobody has ended. Consistent."""
        return self._all(tenant, keys.OWN_PRICES)

    def ended(self, tenant: TenantId) -> Sequence[OwnPrice]:
        """Return a tenant's prices that somebody has ended."""
        return self._all(tenant, keys.ENDED_PRICES)

    def get(self, tenant: TenantId, price_id: str) -> OwnPrice | None:
        """Return a price by its id, ended ones included."""
        for key in (keys.own_price(tenant, price_id), keys.ended_price(tenant, price_id)):
            item = self._table.get(key, consistent=True)
            if item is not None:
                return _price(tenant, item)
        return None

    def add(self, price: OwnPrice, entry: AuditEntry) -> None:
        """Write a new price."""
        self._audited.commit(entry, self._table.putting(keys.own_price(price.tenant, price.id), _item(price)))

    def end(self, price: OwnPrice, entry: AuditEntry) -> bool:
        """Move a price to those that have ended; False where it has been moved already."""
        try:
            self._audited.commit(
                entry,
                self._table.deleting(keys.own_price(price.tenant, price.id), if_there=True),
                self._table.putting(keys.ended_price(price.tenant, price.id), _item(price)),
            )
        except ConditionFailed:
            return False
        return True

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        live = [keys.own_price(tenant, each.id) for each in self.of(tenant)]
        ended = [keys.ended_price(tenant, each.id) for each in self.ended(tenant)]
        self._table.delete_many([*live, *ended])
        return len(live) + len(ended)

    def _all(self, tenant: TenantId, prefix: str) -> list[OwnPrice]:
        found = self._table.query(keys.tenant_items(tenant), prefix=prefix, consistent=True)
        return [_price(tenant, item) for item in found]


def _item(of: OwnPrice) -> Item:
    adds, limits = of.adds, of.adds.limits if of.adds is not None else None
    item = {
        "id": of.id,
        "models": of.models,
        "starts": of.starts.isoformat(),
        "ends": of.ends and of.ends.isoformat(),
        "set_by": str(of.set_by),
        "by_operator": of.by_operator or None,
        "factor": of.factor,
        "rates": None if of.rates is None else dict(of.rates),
        "mode": adds and adds.mode,
        "capabilities": sorted(adds.capabilities) if adds else None,
        "max_input": limits and limits.max_input_tokens,
        "max_output": limits and limits.max_output_tokens,
        "currency": of.display and of.display.currency,
        "per_usd": of.display and of.display.per_usd,
        "note": of.note,
    }
    return {name: value for name, value in item.items() if value is not None}


def _price(tenant: TenantId, item: Item) -> OwnPrice:
    limits = TokenLimits(_whole(item.get("max_input")), _whole(item.get("max_output")))
    return OwnPrice(
        id=item["id"],
        tenant=tenant,
        models=item["models"],
        starts=datetime.fromisoformat(item["starts"]),
        set_by=ServiceKeyId(item["set_by"]),
        by_operator=item.get("by_operator", False),
        factor=item.get("factor"),
        rates=item.get("rates"),
        adds=AddedModel(item["mode"], limits, frozenset(item.get("capabilities", ()))) if "mode" in item else None,
        ends=datetime.fromisoformat(item["ends"]) if "ends" in item else None,
        display=Display(item["currency"], item["per_usd"]) if "currency" in item else None,
        note=item.get("note"),
    )


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
