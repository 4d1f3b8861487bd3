"""Quality sets: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.chunks import CHUNK_BYTES
from atom_llm.domain.catalogue.errors import SnapshotMissing
from atom_llm.domain.registry.errors import QualityConflict
from atom_llm.ports.registry import QualityHead, QualityStore
from testing.catalogue_tables import quality_on
from testing.fakes.quality import QualityInMemory
from tests.contract.conftest import NewTable

FIRST = QualityHead("1" * 32, datetime(2026, 11, 23, 9, tzinfo=UTC), 350, date(2026, 8, 3))
SECOND = QualityHead("2" * 32, datetime(2026, 11, 30, 9, tzinfo=UTC), 283, None)
THIRD = replace(SECOND, version="3" * 32)
LONG = Random(7).randbytes(2 * CHUNK_BYTES + 1)  # three chunks, none like the other
NewStore = Callable[[], QualityStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return QualityInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: quality_on(new_table()[0])


def test_before_the_first_set_there_is_none_and_then_it_comes_back_as_it_was(new_store: NewStore) -> None:
    store = new_store()
    assert store.head() is None
    store.activate(FIRST, LONG, over=None)
    assert store.head() == FIRST
    assert store.load(FIRST) == LONG


def test_one_set_follows_another_and_the_earlier_one_can_still_be_read(new_store: NewStore) -> None:
    store = new_store()
    store.activate(FIRST, b"first", over=None)
    store.activate(SECOND, b"second", over=FIRST.version)
    assert store.head() == SECOND
    assert (store.load(SECOND), store.load(FIRST)) == (b"second", b"first")
    store.activate(FIRST, b"first", over=SECOND.version)
    assert store.head() == FIRST


@pytest.mark.parametrize("over", [None, THIRD.version])
def test_a_set_that_would_follow_another_one_than_is_in_force_is_refused(new_store: NewStore, over: str | None) -> None:
    store = new_store()
    store.activate(FIRST, b"first", over=None)
    with pytest.raises(QualityConflict):
        store.activate(SECOND, b"second", over=over)
    assert store.head() == FIRST


def test_nothing_follows_a_set_that_never_was(new_store: NewStore) -> None:
    store = new_store()
    with pytest.raises(QualityConflict):
        store.activate(SECOND, b"second", over=FIRST.version)
    assert store.head() is None


def test_the_same_again_is_our_own_write_whose_answer_was_lost(new_store: NewStore) -> None:
    store = new_store()
    store.activate(FIRST, b"first", over=None)
    store.activate(FIRST, b"first", over=None)
    assert store.head() == FIRST


def test_a_set_that_is_not_there_is_missing(new_store: NewStore) -> None:
    with pytest.raises(SnapshotMissing):
        new_store().load(FIRST)


def test_of_many_syncs_that_saw_the_same_set_one_follows_it(new_store: NewStore) -> None:
    store = new_store()
    store.activate(FIRST, b"first", over=None)

    def follow(number: int) -> bool:
        try:
            store.activate(replace(SECOND, version=f"{number:032x}"), b"set %d" % number, over=FIRST.version)
        except QualityConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(follow, range(8)))
    head = store.head()
    assert done.count(True) == 1
    assert head is not None
    assert store.load(head) == b"set %d" % done.index(True)


def test_a_lost_answer_of_the_table_is_no_failure(new_table: NewTable) -> None:
    table, traffic = new_table()
    store = quality_on(table)
    traffic.lose_answer_to = {"PutItem", "UpdateItem"}
    store.activate(FIRST, LONG, over=None)
    assert traffic.lose_answer_to == set()
    assert store.head() == FIRST
    assert store.load(FIRST) == LONG


def test_a_set_of_which_a_chunk_is_lost_is_missing_and_not_half_read(new_table: NewTable) -> None:
    table, _ = new_table()
    store = quality_on(table)
    store.activate(FIRST, LONG, over=None)
    table.delete(keys.chunk(keys.quality_set(FIRST.version), 1))
    with pytest.raises(SnapshotMissing):
        store.load(FIRST)
