"""The roll-up of ended attempts into the sums, each exactly once, and the sweep of those whose processes died."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import WindowRef, WindowState
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow
from atom_llm.domain.ledger.sweep import is_overdue, swept
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetWindows, Ledger, UsageSums
from atom_llm.services.ledger.budgets.budget_alerts import AlertSender
from atom_llm.services.ledger.budgets.spending import release
from atom_llm.services.ledger.correct_spending import finish

PAGE: Final = 100  # attempts that are looked at together: one batch of rows, one of windows
LEFT_ALONE: Final = timedelta(seconds=10)  # a process gives its holds back within milliseconds; later it has died
POST_ATTEMPTS: Final = 5  # roll-ups that meet at the same rows

Windows = Mapping[tuple[TenantId, WindowRef], WindowState]


@dataclass(slots=True)
class RolledUp:
    """The counts of a run. `oldest` is the instant at which the oldest attempt that is still open began."""

    posted: int = 0
    swept: int = 0
    never_called: int = 0
    finished: int = 0
    still_open: int = 0
    alerts: int = 0
    oldest: datetime | None = None

    def then(self, later: "RolledUp") -> "RolledUp":
        """Return the counts of this run and a later one together; what is open is what the later one left."""
        return RolledUp(
            self.posted + later.posted,
            self.swept + later.swept,
            self.never_called + later.never_called,
            self.finished + later.finished,
            later.still_open,
            self.alerts + later.alerts,
            later.oldest,
        )


class RollUp:
    """The work through the open attempts. Any number of runs may go on at once."""

    def __init__(
        self, ledger: Ledger, windows: BudgetWindows, sums: UsageSums, alerts: AlertSender, clock: Clock
    ) -> None:
        """Take the stores; nothing is read before the first run."""
        self._ledger = ledger
        self._windows = windows
        self._sums = sums
        self._alerts = alerts
        self._clock = clock

    def run_woken(self, records: Iterable[Mapping[str, Any]]) -> RolledUp:
        """Work through the shards that the records of the table's stream tell of."""
        return self.run(self._ledger.woken_by(records))

    def run(self, shards: Iterable[int] | None = None) -> RolledUp:
        """Work through these shards, all by default, each from its beginning to its end.

        Rows of all shards come into the sums together: what a transaction adds to a sum costs the same for one of them.
        """
        done = RolledUp()
        ended: list[LedgerRow] = []
        try:
            for shard in range(self._ledger.shards) if shards is None else shards:
                after: Attempt | None = None
                while page := self._ledger.open_attempts(shard, after=after, limit=PAGE):
                    ended += self._ended(page, done)
                    after = page[-1]
                    if len(ended) >= PAGE:
                        ready, ended = ended, []
                        self._count(ready, done)
        except Exception:
            self._count(ended, done)  # a shard that cannot be read keeps no other from the sums
            raise
        self._count(ended, done)
        return done

    def _ended(self, page: Sequence[Attempt], done: RolledUp) -> list[LedgerRow]:
        """Return the rows of a page that hold nothing any more, those included that are written here."""
        now = self._clock()
        rows = {row.attempt.hold_id: row for row in self._ledger.rows_of(page)}
        lapsed = {each.maker for each in page if each.maker and each.hold_id not in rows and is_overdue(each, now)}
        renewed = self._ledger.known_to_live(lapsed) if lapsed else {}
        # Read after the rows: a hold that a row's process has given back by now was given back because of that row.
        windows = self._windows.states(sorted({(each.tenant, ref) for each in page for ref in each.windows}))
        ended: list[LedgerRow] = []
        for attempt in page:
            row = rows.get(attempt.hold_id)
            if row is None and is_overdue(attempt, now, renewed.get(attempt.maker or "")):
                row = self._sweep(attempt, windows, now, done)
            elif row is not None and not row.is_marked and not self._is_released(row, windows, now, done):
                row = None
            if row is None:
                done.still_open += 1
                done.oldest = min(done.oldest or attempt.opened_at, attempt.opened_at)
            else:
                ended.append(row)
        return ended

    def _count(self, ended: Sequence[LedgerRow], done: RolledUp) -> None:
        # Before the rows are in the sums: whoever finishes after a crash in between looks at these windows again.
        spent_in = {(row.attempt.tenant, ref) for row in ended if not row.is_marked for ref in row.attempt.windows}
        done.alerts += self._alerts.send(spent_in)
        self._post(ended, done)

    def _sweep(self, attempt: Attempt, windows: Windows, now: datetime, done: RolledUp) -> LedgerRow:
        if attempt.is_correction:
            done.finished += 1
            return finish(self._ledger, self._windows, attempt, now)
        row = self._ledger.settle(LedgerRow(attempt, swept(attempt, _holding(attempt, windows), now)))
        release(self._windows, row)
        done.swept += row.settlement.status is AttemptStatus.SWEPT
        done.never_called += row.settlement.status is AttemptStatus.FAILED
        return row

    def _is_released(self, row: LedgerRow, windows: Windows, now: datetime, done: RolledUp) -> bool:
        """Return whether a row's holds were given back; those of a process that died after it are given back here."""
        if not row.attempt.is_correction and not _holding(row.attempt, windows):
            return True
        if now - row.settlement.settled_at < LEFT_ALONE:
            return False
        release(self._windows, row)
        done.finished += 1
        return True

    def _post(self, ended: Sequence[LedgerRow], done: RolledUp) -> None:
        seen = list(ended)
        for _ in range(POST_ATTEMPTS):
            if marked := [row.attempt for row in seen if row.is_marked]:
                self._ledger.close(marked)
            waiting = [row for row in seen if not row.is_marked]
            while waiting:
                taken = self._sums.post(waiting)
                if taken is None:
                    break
                done.posted += taken
                waiting = waiting[taken:]
            if not waiting:
                return
            # Somebody else posts the same rows: see which are left.
            seen = self._ledger.rows_of(self._ledger.still_open([row.attempt for row in waiting]))


def _holding(attempt: Attempt, windows: Windows) -> list[WindowRef]:
    """Return the windows that carry an attempt's hold."""
    found = ((ref, windows.get((attempt.tenant, ref))) for ref in attempt.windows)
    return [ref for ref, state in found if state is not None and state.has(attempt.hold_id)]
