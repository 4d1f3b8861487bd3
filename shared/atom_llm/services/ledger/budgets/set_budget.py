"""Set, clear and show budgets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from secrets import token_bytes
from typing import NamedTuple

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.ledger.budgets import (
    MAX_BUDGETS,
    MAX_OF_SCOPE,
    USD,
    Budget,
    BudgetUnit,
    Mode,
    Raise,
    WindowRef,
    WindowState,
    forecast,
)
from atom_llm.domain.ledger.moved_room import check_carry_over, check_overflow
from atom_llm.domain.ledger.near_limit import NearStep, check_steps
from atom_llm.domain.ledger.scopes import scope_of
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.ledger.young_budgets import YoungBudget, is_looked_at
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, BudgetWindows, Ledger, TeamStore, UsageSums, YoungBudgetStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.ledger.budgets.budget_book import BudgetBook
from atom_llm.services.ledger.budgets.known_scopes import KnownScopes
from atom_llm.services.ledger.budgets.open_window import open_window
from atom_llm.services.ledger.budgets.spent_before import SpentBefore
from atom_llm.services.ledger.budgets.spent_beside import SpentBeside


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget and the state of its present window."""

    budget: Budget
    window_id: str
    state: WindowState | None
    resets_at: datetime | None
    runs_out_at: datetime | None


class WantedRaise(NamedTuple):
    """A raise that is asked for: how much more, in the budget's unit, until when, and why."""

    amount: Decimal
    until: datetime
    why: str


class WantedBudget(NamedTuple):
    """A budget that is asked for; `limit` is in its unit."""

    scope: str
    window: WindowKind
    unit: BudgetUnit
    limit: Decimal
    mode: Mode
    alert_at: tuple[int, ...]
    more: WantedRaise | None = None
    near: tuple[NearStep, ...] = ()
    carry_over: Decimal | None = None
    overflow: str | None = None


