"""The circuit as a state machine: when it opens, whom it lets through, when it closes."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from atom_llm.domain.routing.circuit import (
    HEALTHY,
    POLICY,
    Circuit,
    CircuitEvent,
    Closed,
    Failed,
    Lease,
    Open,
    Pass,
    ProbeFailed,
    ProbeGivenBack,
    ProbePermit,
    ProbeSucceeded,
    ProbeTaken,
    Succeeded,
    Wait,
    after,
    is_doubtful,
    permits,
)
from testing.fakes.service_keys import NOON

A_MOMENT = timedelta(microseconds=1)
OURS, THEIRS = "ours", "theirs"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def through(*events: CircuitEvent, circuit: Circuit = HEALTHY, now: datetime = NOON) -> Circuit:
    """The circuit after events at one instant."""
    for event in events:
        circuit = after(circuit, event, now)
    return circuit


def half_open(openings: int = 1) -> Open:
    return Open(until=NOON, openings=openings)


def taken(holder: str = OURS, lasts_s: float = 60, now: datetime = NOON) -> ProbeTaken:
    return ProbeTaken(Lease(holder, now + timedelta(seconds=lasts_s)))


# Failures in a row


def test_the_fifth_failure_in_a_row_opens_it() -> None:
    four = through(*[Failed()] * 4)
    assert permits(four, NOON) == Pass()
    assert permits(after(four, Failed(), NOON), NOON) == Wait(at(2))


def test_a_success_in_between_begins_a_new_row() -> None:
    assert isinstance(through(*[Failed()] * 4, Succeeded(), *[Failed()] * 4), Closed)


def test_a_success_that_is_told_of_with_the_failure_behind_it_begins_a_new_row_too() -> None:
    circuit = through(*[Failed()] * 4, Failed(after=1))
    assert isinstance(circuit, Closed)
    assert circuit.row == 1


def test_failures_that_were_told_of_together_count_each() -> None:
    assert isinstance(through(Failed(calls=4)), Closed)
    assert isinstance(through(Failed(calls=5)), Open)


def test_a_row_is_forgotten_when_nothing_failed_for_five_minutes() -> None:
    four = through(*[Failed()] * 4)
    assert isinstance(after(four, Failed(), at(300) - A_MOMENT), Open)
    assert isinstance(after(four, Failed(), at(300)), Closed)


def test_a_row_that_is_half_way_is_worth_a_written_success() -> None:
    assert not is_doubtful(through(*[Failed()] * 2))
    assert is_doubtful(through(*[Failed()] * 3))
    assert not is_doubtful(through(*[Failed()] * 3, Succeeded()))
    assert not is_doubtful(through(*[Failed()] * 5))


# The share of failures


def alternating(failures: int, successes: int) -> Circuit:
    """Failures, each behind a success, and the rest of the successes first: there is no row."""
    return through(Succeeded(successes - failures), *[Failed(after=1)] * failures)


def test_half_of_ten_calls_open_it() -> None:
    assert isinstance(through(*[Failed(after=1)] * 4), Closed)
    assert isinstance(through(*[Failed(after=1)] * 4, Failed(after=1)), Open)


def test_nine_calls_are_too_few_to_judge_by() -> None:
    assert isinstance(through(Failed(4), Succeeded(1), Failed(3), Succeeded(1)), Closed)
    assert isinstance(through(Failed(4), Succeeded(1), Failed(3), Succeeded(1), Failed(1)), Open)


def test_less_than_half_does_not_open_it() -> None:
    assert isinstance(alternating(failures=49, successes=51), Closed)
    assert isinstance(through(Failed(after=1), circuit=alternating(failures=49, successes=49)), Open)


def test_calls_of_a_minute_ago_do_not_count() -> None:
    past = through(*[Failed(after=1)] * 4)
    assert isinstance(after(past, Failed(after=1), at(60) - A_MOMENT), Open)
    assert isinstance(after(past, Failed(after=1), at(60)), Closed)


def test_the_window_is_kept_in_six_counts() -> None:
    circuit: Circuit = HEALTHY
    for second in range(300):
        circuit = after(circuit, Succeeded(), at(second))
        assert isinstance(circuit, Closed)
        assert len(circuit.slices) <= 6
    assert isinstance(circuit, Closed)
    assert sum(each.calls for each in circuit.slices) == 60


# Open, half open


def test_while_it_is_open_nothing_passes_and_then_one_probe() -> None:
    circuit = through(*[Failed()] * 5)
    assert permits(circuit, at(2) - A_MOMENT) == Wait(at(2))
    assert permits(circuit, at(2)) == ProbePermit()


def test_one_probe_at_a_time_until_its_lease_runs_out() -> None:
    probed = after(half_open(), taken(lasts_s=60), NOON)
    assert permits(probed, at(60) - A_MOMENT) == Wait(at(60))
    assert after(probed, taken(THEIRS), at(59)) == probed
    assert permits(probed, at(60)) == ProbePermit()
    assert after(probed, taken(THEIRS, now=at(60)), at(60)) == Open(NOON, 1, lease=Lease(THEIRS, at(120)))


def test_an_open_circuit_cannot_be_probed() -> None:
    circuit = through(*[Failed()] * 5)
    assert after(circuit, taken(), at(1)) == circuit


def closed_again(openings: int = 4) -> Circuit:
    """A circuit that two probes have closed at noon."""
    return through(taken(), ProbeSucceeded(OURS), taken(), ProbeSucceeded(OURS), circuit=half_open(openings))


def test_two_successful_probes_close_it() -> None:
    once = through(taken(), ProbeSucceeded(OURS), circuit=half_open(4))
    assert permits(once, NOON) == ProbePermit()
    assert through(taken(THEIRS), ProbeSucceeded(THEIRS), circuit=once) == Closed(closed_at=NOON, openings=4)


def test_a_provider_that_flaps_meets_one_failing_call_a_pause_and_no_more() -> None:
    assert after(closed_again(), Failed(), at(30) - A_MOMENT) == Open(at(35) - A_MOMENT, 5)
    tried = after(closed_again(), Succeeded(), at(29))
    assert isinstance(after(tried, Failed(), at(29)), Open)


def test_after_its_trial_nothing_of_before_is_held_against_a_circuit() -> None:
    assert after(closed_again(), Succeeded(), at(30)) == after(HEALTHY, Succeeded(), at(30))
    assert after(closed_again(), Failed(), at(30)) == after(HEALTHY, Failed(), at(30))


def served_again_after(back_at_s: int, probe_takes_s: float) -> float:
    """Seconds from a provider's recovery until every call passes, at a call a tenth of a second."""
    circuit: Circuit = through(*[Failed()] * 5)
    ends: list[tuple[float, CircuitEvent]] = []
    for tick in range(10_000):
        now = tick / 10
        for each in [each for each in ends if each[0] <= now]:
            ends.remove(each)
            circuit = after(circuit, each[1], at(now))
        match permits(circuit, at(now)):
            case Pass():
                return now - back_at_s
            case ProbePermit():
                circuit = after(circuit, taken(str(tick), POLICY.lease.total_seconds(), at(now)), at(now))
                is_back = now >= back_at_s
                ended = ProbeSucceeded(str(tick)) if is_back else ProbeFailed(str(tick))
                ends.append((now + (0.5 if is_back else probe_takes_s), ended))
            case Wait():
                pass
    raise AssertionError("it never did")


