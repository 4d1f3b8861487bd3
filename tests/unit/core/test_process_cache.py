"""The caches of a process: how much they hold, for how long, and what they answer while their store does not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.process_cache import (
    LEFT_ALONE_FOR,
    BoundedMap,
    ConfirmedValue,
    DerivedValue,
    Outage,
    ReadThrough,
    TimedMap,
)
from testing.fakes.service_keys import SetClock

MINUTE, INSTANT = timedelta(minutes=1), timedelta(microseconds=1)


class Store:
    """Counts its reads; each answers with how many there were."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: Exception | None = None

    def read(self, key: str = "") -> int:
        self.asked.append(key)
        if self.failure is not None:
            raise self.failure
        return len(self.asked)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store() -> Store:
    return Store()


def unavailable() -> StoreUnavailable:
    return StoreUnavailable("no answer")


# How many


def test_at_its_bound_nothing_goes_and_beyond_it_the_one_that_was_written_longest_ago() -> None:
    known: BoundedMap[str, int] = BoundedMap(2)
    known.put("a", 1)
    known.put("b", 2)
    known.put("a", 3)
    assert (known.get("a"), known.get("b")) == (3, 2)
    known.put("c", 4)
    assert (known.get("a"), known.get("b"), known.get("c")) == (3, None, 4)


def test_a_change_sees_what_was_there_and_a_removal_takes_it_out() -> None:
    known: BoundedMap[str, int] = BoundedMap(2)
    assert [known.change("a", lambda before: (before or 0) + 1) for _ in range(3)] == [1, 2, 3]
    assert (known.pop("a"), known.pop("a"), "a" in known) == (3, None, False)


def test_threads_that_change_one_entry_lose_none_of_their_changes() -> None:
    known: BoundedMap[str, int] = BoundedMap(8)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: known.change("a", lambda before: (before or 0) + 1), range(4_000)))
    assert known.get("a") == 4_000


# For how long


def test_an_entry_is_fresh_until_its_lifetime_has_passed_and_no_longer(clock: SetClock) -> None:
    known: TimedMap[str, int] = TimedMap(clock, MINUTE, 2)
    known.put("a", 1)
    clock.now += MINUTE - INSTANT
    assert (known.fresh("a"), known.fresh("a", MINUTE / 2)) == (1, None)
    clock.now += INSTANT
    assert (known.fresh("a"), known.last("a"), "a" in known) == (None, 1, True)


def test_who_wants_it_newer_may_say_so_to_the_instant(clock: SetClock) -> None:
    known: TimedMap[str, int] = TimedMap(clock, MINUTE, 2)
    known.put("a", 1, at=clock.now - MINUTE / 2)
    assert known.fresh("a", MINUTE / 2) is None
    assert known.fresh("a", MINUTE / 2 + INSTANT) == 1


def test_what_has_expired_can_be_dropped_and_the_rest_stays(clock: SetClock) -> None:
    known: TimedMap[str, int] = TimedMap(clock, MINUTE, 2)
    known.put("old", 1)
    clock.now += MINUTE
    known.put("new", 2)
    known.drop_expired()
    assert ("old" in known, "new" in known) == (False, True)


# Read through


def test_a_key_is_read_once_a_lifetime_and_each_key_for_itself(clock: SetClock, store: Store) -> None:
    known = ReadThrough(store.read, clock, MINUTE, 2)
    assert [known.of(key) for key in ("a", "b", "a", "b")] == [1, 2, 1, 2]
    clock.now += MINUTE
    assert (known.of("a"), store.asked) == (3, ["a", "b", "a"])


def test_what_was_forgotten_is_read_again(clock: SetClock, store: Store) -> None:
    known = ReadThrough(store.read, clock, MINUTE, 2)
    known.of("a")
    known.forget("a")
    assert (known.of("a"), known.anew("a")) == (2, 3)


def test_a_value_counts_from_before_it_was_read(clock: SetClock) -> None:
    def slow(_: str) -> int:
        clock.now += MINUTE
        return 1

    known = ReadThrough(slow, clock, MINUTE, 2)
    known.of("a")
    assert known.fresh("a") is None


def test_nothing_is_a_value_too(clock: SetClock) -> None:
    reads: list[str] = []

    def nothing(key: str) -> int | None:
        reads.append(key)
        return None

    known: ReadThrough[str, int | None] = ReadThrough(nothing, clock, MINUTE, 2)
    assert known.of("a") is None
    clock.now += MINUTE - INSTANT
    assert (known.of("a"), len(reads)) == (None, 1)
    clock.now += INSTANT
    assert (known.of("a"), len(reads)) == (None, 2)


