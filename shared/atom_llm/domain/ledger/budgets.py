"""Budgets: the calls that count against them, the thresholds reached, and the instant they run out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal, NamedTuple

from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.hold_names import named_in
from atom_llm.domain.ledger.near_limit import NearStep
from atom_llm.domain.ledger.rolling import OPENING, Leaving, RollingPart, is_rolling
from atom_llm.domain.ledger.scopes import EVERY, MAX_TEAMS_OF_CALL, BudgetScope, CallScopes, ScopeKind, Team, scope_of
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind, WindowSpan

Mode = Literal["hard", "soft"]
BudgetUnit = Literal["usd", "tokens", "calls"]  # calls are attempts that answered, tokens those that were billed

USD: Final = "usd"
TENANT_SCOPE: Final = "tenant"

MAX_ALERTS: Final = 10  # thresholds of one budget
MAX_BUDGETS: Final = 1_000  # of one tenant: its calls read all of them twice a minute
MAX_OF_SCOPE: Final = 4  # budgets of one scope: a call counts in all that concern it, in one transaction of 100 writes
MAX_THRESHOLD: Final = 1_000  # per cent; a soft budget may be overspent

_ORDER: Final[Mapping[WindowKind, int]] = {kind: place for place, kind in enumerate(WindowKind)}


class WindowRef(NamedTuple):
    """A budget's window by scope and id: `tenant`, `month:2026-11-01`; other units than USD stand before the id:
    `tokens.month:2026-11-01`."""

    scope: str
    window: str

    @property
    def unit(self) -> BudgetUnit:
        """The unit that it counts in."""
        return "tokens" if self.window.startswith("tokens.") else "calls" if self.window.startswith("calls.") else USD

    @property
    def whole(self) -> "WindowRef":
        """The window itself, where this is a part of a rolling one: all parts are counted in one place."""
        return WindowRef(self.scope, self.window.partition(":")[0]) if is_rolling(self.window) else self


OF_RUN: Final = "run"  # the name of a run's tally: what its calls spend is counted in it, and nothing is refused


def run_tally(tenant: TenantId, session: str, at: datetime) -> tuple["Budget", WindowRef]:
    """Return the tally of a run as a budget that refuses nothing, and its one window."""
    scope = str(BudgetScope(ScopeKind.SESSION, session))
    return Budget(tenant, scope, WindowKind.TOTAL, ZERO, "soft", (), "", at), WindowRef(scope, OF_RUN)


def is_of_run(ref: WindowRef) -> bool:
    """Return whether a window is a run's tally, which no budget was set for."""
    return ref.window == OF_RUN


def window_ref(scope: str, unit: BudgetUnit, name: str) -> WindowRef:
    """Return the reference to a window of a scope by its name in the calendar."""
    return WindowRef(scope, name if unit == USD else f"{unit}.{name}")


