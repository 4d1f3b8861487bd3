"""The counting of calls that ended after a budget was set, in the window of which they count, and did not know it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Final

from atom_llm.domain.core.ids import instant_of
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import Budget, TenantBudgets, WindowRef
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.domain.ledger.sweep import LONGEST_CALL
from atom_llm.domain.ledger.young_budgets import UNKNOWN_FOR, YoungBudget
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, BudgetWindows, Ledger, TeamStore, UsageSums, YoungBudgetStore
from atom_llm.services.ledger.budgets.budget_alerts import AlertSender
from atom_llm.services.ledger.budgets.budget_book import CalendarOf
from atom_llm.services.ledger.budgets.open_window import open_window
from atom_llm.services.ledger.budgets.spent_before import PAGE, Spender, SpentBefore
from atom_llm.services.ledger.budgets.spent_beside import SpentBeside, names_of

MOST_ROWS: Final = 20_000  # read for what was drawn on pools since a budget was set; beyond them nothing is counted


class LateSpending:
    """The later looks at young budgets. Any number of them may be taken at once, and none counts what another did."""

    def __init__(
        self,
        young: YoungBudgetStore,
        settings: BudgetSettings,
        windows: BudgetWindows,
        ledger: Ledger,
        sums: UsageSums,
        teams: TeamStore,
        alerts: AlertSender,
        calendar_of: CalendarOf,
        clock: Clock,
    ) -> None:
        """Take the stores; `calendar_of` returns the calendar of a tenant's windows."""
        self._young = young
        self._settings = settings
        self._windows = windows
        self._ledger = ledger
        self._before = SpentBefore(ledger, sums, teams, clock)
        self._beside = SpentBeside(ledger, sums, self._before, clock)
        self._alerts = alerts
        self._calendar_of = calendar_of
        self._clock = clock

    def count(self, until: datetime) -> int:
        """Take the looks that are due, as many as fit before an instant; returns how many counted anything.

        The others stay due. Alerts of thresholds that are reached by then are sent.
        """
        now, counted = self._clock(), 0
        due = sorted((each for each in self._young.all() if each.is_due(now)), key=attrgetter("tenant"))
        for tenant, of_tenant in groupby(due, key=attrgetter("tenant")):
            there = self._settings.of(tenant)
            budgets = TenantBudgets(there, self._calendar_of(tenant)) if there else None
            for young in of_tenant:
                if self._clock() >= until:
                    return counted
                counted += self._look(young, budgets)
        return counted

    def _look(self, young: YoungBudget, budgets: TenantBudgets | None) -> bool:
        """Count what the present window of a young budget has missed; returns whether there was anything.

        Nothing is counted, and nothing noted, while other calls of the scope are posted all the time.
        """
        now = self._clock()
        budget = next((each for each in (budgets.budgets if budgets else ()) if young.is_of(each)), None)
        spender = self._before.spender(young.tenant, scope_of(young.scope))
        began = None if budgets is None else young.counts_since(budgets.calendar, now)
        if budgets is None or budget is None or began is None or spender.members != young.members:
            self._young.replace(young, None)
            return False
        ref = budgets.ref(budget, budget.scope, now)
        state = self._windows.states([(young.tenant, ref)]).get((young.tenant, ref))
        beside = self._beside.posted(spender, ref, began, budgets.calendar.window(young.window, now).ends)
        if beside is None:
            return False
        missed = EXACT.subtract(beside, EXACT.add(young.before, ZERO if state is None else state.opening))
        if missed > 0:
            drawn = self._drawn(young, budgets, spender, set(names_of(ref, began)))
            missed = ZERO if drawn is None else EXACT.subtract(missed, drawn)
        if missed > 0:
            if state is None:
                open_window(self._windows, budget.at(now), ref, budgets.calendar, now, missed)
            elif not self._windows.recount(young.tenant, ref, missed, state.openings):
                return False
        self._alerts.send([(young.tenant, ref)])
        self._young.replace(young, young.looked_at(now))
        return missed > 0

    def _drawn(
        self, young: YoungBudget, budgets: TenantBudgets, spender: Spender, named: AbstractSet[WindowRef]
    ) -> Decimal | None:
        """Return what calls spent in a pool and not in the window: they may have known the budget, and found it full.
        None where there are too many to look at."""
        if not any(_has_to_do_with_pools(each) for each in budgets.budgets):
            return ZERO
        drawn: list[Decimal] = []
        for number, row in enumerate(self._rows_since(young)):
            if number == MOST_ROWS:
                logger().warning("late calls are not counted", tenant=young.tenant, scope=young.scope)
                return None
            windows = row.attempt.windows
            is_of_pool = any(scope_of(ref.scope).kind is ScopeKind.POOL for ref in windows)
            if is_of_pool and named.isdisjoint(windows) and spender.has(row.attempt):
                drawn.append(row.spent(young.unit))
        return exact_sum(drawn)

    def _rows_since(self, young: YoungBudget) -> Iterator[LedgerRow]:
        """Return the rows of attempts that may have known a young budget, the newest calls first."""
        set_at, day = young.set_at - UNKNOWN_FOR, self._clock().date()
        while day >= (set_at - LONGEST_CALL).date():
            for row in self._ledger.rows_of_day(young.tenant, day, behind=None, page_size=PAGE):
                if instant_of(row.attempt.call_id) < set_at - LONGEST_CALL:
                    return
                if row.attempt.opened_at >= set_at:
                    yield row
            day -= timedelta(days=1)


def _has_to_do_with_pools(budget: Budget) -> bool:
    return budget.overflow is not None or scope_of(budget.scope).kind is ScopeKind.POOL
