"""What of a window that is left moves into the next one."""

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.budgets import Budget
from atom_llm.domain.ledger.rolling import ROLLING
from atom_llm.domain.ledger.windows import WindowKind


def check_carry_over(budget: Budget) -> None:
    """Raise `InvalidRequest`, naming the field, where a budget has nothing to carry, or would carry without a bound.

    No more than the limit is carried: so a window that nobody called in has that much left, whatever came before it.
    """
    if budget.carry_over is None:
        return
    if budget.window is WindowKind.TOTAL or budget.window in ROLLING:
        raise InvalidRequest("carry_over", f"is of windows that follow each other: {budget.window} has no next one")
    if not budget.is_hard:
        raise InvalidRequest("carry_over", "is of hard budgets: a soft one lets pass whatever is left")
    if budget.carry_over > budget.limit:
        raise InvalidRequest("carry_over", "is at most the limit")
