"""Set, clear and show budgets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, ServiceKeyId, TenantId, ulid
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import (
    KEY_SCOPE,
    TENANT_SCOPE,
    Budget,
    Mode,
    WindowRef,
    WindowState,
    exact_sum,
    runs_out_at,
)
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, BudgetWindows, Ledger, UsageSums
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.ledger.budgets.budget_book import BudgetBook
from atom_llm.services.ledger.budgets.spending import WINDOW_KEPT

PAGE: Final = 500  # rows of a day that began before the window did


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget and the state of its present window."""

    budget: Budget
    window_id: str
    state: WindowState | None
    resets_at: datetime | None
    runs_out_at: datetime | None


class BudgetSetter:
    """The use cases of budgets: set, clear and list."""

    def __init__(
        self,
        settings: BudgetSettings,
        windows: BudgetWindows,
        ledger: Ledger,
        sums: UsageSums,
        book: BudgetBook,
        owner: Callable[[ServiceKeyId], TenantId | None],
        clock: Clock,
    ) -> None:
        """Take the stores; `owner` returns the tenant of a service key, for a budget of one is its own tenant's.

        A window that is opened meanwhile knows an older setting, and is brought up to date by the next call.
        """
        self._settings = settings
        self._windows = windows
        self._ledger = ledger
        self._sums = sums
        self._book = book
        self._owner = owner
        self._clock = clock

    def put(
        self,
        tenant: TenantId,
        scope: str,
        window: WindowKind,
        limit: Decimal,
        mode: Mode,
        alert_at: tuple[int, ...],
        by: Actor,
    ) -> BudgetStatus:
        """Set a budget. Spending in its present window before counts; a `total` one counts from now on.

        Raises `NotFound` for a service key that is not the tenant's, and `Conflict` when another request sets the same
        budget at the same time.
        """
        self._check_scope(tenant, scope)
        now = self._clock()
        budget = Budget(tenant, scope, window, limit, mode, alert_at, ulid(now, token_bytes(RANDOM_BYTES)), now)
        self._book.forget(tenant)
        ref = WindowRef(scope, self._book.of(tenant).calendar.window(window, now).name)
        self._prepare(budget, ref, now)
        self._settings.put(budget, audit_entry(by, "budget.set", f"{scope} {window}", tenant, now))
        self._book.forget(tenant)
        return self._status(budget, ref.window, self._windows.apply(budget, ref), now)

    def _check_scope(self, tenant: TenantId, scope: str) -> None:
        """Raise `NotFound` for another tenant's service key, just as for one that never was."""
        if scope.startswith(KEY_SCOPE) and self._owner(ServiceKeyId(scope.removeprefix(KEY_SCOPE))) != tenant:
            raise NotFound("there is no service key of that id", scope=scope)

    def _prepare(self, budget: Budget, ref: WindowRef, now: datetime) -> None:
        """Have the present window count spending from before there was a budget to count it.

        Before the budget is set: from then on calls open windows of their own, which know of no spending.
        """
        present = self._book.of(budget.tenant).calendar.window(budget.window, now)
        state = self._windows.states([(budget.tenant, ref)]).get((budget.tenant, ref))
        was_set = any(
            (each.scope, each.window) == (ref.scope, budget.window) for each in self._settings.of(budget.tenant)
        )
        if state is not None and was_set:
            return
        spent = self._spent_since(budget.tenant, ref.scope, present.begins)
        if state is None:
            self._windows.open(budget, ref, spent, present.ends + WINDOW_KEPT if present.ends else None)
        elif (missed := EXACT.subtract(spent, state.spent)) > 0:
            self._windows.recount(budget.tenant, ref, budget.revision, missed)

    def clear(self, tenant: TenantId, scope: str, window: WindowKind, by: Actor) -> bool:
        """Clear a budget; its present window goes on counting and refuses nothing. Returns False when there was none.

        Raises `NotFound` for a service key that is not the tenant's.
        """
        self._check_scope(tenant, scope)
        now = self._clock()
        entry = audit_entry(by, "budget.cleared", f"{scope} {window}", tenant, now)
        cleared = self._settings.delete(tenant, scope, window, entry)
        self._book.forget(tenant)
        ref = WindowRef(scope, self._book.of(tenant).calendar.window(window, now).name)
        state = self._windows.states([(tenant, ref)]).get((tenant, ref))
        if state is not None:
            revision = ulid(now, token_bytes(RANDOM_BYTES))
            self._windows.apply(Budget(tenant, scope, window, state.limit, "soft", (), revision, now), ref)
        return cleared

    def all(self, tenant: TenantId) -> list[BudgetStatus]:
        """Return a tenant's budgets and those of its service keys, each with its present window."""
        now = self._clock()
        self._book.forget(tenant)
        calendar = self._book.of(tenant).calendar
        budgets = self._settings.of(tenant)
        refs = [WindowRef(budget.scope, calendar.window(budget.window, now).name) for budget in budgets]
        states = self._windows.states([(tenant, ref) for ref in refs])
        return [
            self._status(budget, ref.window, states.get((tenant, ref)), now)
            for budget, ref in zip(budgets, refs, strict=True)
        ]

    def _status(self, budget: Budget, window: str, state: WindowState | None, now: datetime) -> BudgetStatus:
        present = self._book.of(budget.tenant).calendar.window(budget.window, now)
        if state is not None and state.revision < budget.revision:  # as the first call of the next moment will find it
            more = EXACT.subtract(budget.limit, state.limit)
            available = EXACT.add(state.available, more)
            state = replace(state, limit=budget.limit, available=available, is_hard=budget.is_hard)
        began = present.begins or budget.set_at
        out = runs_out_at(state, began, now, present.ends) if state is not None else None
        return BudgetStatus(budget, window, state, present.ends, out)

    def _spent_since(self, tenant: TenantId, scope: str, began: datetime | None) -> Decimal:
        """Return the USD spent since a window began, by the posted rows."""
        if began is None:
            return ZERO
        today, first = self._clock().date(), began.date()
        spent: list[Decimal] = []
        if began.hour or began.minute or began.second:  # the tenant's day begins within one of ours
            spent += self._since(tenant, scope, first, began)
            first += timedelta(days=1)
        if first <= today:
            spent += self._of_days(tenant, scope, first, today)
        return exact_sum(spent)

    def _of_days(self, tenant: TenantId, scope: str, first: date, last: date) -> Iterator[Decimal]:
        if scope == TENANT_SCOPE:
            return (sums.cost for _, _, _, sums in self._sums.by_model(tenant, first, last))
        cells = self._sums.by_cell(tenant, first, last)
        return (sums.cost for _, cell, sums in cells if cell.service_key == scope.removeprefix(KEY_SCOPE))

    def _since(self, tenant: TenantId, scope: str, day: date, began: datetime) -> Iterator[Decimal]:
        for row in self._ledger.rows_of_day(tenant, day, behind=None, page_size=PAGE):
            in_scope = scope in (TENANT_SCOPE, f"{KEY_SCOPE}{row.attempt.service_key}")
            if in_scope and row.is_posted and row.attempt.opened_at >= began:
                yield row.settlement.cost
