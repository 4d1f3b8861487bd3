"""The price book in DynamoDB: immutable snapshots, and numbered entries of which the newest is in force."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.chunks import get_chunks, in_chunks, joined, put_chunks
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.catalogue.errors import ActivationConflict, SnapshotMissing
from atom_llm.domain.catalogue.refresh import Activation, SnapshotVersion
from atom_llm.domain.core.audit import AuditEntry

FIRST_SEQUENCE: Final = 1


class DynamoPriceBook:
    """Implements `PriceBook` on the catalogue table."""

    def __init__(self, table: Table, audited: AuditedWrites) -> None:
        """Take the catalogue table, and the writer of audited changes."""
        self._table = table
        self._audited = audited

    def head(self) -> Activation | None:
        """Return the newest entry; consistent, so that a reader never goes back behind an entry it has seen."""
        return next((_activation(item) for item in self._newest_first(limit=1)), None)

    def in_force_at(self, instant: datetime) -> Activation | None:
        """Return the newest entry that was activated at or before an instant."""
        return next((each for each in self.activations(since=None, before=None) if each.activated_at <= instant), None)

    def activations(self, *, since: datetime | None, before: int | None) -> Iterator[Activation]:
        """Iterate over entries newest first, from `before` (exclusive) back to `since` (inclusive)."""
        for item in self._newest_first(last=None if before is None else before - 1):
            activation = _activation(item)
            if since is not None and activation.activated_at < since:
                return
            yield activation

    def snapshot(self, activation: Activation) -> bytes:
        """Return a stored snapshot, its bytes checked against their hash; raises `SnapshotMissing`."""
        content = get_chunks(self._table, keys.snapshot(activation.version))
        if content is None:
            raise SnapshotMissing(activation.version)
        return content

    def events(self, activation: Activation) -> bytes:
        """Return the stored event batch of an entry."""
        if not activation.events:
            return b""
        number = activation.sequence
        return dict(self._batches(number, number)).get(number) or self._events_by_themselves(number)

    def with_events(
        self, *, since: datetime | None, before: int | None, at_once: int | None = None
    ) -> Iterator[tuple[Activation, bytes]]:
        """Walk through two partitions side by side, entries and their events, both newest first."""
        batches: Iterator[tuple[int, bytes]] | None = None
        number, content = None, b""
        for activation in self.activations(since=since, before=before):
            if not activation.events:
                yield activation, b""
                continue
            if batches is None:  # after the entries: events are written before the entry that tells of them
                batches = self._batches(FIRST_SEQUENCE, activation.sequence, at_once)
                number, content = next(batches, (None, b""))
            while number is not None and number > activation.sequence:
                number, content = next(batches, (None, b""))
            is_there = number == activation.sequence and content
            yield activation, content if is_there else self._events_by_themselves(activation.sequence)

    def activate(
        self, activation: Activation, snapshot: bytes | None, events: bytes, *, entry: AuditEntry | None = None
    ) -> None:
        """Write the parts first, then the entry that makes them visible.

        An entry that is there already and says the same is our own write whose answer was lost.
        """
        if snapshot is not None:
            put_chunks(self._table, keys.snapshot(activation.version), snapshot)
        if events:
            for number, chunk in enumerate(in_chunks(events)):
                self._table.put(keys.event_chunk(activation.sequence, number), chunk)
        key = keys.book_entry(activation.sequence)
        try:
            # The number is the fence: of two writers that saw the same newest entry, one gets the next number.
            self._audited.put(entry, self._table, key, _item(activation), if_absent=True)
        except ConditionFailed:
            written = self._table.get(key, consistent=True)
            if written is None or _activation(written) != activation:
                raise ActivationConflict(activation.sequence) from None

    def _batches(self, first: int, last: int, at_once: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield the event batches of entries by their numbers, the last first; one that is damaged is empty."""
        chunks = self._table.query(
            keys.EVENTS,
            first=keys.events_from(first),
            last=keys.events_from(last + 1),
            descending=True,
            page_size=at_once,
            consistent=True,
        )
        for number, of_entry in groupby(chunks, key=lambda chunk: keys.sequence_of_events(chunk["sk"])):
            yield number, joined(list(of_entry)[::-1]) or b""

    def _events_by_themselves(self, sequence: int) -> bytes:
        content = get_chunks(self._table, keys.events_by_themselves(sequence))
        if content is None:
            raise SnapshotMissing(f"events of entry {sequence}")
        return content

    def _newest_first(self, *, last: int | None = None, limit: int | None = None) -> Iterator[Item]:
        if last is not None and last < FIRST_SEQUENCE:
            return iter(())
        return self._table.query(
            keys.BOOK,
            first=None if last is None else keys.book_position(FIRST_SEQUENCE),
            last=None if last is None else keys.book_position(last),
            descending=True,
            limit=limit,
            consistent=True,
        )


def _item(activation: Activation) -> Item:
    return {
        "sequence": activation.sequence,
        "version": str(activation.version),
        "activated_at": activation.activated_at.isoformat(),
        "models": activation.models,
        "snapshot_bytes": activation.snapshot_bytes,
        "events": activation.events,
        "source_times": {name: at.isoformat() for name, at in activation.source_times.items()},
    }


def _activation(item: Item) -> Activation:
    return Activation(
        sequence=int(item["sequence"]),
        version=SnapshotVersion(item["version"]),
        activated_at=datetime.fromisoformat(item["activated_at"]),
        models=int(item["models"]),
        snapshot_bytes=int(item["snapshot_bytes"]),
        events=int(item["events"]),
        source_times={name: datetime.fromisoformat(at) for name, at in item["source_times"].items()},
    )
