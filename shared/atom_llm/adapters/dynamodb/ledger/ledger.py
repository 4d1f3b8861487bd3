"""The ledger in DynamoDB: open attempts in a few partitions of their own, rows by tenant, day and shard."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import batched, islice
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.keys import Key
from atom_llm.adapters.dynamodb.ledger.items import attempt_item, attempt_of, row_item, row_of
from atom_llm.adapters.dynamodb.table import MAX_BATCH_GET, ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import CallId, TenantId, instant_of
from atom_llm.domain.ledger.rows import Attempt, LedgerRow

LEASE_KEPT: Final = timedelta(days=1)  # behind its end; an attempt that outlives it has its deadline behind it


class DynamoLedger:
    """Implements `Ledger` on the usage table."""

    def __init__(self, table: Table, audited: AuditedWrites, retention: timedelta) -> None:
        """Take the usage table; rows are kept for `retention` from the day of their call on."""
        self._table = table
        self._audited = audited
        self._retention = retention

    @property
    def shards(self) -> int:
        """The number of partitions that hold open attempts."""
        return keys.OPEN_SHARDS

    def woken_by(self, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return the shards of the calls whose rows were written; other records mean nothing here.

        The stream only wakes: what there is to do is read from the table, so that an order, a repetition or a loss in
        the stream changes nothing but the time.
        """
        written = (record["dynamodb"]["Keys"] for record in records if record["eventName"] == "INSERT")
        calls = (keys.call_of(key["sk"]["S"]) for key in written if keys.is_ledger(key["pk"]["S"]))
        return sorted({keys.shard(call, keys.OPEN_SHARDS) for call in calls})

    def open(self, attempt: Attempt) -> None:
        """Store an open attempt; one that is there already and says the same is our own write whose answer was lost."""
        item = attempt_item(attempt)
        try:
            # The condition protects an attempt of the same id, whose hold would be mixed up with this one's.
            self._table.put(open_key(attempt), item, if_absent=True)
        except ConditionFailed as failed:
            if failed.item is None or attempt_of(failed.item) != attempt:
                raise Conflict("an attempt of this id is open already") from None

    def open_correction(self, correction: Attempt, corrected: Attempt, earlier: int, entry: AuditEntry) -> None:
        """Write the correction to the usage table and its entry to the keys table, in one transaction.

        The row of the corrected attempt counts its corrections beside what it says, which stays as it is.
        """
        try:
            self._audited.commit(
                entry,
                # The condition protects a correction of the same label, whose amount may be another.
                self._table.putting(open_key(correction), attempt_item(correction), if_absent=True),
                self._table.updating(
                    row_key(corrected),
                    "SET corrections = :one_more",
                    {":earlier": earlier, ":one_more": earlier + 1},
                    # The condition keeps two at once from taking off more together than either of them may.
                    condition="attribute_exists(pk) AND (attribute_not_exists(corrections) OR corrections = :earlier)",
                ),
            )
        except ConditionFailed:
            raise Conflict("the attempt is being corrected by somebody else at this moment") from None

    def settle(self, row: LedgerRow) -> LedgerRow:
        """Store a row once; an earlier one counts, and is returned."""
        expires = int((row.attempt.opened_at + self._retention).timestamp())
        try:
            # The condition is what makes every attempt end once, whoever comes first: its process or the sweep.
            self._table.put(row_key(row.attempt), {**row_item(row), "ttl": expires}, if_absent=True)
        except ConditionFailed as failed:
            if failed.item is None:
                raise Conflict("the row is there and cannot be seen") from None
            return row_of(failed.item)
        return row

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        """Return a page of a shard."""
        start = None if after is None else open_key(after)[1]
        found = self._table.query(keys.open_shard(shard), after=start, limit=limit, consistent=True)
        return [attempt_of(item) for item in found]

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        """Return one tenant's open attempts, over all shards."""
        found = [
            attempt_of(item)
            for shard in range(keys.OPEN_SHARDS)
            for item in self._table.query(keys.open_shard(shard), prefix=keys.open_position(tenant), consistent=True)
        ]
        return sorted(found, key=lambda attempt: (attempt.call_id, attempt.label), reverse=True)

    def rows_of(self, attempts: Sequence[Attempt]) -> list[LedgerRow]:
        """Return the rows of the attempts that have ended, in the order of the attempts."""
        found = {row.attempt.hold_id: row for row in map(row_of, self._table.get_many([row_key(a) for a in attempts]))}
        return [found[attempt.hold_id] for attempt in attempts if attempt.hold_id in found]

    def still_open(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Read the items of open attempts by their keys."""
        return [attempt_of(item) for item in self._table.get_many([open_key(attempt) for attempt in attempts])]

    def close(self, attempts: Sequence[Attempt]) -> None:
        """Delete the items of open attempts."""
        self._table.delete_many([open_key(attempt) for attempt in attempts])

    def renew(self, maker: str, until: datetime) -> None:
        """Write the lease over the one before: its process alone writes it."""
        ends = {"until": until.isoformat(), "ttl": int((until + LEASE_KEPT).timestamp())}
        self._table.put(keys.process_lease(maker), ends)

    def known_to_live(self, makers: Collection[str]) -> Mapping[str, datetime]:
        """Return the leases that were written."""
        by_key = {keys.process_lease(maker): maker for maker in makers}
        found = self._table.get_many(list(by_key))
        return {by_key[item["pk"], item["sk"]]: datetime.fromisoformat(item["until"]) for item in found}

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        """Return a call's rows and its open attempts, each in the order of labels; an attempt is in one of the two."""
        shard = keys.shard(call_id, keys.OPEN_SHARDS)
        waiting = self._table.query(keys.open_shard(shard), prefix=keys.open_position(tenant, call_id), consistent=True)
        still_open = [attempt_of(item) for item in waiting]
        partition = keys.ledger(tenant, instant_of(call_id).date(), keys.shard(call_id, keys.LEDGER_SHARDS))
        ended = self._table.query(partition, prefix=keys.ledger_position(call_id), consistent=True)
        rows = [row_of(item) for item in ended]
        settled = {row.attempt.label for row in rows}
        return rows, [attempt for attempt in still_open if attempt.label not in settled]

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        """Iterate over the rows of the day's shards, merged."""
        after = None if behind is None else keys.ledger_position(*behind.split(".", 1))
        shards = [
            self._table.query(
                keys.ledger(tenant, day, shard), after=after, descending=True, page_size=page_size, consistent=True
            )
            for shard in range(keys.LEDGER_SHARDS)
        ]
        return map(row_of, merge(*shards, key=_position, reverse=True))

    def erase_day(self, tenant: TenantId, day: date, *, at_most: int) -> int:
        """Delete rows in the day's partitions whose attempts are no longer open."""
        erased = 0
        for shard in range(keys.LEDGER_SHARDS):
            rows = map(row_of, self._table.query(keys.ledger(tenant, day, shard), consistent=True))
            found = list(islice(self._in_sums(rows), at_most - erased))
            self._table.delete_many([row_key(attempt) for attempt in found])
            erased += len(found)
        return erased

    def _in_sums(self, rows: Iterable[LedgerRow]) -> Iterator[Attempt]:
        """Iterate over the attempts of rows that the sums hold: a row was read before it is seen who is open."""
        for some in batched(rows, MAX_BATCH_GET, strict=False):
            attempts = [row.attempt for row in some]
            waiting = {attempt.hold_id for attempt in self.still_open(attempts)}
            yield from (attempt for attempt in attempts if attempt.hold_id not in waiting)


def open_key(attempt: Attempt) -> Key:
    """Return the key of an attempt while it is open."""
    shard = keys.shard(attempt.call_id, keys.OPEN_SHARDS)
    return keys.open_shard(shard), keys.open_position(attempt.tenant, attempt.call_id, attempt.label)


def row_key(attempt: Attempt) -> Key:
    """Return the key of an attempt's row."""
    shard = keys.shard(attempt.call_id, keys.LEDGER_SHARDS)
    return keys.ledger(attempt.tenant, attempt.day, shard), keys.ledger_position(attempt.call_id, attempt.label)


def _position(item: Item) -> str:
    position: str = item["sk"]
    return position
