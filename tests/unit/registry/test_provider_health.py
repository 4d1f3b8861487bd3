"""Health as it is told and read: one write an attempt, two processes that agree, and calls that never wait for it."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.health import HealthState
from atom_llm.process_cache import LEFT_ALONE_FOR
from atom_llm.services.registry.provider_health import KNOWN_FOR, TOLD_WITHIN, HealthRecorder, ProviderHealthService
from testing.fakes.health import HealthInMemory

OURS, THEIRS, ANOTHERS = (TenantId(f"tenant-{each}") for each in "abc")


class World:
    """A log, a clock, and two processes' readers."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
        self.log = HealthInMemory()
        self.recorder = HealthRecorder(self.log, lambda: self.now)
        self.readers = [ProviderHealthService(self.log, lambda: self.now) for _ in range(2)]

    def told(
        self, times: int, failure: FailureKind | None = None, model: str = "gpt-9", tenant: TenantId = OURS
    ) -> None:
        for _ in range(times):
            self.recorder.record(tenant, "openai", model, failure, 800, 200)

    def states(self) -> set[HealthState]:
        return {reader.of(["openai"])["openai"].whole.state for reader in self.readers}


@pytest.fixture
def world() -> World:
    return World()


def test_an_attempt_is_one_write_and_a_bad_key_none(world: World) -> None:
    world.told(1)
    world.told(1, FailureKind.TRANSIENT)
    assert world.log.writes == 2
    world.told(1, FailureKind.KEY_INVALID)
    world.told(1, FailureKind.REQUEST)
    assert world.log.writes == 2


def test_two_processes_see_the_same_states_come_and_go(world: World) -> None:
    assert world.states() == {HealthState.UNKNOWN}
    world.told(10)
    assert world.states() == {HealthState.HEALTHY}
    world.told(30, FailureKind.TRANSIENT)
    assert world.states() == {HealthState.UNHEALTHY}
    world.now += timedelta(minutes=1)
    world.told(90)
    assert world.states() == {HealthState.DEGRADED}
    world.now += timedelta(minutes=5)
    world.told(90)
    assert world.states() == {HealthState.HEALTHY}
    world.told(400, FailureKind.RATE_LIMITED)
    assert world.states() == {HealthState.RATE_LIMITED}


def test_the_sample_and_its_durations_are_shown_by_model_too(world: World) -> None:
    world.told(6)
    world.told(2, FailureKind.SILENT, model="gpt-8")
    found = world.readers[0].of(["openai", "mistral"])
    assert (found["openai"].whole.seen.calls, found["openai"].whole.seen.success_rate) == (8, 0.75)
    assert {name: health.state for name, health in found["openai"].models.items()} == {
        "gpt-8": HealthState.UNKNOWN,
        "gpt-9": HealthState.HEALTHY,
    }
    assert (found["mistral"].whole.state, dict(found["mistral"].models)) == (HealthState.UNKNOWN, {})
    assert (found["openai"].until - found["openai"].since) < timedelta(minutes=5)


def test_a_table_that_does_not_answer_makes_nothing_healthy_and_fails_no_call(world: World) -> None:
    world.told(10)
    world.log.is_down = True
    assert world.states() == {HealthState.UNKNOWN}
    world.told(1)
    world.log.is_down = False
    writes = world.log.writes
    world.told(1)
    assert world.log.writes == writes  # it is left alone for a while
    world.now += LEFT_ALONE_FOR
    world.told(1)
    assert world.log.writes == writes + 1


def test_eleven_providers_wait_once_for_a_table_that_does_not_answer(world: World) -> None:
    world.log.is_down = True
    providers = [provider.id for provider in PROVIDERS]
    assert {health.whole.state for health in world.readers[0].of(providers).values()} == {HealthState.UNKNOWN}
    assert world.log.reads == 1
    world.log.is_down = False
    world.now += LEFT_ALONE_FOR - timedelta(microseconds=1)
    world.readers[0].of(providers)
    assert world.log.reads == 1
    world.now += timedelta(microseconds=1)
    world.readers[0].of(providers)
    assert world.log.reads == 1 + len(providers)


