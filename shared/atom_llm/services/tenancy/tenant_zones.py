"""In which time zone a tenant's days begin, remembered for a minute."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import TenantStore

KNOWN_FOR: Final = timedelta(seconds=60)
CACHED_TENANTS: Final = 10_000  # the oldest goes first
UTC_ZONE: Final = ZoneInfo("UTC")


class TenantZones:
    """Callable with a tenant; one without a record lives in UTC."""

    def __init__(self, tenants: TenantStore, clock: Clock) -> None:
        """Nothing is read before the first question."""
        self._tenants = tenants
        self._clock = clock
        self._known: dict[TenantId, tuple[ZoneInfo, datetime]] = {}

    def __call__(self, tenant: TenantId) -> ZoneInfo:
        """The tenant's zone."""
        now = self._clock()
        known = self._known.get(tenant)
        if known is not None and now < known[1]:
            return known[0]
        found = self._tenants.find(tenant)
        zone = ZoneInfo(found.time_zone) if found is not None else UTC_ZONE
        self._known.pop(tenant, None)
        self._known[tenant] = (zone, now + KNOWN_FOR)
        while len(self._known) > CACHED_TENANTS:
            self._known.pop(next(iter(self._known)), None)
        return zone

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next question: this very process has just changed it."""
        self._known.pop(tenant, None)
