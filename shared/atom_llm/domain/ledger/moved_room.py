"""Room that moves: what of a window is left into the next one, and a pool's to budgets that are full."""

from collections.abc import Collection
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.budgets import Budget
from atom_llm.domain.ledger.rolling import ROLLING
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.domain.ledger.windows import WindowKind

DRAWING: Final = frozenset({ScopeKind.TEAM, ScopeKind.PERSON, ScopeKind.KEY})  # on a pool


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


def check_overflow(budget: Budget, pools: Collection[str]) -> None:
    """Raise `InvalidRequest`, naming the field, where a budget cannot draw on its pool, or a pool cannot be; `pools`
    are the names of those that have a hard budget."""
    scope = scope_of(budget.scope)
    if scope.kind is ScopeKind.POOL:
        if scope.is_default:
            raise InvalidRequest("scope", "must name the pool: each has limits of its own")
        if not budget.is_hard:
            raise InvalidRequest("mode", "must be hard: a pool lets pass no more than it has")
    if budget.overflow is None:
        return
    if scope.kind not in DRAWING:
        raise InvalidRequest(
            "overflow", f"is of budgets of {', '.join(sorted(DRAWING))}, and of none of a {scope.kind}"
        )
    if not budget.is_hard:
        raise InvalidRequest("overflow", "is of hard budgets: a soft one is never full")
    if budget.overflow not in pools:
        raise InvalidRequest("overflow", f"names no pool that has a budget: set one of pool:{budget.overflow} first")
