"""The pools that a call draws on in the place of budgets of its own that are full."""

from collections.abc import Sequence
from decimal import Decimal

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger.budgets import Budget, TenantBudgets, WindowRef, WindowState
from atom_llm.domain.ledger.rows import Attempt

Counted = tuple[Budget, WindowRef]


class OverflowsInto(Exception):  # no error: the call is held for once more, in other windows
    """A budget is full, and has a pool to draw on."""

    def __init__(self, ref: WindowRef, available: Decimal) -> None:
        """Keep the window that is full, and what it has left."""
        super().__init__(ref)
        self.ref = ref
        self.available = available


class Overflow:
    """The windows that one call is held in. A full budget's place is taken by its pool's, in which the call is held
    once, however many of its budgets are full."""

    def __init__(self, known: TenantBudgets, counted: Sequence[Counted], attempt: Attempt) -> None:
        """Take the budgets that the call counts in."""
        self._known = known
        self._counted = counted
        self._at = attempt.opened_at
        self._full: dict[WindowRef, Decimal] = {}

    @property
    def windows(self) -> Sequence[Counted]:
        """The budgets in which the call is held, each with its window."""
        if not self._full:
            return self._counted
        found: dict[WindowRef, Budget] = {}
        for budget, ref in self._counted:
            into = self._pool(budget) if ref in self._full else [(budget, ref)]
            found |= {window: each for each, window in into}
        return [(budget, ref) for ref, budget in found.items()]

    def has_pool(self, budget: Budget, ref: WindowRef) -> bool:
        """Return whether a pool may be drawn on once a budget's window is full."""
        return ref not in self._full and bool(self._pool(budget))

    def draw(self, ref: WindowRef, available: Decimal) -> None:
        """Draw on the pool in the place of a window that has so much left."""
        self._full[ref] = available

    def draw_ahead(self, budget: Budget, ref: WindowRef, state: WindowState | None, needed: Decimal) -> None:
        """Draw on the pool where a window that was full a moment ago, and is read anew, has no room yet."""
        binds = state is not None and state.is_hard and state.revision >= budget.revision
        if state is not None and binds and state.available < needed and self.has_pool(budget, ref):
            self.draw(ref, state.available)

    def told(self, refusal: BudgetExceeded) -> BudgetExceeded:
        """Return a pool's refusal with the budgets that were to draw on it; any other as it is."""
        pool = str(refusal.details.get("scope", ""))
        drawing = [
            (ref, self._full[ref])
            for budget, ref in self._counted
            if ref in self._full and any(window.scope == pool for _, window in self._pool(budget))
        ]
        if not drawing:
            return refusal
        whose = " and ".join(dict.fromkeys(ref.scope for ref, _ in drawing))
        left = refusal.available
        return BudgetExceeded(
            f"{refusal.message}; {whose} would have drawn on it, and has no room either",
            available=None if left is None else max(left, *(available for _, available in drawing)),
            **refusal.details,
            overflow_of=list(dict.fromkeys(ref.scope for ref, _ in drawing)),
        )

    def _pool(self, budget: Budget) -> list[Counted]:
        return self._known.pool_of(budget, self._at)
