"""The refusal of a call that a budget has no room for: whose, how much is left, and when there is more."""

from datetime import datetime
from decimal import Decimal

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.money import EXACT, ONE, plain
from atom_llm.domain.ledger.budgets import USD, Budget, BudgetUnit, WindowRef, WindowState
from atom_llm.domain.ledger.rolling import fits_at
from atom_llm.domain.ledger.rows import Attempt


def exceeded(
    budget: Budget, ref: WindowRef, state: WindowState, attempt: Attempt, resets: datetime | None
) -> BudgetExceeded:
    """Return the error of a call that does not fit into a budget's window, which resets then or never."""
    needed, unit = plain(attempt.held(ref.unit)), "USD" if ref.unit == USD else ref.unit
    whose = f"{ref.scope}" if ref.scope == budget.scope else f"{ref.scope} ({budget.scope})"
    kind = budget.window if ref.unit == USD else f"{budget.window} {unit}"
    suffix = "_usd" if ref.unit == USD else ""
    amounts = {
        f"limit{suffix}": plain(state.limit),
        f"spent{suffix}": plain(state.spent),
        f"held{suffix}": plain(state.held),
        "available_usd" if suffix else "remaining": plain(state.available),
        f"needed{suffix}": needed,
    }
    return BudgetExceeded(
        f"the {kind} budget of {whose} has no room for this call: {_needs(needed, ref.unit)}, and of "
        f"{_told(state.limit, unit)} {plain(state.available)} are left{_until(state, unit, resets)}",
        available=state.available if ref.unit == USD else None,
        scope=ref.scope,
        window=str(budget.window),
        unit=ref.unit,
        **amounts,
        resets_at=resets.isoformat() if resets else None,
        **_freed(state, attempt.held(ref.unit)),
    )


def _needs(needed: str, unit: BudgetUnit) -> str:
    """Return what a call may take of a budget, in words: each is one call, whatever it costs."""
    match unit:
        case "usd":
            return f"it may cost {needed} USD"
        case "tokens":
            return f"it may take {needed} tokens"
        case "calls":
            return "it is one more"


def _told(amount: Decimal, unit: str) -> str:
    """Return an amount with its unit: `1 call`, `2 calls`, `0.5 USD`."""
    return f"{plain(amount)} {unit.removesuffix('s') if amount == ONE else unit}"


def _until(state: WindowState, unit: str, resets: datetime | None) -> str:
    if resets is not None:
        return f"; it resets at {resets.isoformat()}"
    if state.leaving:
        at, amount = state.leaving[0]
        return f"; {_told(amount, unit)} of it {'is' if amount == ONE else 'are'} free again at {at.isoformat()}"
    return ""


def _freed(state: WindowState, needed: Decimal) -> dict[str, object]:
    """Return when how much of a rolling window is free again, and when that is enough, if nobody spends meanwhile."""
    if not state.leaving:
        return {}
    enough = fits_at(list(state.leaving), EXACT.subtract(needed, state.available))
    return {
        "next_free": {"at": state.leaving[0].at.isoformat(), "amount": plain(state.leaving[0].amount)},
        "fits_at": None if enough is None else enough.isoformat(),
    }
