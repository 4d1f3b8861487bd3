"""A tenant's budgets as calls need them: remembered for seconds, with the calendar of their windows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import TenantBudgets
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.domain.ledger.windows import BudgetCalendar
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, TeamStore
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=30)  # a budget that is new works in every process within this time
CACHED_TENANTS: Final = 10_000

CalendarOf = Callable[[TenantId], BudgetCalendar]


class BudgetBook(ReadThrough[TenantId, TenantBudgets]):
    """The budgets of tenants, by tenant; teams are read where a budget is of one.

    A change of a limit that is set already is in its window's item, and binds every process at once.
    """

    def __init__(self, settings: BudgetSettings, teams: TeamStore, calendar_of: CalendarOf, clock: Clock) -> None:
        """Take the settings and the teams; `calendar_of` returns the calendar of a tenant's windows."""

        def read(tenant: TenantId) -> TenantBudgets:
            budgets = settings.of(tenant)
            has_teams = any(scope_of(budget.scope).kind is ScopeKind.TEAM for budget in budgets)
            return TenantBudgets(budgets, calendar_of(tenant), teams.of(tenant) if has_teams else ())

        super().__init__(read, clock, KNOWN_FOR, CACHED_TENANTS)
