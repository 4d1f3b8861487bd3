"""The standing of a caller: the budgets that its next call counts in, and what its session came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import USD, Budget, WindowRef, WindowState, forecast, run_tally
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rolling import Leaving
from atom_llm.domain.ledger.scopes import CallScopes, ScopeKind, scope_of
from atom_llm.domain.ledger.sums import Sums
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetWindows, UsageSums
from atom_llm.services.ledger.budgets.budget_book import BudgetBook

# Which model answers is not known before a call, and tags are each call's own.
OF_CALLERS: Final[frozenset[str]] = frozenset(
    {ScopeKind.SESSION, ScopeKind.PERSON, ScopeKind.KEY, ScopeKind.TEAM, ScopeKind.TENANT}
)
SESSION_DAYS: Final = 2  # whose sums a session's are added up of: one that began before midnight goes on behind it


@dataclass(frozen=True, slots=True)
class CallerBudget:
    """A budget as it concerns a caller: `scope` is the member, also where the budget is a default of its kind."""

    budget: Budget
    scope: str
    window: str
    spent: Decimal
    held: Decimal
    remaining: Decimal
    resets_at: datetime | None
    runs_out_at: datetime | None
    next_free: Leaving | None = None


class BudgetsOfCaller:
    """The budgets that a caller's next call counts in."""

    def __init__(
        self,
        book: BudgetBook,
        windows: BudgetWindows,
        sums: UsageSums,
        names: Callable[[TenantId, EndUser], EndUser],
        clock: Clock,
    ) -> None:
        """Take the stores; `names` returns an end user as the tenant's books have it."""
        self._book = book
        self._windows = windows
        self._sums = sums
        self._names = names
        self._clock = clock

    def of(self, tenant: TenantId, key_id: ServiceKeyId, given: EndUser, team: str | None = None) -> list[CallerBudget]:
        """Return them as they stand now, the narrowest first, and the pools that they may
        draw on behind them; `team` is the one that a token names."""
        now, known = self._clock(), self._book.of(tenant)
        named = self._names(tenant, given)
        teams = () if team is None else (team,)
        scopes = CallScopes(key_id, "", "", named.user, named.session, teams=teams)
        found = [(budget, ref) for budget, ref in known.applying(scopes, now) if _kind(ref) in OF_CALLERS]
        pools = {ref: each for budget, _ in found for each, ref in known.pool_of(budget, now)}
        found += [(budget, ref) for ref, budget in pools.items()]
        return self._as_they_stand(tenant, found, now)

    def of_calls(self, tenant: TenantId) -> list[CallerBudget]:
        """Return the budgets of single models, providers and tag values as they stand now, by scope: whichever call
        goes there or says so counts in them."""
        now, known = self._clock(), self._book.of(tenant)
        found = [
            (budget.at(now), known.ref(budget, budget.scope, now))
            for budget in sorted(known.budgets, key=lambda each: (each.scope, each.kept_as))
            if (scope := scope_of(budget.scope)).kind not in OF_CALLERS | {ScopeKind.POOL} and not scope.is_default
        ]
        return self._as_they_stand(tenant, found, now)

    def _as_they_stand(
        self, tenant: TenantId, found: Sequence[tuple[Budget, WindowRef]], now: datetime
    ) -> list[CallerBudget]:
        states = self._windows.states([(tenant, ref) for _, ref in found])
        return [self._stands(budget, ref, states.get((tenant, ref)), now) for budget, ref in found]

    def session_sums(self, tenant: TenantId, session: str) -> Sums:
        """Return what a session's calls of today and yesterday (UTC) came to, as far as they are in the sums."""
        named = self._names(tenant, EndUser(None, session)).session
        today, total = self._clock().date(), Sums()
        first = today - timedelta(days=SESSION_DAYS - 1)
        for _, cell, sums in self._sums.by_end_user(tenant, first, today, "session"):
            if cell.end_user.session == named:
                total.add(sums)
        return total

    def run_cost(self, tenant: TenantId, run: str) -> Decimal | None:
        """Return what a run's ended calls came to, to the digit; None where no call named it as its run."""
        named = self._names(tenant, EndUser(None, run)).session or run
        _, ref = run_tally(tenant, named, self._clock())
        state = self._windows.states([(tenant, ref)]).get((tenant, ref))
        return None if state is None else state.spent

    def _stands(self, budget: Budget, ref: WindowRef, state: WindowState | None, now: datetime) -> CallerBudget:
        present = self._book.of(budget.tenant).calendar.window(budget.window, now)
        binding = budget.at(now)
        if state is None:
            return CallerBudget(
                binding, ref.scope, ref.window, Decimal(0), Decimal(0), binding.limit, present.ends, None
            )
        state = state.with_limit_of(binding)
        binding = replace(binding, limit=state.limit)
        out = forecast(budget, present, state, now)
        stands = (state.spent, state.held, state.available, present.ends, out, next(iter(state.leaving), None))
        return CallerBudget(binding, ref.scope, ref.window, *stands)


def _kind(ref: WindowRef) -> str:
    return ref.scope.partition(":")[0]


def least_left(budgets: list[CallerBudget]) -> Decimal | None:
    """Return the USD that the fullest hard budget, or the pool that it draws on, has left; None where there is none in
    USD."""
    hard = [each for each in budgets if each.budget.is_hard and each.budget.unit == USD]
    pools = {each.scope: each.remaining for each in hard if _is_pool(each)}
    left = [max(each.remaining, pools.get(f"{ScopeKind.POOL}:{each.budget.overflow}", each.remaining)) for each in hard]
    return min((each for each, of in zip(left, hard, strict=True) if not _is_pool(of)), default=None)


def _is_pool(budget: CallerBudget) -> bool:
    return budget.scope.startswith(f"{ScopeKind.POOL}:")