@pytest.mark.parametrize("probe_takes_s", [0.1, 4, 20], ids=["refused", "slow", "silent"])
@pytest.mark.parametrize("back_at_s", [1, 7, 31, 97, 300])
def test_a_provider_that_works_again_serves_again_within_ten_seconds(back_at_s: int, probe_takes_s: float) -> None:
    assert served_again_after(back_at_s, probe_takes_s) <= 10


def test_a_failed_probe_opens_it_for_twice_as_long_up_to_five_seconds() -> None:
    circuit: Circuit = through(*[Failed()] * 5)
    now, pauses = NOON, []
    for _ in range(6):
        assert isinstance(circuit, Open)
        pauses.append((circuit.until - now).total_seconds())
        now = circuit.until
        circuit = through(taken(now=now), ProbeFailed(OURS), circuit=circuit, now=now)
    assert pauses == [2, 4, 5, 5, 5, 5]


def test_a_success_before_a_failed_probe_does_not_count_for_the_next_opening() -> None:
    failed = through(taken(), ProbeSucceeded(OURS), taken(), ProbeFailed(OURS), circuit=half_open())
    assert isinstance(failed, Open)
    assert failed.successes == 0


def test_after_its_trial_the_pause_begins_anew() -> None:
    assert permits(through(*[Failed()] * 5, circuit=closed_again(), now=at(30)), at(30)) == Wait(at(32))


def test_a_probe_that_is_given_back_lets_the_next_one_pass_at_once() -> None:
    probed = through(taken(), circuit=half_open())
    assert permits(through(ProbeGivenBack(OURS), circuit=probed), NOON) == ProbePermit()
    assert through(ProbeGivenBack(THEIRS), circuit=probed) == probed


def test_a_probe_that_outlives_its_lease_counts_if_it_succeeds_and_leaves_the_other_ones_lease() -> None:
    others = through(taken(THEIRS), circuit=half_open())
    assert through(ProbeSucceeded(OURS), circuit=others) == Open(NOON, 1, 1, Lease(THEIRS, at(60)))
    assert through(ProbeFailed(OURS), circuit=others) == others
    assert permits(after(others, ProbeFailed(THEIRS), at(90)), at(90)) == Wait(at(94))  # nobody took its place


def test_a_probe_of_before_it_opened_again_says_nothing() -> None:
    opened = Open(until=at(60), openings=2)
    assert through(ProbeSucceeded(OURS), ProbeFailed(OURS), circuit=opened) == opened


def test_calls_that_began_before_it_opened_move_it_no_more() -> None:
    opened = through(*[Failed()] * 5)
    assert through(Succeeded(100), Failed(), circuit=opened) == opened


