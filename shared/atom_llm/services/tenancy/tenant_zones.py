"""The time zones in which tenants' days begin, remembered for a minute."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import TenantStore
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=60)
CACHED_TENANTS: Final = 10_000
UTC_ZONE: Final = ZoneInfo("UTC")


class TenantZones(ReadThrough[TenantId, ZoneInfo]):
    """The zone of a tenant, by a call with it; one without a record lives in UTC."""

    def __init__(self, tenants: TenantStore, clock: Clock) -> None:
        """Take the store; nothing is read before the first question."""
        super().__init__(self._zone, clock, KNOWN_FOR, CACHED_TENANTS)
        self._tenants = tenants

    def __call__(self, tenant: TenantId) -> ZoneInfo:
        """Return the tenant's zone."""
        return self.of(tenant)

    def _zone(self, tenant: TenantId) -> ZoneInfo:
        found = self._tenants.find(tenant)
        return ZoneInfo(found.time_zone) if found is not None else UTC_ZONE
