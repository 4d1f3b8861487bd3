"""Budgets: the calls that count against them, the thresholds reached, and the instant they run out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind

Mode = Literal["hard", "soft"]

TENANT_SCOPE: Final = "tenant"
KEY_SCOPE: Final = "service-key:"

MAX_OPEN_HOLDS: Final = 250  # of one window; its item stays below 10 KB, and every write of it below 10 write units
MAX_ALERTS: Final = 10  # thresholds of one budget
MAX_THRESHOLD: Final = 1_000  # per cent; a soft budget may be overspent


class WindowRef(NamedTuple):
    """A budget's window by scope and id: `tenant`, `month:2026-11-01`."""

    scope: str
    window: str


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as it was set. `limit` is in USD; `alert_at` are per cent of it; a later `revision` (ULID) is newer."""

    tenant: TenantId
    scope: str
    window: WindowKind
    limit: Decimal
    mode: Mode
    alert_at: tuple[int, ...]
    revision: str
    set_at: datetime

    @property
    def is_hard(self) -> bool:
        """Return whether a call that does not fit is refused."""
        return self.mode == "hard"


@dataclass(frozen=True, slots=True)
class WindowState:
    """The state of a window: limit, what was spent, and its open holds by id, in USD.

    `opening` is what had been spent in the window before the budget was set, and is part of `spent`. `fired` are the
    thresholds whose alert was sent; `refused_at` is the instant of the first call that did not fit.
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

    @property
    def held(self) -> Decimal:
        """The sum of the open holds, in USD."""
        return exact_sum(self.holds.values())


def key_scope(key: ServiceKeyId) -> str:
    """Return the budget scope of a service key."""
    return f"{KEY_SCOPE}{key}"


class TenantBudgets(NamedTuple):
    """A tenant's budgets, and the calendar that says when their windows begin and end."""

    budgets: Sequence[Budget]
    calendar: BudgetCalendar

    def applying(self, key: ServiceKeyId, at: datetime) -> list[tuple[Budget, WindowRef]]:
        """Return the budgets that a call of a service key counts against at an instant, each with its window.

        The key's own come first, and shorter windows first.
        """
        scopes = {key_scope(key): 0, TENANT_SCOPE: 1}
        order = list(WindowKind)
        counted = [budget for budget in self.budgets if budget.scope in scopes]
        counted.sort(key=lambda budget: (scopes[budget.scope], order.index(budget.window)))
        return [(budget, WindowRef(budget.scope, self.calendar.window(budget.window, at).name)) for budget in counted]


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


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of amounts, without a rounding."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
