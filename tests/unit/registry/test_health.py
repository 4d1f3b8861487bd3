"""Health of providers: minutes of outcomes, the window over them, and states that do not flutter."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.ledger.sums import percentile
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.health import (
    FEWEST_CALLS,
    WINDOW,
    WINDOWS,
    Condition,
    HealthOutcome,
    HealthState,
    OutcomeCounts,
    after,
    bucket_of,
    condition_for,
    outcome_of,
    state_of,
    together,
    window,
)

NOW = 29_900_000


def seen(answered: int = 0, failed: int = 0, limited: int = 0) -> OutcomeCounts:
    return OutcomeCounts(answered, failed, limited)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (None, HealthOutcome.ANSWERED),
        (FailureKind.TRANSIENT, HealthOutcome.FAILED),
        (FailureKind.SILENT, HealthOutcome.FAILED),
        (FailureKind.CUT, HealthOutcome.FAILED),
        (FailureKind.RATE_LIMITED, HealthOutcome.LIMITED),
        *((kind, None) for kind in (FailureKind.REQUEST, FailureKind.UNSUPPORTED, FailureKind.CONTEXT_LENGTH)),
        *((kind, None) for kind in (FailureKind.CONTENT_FILTER, FailureKind.KEY_INVALID, FailureKind.OUT_OF_CREDIT)),
    ],
)
def test_only_what_a_provider_is_to_blame_or_to_thank_for_counts(
    kind: FailureKind | None, outcome: HealthOutcome | None
) -> None:
    assert outcome_of(kind) == outcome


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (seen(4), HealthState.UNKNOWN),
        (seen(5), HealthState.HEALTHY),
        (seen(3, 1), HealthState.UNKNOWN),
        (seen(90, 10), HealthState.HEALTHY),
        (seen(89, 11), HealthState.DEGRADED),
        (seen(50, 50), HealthState.DEGRADED),
        (seen(49, 51), HealthState.UNHEALTHY),
        (seen(0, 5), HealthState.UNHEALTHY),
        (seen(5, 0, 5), HealthState.RATE_LIMITED),
        (seen(6, 0, 5), HealthState.HEALTHY),
        (seen(0, 0, 5), HealthState.RATE_LIMITED),
    ],
)
def test_a_first_window_leads_to_a_state(counts: OutcomeCounts, state: HealthState) -> None:
    assert after(HealthState.UNKNOWN, counts) == state


@pytest.mark.parametrize(
    ("before", "counts", "state"),
    [
        (HealthState.UNHEALTHY, seen(69, 31), HealthState.UNHEALTHY),
        (HealthState.UNHEALTHY, seen(70, 30), HealthState.DEGRADED),
        (HealthState.DEGRADED, seen(69, 31), HealthState.DEGRADED),
        (HealthState.DEGRADED, seen(94, 6), HealthState.DEGRADED),
        (HealthState.UNHEALTHY, seen(94, 6), HealthState.DEGRADED),
        (HealthState.DEGRADED, seen(95, 5), HealthState.HEALTHY),
        (HealthState.HEALTHY, seen(94, 6), HealthState.HEALTHY),
        (HealthState.RATE_LIMITED, seen(70, 0, 30), HealthState.RATE_LIMITED),
        (HealthState.RATE_LIMITED, seen(71, 0, 29), HealthState.HEALTHY),
        (HealthState.HEALTHY, seen(70, 0, 30), HealthState.HEALTHY),
        (HealthState.UNHEALTHY, seen(4), HealthState.UNKNOWN),
    ],
)
def test_a_state_is_left_later_than_it_is_entered(
    before: HealthState, counts: OutcomeCounts, state: HealthState
) -> None:
    assert after(before, counts) == state


def test_the_window_holds_five_minutes_and_no_more() -> None:
    minutes = {NOW - ago: seen(1) for ago in range(10)}
    assert window(minutes, NOW).calls == WINDOW
    assert window({NOW - WINDOW: seen(9)}, NOW).calls == 0
    assert window({NOW - WINDOW + 1: seen(9)}, NOW).calls == 9


def test_a_provider_goes_through_all_states_and_back() -> None:
    minutes: dict[int, OutcomeCounts] = {}
    states = []
    story = [seen(2), seen(20), seen(20, 6), seen(5, 60), seen(40), seen(200), seen(400), seen(0, 0, 999), seen(900)]
    for place, counts in enumerate(story):
        minutes[NOW + place] = counts
        states.append(state_of(minutes, NOW + place))
    assert states == [
        HealthState.UNKNOWN,
        HealthState.HEALTHY,
        HealthState.DEGRADED,
        HealthState.UNHEALTHY,
        HealthState.UNHEALTHY,  # 87 of 153: above the line at which it was entered
        HealthState.DEGRADED,
        HealthState.DEGRADED,
        HealthState.RATE_LIMITED,
        HealthState.RATE_LIMITED,
    ]
    quiet = NOW + len(story) + WINDOW
    assert state_of(minutes, quiet) == HealthState.UNKNOWN


def test_what_happened_before_the_windows_that_are_looked_at_is_forgotten() -> None:
    bad = {NOW: seen(0, 100)}
    fair = {NOW + minute: seen(60, 40) for minute in range(1, 40)}
    assert state_of(bad | fair, NOW + WINDOWS - 1) == HealthState.UNHEALTHY
    assert state_of(bad | fair, NOW + WINDOWS + WINDOW) == HealthState.DEGRADED


@given(st.dictionaries(st.integers(NOW - 20, NOW), st.tuples(*[st.integers(0, 30)] * 3), max_size=15))
def test_the_minutes_of_several_shards_come_to_one_state(story: Mapping[int, tuple[int, int, int]]) -> None:
    whole = {minute: OutcomeCounts(*counts) for minute, counts in story.items()}
    halves = [
        {minute: OutcomeCounts(a // 2, f // 2, r // 2) for minute, (a, f, r) in story.items()},
        {minute: OutcomeCounts(a - a // 2, f - f // 2, r - r // 2) for minute, (a, f, r) in story.items()},
    ]
    assert state_of(together(halves), NOW) == state_of(whole, NOW)
    assert (state_of(whole, NOW) is HealthState.UNKNOWN) == (
        window(whole, NOW).calls < FEWEST_CALLS or (window(whole, NOW).success_rate is None and not whole)
    )


def test_durations_are_told_to_within_an_eighth() -> None:
    counts = OutcomeCounts()
    for milliseconds in (100, 200, 400, 800, 60_000):
        counts.latency[bucket_of(milliseconds)] = 1
    median = percentile(counts.latency, 0.5)
    assert median is not None
    assert 400 * 0.88 <= median <= 400 * 1.12


# What ranks a tenant's candidates

WORSE: dict[Condition, int] = {"well": 0, "impaired": 1, "down": 2}
OURS, THEIRS, ANOTHERS = "ours", "theirs", "anothers"
Traffic = list[tuple[int, int, dict[str, int]]]
"""Minutes ago, answers, and failures by the mark of the tenant that met them."""

traffic = st.lists(
    st.tuples(
        st.integers(0, WINDOW + WINDOWS),
        st.integers(0, 40),
        st.dictionaries(st.sampled_from([OURS, THEIRS, ANOTHERS, "fourth"]), st.integers(1, 40)),
    ),
    max_size=20,
)


def minutes_of(traffic: Traffic, without: str | None = None) -> dict[int, OutcomeCounts]:
    """The minutes of such traffic; without one tenant's failures, if it is named."""
    found: dict[int, OutcomeCounts] = {}
    for ago, answered, by in traffic:
        failed_by = {mark: count for mark, count in by.items() if mark != without}
        counts = OutcomeCounts(answered, sum(failed_by.values()), failed_by=failed_by)
        found.setdefault(NOW - ago, OutcomeCounts()).add(counts)
    return found


