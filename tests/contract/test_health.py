"""Health: one suite for the log in memory and the one in DynamoDB; then processes of their own, writing at once."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.registry.health import MOST_MARKS, DynamoHealth
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.health import (
    UNMARKED,
    WINDOW,
    HealthOutcome,
    HealthState,
    OutcomeCounts,
    bucket_of,
    mark_of,
)
from atom_llm.ports.registry import HealthLog
from atom_llm.services.registry.provider_health import HealthRecorder, ProviderHealthService
from testing.fakes.health import HealthInMemory
from tests.contract.conftest import NewTable

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
MINUTE = int(NOW.timestamp()) // 60
LATER = NOW + timedelta(hours=1)
OURS = TenantId("tenant-a")
MODEL, OTHER = "gpt-4o-mini", "ft:gpt-4o#2024/08"  # a name may hold whatever keys are made of
MARKS = [mark_of(TenantId(f"tenant-{number}")) for number in range(MOST_MARKS + 4)]
LONGEST_NAME = "a" * 96
LONGEST_CALL_MS = 16 * 60 * 1000
NewLog = Callable[[], HealthLog]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_log(request: pytest.FixtureRequest) -> NewLog:
    if request.param == "in memory":
        return HealthInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoHealth(new_table()[0])


def test_attempts_come_back_by_model_and_minute(new_log: NewLog) -> None:
    log = new_log()
    for minute, model, outcome, buckets in (
        (MINUTE, MODEL, HealthOutcome.ANSWERED, {"latency": 29, "first_token": 22}),
        (MINUTE, MODEL, HealthOutcome.ANSWERED, {"latency": 29, "first_token": 21}),
        (MINUTE, MODEL, HealthOutcome.FAILED, {}),
        (MINUTE - 1, MODEL, HealthOutcome.LIMITED, {}),
        (MINUTE, OTHER, HealthOutcome.ANSWERED, {"latency": 0}),
    ):
        log.add("openai", model, minute, outcome, buckets, "a", LATER)
    assert log.minutes("openai", MINUTE - 1) == {
        MODEL: {
            MINUTE: OutcomeCounts(2, 1, 0, {29: 2}, {22: 1, 21: 1}, {"a": 1}),
            MINUTE - 1: OutcomeCounts(limited=1),
        },
        OTHER: {MINUTE: OutcomeCounts(1, latency={0: 1})},
    }


def test_answers_that_come_together_are_counted_beside_those_that_come_alone(new_log: NewLog) -> None:
    log = new_log()
    log.add("openai", MODEL, MINUTE, HealthOutcome.ANSWERED, {"latency": 29, "first_token": 22}, "a", LATER)
    log.add_answers("openai", MODEL, MINUTE, OutcomeCounts(3, latency={29: 2, 4: 1}, first_token={1: 2}), LATER)
    found = OutcomeCounts(4, latency={29: 3, 4: 1}, first_token={22: 1, 1: 2})
    assert log.minutes("openai", MINUTE) == {MODEL: {MINUTE: found}}


def test_minutes_are_read_from_one_on_and_that_one_is_among_them(new_log: NewLog) -> None:
    log = new_log()
    for ago in range(3):
        log.add("openai", MODEL, MINUTE - ago, HealthOutcome.ANSWERED, {}, "a", LATER)
    assert sorted(log.minutes("openai", MINUTE - 1)[MODEL]) == [MINUTE - 1, MINUTE]


def test_a_provider_whose_name_begins_the_same_is_another_one(new_log: NewLog) -> None:
    log = new_log()
    log.add("meta", MODEL, MINUTE, HealthOutcome.ANSWERED, {}, "a", LATER)
    assert (dict(log.minutes("met", 0)), dict(log.minutes("meta_other", 0))) == ({}, {})


# DynamoDB alone


def test_an_attempt_costs_one_write_unit_however_full_its_minute_is(new_table: NewTable) -> None:
    table, traffic = new_table()
    log = DynamoHealth(table, shard=0)
    durations = sorted({bucket_of(round(1.25**step)) for step in range(62) if 1.25**step <= LONGEST_CALL_MS})
    for bucket in durations:
        buckets = {"latency": bucket, "first_token": bucket}
        log.add("anthropic", LONGEST_NAME, MINUTE, HealthOutcome.ANSWERED, buckets, MARKS[0], LATER)
    log.add("anthropic", LONGEST_NAME, MINUTE, HealthOutcome.LIMITED, {}, MARKS[0], LATER)
    for mark in MARKS[:MOST_MARKS]:
        log.add("anthropic", LONGEST_NAME, MINUTE, HealthOutcome.FAILED, {}, mark, LATER)
    assert traffic.write_units == len(durations) + 1 + MOST_MARKS
    log.add("anthropic", LONGEST_NAME, MINUTE, HealthOutcome.FAILED, {}, MARKS[-1], LATER)  # one too many to tell apart
    for item in table.query(keys.health("anthropic", 0)):
        at_a_thousand_a_second = {name: 60_000 if isinstance(value, Decimal) else value for name, value in item.items()}
        assert _size(at_a_thousand_a_second) <= 1024


def test_failures_are_told_apart_by_tenant_up_to_a_bound_and_none_is_lost_beyond(new_log: NewLog) -> None:
    log = new_log()
    if isinstance(log, DynamoHealth):
        log._shard = 0
    for mark in (*MARKS, MARKS[0], MARKS[-1]):
        log.add("openai", MODEL, MINUTE, HealthOutcome.FAILED, {}, mark, LATER)
    found = log.minutes("openai", MINUTE)[MODEL][MINUTE]
    told_apart = dict.fromkeys(MARKS[:MOST_MARKS], 1) | {MARKS[0]: 2}
    assert (found.failed, found.failed_by) == (len(MARKS) + 2, told_apart | {UNMARKED: len(MARKS) - MOST_MARKS + 1})


def test_what_several_shards_hold_is_read_as_one(new_table: NewTable) -> None:
    table, _ = new_table()
    for shard in range(keys.HEALTH_SHARDS):
        DynamoHealth(table, shard).add("openai", MODEL, MINUTE, HealthOutcome.ANSWERED, {"latency": 5}, "a", LATER)
    assert DynamoHealth(table).minutes("openai", MINUTE) == {
        MODEL: {MINUTE: OutcomeCounts(keys.HEALTH_SHARDS, latency={5: keys.HEALTH_SHARDS})}
    }


def test_a_minute_is_forgotten_after_an_hour_and_not_before(new_table: NewTable) -> None:
    table, _ = new_table()
    HealthRecorder(DynamoHealth(table, shard=0), lambda: NOW).record(OURS, "openai", MODEL, None, 800, 200)
    (item,) = table.query(keys.health("openai", 0))
    assert item["ttl"] == int(LATER.timestamp())


# Two processes at once

PROCESS = """
import sys
from datetime import datetime
from atom_llm.adapters.dynamodb.registry.health import MOST_MARKS, DynamoHealth
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.services.registry.provider_health import HealthRecorder, ProviderHealthService