class Raise(NamedTuple):
    """More of a limit until an instant: how much, in the budget's unit, why, and by which service key."""

    amount: Decimal
    until: datetime
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as it was set: `limit` in its unit, `alert_at` in per cent of it; a later `revision` (ULID) counts.

    `near` are the steps before it is full. `carry_over` is the most of what a window has left that moves into the next,
    `overflow` the pool that is drawn on once it is full.
    """

    tenant: TenantId
    scope: str
    window: WindowKind
    limit: Decimal
    mode: Mode
    alert_at: tuple[int, ...]
    revision: str
    set_at: datetime
    unit: BudgetUnit = USD
    raised: Raise | None = None
    near: tuple[NearStep, ...] = ()
    carry_over: Decimal | None = None
    overflow: str | None = None

    def at(self, instant: datetime) -> "Budget":
        """Return it as it binds calls at an instant: with its raise, and behind the raise's end with a later revision,
        by which windows that know the raised limit are brought back to its own."""
        if self.raised is None:
            return self
        if instant < self.raised.until:
            return replace(self, limit=EXACT.add(self.limit, self.raised.amount))
        return replace(self, revision=max(self.revision, ulid(self.raised.until, bytes(RANDOM_BYTES))))

    def limit_with(self, carried: Decimal) -> Decimal:
        """Return its limit in a window that so much was carried into; what it no longer carries over is given up."""
        return EXACT.add(self.limit, min(carried, self.carry_over or ZERO))

    @property
    def kept_as(self) -> str:
        """Its window and unit, as it is called beside others of its scope: `day`, `tokens.day`."""
        return str(self.window) if self.unit == USD else f"{self.unit}.{self.window}"

    @property
    def is_hard(self) -> bool:
        """Return whether a call that does not fit is refused."""
        return self.mode == "hard"


@dataclass(frozen=True, slots=True)
class WindowState:
    """The state of a window: limit, what was spent, and its open holds by name, in its unit.

    `opening` is what had been spent in the window before the budget was set, and is part of `spent`. `fired` are the
    thresholds whose alert was sent; `refused_at` is the instant of the first call that did not fit. It is not
    `is_whole` where it is that of one lane of several. A rolling one has what was spent by `parts`, and what is
    `leaving` it. `carried` is what was left of the window before, and came in addition to the limit. `openings` is
    `opening` with what has left it: whoever adds to the one adds to the other.
    """

    limit: Decimal
    spent: Decimal
    available: Decimal
    is_hard: bool
    revision: str
    holds: Mapping[str, Decimal] = field(default_factory=dict)
    opening: Decimal = ZERO
    fired: frozenset[int] = frozenset()
    refused_at: datetime | None = None
    is_whole: bool = True
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    leaving: Sequence[Leaving] = ()
    carried: Decimal = ZERO
    openings: Decimal = ZERO

    def with_limit_of(self, budget: Budget) -> "WindowState":
        """Return it as the next call brings it up to a budget that binds by now."""
        if self.revision >= budget.revision:
            return self
        limit = budget.limit_with(self.carried)
        more = EXACT.subtract(limit, self.limit)
        available = EXACT.add(self.available, more)
        return replace(self, limit=limit, available=available, is_hard=budget.is_hard)

    def at_part(self, part: RollingPart | None) -> "WindowState":
        """Return it as of a part of a rolling window, without what has left it by then."""
        if part is None:
            return self
        left = exact_sum(amount for name, amount in self.parts.items() if not part.counts(name))
        counted = {name: amount for name, amount in self.parts.items() if part.counts(name)}
        return replace(
            self,
            spent=EXACT.subtract(self.spent, left),
            available=EXACT.add(self.available, left),
            opening=exact_sum(amount for name, amount in counted.items() if name.endswith(OPENING)),
            refused_at=self.refused_at if self.refused_at is not None and self.refused_at >= part.since else None,
            parts=counted,
            leaving=part.leaving(counted),
        )

    def has(self, hold_id: str) -> bool:
        """Return whether a hold is open in it, by its id."""
        return named_in(hold_id, self.holds) is not None

    @property
    def held(self) -> Decimal:
        """The sum of the open holds."""
        return exact_sum(self.holds.values())


@dataclass(frozen=True)
class TenantBudgets:
    """A tenant's budgets, the calendar that says when their windows begin and end, and its teams."""

    budgets: Sequence[Budget]
    calendar: BudgetCalendar
    teams: Sequence[Team] = ()

    def applying(self, call: CallScopes, at: datetime) -> list[tuple[Budget, WindowRef]]:
        """Return the budgets that a call counts against at an instant, each with its window.

        `call.teams` are those that a token names; others have its key or its person. A member without a budget of its
        own has the default of its kind with the same window and unit. The narrowest scopes come first, and shorter
        windows first.
        """
        if not self.budgets:
            return []
        members = (team.id for team in self.teams if team.has(call.service_key, call.person))
        teams = tuple(dict.fromkeys((*call.teams, *members)))
        set_for = self._by_scope
        found: list[tuple[Budget, WindowRef]] = []
        for scope in call.within(teams[:MAX_TEAMS_OF_CALL]):
            name = str(scope)
            counted = set_for.get(name, [])
            if self._has_defaults and scope.default is not None:
                known = {budget.kept_as for budget in counted}
                general = set_for.get(str(scope.default), [])
                counted = [*counted, *(budget for budget in general if budget.kept_as not in known)]
                counted.sort(key=_by_window)
            found += [(budget.at(at), self.ref(budget, name, at)) for budget in counted]
        return found

    @cached_property
    def _by_scope(self) -> Mapping[str, list[Budget]]:
        """The budgets of each scope, shorter windows first."""
        set_for: dict[str, list[Budget]] = {}
        for budget in sorted(self.budgets, key=_by_window):
            set_for.setdefault(budget.scope, []).append(budget)
        return set_for

    @cached_property
    def deeds_near(self) -> frozenset[str]:
        """What is done before some budget is full."""
        return frozenset(step.do for budget in self.budgets for step in budget.near)

    @cached_property
    def _has_defaults(self) -> bool:
        return any(scope.endswith(EVERY) for scope in self._by_scope)

    def ref(self, budget: Budget, scope: str, at: datetime) -> WindowRef:
        """Return the window of a budget that an instant lies in, for a member of its scope."""
        return window_ref(scope, budget.unit, self.calendar.window(budget.window, at).name)

    def pool_of(self, budget: Budget, at: datetime) -> list[tuple[Budget, WindowRef]]:
        """Return the budgets of the pool that one may draw on, each with its window; empty where it has none that is
        hard."""
        if budget.overflow is None:
            return []
        scope = str(BudgetScope(ScopeKind.POOL, budget.overflow))
        found = [(each.at(at), self.ref(each, scope, at)) for each in self.budgets if each.scope == scope]
        return found if any(each.is_hard for each, _ in found) else []

    @property
    def pools(self) -> frozenset[str]:
        """The names of pools that have a hard budget."""
        of_pools = (scope_of(each.scope) for each in self.budgets if each.is_hard)
        return frozenset(scope.member for scope in of_pools if scope.kind is ScopeKind.POOL)

    def behind(self, ref: WindowRef) -> Budget | None:
        """Return the budget that a window is of: the member's own, else the default that covers it; None where there
        is none any more."""
        kept_as = ref.window.partition(":")[0]
        found = {budget.scope: budget for budget in self.budgets if budget.kept_as == kept_as}
        return found.get(ref.scope) or found.get(str(scope_of(ref.scope).default))


