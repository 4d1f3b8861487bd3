"""Rate limits as a process meets them: a write a call, and what was not used goes back with the next one."""

import pytest

from atom_llm.domain.core.errors import RateLimited, StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.tenancy.rate_limiter import RateLimiter, Standings
from testing.fakes.runtime import RateLimitsInMemory
from testing.fakes.service_keys import SetClock

CALLER = Caller(TenantId("tenant-a"), ServiceKeyId("AAAAAAAAAAAA"), frozenset())
SUBJECT = "service-key:AAAAAAAAAAAA"
LIMIT = RateLimit(tokens=60_000)  # a token is a millisecond


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store() -> RateLimitsInMemory:
    return RateLimitsInMemory()


@pytest.fixture
def limiter(store: RateLimitsInMemory, clock: SetClock) -> RateLimiter:
    return RateLimiter(store, LIMIT, UNLIMITED, clock)


def left(standings: Standings) -> int:
    return standings["tokens"].remaining


def owed_s(store: RateLimitsInMemory, clock: SetClock) -> float:
    return store.stored[SUBJECT].tokens / 1e6 - clock().timestamp()


def test_what_a_call_did_not_use_is_given_back_by_the_write_of_the_next(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 20_000)
    clock.pass_s(2)
    limiter.correct_key(CALLER, 20_000, 5_000)
    assert store.written == 1
    assert left(limiter.take_of_key(CALLER, 20_000)) == 60_000 - 3_000 - 20_000
    assert store.written == 2
    limiter.correct_key(CALLER, 20_000, 20_000)
    assert left(limiter.take_of_key(CALLER, 1_000)) == 60_000 - 3_000 - 20_000 - 1_000


def test_what_time_has_paid_off_is_not_given_back_too(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 20_000)
    limiter.correct_key(CALLER, 20_000, 0)
    clock.pass_s(15)
    limiter.take_of_key(CALLER, 30_000)
    assert owed_s(store, clock) == pytest.approx(30)


def test_nothing_is_given_back_of_what_was_taken_over_a_minute_ago(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 20_000)
    limiter.correct_key(CALLER, 20_000, 0)
    clock.pass_s(61)
    RateLimiter(store, LIMIT, UNLIMITED, clock).take_of_key(CALLER, 40_000)
    assert left(limiter.take_of_key(CALLER, 10_000)) == 10_000


def test_where_much_is_owed_others_get_it_back_at_once(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 31_000)
    limiter.correct_key(CALLER, 31_000, 1_000)
    assert store.written == 2
    assert owed_s(store, clock) == pytest.approx(1)


def test_who_has_not_looked_for_long_gives_back_at_once(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 20_000)
    clock.pass_s(31)
    limiter.correct_key(CALLER, 20_000, 5_000)
    assert store.written == 2


@pytest.mark.parametrize(("used", "writes"), [(1_060, 1), (1_061, 2)])
def test_more_than_a_little_beyond_what_was_taken_is_counted_at_once(
    limiter: RateLimiter, store: RateLimitsInMemory, used: int, writes: int
) -> None:
    limiter.take_of_key(CALLER, 1_000)
    limiter.correct_key(CALLER, 1_000, used)
    assert store.written == writes


def test_little_by_little_is_counted_once_it_is_more(limiter: RateLimiter, store: RateLimitsInMemory) -> None:
    limiter.take_of_key(CALLER, 1_000)
    for _ in range(3):
        limiter.correct_key(CALLER, 0, 25)
    assert store.written == 2


def test_a_call_passes_that_fits_with_what_is_carried_and_a_refused_one_keeps_it(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 30_000)
    limiter.correct_key(CALLER, 30_000, 10_000)
    for asked in (limiter.refuse_of_key, limiter.take_of_key):
        with pytest.raises(RateLimited):
            asked(CALLER, 51_000)
    limiter.refuse_of_key(CALLER, 50_000)
    limiter.take_of_key(CALLER, 50_000)
    assert owed_s(store, clock) == pytest.approx(60)


def test_a_table_that_is_silent_takes_nothing_of_what_is_carried(
    limiter: RateLimiter, store: RateLimitsInMemory, clock: SetClock
) -> None:
    limiter.take_of_key(CALLER, 30_000)
    limiter.correct_key(CALLER, 30_000, 10_000)
    store.fails_with = StoreUnavailable("runtime")
    assert limiter.take_of_key(CALLER, 1_000) == {}
    store.fails_with = None
    clock.pass_s(6)
    limiter.take_of_key(CALLER, 6_000)
    assert owed_s(store, clock) == pytest.approx(10)
