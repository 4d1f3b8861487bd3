"""The opening of a budget's window, with what the one before has left where the budget carries over."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.money import ZERO
from atom_llm.domain.ledger.budgets import Budget, WindowRef, window_ref
from atom_llm.domain.ledger.windows import OF_THE_CLOCK, SHORT_WINDOW_KEPT, WINDOW_KEPT, BudgetCalendar, WindowSpan
from atom_llm.ports.ledger import BudgetWindows, WindowBefore

_JUST_BEFORE: Final = timedelta(microseconds=1)


def open_window(
    windows: BudgetWindows,
    budget: Budget,
    ref: WindowRef,
    calendar: BudgetCalendar,
    at: datetime,
    opening: Decimal = ZERO,
) -> None:
    """Open the window of a budget that an instant lies in, for a scope or a member of it, unless it is open.

    Of a window before that nobody called in, all is left, if the budget was set by then; of a default's members, who
    begin with their first call, nothing.
    """
    present = calendar.window(budget.window, at)
    goes = kept_until(present)
    if budget.carry_over is None or not budget.is_hard or present.begins is None or present.ends is None:
        windows.open(budget, ref, opening, goes)
        return
    last = calendar.window(budget.window, present.begins - _JUST_BEFORE)
    is_untouched = ref.scope == budget.scope and budget.set_at < present.begins
    before = WindowBefore(window_ref(ref.scope, budget.unit, last.name), is_untouched, kept_until(last))
    windows.open_carrying(budget, ref, opening, goes, before)


def kept_until(window: WindowSpan) -> datetime | None:
    """Return the instant at which the item of a window may go; None where it stays for ever."""
    if window.ends is None:
        return None
    return window.ends + (SHORT_WINDOW_KEPT if window.kind in OF_THE_CLOCK else WINDOW_KEPT)
