"""The price book: one suite for the one in memory and the one in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.chunks import in_chunks, put_chunks
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.domain.catalogue.errors import ActivationConflict, SnapshotMissing
from atom_llm.domain.catalogue.refresh import Activation, SnapshotVersion
from atom_llm.ports.catalogue import PriceBook
from testing.catalogue_tables import price_book_on
from testing.fakes.catalogue_store import BookInMemory
from tests.contract.conftest import NewTable

DAY_ONE = datetime(2026, 11, 1, 9, tzinfo=UTC)
NewBook = Callable[[], PriceBook]


def entry(sequence: int, version: str = "v1", events: int = 0) -> Activation:
    at = DAY_ONE + timedelta(days=sequence)
    return Activation(sequence, SnapshotVersion(version), at, 10, 100, events, {"litellm": at})


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_book(request: pytest.FixtureRequest, new_table: NewTable) -> NewBook:
    if request.param == "in memory":
        return BookInMemory
    return lambda: price_book_on(new_table()[0])


def test_an_empty_book_has_no_head(new_book: NewBook) -> None:
    book = new_book()
    assert book.head() is None
    assert book.in_force_at(DAY_ONE) is None
    assert list(book.activations(since=None, before=None)) == []


def test_the_newest_entry_is_the_head(new_book: NewBook) -> None:
    book = new_book()
    for sequence in (1, 2, 3):
        book.activate(entry(sequence, f"v{sequence}"), b"snapshot", b"")
    assert book.head() == entry(3, "v3")


def test_what_was_believed_at_an_instant_is_the_entry_in_force_then(new_book: NewBook) -> None:
    book = new_book()
    for sequence in (1, 2):
        book.activate(entry(sequence), b"snapshot", b"")
    second = entry(2).activated_at
    assert book.in_force_at(entry(1).activated_at - timedelta(seconds=1)) is None
    assert book.in_force_at(second - timedelta(microseconds=1)) == entry(1)
    assert book.in_force_at(second) == entry(2)


def test_activations_come_newest_first_between_their_bounds(new_book: NewBook) -> None:
    book = new_book()
    for sequence in range(1, 6):
        book.activate(entry(sequence), b"snapshot", b"")
    numbers = [each.sequence for each in book.activations(since=entry(2).activated_at, before=5)]
    assert numbers == [4, 3, 2]


def test_a_snapshot_and_its_events_come_back_byte_for_byte(new_book: NewBook) -> None:
    book, snapshot, events = new_book(), bytes(range(256)) * 4096, b"events" * 50_000
    book.activate(entry(1, events=3), snapshot, events)
    assert book.snapshot(entry(1)) == snapshot
    assert book.events(entry(1, events=3)) == events


def test_every_entry_comes_with_its_events_newest_first_between_the_bounds(new_book: NewBook) -> None:
    book = new_book()
    batches = {1: b"", 2: b"second", 3: b"third" * 90_000, 4: b"", 5: b"fifth", 6: b"sixth"}
    for sequence, batch in batches.items():
        book.activate(entry(sequence, events=bool(batch)), b"snapshot", batch)
    found = [(each.sequence, batch) for each, batch in book.with_events(since=None, before=None, at_once=2)]
    assert found == sorted(batches.items(), reverse=True)
    some = book.with_events(since=entry(3).activated_at, before=6)
    assert [(each.sequence, batch) for each, batch in some] == [(n, batches[n]) for n in (5, 4, 3)]


def test_events_that_were_written_by_themselves_are_found(new_table: NewTable) -> None:
    table, _ = new_table()
    book = price_book_on(table)
    for sequence in (1, 2, 3):
        book.activate(entry(sequence, events=1), b"snapshot", b"" if sequence < 3 else b"new")
    put_chunks(table, keys.events_by_themselves(1), b"old")
    put_chunks(table, keys.events_by_themselves(2), b"older" * 90_000)
    assert [batch for _, batch in book.with_events(since=None, before=None)] == [b"new", b"older" * 90_000, b"old"]
    assert book.events(entry(2, events=1)) == b"older" * 90_000


def test_events_that_no_entry_tells_of_are_nobodys(new_table: NewTable) -> None:
    table, _ = new_table()
    book = price_book_on(table)
    book.activate(entry(1, events=1), b"snapshot", b"first")
    for number, chunk in enumerate(in_chunks(b"of a writer that died")):
        table.put(keys.event_chunk(2, number), chunk)
    assert [(each.sequence, batch) for each, batch in book.with_events(since=None, before=None)] == [(1, b"first")]


def test_events_that_are_lost_are_missing(new_table: NewTable) -> None:
    table, _ = new_table()
    book = price_book_on(table)
    book.activate(entry(1, events=1), b"snapshot", b"first")
    table.delete(keys.event_chunk(1, 0))
    with pytest.raises(SnapshotMissing):
        book.events(entry(1, events=1))
    with pytest.raises(SnapshotMissing):
        list(book.with_events(since=None, before=None))


def test_a_snapshot_that_was_never_stored_is_missing(new_book: NewBook) -> None:
    with pytest.raises(SnapshotMissing):
        new_book().snapshot(entry(1, "never"))


def test_a_number_that_is_taken_stays_with_its_first_entry(new_book: NewBook) -> None:
    book = new_book()
    book.activate(entry(1, "first"), b"snapshot", b"")
    with pytest.raises(ActivationConflict):
        book.activate(entry(1, "second"), b"other", b"")
    assert book.head() == entry(1, "first")


def test_the_very_same_entry_again_is_no_conflict(new_book: NewBook) -> None:
    book = new_book()
    for _ in range(2):
        book.activate(entry(1), b"snapshot", b"")
    assert book.head() == entry(1)


def test_of_writers_that_race_for_a_number_one_gets_it(new_table: NewTable) -> None:
    book = price_book_on(new_table()[0])

    def activate(writer: int) -> bool:
        try:
            book.activate(entry(1, f"by-{writer}"), f"snapshot of {writer}".encode(), b"")
        except ActivationConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(activate, range(8)))
    head = book.head()
    assert won.count(True) == 1
    assert head is not None
    assert head.version == f"by-{won.index(True)}"
    assert book.snapshot(head) == f"snapshot of {won.index(True)}".encode()


def test_an_activation_whose_answer_is_lost_has_happened_once(new_table: NewTable) -> None:
    table, traffic = new_table()
    book = price_book_on(table)
    book.activate(entry(1), b"snapshot", b"")
    traffic.lose_answer_to.add("PutItem")
    book.activate(entry(2), None, b"")  # the client's own retry meets the entry that it wrote
    assert [each.sequence for each in book.activations(since=None, before=None)] == [2, 1]


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_chunk_that_is_missing_or_changed_makes_the_snapshot_missing(new_table: NewTable, damage: str) -> None:
    table, _ = new_table()
    book = price_book_on(table)
    book.activate(entry(1), b"x" * 500_000, b"")
    _damage(table, damage)
    with pytest.raises(SnapshotMissing):
        book.snapshot(entry(1))


def _damage(table: Table, damage: str) -> None:
    chunk = keys.chunk(keys.snapshot("v1"), 1)
    if damage == "missing":
        table.delete(chunk)
        return
    item = table.get(chunk)
    assert item is not None
    table.put(chunk, item | {"data": b"y" + item["data"][1:]})
