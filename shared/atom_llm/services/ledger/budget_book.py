"""A tenant's budgets as calls need them: remembered for seconds, with the zone that their windows begin in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import Budget, WindowRef, applying, window_id
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=30)  # a budget that is new works in every process within this time
CACHED_TENANTS: Final = 10_000

ZoneOf = Callable[[TenantId], ZoneInfo]


class _Settings(NamedTuple):
    """A tenant's budgets, and the zone that their windows begin in."""

    budgets: list[Budget]
    zone: ZoneInfo


class BudgetBook:
    """The budgets that a call counts against, each with its window.

    A change of a limit that is set already is in its window's item, and binds every process at once.
    """

    def __init__(self, settings: BudgetSettings, zone_of: ZoneOf, clock: Clock) -> None:
        """Take the settings; `zone_of` returns the time zone in which a tenant's days begin."""
        self._known: ReadThrough[TenantId, _Settings] = ReadThrough(
            lambda tenant: _Settings(settings.of(tenant), zone_of(tenant)), clock, KNOWN_FOR, CACHED_TENANTS
        )

    def applying(self, tenant: TenantId, key: ServiceKeyId, at: datetime) -> list[tuple[Budget, WindowRef]]:
        """Return the budgets of a call made at an instant, smallest scope first, each with its window."""
        known = self._known.of(tenant)
        return [
            (budget, WindowRef(budget.scope, window_id(budget.window, at, known.zone)))
            for budget in applying(known.budgets, key)
        ]

    def zone(self, tenant: TenantId) -> ZoneInfo:
        """Return the tenant's time zone."""
        return self._known.of(tenant).zone

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next call: this very process has just changed something."""
        self._known.forget(tenant)
