"""The drills of `make storm` in a short form."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest

from atom_llm.adapters.dynamodb.table import dynamodb_client
from atom_llm.domain.core.ids import TenantId
from testing.money_world import KEY, TENANT, key_scope, usd
from testing.tables import CONNECTIONS
from tests.drills.fault_matrix import fault_matrix
from tests.drills.faults import FaultPlan
from tests.drills.nested import LEVELS, nested_race, open_at_once, units_of_windows
from tests.drills.options_race import options_race
from tests.drills.race import race, throughput
from tests.drills.schedules import Findings, random_day
from tests.drills.tables import Tables, fresh_tables


@pytest.fixture
def tables(emulator: str) -> Iterator[Tables]:
    with fresh_tables() as made:
        yield made


def test_of_many_calls_at_once_as_many_pass_as_there_is_room_for(tables: Tables) -> None:
    found = race(tables.world(), calls=300, room_for=30, threads=32)
    assert (found.admitted, found.refused, found.other, found.overshoot) == (30, 270, [], Decimal(0))


def test_under_five_levels_as_many_pass_as_the_tightest_has_room_for(tables: Tables) -> None:
    found = nested_race(tables.world(), calls=120, room_for=30, threads=32)
    assert (found.admitted, found.refused, found.other, found.overshoot) == (30, 90, [], Decimal(0))


def test_more_calls_than_a_window_s_item_could_carry_are_open_at_once(tables: Tables) -> None:
    assert open_at_once(tables.world(), calls=300, threads=32) == (300, Decimal(0))


def test_a_call_takes_as_many_write_units_whether_one_is_open_or_a_hundred(tables: Tables) -> None:
    client = dynamodb_client(CONNECTIONS)
    few, many = (units_of_windows(tables, client, count, LEVELS[:2], 32) for count in (1, 100))
    assert few == 4
    assert many <= 4.05


def test_of_calls_at_once_with_searches_files_and_tools_none_overshoots(tables: Tables) -> None:
    found = options_race(tables.world(), calls=40, threads=CONNECTIONS, room_for=8)
    assert (found.overshoot, found.other) == (Decimal(0), [])
    assert min(found.admitted, found.full, found.unbounded) > 0


def test_a_busy_budget_refuses_no_call_which_takes_six_write_units_and_its_row_little_more_than_two(
    tables: Tables,
) -> None:
    found = throughput(tables, dynamodb_client(CONNECTIONS), calls=300, threads=32)
    assert (found.refused, found.drift) == (0, 0)
    assert found.hold_units + found.settle_units == 6
    assert found.roll_up_units <= 2.4


def test_eight_rows_of_a_run_share_what_the_sums_take(tables: Tables) -> None:
    assert throughput(tables, dynamodb_client(CONNECTIONS), calls=8, threads=1).roll_up_units <= 3


def test_after_random_days_of_deaths_and_faults_nothing_is_lost_or_doubled(tables: Tables) -> None:
    found = Findings()
    for seed in range(8):
        plan = FaultPlan()
        found.add(random_day(tables.failing_world(plan), plan, TenantId(f"tenant-{seed}"), Random(seed)))
    assert found.is_clean, found


def test_after_a_fault_of_any_aws_call_of_the_money_path_the_books_agree(tables: Tables) -> None:
    calls = fault_matrix(tables, ("hold", "settle"), ("timed out after", "killed after", "answer lost once"))
    roll_up = fault_matrix(tables, ("roll up",), ("killed after",))
    assert min(calls.cells["hold"], calls.cells["settle"], roll_up.cells["roll up"]) >= 9
    assert calls.failed + roll_up.failed == []


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_hold_whose_answer_was_lost_is_held_once_and_not_refused(tables: Tables, step: int) -> None:
    plan = FaultPlan()
    world = tables.failing_world(plan)
    world.budget("0.015")
    world.clock.pass_s(0.001)
    world.budget("0.015", scope=key_scope(KEY))
    world.book.of(TENANT)  # so that the steps are the three writes
    plan.arm("answer lost once", step)
    world.spending.hold(world.attempt(usd("0.01")))
    assert plan.fired
    state = world.state()
    assert state is not None
    assert (state.held, state.available) == (usd("0.01"), usd("0.005"))
