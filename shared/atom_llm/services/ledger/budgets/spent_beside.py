"""The spending in a window by rows that do not name it: of calls from before its budget was set, or that knew it not.

Money moves while it is counted. What is read twice and differs is read again; what stays uncertain is a range.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.rolling import rolling_part
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, UsageSums
from atom_llm.services.ledger.budgets.spent_before import Spender, SpentBefore

READINGS: Final = 4  # of money that moves meanwhile
READ_WITHIN: Final = timedelta(minutes=2)  # what is read for one budget: a request takes half a minute at most


class Beside(NamedTuple):
    """What was spent beside a window: no less and no more than that, the same where nothing moved meanwhile."""

    least: Decimal
    most: Decimal


class SpentBeside:
    """The reader of what was spent in a window's time and scope, and is not in what it counts itself."""

    def __init__(self, ledger: Ledger, sums: UsageSums, before: SpentBefore, clock: Clock) -> None:
        """Take the stores; `before` reads what was spent at all."""
        self._ledger = ledger
        self._sums = sums
        self._before = before
        self._clock = clock

    def ended(
        self, spender: Spender, ref: WindowRef, began: datetime, ends: datetime | None, *, is_counting: bool
    ) -> Beside:
        """Return what calls that have ended spent, those included that the sums do not hold yet.

        `is_counting`: rows may name the window already.
        """
        named = names_of(ref, began)
        for _ in range(READINGS):
            posted = self._posted(spender, named) if is_counting else ZERO
            waiting = self._waiting(spender, named, began)
            spent = self._before.since(spender, ref.unit, began)
            # Those that have left meanwhile are in the sums, and may have been when these were read.
            still = {each.hold_id for each in self._ledger.still_open([row.attempt for row in waiting])}
            moved = [row.spent(ref.unit) for row in waiting if row.attempt.hold_id not in still]
            known = exact_sum([spent, *(row.spent(ref.unit) for row in waiting if row.attempt.hold_id in still)])
            again = self._posted(spender, named) if is_counting else ZERO
            if not moved and again == posted and not self._is_over(ends):
                return Beside(EXACT.subtract(known, posted), EXACT.subtract(known, posted))
        most = EXACT.subtract(exact_sum([known, *(max(ZERO, each) for each in moved)]), min(posted, again))
        if again != posted or self._is_over(ends):
            return Beside(ZERO, most)
        return Beside(EXACT.subtract(exact_sum([known, *(min(ZERO, each) for each in moved)]), posted), most)

    def posted(self, spender: Spender, ref: WindowRef, began: datetime, ends: datetime | None) -> Decimal | None:
        """Return what posted rows say; None where rows that name the window are being posted all the while, or it has
        ended meanwhile."""
        named = names_of(ref, began)
        for _ in range(READINGS):
            posted = self._posted(spender, named)
            spent = self._before.since(spender, ref.unit, began)
            if self._posted(spender, named) == posted and not self._is_over(ends):
                return EXACT.subtract(spent, posted)
        return None

    def _is_over(self, ends: datetime | None) -> bool:
        """Return whether rows of the next window may be in what was read."""
        return ends is not None and self._clock() >= ends

    def _posted(self, spender: Spender, named: Sequence[WindowRef]) -> Decimal:
        return exact_sum(self._sums.posted(spender.tenant, ref) for ref in named)

    def _waiting(self, spender: Spender, named: Sequence[WindowRef], began: datetime) -> list[LedgerRow]:
        """Return rows that the sums do not hold yet, and that do not name the window."""
        return [
            row
            for row in self._ledger.rows_of(self._ledger.open_attempts_of(spender.tenant))
            if not row.is_marked
            and set(named).isdisjoint(row.attempt.windows)
            and self._before.will_have(spender, row, began)
        ]


def names_of(ref: WindowRef, began: datetime) -> list[WindowRef]:
    """Return the windows that rows name whose spending counts in one since an instant: itself, or a rolling one's
    parts, with those that begin while they are looked for."""
    part = rolling_part(ref.window)
    if part is None:
        return [ref]
    last = part.length.begins(part.number + 1) + READ_WITHIN
    return [WindowRef(ref.scope, name) for name in part.windows_between(began, last)]
