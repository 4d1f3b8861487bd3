"""Open attempts and ledger rows in memory, with the same conditions on every write as the table has."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from threading import RLock
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.reached import Reached, nobody_asks


class LedgerInMemory:
    """Implements `Ledger`."""

    def __init__(self, reached: Reached = nobody_asks, audit: AuditLogInMemory | None = None) -> None:
        self.reached = reached
        self.audit = audit or AuditLogInMemory()
        self.waiting: dict[tuple[str, str, str], Attempt] = {}
        self.rows: dict[tuple[str, str, str], LedgerRow] = {}
        self.leases: dict[str, datetime] = {}
        self.corrections: dict[tuple[str, str, str], int] = {}
        self.lock = RLock()

    @property
    def shards(self) -> int:
        """The number of shards that the tables have."""
        return keys.OPEN_SHARDS

    def woken_by(self, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return all shards, whatever the records are."""
        return list(range(self.shards))

    def open(self, attempt: Attempt) -> None:
        """Store the attempt if absent; raises `Conflict` for another one of its id."""
        self.reached("open")
        with self.lock:
            there = self.waiting.setdefault(place_of(attempt), attempt)
        self.reached("opened")
        if there != attempt:
            raise Conflict("an attempt of this id is open already")

    def open_correction(self, correction: Attempt, corrected: Attempt, earlier: int, entry: AuditEntry) -> None:
        """Store the correction if it is absent and its attempt has as many others, with its entry."""
        self.reached("open_correction")
        with self.lock:
            known = self.corrections.setdefault(place_of(corrected), earlier)
            if known != earlier or place_of(correction) in self.waiting:
                raise Conflict("the attempt is being corrected by somebody else at this moment")
            self.corrections[place_of(corrected)] = earlier + 1
            self.waiting[place_of(correction)] = correction
            self.audit.record(entry)
        self.reached("opened_correction")

    def settle(self, row: LedgerRow) -> LedgerRow:
        """Store the row if absent; returns the row that counts."""
        self.reached("settle")
        with self.lock:
            there = self.rows.setdefault(place_of(row.attempt), row)
        self.reached("settled")
        return there

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        """Return attempts in the order of tenants, calls and labels."""
        with self.lock:
            places = sorted(place for place in self.waiting if keys.shard(place[1], keys.OPEN_SHARDS) == shard)
            behind = [place for place in places if after is None or place > place_of(after)]
            return [self.waiting[place] for place in behind[:limit]]

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        with self.lock:
            return [self.waiting[place] for place in sorted(self.waiting, reverse=True) if place[0] == tenant]

    def rows_of(self, attempts: Sequence[Attempt]) -> list[LedgerRow]:
        with self.lock:
            return [self.rows[place_of(attempt)] for attempt in attempts if place_of(attempt) in self.rows]

    def still_open(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        with self.lock:
            return [self.waiting[place_of(attempt)] for attempt in attempts if place_of(attempt) in self.waiting]

    def close(self, attempts: Sequence[Attempt]) -> None:
        self.reached("close")
        with self.lock:
            for attempt in attempts:
                self.waiting.pop(place_of(attempt), None)
        self.reached("closed")

    def renew(self, maker: str, until: datetime) -> None:
        self.reached("renew")
        self.leases[maker] = until
        self.reached("renewed")

    def known_to_live(self, makers: Collection[str]) -> Mapping[str, datetime]:
        return {maker: self.leases[maker] for maker in makers if maker in self.leases}

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        with self.lock:
            rows = [self.rows[place] for place in sorted(self.rows) if place[:2] == (tenant, call_id)]
            waiting = [self.waiting[place] for place in sorted(self.waiting) if place[:2] == (tenant, call_id)]
            return rows, [attempt for attempt in waiting if place_of(attempt) not in self.rows]

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        with self.lock:
            places = sorted((place for place in self.rows if place[0] == tenant), reverse=True)
            found = [self.rows[place] for place in places]
        for row in found:
            if row.attempt.day == day and (behind is None or row.attempt.place < behind):
                yield row

    def erase_day(self, tenant: TenantId, day: date, *, at_most: int) -> int:
        self.reached("erase")
        with self.lock:
            own = ((place, row) for place, row in self.rows.items() if place[0] == tenant)
            of_day = [place for place, row in own if row.attempt.day == day and place not in self.waiting]
            gone = of_day[:at_most]
            for place in gone:
                del self.rows[place]
        self.reached("erased")
        return len(gone)


def place_of(attempt: Attempt) -> tuple[str, str, str]:
    """Return what tells an attempt from every other."""
    return attempt.tenant, attempt.call_id, attempt.label
