"""The life of money in a call: hold the worst case, then settle the cost, so that no crash loses or doubles it.

The order is the rule: open attempt, holds, provider, row, holds given back. Each step is one conditional write that can
be repeated, and a trail that ends in the middle tells its finder (the roll-up, the sweep) what to do.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from atom_llm.domain.core.errors import (
    BudgetExceeded,
    StoreUnavailable,
    TooManyOpenCalls,
    Unavailable,
    UnboundedOption,
)
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState, is_of_run, run_tally
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement, ledger_amount
from atom_llm.domain.ledger.sweep import HOLDING_TIME, was_swept
from atom_llm.domain.ledger.windows import WindowSpan
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetWindows, Ledger
from atom_llm.process_cache import TimedMap
from atom_llm.services.ledger.budgets.at_once import at_once
from atom_llm.services.ledger.budgets.budget_book import BudgetBook
from atom_llm.services.ledger.budgets.narrowed_holds import NarrowedHolds
from atom_llm.services.ledger.budgets.open_window import open_window
from atom_llm.services.ledger.budgets.overflow import Overflow, OverflowsInto
from atom_llm.services.ledger.budgets.refusal import exceeded
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.ledger.correct_spending import correct

RESERVE_ATTEMPTS: Final = 4  # a window may have to be opened and brought up to date before it can carry a hold
REFUSALS_REMEMBERED: Final = timedelta(seconds=60)  # after the last one a full budget is read before it is written to
REFUSED_KEYS: Final = 10_000  # that a process remembers
WHOLE_KNOWN_FOR: Final = timedelta(seconds=2)  # what was read of a window in many lanes, for those who are told of it
WHOLE_WINDOWS: Final = 10_000  # of which a process remembers that
RUN_KEPT: Final = timedelta(days=35)  # from its first call on; a later call of the same name begins a new sum
OF_POOL: Final = "p"  # behind an attempt's label that draws on a pool: its hold is another one than it tried before
OVERFLOWED: Final = timedelta(seconds=60)  # for which a window that was full is read before it is written to
OPEN_CALLS_RETRY_S: Final = 1.0  # when one of so many open calls has probably ended


class Spending:
    """The holds and settlements of attempts."""

    def __init__(
        self,
        ledger: Ledger,
        windows: BudgetWindows,
        book: BudgetBook,
        narrowed: NarrowedHolds,
        clock: Clock,
        executor: Executor | None = None,
    ) -> None:
        """Take `ledger` and `windows`, which share no transaction, and need none; `narrowed` hears of excesses.

        With an `executor` the windows of a call are asked at the same time, else one after the other.
        """
        self._ledger = ledger
        self._windows = windows
        self._book = book
        self._narrowed = narrowed
        self._clock = clock
        self._executor = executor
        self._whole: TimedMap[tuple[TenantId, WindowRef], WindowState] = TimedMap(clock, WHOLE_KNOWN_FOR, WHOLE_WINDOWS)
        self._overflowed: TimedMap[tuple[TenantId, WindowRef], bool] = TimedMap(clock, OVERFLOWED, WHOLE_WINDOWS)
        self._refusing: TimedMap[tuple[TenantId, ServiceKeyId], bool] = TimedMap(
            clock, REFUSALS_REMEMBERED, REFUSED_KEYS
        )

    def hold(
        self, attempt: Attempt, unbounded: str | None = None, seen: WindowsSeen | None = None, *, of_run: bool = False
    ) -> Attempt:
        """Open an attempt and hold its worst case in every budget that it counts against; returns it with windows.

        `unbounded` is the field of an option whose cost the hold leaves out, for nothing bounds it. `seen` hears of the
        windows; `of_run`: what the run spends is counted in a window of its own, whatever budgets there are. Raises
        `UnboundedOption` where there is one and a budget is hard, `BudgetExceeded` naming the hard budget that has no
        room, `TooManyOpenCalls`, and `Unavailable` when it cannot be known whether there is room; then nothing stays
        held, and the provider must not be called. The first call that a window refuses makes a row, the others none.
        """
        known = self._book.of(attempt.tenant)
        budgets = known.applying(attempt.scopes, attempt.opened_at)
        if of_run and attempt.end_user.session is not None:
            budgets.append(run_tally(attempt.tenant, attempt.end_user.session, attempt.opened_at))
        overflow = Overflow(known, budgets, attempt)
        while True:
            try:
                return self._hold(attempt, overflow, unbounded, seen)
            except OverflowsInto as full:  # under another id: what of this attempt was not given back is the sweep's
                self._overflowed.put((attempt.tenant, full.ref), True)
                overflow.draw(full.ref, full.available)
                attempt = replace(attempt, label=f"{attempt.label}{OF_POOL}")
            except BudgetExceeded as refusal:
                told = overflow.told(refusal)
                if told is refusal:
                    raise
                raise told from refusal

    def _hold(self, attempt: Attempt, overflow: Overflow, unbounded: str | None, seen: WindowsSeen | None) -> Attempt:
        """Hold in the windows that a call is to be held in; raises `OverflowsInto` where one is full and has a pool."""
        self._draw_ahead(overflow, attempt)
        budgets = overflow.windows
        counts_tokens = any(budget.unit == "tokens" for budget, _ in budgets)
        held = replace(
            attempt,
            hold=ledger_amount(attempt.hold),
            estimate=ledger_amount(min(attempt.estimate, attempt.hold)),
            windows=tuple(ref for _, ref in budgets),
            hold_tokens=attempt.hold_tokens if counts_tokens else 0,
            estimate_tokens=min(attempt.estimate_tokens, attempt.hold_tokens) if counts_tokens else 0,
        )
        if held.deadline - held.opened_at <= HOLDING_TIME:
            raise ValueError("the deadline leaves no time for the call")
        hard = next((ref for budget, ref in budgets if budget.is_hard and budget.unit != "calls"), None)
        if unbounded is not None and hard is not None:
            raise UnboundedOption(unbounded, attempt.model, f"the budget of {hard.scope} is hard")
        self._refuse_again(overflow, held)
        try:
            self._ledger.open(held)
        except StoreUnavailable as error:  # it may have taken effect, and would then be swept as if it had been called
            self._give_up(held, "the ledger could not be written")
            raise Unavailable("the ledger cannot be written now; nothing was called") from error
        full_now: list[WindowRef] = []
        try:
            self._reserve_all(overflow, held, full_now, seen)
        except OverflowsInto:
            self._is_withdrawn(LedgerRow(held, Settlement(AttemptStatus.FAILED, self._clock())))
            raise
        except (BudgetExceeded, TooManyOpenCalls) as refusal:
            row = LedgerRow(held, Settlement(AttemptStatus.REFUSED, self._clock(), reason=refusal.message))
            if isinstance(refusal, BudgetExceeded):
                self._note_refusal(held)
                if not full_now and self._is_withdrawn(row):
                    raise
            self._end(held, row.settlement)
            raise
        except Unavailable as error:
            self._give_up(held, "the budgets could not be asked")
            raise Unavailable("the budgets cannot be checked now; nothing was called") from error
        if self._clock() - held.opened_at > HOLDING_TIME:  # the sweep may have taken us for dead
            self._give_up(held, "holding took too long")
            raise Unavailable("the budgets could not be checked in time; nothing was called")
        return held

    def settle(
        self,
        attempt: Attempt,
        settlement: Settlement,
        written: Callable[[LedgerRow], None] = lambda _: None,
        seen: WindowsSeen | None = None,
    ) -> LedgerRow:
        """Write a held attempt's settlement, then turn its holds into spending; may be repeated.

        `seen` hears of the windows, and `written` of the row as soon as it is there: from then on nothing of the call
        can be lost. An attempt that was swept meanwhile keeps its row, and the difference becomes a correction. Raises
        `StoreUnavailable` when the row or the correction could not be written: the cost is in the log then. Holds that
        could not be given back are the roll-up's.
        """
        cost = ledger_amount(settlement.cost)
        final = settlement if cost is settlement.cost else replace(settlement, cost=cost)
        try:
            return self._end(attempt, final, written, seen)
        except StoreUnavailable:
            logger().error(
                "settlement not written", call_id=attempt.call_id, label=attempt.label, cost=plain(final.cost)
            )
            emit({"SettlementsNotWritten": ("Count", 1)}, {"group": "byok"})
            raise
        finally:  # behind the row, for nothing of a call may wait for it
            if cost > attempt.hold:
                self._narrowed.report(attempt, cost)

    def _end(
        self,
        attempt: Attempt,
        settlement: Settlement,
        written: Callable[[LedgerRow], None] = lambda _: None,
        seen: WindowsSeen | None = None,
    ) -> LedgerRow:
        row = self._ledger.settle(LedgerRow(attempt, settlement))
        written(row)
        try:
            release(self._windows, row, self._executor, None if seen is None else partial(self._note, attempt, seen))
            if seen is not None:
                self._look_at_whole(attempt, seen)
        except StoreUnavailable:
            logger().warning("holds are left to the roll-up", call_id=attempt.call_id, label=attempt.label)
        if row.settlement != settlement and was_swept(row.settlement):
            self._correct_late(row, settlement)
        return row

    def _correct_late(self, row: LedgerRow, settlement: Settlement) -> None:
        """Enter the difference to the real cost beside a row that the sweep has written first."""
        difference = EXACT.subtract(settlement.cost, row.settlement.cost)
        if difference:
            reason = f"late_settlement: {settlement.status}"
            label = f"{row.attempt.label}-late"
            correct(self._ledger, self._windows, row.attempt, label, difference, reason, self._clock())

    def _note(self, attempt: Attempt, seen: WindowsSeen, ref: WindowRef, state: WindowState | None) -> None:
        """Tell what a write has left of a window; of one in several lanes, what was read of it a moment ago."""
        is_whole = state is not None and state.is_whole
        seen.note(ref, state if is_whole else self._whole.fresh((attempt.tenant, ref)))

    def _look_at_whole(self, attempt: Attempt, seen: WindowsSeen) -> None:
        """Read the windows that nothing whole is known of: those with many open calls, once in `WHOLE_KNOWN_FOR`."""
        wanted = [(attempt.tenant, ref) for ref in seen.unknown]
        for (tenant, ref), state in (self._windows.states(wanted) if wanted else {}).items():
            self._whole.put((tenant, ref), state)
            seen.note(ref, state)

    def _give_up(self, attempt: Attempt, reason: str) -> None:
        """End an attempt whose provider was not called; a row that cannot be written now is the sweep's."""
        try:
            self._end(attempt, Settlement(AttemptStatus.FAILED, self._clock(), reason=reason))
        except StoreUnavailable:
            logger().warning("an attempt is left to the sweep", call_id=attempt.call_id, label=attempt.label)

    def _note_refusal(self, attempt: Attempt) -> None:
        self._refusing.put((attempt.tenant, attempt.service_key), True)
        emit({"BudgetRefusals": ("Count", 1)}, {"group": "byok"})

    def _is_withdrawn(self, refused: LedgerRow) -> bool:
        """Take a refused attempt back as if it had never been, its holds first; returns False where a row must tell.

        So it must where the holds could not be given back, and where the sweep may have written one already.
        """
        attempt = refused.attempt
        if self._clock() - attempt.opened_at > HOLDING_TIME:
            return False
        try:
            release(self._windows, refused, self._executor)
        except StoreUnavailable:
            return False
        try:
            self._ledger.close([attempt])
        except StoreUnavailable:
            logger().warning("an attempt is left to the sweep", call_id=attempt.call_id, label=attempt.label)
        return True

    def _refuse_again(self, overflow: Overflow, attempt: Attempt) -> None:
        """Raise `BudgetExceeded` where a budget that refused a call a moment ago still has no room, without a write.

        Agents ask a full budget again and again. Each of its windows is read, so that a raised limit lets pass at once.
        """
        if self._refusing.fresh((attempt.tenant, attempt.service_key)) is None:
            return
        hard = [(budget, ref) for budget, ref in overflow.windows if budget.is_hard]
        try:
            states = self._windows.states([(attempt.tenant, ref) for _, ref in hard])
        except StoreUnavailable:
            return  # the writes will say so
        for budget, ref in hard:
            state = states.get((attempt.tenant, ref))
            if state is None or not state.is_hard or state.revision < budget.revision or state.refused_at is None:
                continue  # the window's first refusal is written
            if state.available < attempt.held(ref.unit):
                if overflow.has_pool(budget, ref):
                    raise OverflowsInto(ref, state.available)
                self._note_refusal(attempt)
                raise exceeded(budget, ref, state, attempt, self._window(budget, attempt).ends)

    def _draw_ahead(self, overflow: Overflow, attempt: Attempt) -> None:
        """Go to the pool at once where a window was full a moment ago and, read anew, still is."""
        full = [
            (budget, ref)
            for budget, ref in overflow.windows
            if budget.overflow is not None and self._overflowed.fresh((attempt.tenant, ref)) is not None
        ]
        if not full:
            return
        try:
            states = self._windows.states([(attempt.tenant, ref) for _, ref in full])
        except StoreUnavailable:
            return  # the writes will say so
        for budget, ref in full:
            overflow.draw_ahead(budget, ref, states.get((attempt.tenant, ref)), attempt.held(ref.unit))

    def _reserve_all(
        self,
        overflow: Overflow,
        attempt: Attempt,
        full_now: list[WindowRef],
        seen: WindowsSeen | None,
    ) -> None:
        """Hold in every window, smallest scope first; the first refusal in that order is the answer.

        `full_now` gets the windows that have never refused a call before.
        """
        reserve = self._reserve
        at_once(
            [partial(reserve, budget, ref, attempt, overflow, full_now, seen) for budget, ref in overflow.windows],
            self._executor,
        )

    def _window(self, budget: Budget, attempt: Attempt) -> WindowSpan:
        return self._book.of(attempt.tenant).calendar.window(budget.window, attempt.opened_at)

    def _reserve(
        self,
        budget: Budget,
        ref: WindowRef,
        attempt: Attempt,
        overflow: Overflow,
        full_now: list[WindowRef],
        seen: WindowsSeen | None,
    ) -> None:
        for _ in range(RESERVE_ATTEMPTS):
            answer = self._windows.reserve(budget, ref, attempt.hold_id, attempt.held(ref.unit))
            match answer.outcome:
                case "held":
                    if seen is not None:
                        self._note(attempt, seen, ref, answer.state)
                    return
                case "missing":
                    if is_of_run(ref):
                        self._windows.open(budget, ref, ZERO, attempt.opened_at + RUN_KEPT)
                    else:
                        calendar = self._book.of(attempt.tenant).calendar
                        open_window(self._windows, budget, ref, calendar, attempt.opened_at)
                case "outdated":
                    self._windows.apply(budget, ref)
                case "crowded":
                    raise TooManyOpenCalls(f"the budget {ref.scope} has too many open calls", OPEN_CALLS_RETRY_S)
                case "full" if answer.state is not None:
                    if overflow.has_pool(budget, ref):
                        raise OverflowsInto(ref, answer.state.available)
                    if self._windows.refused(attempt.tenant, ref, self._clock()):
                        full_now.append(ref)
                    raise exceeded(budget, ref, answer.state, attempt, self._window(budget, attempt).ends)
        raise Unavailable("a budget's window keeps changing")


def release(
    windows: BudgetWindows,
    row: LedgerRow,
    executor: Executor | None = None,
    told: Callable[[WindowRef, WindowState | None], None] | None = None,
) -> None:
    """Turn the holds of an ended attempt into its cost, wherever they are still there; `told` hears of each window."""
    attempt = row.attempt

    def of(ref: WindowRef) -> None:
        if attempt.is_correction:
            windows.correct(attempt.tenant, ref, attempt.hold_id, row.spent(ref.unit))
        else:
            held, spent = attempt.held(ref.unit), row.spent(ref.unit)
            state = windows.settle(attempt.tenant, ref, attempt.hold_id, held, spent)
            if told is not None:
                told(ref, state)

    at_once([partial(of, ref) for ref in attempt.windows], executor)
