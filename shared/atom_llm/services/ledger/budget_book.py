"""A tenant's budgets as calls need them: remembered for seconds, with the zone that their windows begin in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import Budget, WindowRef, applying, window_id
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings

KNOWN_FOR: Final = timedelta(seconds=30)  # a budget that is new works in every process within this time
CACHED_TENANTS: Final = 10_000  # the oldest goes first

ZoneOf = Callable[[TenantId], ZoneInfo]


@dataclass(frozen=True, slots=True)
class _Remembered:
    budgets: list[Budget]
    zone: ZoneInfo
    until: datetime


class BudgetBook:
    """Which budgets a call counts against, and in which of their windows.

    A change of a limit that is set already is in its window's item, and binds every process at once.
    """

    def __init__(self, settings: BudgetSettings, zone_of: ZoneOf, clock: Clock) -> None:
        """`zone_of` says in which time zone a tenant's days begin."""
        self._settings = settings
        self._zone_of = zone_of
        self._clock = clock
        self._lock = Lock()
        self._known: dict[TenantId, _Remembered] = {}

    def applying(self, tenant: TenantId, key: ServiceKeyId, at: datetime) -> list[tuple[Budget, WindowRef]]:
        """The budgets of a call made at an instant, smallest scope first, each with its window."""
        known = self._remembered(tenant)
        return [
            (budget, WindowRef(budget.scope, window_id(budget.window, at, known.zone)))
            for budget in applying(known.budgets, key)
        ]

    def zone(self, tenant: TenantId) -> ZoneInfo:
        """The tenant's time zone."""
        return self._remembered(tenant).zone

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next call: this very process has just changed something."""
        with self._lock:
            self._known.pop(tenant, None)

    def _remembered(self, tenant: TenantId) -> _Remembered:
        now = self._clock()
        with self._lock:
            known = self._known.get(tenant)
        if known is not None and now < known.until:
            return known
        known = _Remembered(self._settings.of(tenant), self._zone_of(tenant), now + KNOWN_FOR)
        with self._lock:
            self._known.pop(tenant, None)
            self._known[tenant] = known
            while len(self._known) > CACHED_TENANTS:
                del self._known[next(iter(self._known))]
        return known
