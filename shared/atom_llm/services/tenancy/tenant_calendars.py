"""The calendars of tenants' budgets, remembered for a minute."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.windows import BudgetCalendar
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import TenantStore
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=60)
CACHED_TENANTS: Final = 10_000
IN_UTC: Final = BudgetCalendar(ZoneInfo("UTC"))


class TenantCalendars(ReadThrough[TenantId, BudgetCalendar]):
    """The calendar of a tenant, by a call with it; one without a record lives in UTC."""

    def __init__(self, tenants: TenantStore, clock: Clock) -> None:
        """Take the store; nothing is read before the first question."""
        super().__init__(self._calendar, clock, KNOWN_FOR, CACHED_TENANTS)
        self._tenants = tenants

    def __call__(self, tenant: TenantId) -> BudgetCalendar:
        """Return the tenant's calendar."""
        return self.of(tenant)

    def _calendar(self, tenant: TenantId) -> BudgetCalendar:
        found = self._tenants.find(tenant)
        return found.calendar if found is not None else IN_UTC