class BudgetSetter:
    """The use cases of budgets: set, clear and list."""

    def __init__(
        self,
        settings: BudgetSettings,
        windows: BudgetWindows,
        ledger: Ledger,
        sums: UsageSums,
        teams: TeamStore,
        young: YoungBudgetStore,
        book: BudgetBook,
        scopes: KnownScopes,
        clock: Clock,
    ) -> None:
        """Take the stores; `scopes` knows the members that are the tenant's.

        A window that is opened meanwhile knows an older setting, and is brought up to date by the next call.
        """
        self._settings = settings
        self._windows = windows
        self._young = young
        self._book = book
        self._scopes = scopes
        self._clock = clock
        self._before = SpentBefore(ledger, sums, teams, clock)
        self._beside = SpentBeside(ledger, sums, self._before, clock)

    def put(
        self,
        tenant: TenantId,
        scope: str,
        window: WindowKind,
        limit: Decimal,
        mode: Mode,
        alert_at: tuple[int, ...],
        by: Actor,
        unit: BudgetUnit = USD,
        more: WantedRaise | None = None,
        near: tuple[NearStep, ...] = (),
        carry_over: Decimal | None = None,
        overflow: str | None = None,
    ) -> BudgetStatus:
        """Set a budget, with a raise for a time where one is wanted, with what begins `near` its limit, and with the
        most that is carried over into the next window, and with the pool that it may draw on once it is full.

        Spending in its present window before counts; a `total` one, and a default's members, count from now on. Calls
        that end later and could not know of it are counted by later looks.

        Raises `NotFound` for a member that is not the tenant's, `InvalidRequest` for a scope or a limit that cannot be,
        and `Conflict` when another request sets the same budget at the same time.
        """
        self._book.forget(tenant)
        known = self._scopes.to_set(tenant, scope)
        check_steps(near, known)
        now = self._clock()
        revision = ulid(now, token_bytes(RANDOM_BYTES))
        raised = None if more is None else Raise(*more, by=str(by.key_id))
        if raised is not None and raised.until <= now:
            raise InvalidRequest("raised.until", "is over already")
        budget = Budget(
            tenant, str(known), window, limit, mode, alert_at, revision, now, unit, raised, near, carry_over, overflow
        )
        check_carry_over(budget)
        check_overflow(budget, self._book.of(tenant).pools)
        binding = budget.at(now)
        check_fits(budget, self._book.of(tenant).budgets)
        ref = self._book.of(tenant).ref(budget, budget.scope, now)
        state, young = (None, None) if known.is_default else self._prepare(binding, ref, now)
        if state is not None:
            _check_spent(binding, state)
        if young is not None:
            self._young.put(young)
        entry = audit_entry(by, "budget.set", f"{budget.scope} {budget.kept_as}", tenant, now)
        self._settings.put(budget, entry)
        self._book.forget(tenant)
        return self._status(budget, ref, None if known.is_default else self._windows.apply(binding, ref), now)

    def checked(
        self,
        tenant: TenantId,
        asked: WantedBudget,
        by: Actor,
        teams: frozenset[str] = frozenset(),
        pools: frozenset[str] | None = None,
    ) -> Budget:
        """Return a budget as it would be set, once there are `teams` beside those that are there, and `pools`, if any
        are said, in the place of those; nothing is written.

        Raises as `put` does, but for what stands beside it.
        """
        known, now = self._scopes.to_set(tenant, asked.scope, teams), self._clock()
        check_steps(asked.near, known)
        raised = None if asked.more is None else Raise(*asked.more, by=str(by.key_id))
        if raised is not None and raised.until <= now:
            raise InvalidRequest("raised.until", "is over already")
        revision = ulid(now, token_bytes(RANDOM_BYTES))
        budget = Budget(
            tenant,
            str(known),
            asked.window,
            asked.limit,
            asked.mode,
            asked.alert_at,
            revision,
            now,
            asked.unit,
            raised,
            asked.near,
            asked.carry_over,
            asked.overflow,
        )
        check_carry_over(budget)
        check_overflow(budget, self._book.of(tenant).pools if pools is None else pools)
        binding = budget.at(now)
        if not known.is_default and _has_to_hold(binding):
            ref = self._book.of(tenant).ref(budget, budget.scope, now)
            state = self._windows.states([(tenant, ref)]).get((tenant, ref))
            if state is None or not _is_among(self._book.of(tenant).budgets, budget):
                there = state or WindowState(ZERO, ZERO, ZERO, budget.is_hard, "")
                missed, _ = self._missed(budget, ref, state, now)
                state = replace(there, spent=EXACT.add(there.spent, missed))
            _check_spent(binding, state)
        return budget

    def put_declared(self, tenant: TenantId, asked: WantedBudget, by: Actor) -> BudgetStatus:
        """Set a budget that was checked."""
        return self.put(
            tenant,
            asked.scope,
            asked.window,
            asked.limit,
            asked.mode,
            asked.alert_at,
            by,
            asked.unit,
            asked.more,
            asked.near,
            asked.carry_over,
            asked.overflow,
        )

    def _prepare(self, budget: Budget, ref: WindowRef, now: datetime) -> tuple[WindowState | None, YoungBudget | None]:
        """Have the present window count spending from before there was a budget to count it, and return it, with what
        later looks are to know.

        Before the budget is set: from then on calls open windows of their own, which know of no spending.
        """
        state = self._windows.states([(budget.tenant, ref)]).get((budget.tenant, ref))
        is_set = _is_among(self._settings.of(budget.tenant), budget)
        if state is not None and is_set:
            return state, None
        missed, young = self._missed(budget, ref, state, now)
        if state is None:
            open_window(self._windows, budget, ref, self._book.of(budget.tenant).calendar, now, missed)
        elif missed > 0:
            self._windows.recount(budget.tenant, ref, missed, state.openings)
        is_known = is_set or (state is not None and budget.window is WindowKind.TOTAL)
        state = self._windows.states([(budget.tenant, ref)]).get((budget.tenant, ref))
        return state, None if is_known or not is_looked_at(budget.scope, budget.window) else young

    def _missed(
        self, budget: Budget, ref: WindowRef, state: WindowState | None, now: datetime
    ) -> tuple[Decimal, YoungBudget]:
        """Return what calls that have ended spent in the time of a window, and that neither they nor its opening have
        told it of: 0 of a total one, which begins now. With it, the budget for later looks."""
        spender = self._before.spender(budget.tenant, scope_of(ref.scope))
        young = YoungBudget(
            budget.tenant, budget.scope, budget.window, budget.unit, budget.revision, now, spender.members
        )
        calendar = self._book.of(budget.tenant).calendar
        began, ends = young.counts_since(calendar, now), calendar.window(budget.window, now).ends
        if began is None:
            raise ValueError("a window that has not begun")
        found = self._beside.ended(spender, ref, began, ends, is_counting=state is not None)
        if budget.window is WindowKind.TOTAL:
            return ZERO, replace(young, before=found.most)
        return max(ZERO, EXACT.subtract(found.least, ZERO if state is None else state.opening)), young

    def clear(self, tenant: TenantId, scope: str, window: WindowKind, by: Actor, unit: BudgetUnit = USD) -> bool:
        """Clear a budget; its present window goes on counting and refuses nothing. Returns False when there was none.

        Raises `NotFound` for a member that is not the tenant's. Windows of a default's members go on refusing in
        processes that know it, for seconds.
        """
        known, now = str(self._scopes.known(tenant, scope)), self._clock()
        revision = ulid(now, token_bytes(RANDOM_BYTES))
        budget = Budget(tenant, known, window, ZERO, "soft", (), revision, now, unit)
        entry = audit_entry(by, "budget.cleared", f"{known} {budget.kept_as}", tenant, now)
        cleared = self._settings.delete(tenant, known, budget.kept_as, entry)
        self._book.forget(tenant)
        ref = self._book.of(tenant).ref(budget, known, now)
        state = self._windows.states([(tenant, ref)]).get((tenant, ref))
        if state is not None:
            self._windows.apply(replace(budget, limit=state.limit), ref)
        return cleared

    def all(self, tenant: TenantId) -> list[BudgetStatus]:
        """Return a tenant's budgets, each with its present window; a default has none of its own: what is named as one
        is the window of a member whose name is `*`."""
        now = self._clock()
        self._book.forget(tenant)
        known = self._book.of(tenant)
        refs = [known.ref(budget, budget.scope, now) for budget in known.budgets]
        states = self._windows.states([(tenant, ref) for ref in refs if not scope_of(ref.scope).is_default])
        return [
            self._status(budget, ref, states.get((tenant, ref)), now)
            for budget, ref in zip(known.budgets, refs, strict=True)
        ]

    def _status(self, budget: Budget, ref: WindowRef, state: WindowState | None, now: datetime) -> BudgetStatus:
        present = self._book.of(budget.tenant).calendar.window(budget.window, now)
        binding = budget.at(now)
        state = None if state is None else state.with_limit_of(binding)
        out = forecast(budget, present, state, now) if state is not None else None
        return BudgetStatus(budget, ref.window, state, present.ends, out)


