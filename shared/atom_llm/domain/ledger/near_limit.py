"""The steps before a budget is full: each begins at a share of it, and does something to calls."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.scopes import BudgetScope, ScopeKind

Deed = Literal["slow_down", "prefer_cheaper"]

# Which model or provider answers is not known before a tier has chosen it: a full budget of one leaves the others. Of a
# pool it is not known whether a call draws on it.
NOT_OF: Final = frozenset({ScopeKind.MODEL, ScopeKind.PROVIDER, ScopeKind.POOL})


class NearStep(NamedTuple):
    """What begins when `at` per cent of a budget are spent: `slow_down` leaves `to_percent` of the rate limit,
    `prefer_cheaper` has `auto` and tiers step down."""

    at: int
    do: Deed
    to_percent: int | None = None


def check_steps(steps: Sequence[NearStep], scope: BudgetScope) -> None:
    """Raise `InvalidRequest`, naming the field, for steps that cannot be or cannot be told apart."""
    if steps and scope.kind in NOT_OF:
        raise InvalidRequest("near", f"cannot be of a {scope.kind}: which calls it concerns is not known before")
    for place, step in enumerate(steps):
        if step.do in [each.do for each in steps[:place]]:
            raise InvalidRequest(f"near.{place}.do", f"has {step.do} twice")
        if (step.do == "slow_down") != (step.to_percent is not None):
            raise InvalidRequest(f"near.{place}.to_percent", "is said of slow_down, and of it alone")
