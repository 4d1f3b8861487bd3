"""Own prices in memory."""

from collections.abc import Sequence

from atom_llm.domain.catalogue.own_prices import OwnPrice
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from testing.fakes.audit_log import AuditLogInMemory


class OwnPricesInMemory:
    """Implements `OwnPriceStore`; `reads` counts how often a tenant's prices were read."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.live: dict[tuple[TenantId, str], OwnPrice] = {}
        self.past: dict[tuple[TenantId, str], OwnPrice] = {}
        self.reads = 0
        self.is_down = False

    def of(self, tenant: TenantId) -> Sequence[OwnPrice]:
        if self.is_down:
            raise StoreUnavailable("down")
        self.reads += 1
        return [price for (whose, _), price in sorted(self.live.items()) if whose == tenant]

    def ended(self, tenant: TenantId) -> Sequence[OwnPrice]:
        return [price for (whose, _), price in sorted(self.past.items()) if whose == tenant]

    def get(self, tenant: TenantId, price_id: str) -> OwnPrice | None:
        return self.live.get((tenant, price_id)) or self.past.get((tenant, price_id))

    def add(self, price: OwnPrice, entry: AuditEntry) -> None:
        self.live[price.tenant, price.id] = price
        self.audit.record(entry)

    def end(self, price: OwnPrice, entry: AuditEntry) -> bool:
        if self.live.pop((price.tenant, price.id), None) is None:
            return False
        self.past[price.tenant, price.id] = price
        self.audit.record(entry)
        return True

    def erase(self, tenant: TenantId) -> int:
        gone = [(of, key) for of in (self.live, self.past) for key in of if key[0] == tenant]
        for of, key in gone:
            del of[key]
        return len(gone)