def test_a_probe_that_finds_it_closed_counts_as_a_call_if_it_was_answered_and_else_began_before() -> None:
    assert through(*[ProbeFailed(OURS)] * 5) == HEALTHY
    assert through(*[Failed()] * 4, ProbeSucceeded(OURS)) == through(*[Failed()] * 4, Succeeded())


# A thousand processes


def opened_after(share_failing: float, processes: int, seconds: int, seed: int) -> int | None:
    """Return the second of a day among many processes at which the circuit opened; None where it did not.

    Each makes a call every five seconds and tells of its successes only together with a failure. Everything succeeded
    before that day.
    """
    chance = Random(seed)
    circuit: Circuit = HEALTHY
    untold = [POLICY.most_carried] * processes
    for second in range(seconds):
        for process in range(second % 5, processes, 5):
            if chance.random() >= share_failing:
                untold[process] = min(POLICY.most_carried, untold[process] + 1)
                continue
            circuit = after(circuit, Failed(after=untold[process]), at(second))
            untold[process] = 0
            if isinstance(circuit, Open):
                return second
    return None


@pytest.mark.parametrize(("processes", "seconds"), [(1, 20), (5, 8), (50, 5), (1_000, 5)])
def test_a_dead_provider_is_noticed_in_everybodys_second_round_of_calls(processes: int, seconds: int) -> None:
    assert opened_after(1.0, processes, 60, seed=1) == seconds


@pytest.mark.parametrize("processes", [50, 1_000])
def test_a_provider_that_fails_every_tenth_time_stays_in_use_among_many(processes: int) -> None:
    opened = [opened_after(0.1, processes, 60, seed) for seed in range(20)]
    assert sum(second is not None for second in opened) <= 1  # five in a row do come by chance, as for one process


@pytest.mark.parametrize("processes", [50, 1_000])
def test_a_provider_that_fails_six_times_of_ten_is_kept_away_from(processes: int) -> None:
    assert all(opened_after(0.6, processes, 60, seed) is not None for seed in range(20))


# Every order of events


class CircuitMachine(RuleBasedStateMachine):
    """Two processes, their probes and the clock, against what a circuit promises."""

    @initialize()
    def begins(self) -> None:
        self.circuit: Circuit = HEALTHY
        self.now = NOON
        self.probes: dict[str, datetime] = {}

    def happens(self, event: CircuitEvent) -> None:
        before = self.circuit
        self.circuit = after(before, event, self.now)
        if isinstance(before, Closed) and isinstance(self.circuit, Open):
            assert isinstance(event, Failed)
        if isinstance(before, Open) and isinstance(self.circuit, Closed):
            assert isinstance(event, ProbeSucceeded)

    @rule(count=st.integers(1, 10))
    def succeeds(self, count: int) -> None:
        self.happens(Succeeded(count))

    @rule(count=st.integers(1, 3), before=st.integers(0, 3))
    def fails(self, count: int, before: int) -> None:
        self.happens(Failed(count, before))

    @rule(seconds=st.sampled_from([0.001, 1, 9, 30, 59, 61, 301]))
    def waits(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(holder=st.sampled_from([OURS, THEIRS]))
    def asks_to_probe(self, holder: str) -> None:
        others = [until for each, until in self.probes.items() if each != holder and self.now < until]
        lease = Lease(holder, self.now + POLICY.lease)
        before = self.circuit
        self.happens(ProbeTaken(lease))
        if self.circuit != before:
            assert isinstance(before, Open)
            assert permits(before, self.now) == ProbePermit()
            assert not others or before.lease is None  # the other one's probe had ended, or it opened anew
            self.probes[holder] = lease.until

    @precondition(lambda self: self.probes)
    @rule(holder=st.sampled_from([OURS, THEIRS]), end=st.sampled_from([ProbeSucceeded, ProbeFailed, ProbeGivenBack]))
    def ends_a_probe(self, holder: str, end: type[ProbeSucceeded] | type[ProbeFailed] | type[ProbeGivenBack]) -> None:
        if self.probes.pop(holder, None) is not None:
            self.happens(end(holder))

    @invariant()
    def is_never_closed_for_good(self) -> None:
        match permits(self.circuit, self.now):
            case Wait(until):
                assert self.now < until <= self.now + max(POLICY.longest_pause, POLICY.lease)
                assert permits(self.circuit, until) == ProbePermit() or isinstance(permits(self.circuit, until), Wait)
                later = self.now + POLICY.longest_pause + POLICY.lease
                assert permits(self.circuit, later) == ProbePermit()
            case Pass():
                assert isinstance(self.circuit, Closed)
                assert self.circuit.row < POLICY.failures_in_a_row

    @invariant()
    def counts_no_more_failures_than_calls(self) -> None:
        if isinstance(self.circuit, Closed):
            assert all(0 <= each.failures <= each.calls for each in self.circuit.slices)
            assert all(one.start < other.start for one, other in pairwise(self.circuit.slices))


TestCircuitMachine = CircuitMachine.TestCase
TestCircuitMachine.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
