"""The steps before a budget is full that its window has reached."""

from decimal import Decimal
from typing import NamedTuple

from atom_llm.domain.core.money import EXACT
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState
from atom_llm.domain.ledger.near_limit import NearStep


class ReachedStep(NamedTuple):
    """A step that is in force, and the budget's window that it is for, with the per cent that are spent of it."""

    step: NearStep
    budget: Budget
    ref: WindowRef
    percent: int

    @property
    def why(self) -> str:
        """The reason as the end of a sentence."""
        return f"the {self.budget.window} budget of {self.ref.scope} is {self.percent} % spent"


def percent_spent(state: WindowState) -> int:
    """Return how much of a window's limit is spent, in per cent, rounded down; 100 where nothing may be."""
    if state.limit <= 0:
        return 100
    return int(EXACT.multiply(max(state.spent, Decimal(0)), Decimal(100)) // state.limit)