def by_all(minutes: dict[int, OutcomeCounts]) -> Condition:
    """The condition where nobody's failures are left out."""
    conditions: dict[HealthState, Condition] = {HealthState.DEGRADED: "impaired", HealthState.UNHEALTHY: "down"}
    return conditions.get(state_of(minutes, NOW), "well")


@given(traffic)
def test_no_other_tenants_failures_alone_make_a_provider_worse_for_a_tenant(traffic: Traffic) -> None:
    found = condition_for(OURS, minutes_of(traffic), NOW)
    for other in (THEIRS, ANOTHERS, "fourth"):
        assert WORSE[found] <= WORSE[by_all(minutes_of(traffic, without=other))]


@given(traffic, st.integers(0, 1_000), st.integers(0, WINDOW + WINDOWS))
def test_where_one_other_tenant_meets_failures_their_number_changes_nothing(
    traffic: Traffic, more: int, ago: int
) -> None:
    two = [
        (when, answered, {mark: by[mark] for mark in (OURS, THEIRS) if mark in by}) for when, answered, by in traffic
    ]
    louder = [*two, (ago, 0, {THEIRS: more})] if more else two
    assert condition_for(OURS, minutes_of(louder), NOW) == by_all(minutes_of(two, without=THEIRS))


def test_a_tenants_own_failures_count_and_so_do_those_of_two_others() -> None:
    own = minutes_of([(0, 2, {OURS: 8})])
    assert [condition_for(mark, own, NOW) for mark in (OURS, THEIRS)] == ["down", "well"]
    of_two = minutes_of([(0, 2, {THEIRS: 50, ANOTHERS: 8})])
    assert [condition_for(mark, of_two, NOW) for mark in (OURS, THEIRS, ANOTHERS)] == ["down", "down", "down"]


def test_rate_limits_of_others_neither_make_a_provider_worse_nor_hide_that_it_is() -> None:
    failing = minutes_of([(0, 2, {OURS: 8})])
    failing[NOW].limited = 1_000
    assert state_of(failing, NOW) is HealthState.RATE_LIMITED
    assert condition_for(OURS, failing, NOW) == "down"
    assert condition_for(THEIRS, {NOW: seen(5, limited=1_000)}, NOW) == "well"


def test_failures_that_nobody_was_told_apart_by_are_left_out_as_one_tenants() -> None:
    assert condition_for(OURS, {NOW: OutcomeCounts(2, 50, failed_by={"": 50})}, NOW) == "well"