def test_providers_are_read_side_by_side_and_keep_their_names(world: World) -> None:
    world.told(6)
    with ThreadPoolExecutor(4) as threads:
        found = ProviderHealthService(world.log, lambda: world.now, threads).of(provider.id for provider in PROVIDERS)
    assert [name for name, health in found.items() if health.whole.state is not HealthState.UNKNOWN] == ["openai"]
    assert list(found) == [provider.id for provider in PROVIDERS]


class Later(Executor):
    """Runs what it is given when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.waiting.append((fn, args))
        return Future()

    def run(self) -> int:
        waiting, self.waiting = self.waiting, []
        for fn, args in waiting:
            fn(*args)
        return len(waiting)


def test_a_call_takes_what_is_known_and_a_look_is_had_behind_it(world: World) -> None:
    later = Later()
    reader = ProviderHealthService(world.log, lambda: world.now, later)
    world.told(30, FailureKind.TRANSIENT)
    assert [reader.condition(OURS, "openai") for _ in range(3)] == ["well"] * 3
    assert later.run() == 1
    assert (reader.condition(OURS, "openai"), later.run()) == ("down", 0)
    world.now += KNOWN_FOR
    world.told(200)
    assert (reader.condition(OURS, "openai"), later.run()) == ("down", 1)
    assert reader.condition(OURS, "openai") == "impaired"


def test_what_ranks_is_a_tenants_own_and_what_people_see_is_everybodys(world: World) -> None:
    reader = world.readers[0]
    world.told(10, tenant=OURS)
    world.told(30, FailureKind.TRANSIENT, tenant=THEIRS)
    assert [reader.condition(each, "openai") for each in (OURS, THEIRS, ANOTHERS)] == ["well", "down", "well"]
    assert world.states() == {HealthState.UNHEALTHY}
    world.now += KNOWN_FOR
    world.told(15, FailureKind.TRANSIENT, tenant=ANOTHERS)
    assert [reader.condition(each, "openai") for each in (OURS, THEIRS, ANOTHERS)] == ["down", "down", "down"]


def waits(world: World, times: int, model: str = "gpt-9") -> None:
    for _ in range(times):
        world.recorder.record(OURS, "openai", model, None, 800, 200, may_wait=True)


def test_answers_that_may_wait_share_a_write_within_seconds(world: World) -> None:
    waits(world, 40)
    assert world.log.writes == 0
    world.now += TOLD_WITHIN
    waits(world, 1)
    assert (world.log.writes, world.states()) == (1, {HealthState.HEALTHY})
    (counts,) = world.log.counts.values()
    assert (counts.answered, sum(counts.latency.values()), sum(counts.first_token.values())) == (41, 41, 41)


def test_a_failure_is_told_at_once_behind_the_answers_that_wait(world: World) -> None:
    waits(world, 9)
    world.recorder.record(OURS, "openai", "gpt-9", FailureKind.TRANSIENT, 800, None, may_wait=True)
    (counts,) = world.log.counts.values()
    assert (world.log.writes, counts.answered, counts.failed) == (2, 9, 1)


def test_what_waits_is_told_by_model_and_in_the_minute_that_it_was_of(world: World) -> None:
    world.now = world.now.replace(second=58)
    waits(world, 2)
    waits(world, 1, "gpt-8")
    world.now += timedelta(seconds=3)
    waits(world, 3)
    world.recorder.tell()
    assert [counts.answered for counts in world.log.counts.values()] == [2, 3, 1]
    world.recorder.tell()
    assert world.log.writes == 3


def test_an_answer_that_may_not_wait_takes_along_those_that_do(world: World) -> None:
    waits(world, 4)
    world.told(1)
    assert [counts.answered for counts in world.log.counts.values()] == [5]
    assert world.log.writes == 1
