"""A window of several lanes on tables: no bound that calls meet, no false refusal, no overshoot, and the same books."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from atom_llm.adapters.dynamodb.ledger import budget_windows
from atom_llm.adapters.dynamodb.ledger.budget_windows import DynamoBudgetWindows
from atom_llm.domain.core.errors import BudgetExceeded, TooManyOpenCalls
from atom_llm.domain.ledger import lanes
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.sweep import LEASE
from atom_llm.services.ledger.check_sums import ORPHAN_AGE
from testing.money_world import TENANT, MoneyWorld, usd
from tests.contract.ledger.crowd import admitted


@pytest.fixture(autouse=True)
def small_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LANE_HOLDS", 3)


@contextmanager
def another_process(world: MoneyWorld) -> Iterator[MoneyWorld]:
    """A process that knows nothing of lanes, on the same tables."""
    windows = world.windows
    assert isinstance(windows, DynamoBudgetWindows)
    yield replace(world, windows=DynamoBudgetWindows(windows._table))


def hold_a_cent(world: MoneyWorld) -> None:
    world.spending.hold(world.attempt(usd("0.01")))


def test_calls_at_once_in_many_lanes_fill_a_budget_to_the_last_cent_and_not_beyond(world: MoneyWorld) -> None:
    world.budget("0.60")
    assert admitted(lambda: hold_a_cent(world), 90) == 60
    state = world.state()
    assert state is not None
    assert (state.held, state.available, len(state.holds)) == (usd("0.60"), usd("0"), 60)


def test_room_that_lies_in_many_lanes_is_enough_for_one_large_call(world: MoneyWorld) -> None:
    world.budget("0.60")
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(40)]
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.001")))
    world.spending.hold(world.attempt(usd("0.56")))
    with pytest.raises(BudgetExceeded) as refused:
        world.spending.hold(world.attempt(usd("0.000001")))
    assert refused.value.details["available_usd"] == "0"
    assert refused.value.details["spent_usd"] == "0.04"


def test_another_process_finds_each_hold_in_its_lane(world: MoneyWorld) -> None:
    world.budget("1")
    held = [world.spending.hold(world.attempt(usd("0.01"), estimate=usd("0.002"), maker="dead")) for _ in range(30)]
    with another_process(world) as other:
        for each in held[:10]:
            other.spending.settle(each, other.settlement(usd("0.003")))
        world.clock.pass_s(LEASE.total_seconds())
        assert other.roll_up.run().swept == 20
        state = other.state()
        assert state is not None
        assert (state.spent, state.held) == (usd("0.07"), usd("0"))
        assert other.check().drift == {}


def test_holds_that_an_earlier_build_named_by_their_ids_end_as_others_do(
    world: MoneyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.budget("1")
    with another_process(world) as other, monkeypatch.context() as earlier:
        earlier.setattr(budget_windows, "hold_name", str)
        held = [other.spending.hold(other.attempt(usd("0.01"), estimate=usd("0.002"), maker="dead")) for _ in range(14)]
        orphan = other.attempt(usd("0.01"))
        (budget,), (ref,) = other.settings.of(TENANT), held[0].windows
        assert other.windows.reserve(budget, ref, orphan.hold_id, usd("0.01")).outcome == "held"
    state = world.state()
    assert state is not None
    assert all(each.hold_id in state.holds for each in [*held, orphan])
    for each in held[:7]:
        world.spending.settle(each, world.settlement(usd("0.003")))
    world.clock.pass_s(LEASE.total_seconds())
    assert world.roll_up.run().swept == 7
    world.clock.pass_s(ORPHAN_AGE.total_seconds() + 1)
    assert world.check().orphans == 1
    state = world.state()
    assert state is not None
    assert (state.spent, state.holds) == (usd("0.035"), {})


def test_a_hold_that_no_trail_leads_to_is_given_back_two_hours_later(world: MoneyWorld) -> None:
    status, orphan = world.budget("1"), world.attempt(usd("0.01"))
    ref = WindowRef(status.budget.scope, status.window_id)
    assert world.windows.reserve(status.budget, ref, orphan.hold_id, usd("0.01")).outcome == "held"
    alive = world.spending.hold(world.attempt(usd("0.01")))
    world.clock.pass_s(ORPHAN_AGE.total_seconds() - 1)
    assert world.check().orphans == 0
    world.clock.pass_s(ORPHAN_AGE.total_seconds() + 2)
    assert world.check().orphans == 1
    state = world.state()
    assert state is not None
    assert (state.has(alive.hold_id), len(state.holds)) == (True, 1)


def test_new_lanes_begin_with_room_in_one_write_of_who_makes_them(world: MoneyWorld) -> None:
    world.budget("1000")
    for _ in range(3):
        world.spending.hold(world.attempt(usd("0.01")))
    window = (TENANT, WindowRef("tenant", world.budgets.all(TENANT)[0].window_id))
    windows = world.windows
    assert isinstance(windows, DynamoBudgetWindows)
    second = windows._lanes.read(window, [1])[1]
    assert (second["available"], second["holds"]) == (usd("0.64"), {})
    assert world.windows.states([window])[window].available == usd("999.97")
    # Who knew of one lane and found too little in it looks again.
    assert not windows._lanes._is_full(window, 1, 0, usd("999.5"))


def test_a_lowered_limit_binds_every_lane(world: MoneyWorld) -> None:
    world.budget("1")
    for _ in range(20):
        world.spending.hold(world.attempt(usd("0.01")))
    world.clock.pass_s(0.001)
    world.budget("0.21")
    assert admitted(lambda: hold_a_cent(world), 12) == 1


def test_a_soft_budget_of_many_lanes_refuses_nothing(world: MoneyWorld) -> None:
    world.budget("0.05", mode="soft")
    assert admitted(lambda: hold_a_cent(world), 30) == 30
    state = world.state()
    assert state is not None
    assert (state.held, state.available) == (usd("0.30"), usd("-0.25"))


def test_a_correction_is_made_good_by_lanes_that_have_room(world: MoneyWorld) -> None:
    status = world.budget("0.60")
    ref = WindowRef(status.budget.scope, status.window_id)
    for _ in range(30):
        world.spending.hold(world.attempt(usd("0.01")))
    world.windows.correct(TENANT, ref, "c-1", usd("0.25"))
    assert admitted(lambda: hold_a_cent(world), 10) == 5


def test_a_call_whose_lane_is_full_is_held_in_another(world: MoneyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_LANES", 2)
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    monkeypatch.setattr(lanes, "LIGHT_LANE_HOLDS", 2)
    monkeypatch.setattr(lanes, "MOST_LANE_HOLDS", 4)
    world.budget("1000")
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(8)]
    with another_process(world) as other:
        for each in held:
            other.spending.settle(each, other.settlement(usd("0.005")))
        state = other.state()
        assert state is not None
        assert (state.spent, state.held) == (usd("0.04"), usd("0"))


def test_open_holds_are_bounded_where_there_are_no_more_lanes(
    world: MoneyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "MOST_LANES", 2)
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    monkeypatch.setattr(lanes, "LIGHT_LANE_HOLDS", 2)
    monkeypatch.setattr(lanes, "MOST_LANE_HOLDS", 4)
    world.budget("1000")
    for _ in range(8):
        world.spending.hold(world.attempt(usd("0.01")))
    with pytest.raises(TooManyOpenCalls) as crowded:
        world.spending.hold(world.attempt(usd("0.01")))
    assert crowded.value.retry_after_s > 0
