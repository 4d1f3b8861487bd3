"""Rate limits by GCRA: never more than a minute's worth at once, never more than the rate in the long run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.tenancy.rate_limit import (
    MINUTE,
    STALE,
    UNLIMITED,
    AdvanceWrite,
    LimitStep,
    RateLimit,
    RestartWrite,
    duration,
    headers,
    price,
    standing,
    step,
    wait_us,
)

BEGIN = 1_800_000_000_000_000  # microseconds since 1970


def taken(paid_off: int, made: LimitStep | None) -> int | None:
    """Return the instant that a table holds after a step; None where its condition fails."""
    match made:
        case None:
            return paid_off
        case RestartWrite(to, below):
            return to if paid_off < below else None
        case AdvanceWrite(by, at_least, at_most):
            return paid_off + by if at_least <= paid_off <= at_most else None


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.integers(0, 20_000_000), st.integers(1, 40)), min_size=1, max_size=60),
)
@settings(max_examples=300)
def test_no_span_of_time_sees_more_than_a_burst_and_the_rate(limit: int, calls: list[tuple[int, int]]) -> None:
    now, paid_off = BEGIN, 0
    admitted: list[tuple[int, int]] = []
    for later, quantity in calls:
        now += later
        cost = price(limit, quantity)
        after = None if wait_us(paid_off, cost, now) else taken(paid_off, step(paid_off, cost, now))
        if after is not None:
            admitted.append((now, quantity))
            paid_off = after
    for first, (begun, _) in enumerate(admitted):
        for last in range(first, len(admitted)):
            span = admitted[last][0] - begun
            sum_of = sum(min(quantity, limit) for _, quantity in admitted[first : last + 1])
            assert sum_of <= limit + limit * span / MINUTE + len(admitted)  # a microsecond a call is rounded away


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(-3 * MINUTE, MINUTE))
def test_a_wait_ends_exactly_when_the_call_passes(limit: int, quantity: int, owed: int) -> None:
    paid_off, cost = BEGIN + owed, price(limit, quantity)
    wait = wait_us(paid_off, cost, BEGIN)
    assert wait_us(paid_off, cost, BEGIN + wait) == 0
    assert taken(paid_off, step(paid_off, cost, BEGIN + wait)) is not None
    if wait:
        assert wait_us(paid_off, cost, BEGIN + wait - 1) == 1
        assert taken(paid_off, step(paid_off, cost, BEGIN + wait - 1)) is None


@pytest.mark.parametrize(
    ("paid_off", "kind"),
    [
        (0, RestartWrite),
        (BEGIN - STALE - 1, RestartWrite),
        (BEGIN - STALE, AdvanceWrite),
        (BEGIN, AdvanceWrite),
        (BEGIN + 1, AdvanceWrite),
    ],
)
def test_who_was_paid_off_long_ago_begins_anew(paid_off: int, kind: type) -> None:
    assert isinstance(step(paid_off, price(60, 1), BEGIN), kind)


def test_what_costs_nothing_is_no_step() -> None:
    assert (price(None, 5), step(0, 0, BEGIN), wait_us(BEGIN + MINUTE, 0, BEGIN)) == (0, None, 0)


def test_more_than_a_minutes_worth_passes_when_nothing_else_is_owed() -> None:
    cost = price(10, 1_000)
    assert (cost, wait_us(0, cost, BEGIN)) == (MINUTE, 0)
    assert wait_us(BEGIN + 1, cost, BEGIN) == 1


def test_a_limit_of_nothing_lets_nothing_pass() -> None:
    assert wait_us(0, price(0, 1), BEGIN) > 0


def test_a_keys_own_limit_goes_before_the_usual_one() -> None:
    assert RateLimit(requests=5).over(RateLimit(100, 1_000)) == RateLimit(5, 1_000)
    assert UNLIMITED.over(UNLIMITED).is_none


def test_headers_tell_what_is_left_and_when_it_is_whole_again() -> None:
    assert headers(requests=standing(60, BEGIN + MINUTE // 2, BEGIN)) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "30",
        "x-ratelimit-reset-requests": "30s",
    }


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.012, "12ms"), (0.9999, "1s"), (8.64, "8.64s"), (360, "6m0s"), (61.5, "1m1.5s")]
)
def test_durations_are_spelt_as_openai_spells_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.integers(-2 * MINUTE, MINUTE // 2), st.integers(1, MINUTE), st.integers(-MINUTE, MINUTE // 1000).filter(bool))
def test_a_correction_that_is_carried_gives_no_more_than_one_at_once(owed: int, cost: int, carried: int) -> None:
    paid_off = BEGIN + owed
    if wait_us(paid_off, cost, BEGIN, carried):
        return
    after = taken(paid_off, step(paid_off, cost, BEGIN, carried))
    assert after is not None
    at_once = max(paid_off + carried, BEGIN) + cost
    assert at_once <= after <= max(at_once, BEGIN + cost + max(0, carried))