name, shard, now, answers, failures = sys.argv[1:]
log, clock = DynamoHealth(Table(dynamodb_client(), name), int(shard)), lambda: datetime.fromisoformat(now)
recorder = HealthRecorder(log, clock)
for _ in range(int(answers)):
    recorder.record("tenant-a", "openai", "gpt-4o-mini", None, 800, 200)
for _ in range(int(failures)):
    recorder.record("tenant-a", "openai", "gpt-4o-mini", FailureKind.TRANSIENT, 800, None)
found = ProviderHealthService(log, clock).of(["openai"])["openai"].whole
print(found.state, found.seen.answered, found.seen.failed)
"""


@pytest.mark.parametrize("shards", [(0, 0), (0, 1)], ids=["one shard", "two shards"])
def test_processes_that_write_at_once_lose_nothing_and_come_to_the_same_state(
    new_table: NewTable, shards: tuple[int, int]
) -> None:
    table, _ = new_table()
    told: dict[str, set[str]] = {}
    for label, now, answers, failures in (
        ("well", NOW, 8, 0),
        ("an outage", NOW + timedelta(minutes=1), 0, 12),
        ("on the way back", NOW + timedelta(minutes=2), 16, 0),
        ("over", NOW + timedelta(minutes=2 + WINDOW), 4, 0),
        ("silence", NOW + timedelta(minutes=2 + 2 * WINDOW), 0, 0),
    ):
        _at_once(table._name, shards, now, answers, failures)
        told[label] = set(_at_once(table._name, shards, now, 0, 0))
    assert told == {
        "well": {"healthy 16 0"},
        "an outage": {"unhealthy 16 24"},
        "on the way back": {"unhealthy 48 24"},  # 67 % answers: above the line at which it was entered
        "over": {"healthy 8 0"},
        "silence": {"unknown 0 0"},
    }


def test_two_readers_agree_in_every_minute_of_a_day_of_faults(new_table: NewTable) -> None:
    """The one reads at the end of a minute what the other has read from the very beginning."""
    table, _ = new_table()
    clock = [NOW]
    recorder = HealthRecorder(DynamoHealth(table, shard=0), lambda: clock[0])
    old = ProviderHealthService(DynamoHealth(table), lambda: clock[0])
    states: list[HealthState] = []
    for kind, times in ((None, 6), (FailureKind.SILENT, 2), (FailureKind.CUT, 6), (None, 12), (None, 20)):
        for _ in range(times):
            recorder.record(OURS, "openai", MODEL, kind, 800, None)
        new = ProviderHealthService(DynamoHealth(table), lambda: clock[0])
        both = [reader.of(["openai"])["openai"].whole.state for reader in (old, new)]
        assert both[0] == both[1]
        states.append(both[0])
        clock[0] += timedelta(minutes=1)
    assert states == [
        HealthState.HEALTHY,
        HealthState.DEGRADED,
        HealthState.UNHEALTHY,
        HealthState.UNHEALTHY,
        HealthState.DEGRADED,
    ]


def _at_once(table: str, shards: tuple[int, ...], now: datetime, answers: int, failures: int) -> list[str]:
    """Return the reports of processes that all do the same at the same time."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    command = [sys.executable, "-c", PROCESS, table]
    tail = [now.isoformat(), str(answers), str(failures)]
    running = [
        subprocess.Popen([*command, str(shard), *tail], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for shard in shards
    ]
    said = [process.communicate(timeout=60)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0] * len(running)
    return said


def _size(item: Mapping[str, Any]) -> int:
    """Bytes by DynamoDB's rule: names and texts in UTF-8, a number one byte and one for every two digits."""
    return sum(map(len, item)) + sum(map(_value_size, item.values()))


def _value_size(value: object) -> int:
    if isinstance(value, set):
        return 3 + sum(map(_value_size, value))
    return len(value) if isinstance(value, str) else 2 + len(str(value)) // 2