def test_while_its_store_is_unavailable_the_last_value_holds_where_that_was_asked_for(
    clock: SetClock, store: Store
) -> None:
    lenient = ReadThrough(store.read, clock, MINUTE, 2, despite="wishes")
    strict = ReadThrough(store.read, clock, MINUTE, 2)
    assert (lenient.of("a"), strict.of("a")) == (1, 2)
    clock.now += 100 * MINUTE
    store.failure = unavailable()
    assert (lenient.of("a"), lenient.of("a"), len(store.asked)) == (1, 1, 4)  # each call asks whether it is back
    for known, key in ((strict, "a"), (lenient, "b")):
        with pytest.raises(StoreUnavailable):
            known.of(key)
    store.failure = None
    assert lenient.of("a") == 7


def test_a_failure_that_is_not_of_the_store_is_raised(clock: SetClock, store: Store) -> None:
    known = ReadThrough(store.read, clock, MINUTE, 2, despite="wishes")
    known.of("a")
    clock.now += MINUTE
    store.failure = SnapshotCorrupt("half a file")
    with pytest.raises(SnapshotCorrupt):
        known.of("a")


def test_a_slow_read_of_one_key_keeps_nobody_from_another(clock: SetClock) -> None:
    both = Barrier(2, timeout=10)

    def read(key: str) -> str:
        both.wait()  # passes only when two reads are under way at once
        return key

    known = ReadThrough(read, clock, MINUTE, 2)
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(known.of, ("a", "b"))) == ["a", "b"]


# One value


def confirmed(clock: SetClock, confirm: Callable[[int | None], int], **more: Callable[[], int]) -> ConfirmedValue[int]:
    return ConfirmedValue(confirm, clock, MINUTE, "the number", (StoreUnavailable,), **more)


def test_one_value_is_confirmed_once_a_lifetime_and_sees_the_last_one(clock: SetClock) -> None:
    seen: list[int | None] = []

    def next_one(last: int | None) -> int:
        seen.append(last)
        return (last or 0) + 1

    value = confirmed(clock, next_one)
    assert (value.last, value.current(), value.current(), value.last) == (None, 1, 1, 1)
    clock.now += MINUTE - INSTANT
    assert value.current() == 1
    clock.now += INSTANT
    assert value.current() == 2
    value.forget()
    assert (value.current(), seen) == (3, [None, 1, 2])


def test_a_value_that_cannot_be_confirmed_holds_for_another_lifetime(clock: SetClock, store: Store) -> None:
    value = confirmed(clock, lambda _: store.read())
    assert value.current() == 1
    store.failure = unavailable()
    clock.now += MINUTE
    assert (value.current(), value.current(), len(store.asked)) == (1, 1, 2)
    store.failure = None
    clock.now += MINUTE
    assert value.current() == 3


def test_where_nothing_is_known_yet_the_failure_is_raised_or_a_first_value_holds(clock: SetClock, store: Store) -> None:
    store.failure = unavailable()
    with pytest.raises(StoreUnavailable):
        confirmed(clock, lambda _: store.read()).current()
    value = confirmed(clock, lambda _: store.read(), at_first=lambda: 0)
    assert value.current() == 0


def test_one_thread_confirms_while_the_others_wait_for_it(clock: SetClock, store: Store) -> None:
    value = confirmed(clock, lambda _: store.read())
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: value.current(), range(64))) == {1}
    assert len(store.asked) == 1


def test_a_derived_value_is_made_again_when_its_source_has_changed() -> None:
    value: DerivedValue[str, list[str]] = DerivedValue()
    first = value.of("v1", lambda: ["v1"])
    assert value.of("v1", lambda: ["again"]) is first
    assert value.of("v2", lambda: ["v2"]) == ["v2"]
    assert value.of("v1", lambda: ["back"]) == ["back"]


# No answer


def test_a_store_that_did_not_answer_is_left_alone_for_seconds(clock: SetClock) -> None:
    outage = Outage("numbers cannot be asked")
    assert not outage.is_on(clock())
    outage.begin(unavailable(), clock())
    assert outage.is_on(clock() + LEFT_ALONE_FOR - INSTANT)
    assert not outage.is_on(clock() + LEFT_ALONE_FOR)