def _is_among(there: Sequence[Budget], budget: Budget) -> bool:
    """Return whether one of the same scope, window and unit is there."""
    return any((each.scope, each.kept_as) == (budget.scope, budget.kept_as) for each in there)


def _has_to_hold(budget: Budget) -> bool:
    """Return whether what its window has spent says if it can be set: a limit of 0 stops every call on purpose."""
    return budget.is_hard and budget.limit > 0


def _check_spent(binding: Budget, state: WindowState) -> None:
    """Raise `InvalidRequest` where a hard limit is below what its window has spent."""
    if _has_to_hold(binding) and binding.limit_with(state.carried) < state.spent:
        already = f"{plain(state.spent)} that are spent already in this window"
        raise InvalidRequest(
            "limit_usd" if binding.unit == USD else "limit", f"is below the {already}; 0 stops every call"
        )


def check_fits(budget: Budget, there: Sequence[Budget]) -> None:
    """Raise `InvalidRequest` where a budget is one too many beside those that are there."""
    others = [each for each in there if (each.scope, each.kept_as) != (budget.scope, budget.kept_as)]
    if len(others) >= MAX_BUDGETS:
        raise InvalidRequest("scope", f"is one too many: a tenant has {MAX_BUDGETS:,} budgets at most")
    if sum(each.scope == budget.scope for each in others) >= MAX_OF_SCOPE:
        raise InvalidRequest("scope", f"has {MAX_OF_SCOPE} budgets already, the most that one may have")
