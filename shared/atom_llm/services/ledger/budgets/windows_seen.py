"""What a call has seen of its budgets' windows: how much is left, and what its run came to."""

from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.ledger.budgets import USD, WindowRef, WindowState, is_of_run
from atom_llm.domain.ledger.scopes import ScopeKind

_POOLS: Final = f"{ScopeKind.POOL}:"  # how their scopes begin


class SeenWindow(NamedTuple):
    """What is kept of a window's state while a call is open: thousands may hold in it, each of whom it names."""

    available: Decimal
    spent: Decimal
    is_hard: bool


class WindowsSeen:
    """The windows of one attempt as its own writes have left them: the hold first, then the settlement."""

    def __init__(self) -> None:
        self._states: dict[WindowRef, SeenWindow | None] = {}

    def note(self, ref: WindowRef, state: WindowState | None) -> None:
        """Keep the state of a window; None where what is known is only a part of it."""
        self._states[ref] = None if state is None else SeenWindow(state.available, state.spent, state.is_hard)

    @property
    def unknown(self) -> list[WindowRef]:
        """The windows of which no whole state is known."""
        return [ref for ref, state in list(self._states.items()) if state is None]

    @property
    def remaining(self) -> Decimal | None:
        """The USD that the fullest hard budget in USD has left; None where there is none, or one is not known."""
        known = [state for ref, state in list(self._states.items()) if ref.unit == USD and not is_of_run(ref)]
        if None in known:
            return None
        left = [state.available for state in known if state is not None and state.is_hard]
        return max(Decimal(0), min(left)) if left else None

    @property
    def pools(self) -> list[str]:
        """The pools that are drawn on, as scopes."""
        return sorted({ref.scope for ref in list(self._states) if ref.scope.startswith(_POOLS)})

    @property
    def run_cost(self) -> Decimal | None:
        """The USD that the run's ended calls came to; None where the call names no run, or it is not known."""
        return next((state.spent for ref, state in list(self._states.items()) if state and is_of_run(ref)), None)
