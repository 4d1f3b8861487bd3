"""Carrying over on tables: of many that open a window at once one decides, and nothing is spent twice."""

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger import lanes
from testing.money_world import TENANT, MoneyWorld, usd
from tests.contract.ledger.crowd import admitted

DAY_S = 86_400.0


def test_many_that_open_a_window_at_once_carry_what_is_left_once(world: MoneyWorld) -> None:
    world.budget("0.20", carry_over="0.10")
    world.spend(usd("0.15"))
    before = world.state()
    world.clock.pass_s(DAY_S)
    assert admitted(lambda: world.spend(usd("0.01")), 40) == 25
    state = world.state()
    assert before is not None
    assert state is not None
    assert (before.available, state.carried, state.limit, state.spent) == tuple(
        map(usd, ("0.05", "0.05", "0.25", "0.25"))
    )
    world.roll_up.run()
    assert world.check().drift == {}


def test_what_is_carried_is_taken_from_the_lanes_of_the_window_before(
    world: MoneyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    status = world.budget("0.60", carry_over="0.60")
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(30)]
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.001")))
    (ref,) = held[0].windows
    assert ref.window == status.window_id
    world.clock.pass_s(DAY_S)
    world.spend(usd("1.17"))
    assert world.windows.states([(TENANT, ref)])[TENANT, ref].available == 0
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))


def test_a_window_that_nobody_called_in_gives_its_limit_and_has_none_left(world: MoneyWorld) -> None:
    status = world.budget("1", carry_over="0.4")
    world.clock.pass_s(3 * DAY_S)
    world.spend(usd("1.4"))
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))
    world.clock.pass_s(1)
    world.budget("2", carry_over="0.4")
    state = world.state()
    assert state is not None
    assert (state.limit, state.available, status.budget.carry_over) == tuple(map(usd, ("2.4", "1", "0.4")))
    assert world.budgets.all(TENANT)[0].budget.carry_over == usd("0.4")
