"""Rolling windows on tables: one item, whose room comes back part by part, in every lane, to the cent."""

from dataclasses import replace

import pytest

from atom_llm.adapters.dynamodb.ledger.budget_windows import DynamoBudgetWindows
from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger import lanes
from atom_llm.domain.ledger.budgets import WindowRef, WindowState
from atom_llm.domain.ledger.windows import WindowKind
from testing.money_world import TENANT, MoneyWorld, usd
from tests.contract.ledger.crowd import admitted

ROLLING = WindowKind.ROLLING_DAY
HOUR = 3600.0


def present(world: MoneyWorld) -> WindowState:
    state = world.state(window=ROLLING)
    assert state is not None
    return state


def test_parts_leave_one_by_one_and_what_was_counted_agrees_with_the_rows(world: MoneyWorld) -> None:
    world.budget("1", window=ROLLING)
    world.spend(usd("0.6"))
    world.clock.pass_s(12 * HOUR)
    world.spend(usd("0.4"))
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("0.01"))
    assert refused.value.details["fits_at"] is not None
    world.clock.pass_s(13 * HOUR)
    assert (present(world).spent, present(world).available) == (usd("0.4"), usd("0.6"))
    world.spend(usd("0.6"))
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))
    world.roll_up.run()
    assert world.check().drift == {}


def test_room_comes_back_in_every_lane_and_calls_at_once_fill_it_again_to_the_last_cent(
    world: MoneyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    world.budget("0.40", window=ROLLING)
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(30)]
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.01")))
    assert admitted(lambda: world.spend(usd("0.01")), 20) == 10
    world.clock.pass_s(25 * HOUR)
    assert present(world).available == usd("0.40")
    assert admitted(lambda: world.spend(usd("0.01")), 60) == 40
    assert (present(world).spent, present(world).available) == (usd("0.40"), usd("0"))


def test_a_large_call_gathers_what_has_left_all_lanes(world: MoneyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    world.budget("0.40", window=ROLLING)
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(40)]
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.01")))
    world.clock.pass_s(25 * HOUR)
    world.spend(usd("0.40"))
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))


def test_a_call_that_settles_after_its_part_has_left_counts_no_more(world: MoneyWorld) -> None:
    world.budget("1", window=WindowKind.ROLLING_MINUTE)
    held = world.spending.hold(world.attempt(usd("0.7")))
    world.clock.pass_s(100)
    world.spend(usd("0.3"))
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))
    world.spending.settle(held, world.settlement(usd("0.7")))
    world.spend(usd("0.7"))
    state = world.state(window=WindowKind.ROLLING_MINUTE)
    assert state is not None
    assert (state.spent, state.held) == (usd("1"), usd("0"))


def test_a_correction_is_entered_once_and_leaves_with_its_part(world: MoneyWorld) -> None:
    status = world.budget("1", window=ROLLING)
    ref = WindowRef(status.budget.scope, status.window_id)
    for _ in range(2):
        world.windows.correct(TENANT, ref, "c-1", usd("0.25"))
    assert present(world).spent == usd("0.25")
    world.clock.pass_s(25 * HOUR)
    world.spend(usd("1"))
    assert present(world).spent == usd("1")


def test_what_was_spent_before_counts_from_when_it_was_set(world: MoneyWorld) -> None:
    world.spend(usd("0.6"))
    world.roll_up.run()
    world.budget("1", window=ROLLING)
    assert (present(world).opening, present(world).available) == (usd("0.6"), usd("0.4"))
    world.clock.pass_s(25 * HOUR)
    assert present(world).available == usd("1")


def test_refusals_and_alerts_are_told_again_once_they_have_left(world: MoneyWorld) -> None:
    world.budget("1", window=ROLLING, alert_at=(50,))
    for _ in range(2):
        world.spend(usd("1"))
        world.roll_up.run()
        with pytest.raises(BudgetExceeded):
            world.spend(usd("0.01"))
        assert present(world).refused_at is not None
        assert present(world).fired == {50}
        world.clock.pass_s(26 * HOUR)
        assert (present(world).refused_at, present(world).fired) == (None, frozenset())
    assert len(world.alerts.sent) == 2


def test_another_process_counts_in_the_same_window(world: MoneyWorld) -> None:
    world.budget("1", window=ROLLING)
    held = world.spending.hold(world.attempt(usd("0.5")))
    windows = world.windows
    assert isinstance(windows, DynamoBudgetWindows)
    other = replace(world, windows=DynamoBudgetWindows(windows._table))
    world.clock.pass_s(HOUR)
    other.spending.settle(held, other.settlement(usd("0.2")))
    other.spend(usd("0.8"))
    assert (present(world).spent, present(world).held) == (usd("1"), usd("0"))
