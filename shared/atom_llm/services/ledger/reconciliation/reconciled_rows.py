"""The ledger rows behind a difference: calls that ended on another day, charged estimates, attempts to be corrected."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from heapq import heappush, heappushpop
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.reconciliation.drafts import MAX_DRAFTS, Correctable, CorrectableAttempt
from atom_llm.domain.ledger.reconciliation.explain import Comparison, RowEvidence
from atom_llm.domain.ledger.reconciliation.groups import GroupKey
from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow
from atom_llm.ports.ledger import Ledger

MAX_ROWS_READ: Final = 1_000  # behind one reconciliation, shared by the days that differ: a third of a second
LEAST_OF_A_DAY: Final = 100  # rows, enough to enter corrections beside
LATE_WINDOW: Final = timedelta(minutes=20)  # before midnight; a call lasts no longer than a function, 15 minutes
PAGE: Final = 50  # rows a request and shard
LATE_PAGE: Final = 5  # the same where the last minutes of a day are wanted

Place = tuple[date, str, str | None]


class RowsOfGroups:
    """The rows of the days that are asked about, each read once, newest first, and summed up by group."""

    def __init__(
        self,
        ledger: Ledger,
        tenant: TenantId,
        provider: str,
        names: Mapping[str, str],
        whole: Collection[date],
        *,
        by_key: bool,
    ) -> None:
        """Take the ledger, `names`: the group of each model, and the days of which all rows are wanted.

        Those have failed, charged at an estimate, or corrected attempts, which may be any; of other days some will do.
        """
        self._ledger = ledger
        self._tenant = tenant
        self._provider = provider
        self._names = names
        self._by_key = by_key
        self._whole = frozenset(whole)
        self._most = max(LEAST_OF_A_DAY, MAX_ROWS_READ // max(len(self._whole), 1))
        self._late: dict[date, dict[Place, tuple[Decimal, int]]] = {}
        self._days: dict[date, dict[Place, RowEvidence]] = {}
        self._attempts: defaultdict[Place, Correctable] = defaultdict(Correctable)
        self.are_complete = True

    def evidence(self, found: Comparison, *, with_attempts: bool) -> RowEvidence:
        """Return what a group's rows say; its attempts are read too where they are to be corrected."""
        key = found.key
        place = key.day, key.model, key.key
        seen = RowEvidence()
        if with_attempts or found.booked.swept or found.booked.corrections:
            day = self._day(key.day)
            seen = day.get(place, seen)
        before = key.day - timedelta(days=1)
        seen.late_out, seen.late_out_calls = self._late_of(key.day).get(place, (ZERO, 0))
        seen.late_in, seen.late_in_calls = self._late_of(before).get((before, key.model, key.key), (ZERO, 0))
        return seen

    def correctable(self, key: GroupKey) -> Correctable:
        """Return a group's attempts that amounts may be entered beside, the dearest first."""
        found = self._attempts[key.day, key.model, key.key]
        found.dearest.sort(key=lambda attempt: (-attempt.cost, attempt.call_id))
        return found

    def _late_of(self, day: date) -> dict[Place, tuple[Decimal, int]]:
        """Return the USD and the number of a day's calls that ended on the next, by group."""
        if day not in self._late:
            found = self._late[day] = {}
            midnight = _end_of(day)
            for row in self._read(day, LATE_PAGE):
                if row.attempt.opened_at < midnight - LATE_WINDOW:
                    break
                if row.settlement.settled_at >= midnight and not row.attempt.is_correction:
                    cost, calls = found.get(self._place(row), (ZERO, 0))
                    found[self._place(row)] = EXACT.add(cost, row.settlement.cost), calls + 1
        return self._late[day]

    def _day(self, day: date) -> dict[Place, RowEvidence]:
        if day in self._days:
            return self._days[day]
        found = self._days[day] = {}
        waiting = {attempt.hold_id for attempt in self._ledger.open_attempts_of(self._tenant)}
        corrected: defaultdict[str, Decimal] = defaultdict(Decimal)
        cheapest_first: defaultdict[Place, list[tuple[Decimal, CorrectableAttempt]]] = defaultdict(list)
        for row in self._read(day, PAGE):
            attempt, cost, place = row.attempt, row.settlement.cost, self._place(row)
            seen = found.setdefault(place, RowEvidence())
            if attempt.is_correction:  # newest first: it comes before the attempt that it is of
                whose = f"{attempt.call_id}.{attempt.label.partition('-')[0]}"
                corrected[whose] = EXACT.add(corrected[whose], cost)
                if attempt.hold_id not in waiting:  # the sums that are compared hold it
                    seen.corrected = EXACT.add(seen.corrected, cost)
                continue
            so_far = EXACT.add(cost, corrected.pop(attempt.place, ZERO))
            one = CorrectableAttempt(attempt.call_id, attempt.label, so_far)
            status = row.settlement.status
            if status is AttemptStatus.SWEPT and attempt.hold_id not in waiting:
                seen.swept = EXACT.add(seen.swept, cost)
            if status in (AttemptStatus.SWEPT, AttemptStatus.FAILED):
                of_status = self._attempts[place]
                kept = of_status.swept if status is AttemptStatus.SWEPT else of_status.failed
                if len(kept) < MAX_DRAFTS:
                    kept.append(one)
            elif status is not AttemptStatus.REFUSED:
                heap = cheapest_first[place]
                (heappush if len(heap) < MAX_DRAFTS else heappushpop)(heap, (so_far, one))
        for place, heap in cheapest_first.items():
            self._attempts[place].dearest = [one for _, one in heap]
        return found

    def _read(self, day: date, page: int) -> Iterator[LedgerRow]:
        """Yield the provider's rows of a day, newest first, as far as any more may be read."""
        rows = self._ledger.rows_of_day(self._tenant, day, behind=None, page_size=page)
        for number, row in enumerate(rows):
            if number == (self._most if day in self._whole else LEAST_OF_A_DAY):
                self.are_complete &= day not in self._whole
                return
            if row.attempt.provider == self._provider and row.attempt.model in self._names:
                yield row

    def _place(self, row: LedgerRow) -> Place:
        attempt = row.attempt
        key = str(attempt.provider_key or "") if self._by_key else None
        return attempt.day, self._names[attempt.model], key


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
