"""Budgets that were set a moment ago: calls that end later, and could not know them, are counted by later looks.

Such a call was under way by then, or its process had read the budgets a moment before.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import ZERO
from atom_llm.domain.ledger.budgets import Budget, BudgetUnit
from atom_llm.domain.ledger.rolling import ROLLING
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.domain.ledger.sweep import LONGEST_CALL
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind

# Behind the setting: by the second most such calls have ended, by the last all of them.
LOOKS: Final = (timedelta(seconds=90), timedelta(minutes=5), timedelta(minutes=25))
UNKNOWN_FOR: Final = timedelta(seconds=60)  # a process reads the budgets twice a minute, and setting one takes a moment
KEPT: Final = timedelta(days=1)  # behind its setting, where nobody has looked
_OVER_BEFORE: Final = frozenset({WindowKind.MINUTE, WindowKind.ROLLING_MINUTE})  # the first look


@dataclass(frozen=True, slots=True)
class YoungBudget:
    """A budget, by scope, window and unit, that is looked at again; a setting has an `id` of its own.

    `members` stand for those that its team had. `before` is what was spent beside its window and is not to count, in
    its unit: in a total one, which counts from its setting on. `looks` were taken.
    """

    tenant: TenantId
    scope: str
    window: WindowKind
    unit: BudgetUnit
    id: str
    set_at: datetime
    members: str = ""
    before: Decimal = ZERO
    looks: int = 0

    def is_due(self, now: datetime) -> bool:
        """Return whether the next look is due."""
        return self.set_at + LOOKS[self.looks] <= now

    def looked_at(self, now: datetime) -> "YoungBudget | None":
        """Return it with the looks that one at this instant stands for; None behind the last."""
        looks = sum(self.set_at + each <= now for each in LOOKS)
        return replace(self, looks=looks) if looks < len(LOOKS) else None

    def is_of(self, budget: Budget) -> bool:
        """Return whether a budget is this one, in whatever setting."""
        return (self.scope, self.window, self.unit) == (budget.scope, budget.window, budget.unit)

    def counts_since(self, calendar: BudgetCalendar, now: datetime) -> datetime | None:
        """Return an instant since which what was spent is compared with what its present window counts; None where
        that began when every process knew the budget."""
        if self.window is WindowKind.TOTAL:  # no call that was under way began before that day
            return datetime.combine((self.set_at - LONGEST_CALL).date(), time(), UTC)
        begins = calendar.window(self.window, self.set_at if self.window in ROLLING else now).begins
        return begins if begins is not None and begins <= self.set_at + UNKNOWN_FOR else None


def is_looked_at(scope: str, window: WindowKind) -> bool:
    """Return whether later looks have anything to count: none in a minute, which is over, nor in a pool, on which
    nobody draws that does not know it."""
    return window not in _OVER_BEFORE and scope_of(scope).kind is not ScopeKind.POOL
