"""Pools: budgets that others draw on when they are full, and are themselves as hard."""

from collections.abc import Collection
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.budgets import Budget
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of

DRAWING: Final = frozenset({ScopeKind.TEAM, ScopeKind.PERSON, ScopeKind.KEY})


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