def _by_window(budget: Budget) -> tuple[int, str]:
    return _ORDER[budget.window], budget.unit


def reached(budget: Budget, state: WindowState) -> tuple[int, ...]:
    """Return the thresholds that were reached and not told of yet, in per cent, ascending.

    A hard budget is never spent to the last cent, for the last call does not fit: its 100 per cent and what lies below
    are also reached when a call is refused.
    """
    full = state.is_hard and state.refused_at is not None
    return tuple(
        threshold
        for threshold in sorted(budget.alert_at)
        if threshold not in state.fired
        and (
            (full and threshold <= 100)
            or EXACT.multiply(state.spent, Decimal(100)) >= EXACT.multiply(state.limit, Decimal(threshold))
        )
    )


def forecast(budget: Budget, present: WindowSpan, state: WindowState, now: datetime) -> datetime | None:
    """Return the instant at which the limit is reached at the pace of a budget's present window; None where that is not
    before it ends. Of a rolling one as much leaves as comes at its own pace: it is out once it is full."""
    if present.part is not None:
        return now if 0 < state.limit <= state.spent else None
    return runs_out_at(state, present.begins or budget.set_at, now, present.ends)


def runs_out_at(state: WindowState, began: datetime, now: datetime, resets: datetime | None) -> datetime | None:
    """Return the instant at which the limit is reached if spending goes on as it did since `began`.

    None where that is not before the reset; `now` where the limit is spent already.
    """
    elapsed = now - began
    if state.spent <= 0 or elapsed <= timedelta(0) or state.limit <= 0:
        return None
    if state.spent >= state.limit:
        return now
    share = float(state.limit / state.spent)
    try:
        out = began + elapsed * share
    except OverflowError:
        return None
    return out if resets is None or out < resets else None
