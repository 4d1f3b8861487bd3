"""What is left of a window moves into the next one: bounded, once, and taken from where it was left."""

import pytest

from atom_llm.domain.core.errors import BudgetExceeded, InvalidRequest
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.windows import WindowKind
from testing.money_world import MoneyWorld, in_memory, usd

DAY_S = 86_400.0


def fits(world: MoneyWorld, amount: str, **about: object) -> bool:
    try:
        world.spend(usd(amount), **about)
    except BudgetExceeded:
        return False
    return True


def carrying(limit: str = "1", at_most: str = "0.5", **more: object) -> MoneyWorld:
    world = in_memory()
    world.budget(limit, carry_over=at_most, **more)  # type: ignore[arg-type]
    return world


@pytest.mark.parametrize(("spent", "limit"), [("0.8", "1.2"), ("0.3", "1.5"), ("1", "1")])
def test_what_is_left_moves_into_the_next_window_up_to_its_bound(spent: str, limit: str) -> None:
    world = carrying()
    world.spend(usd(spent))
    world.clock.pass_s(DAY_S)
    assert fits(world, limit)
    assert not fits(world, "0.01")


def test_a_window_that_nobody_called_in_had_all_of_its_limit_left() -> None:
    world = carrying()
    world.clock.pass_s(3 * DAY_S)
    assert fits(world, "1.5")
    assert not fits(world, "0.01")


def test_what_was_carried_is_carried_on_within_the_same_bound() -> None:
    world = carrying()
    for _ in range(3):
        world.clock.pass_s(DAY_S)
        world.spend(usd("0.9"))
    state = world.state()
    assert state is not None
    assert (state.carried, state.limit) == (usd("0.5"), usd("1.5"))


def test_what_open_calls_hold_is_not_left_and_what_they_give_back_later_is_not_carried() -> None:
    world = carrying()
    held = world.spending.hold(world.attempt(usd("0.9")))
    world.clock.pass_s(12 * 3600.0 + 1)  # into the next day: it is noon
    assert fits(world, "1.1")
    world.spending.settle(held, world.settlement(usd("0.01")))
    assert not fits(world, "0.01")


def test_a_budget_that_is_set_in_a_window_has_nothing_from_the_one_before() -> None:
    world = carrying()
    assert fits(world, "1")
    assert not fits(world, "0.01")


def test_members_of_a_default_carry_from_windows_that_they_called_in_alone() -> None:
    world = carrying(scope="person:*")
    ann, bob = EndUser("ann"), EndUser("bob")
    world.spend(usd("0.4"), end_user=ann)
    world.clock.pass_s(DAY_S)
    assert fits(world, "1.5", end_user=ann)
    assert fits(world, "1", end_user=bob)
    assert not fits(world, "0.01", end_user=bob)


def test_a_changed_limit_keeps_what_was_carried_and_one_without_gives_it_up() -> None:
    world = carrying()
    world.clock.pass_s(DAY_S)
    world.spend(usd("0.2"))
    world.clock.pass_s(1)
    world.budget("2", carry_over="0.5")
    state = world.state()
    assert state is not None
    assert state.limit == usd("2.5")
    world.clock.pass_s(1)
    world.budget("2")
    assert not fits(world, "1.81")
    assert fits(world, "1.8")


def test_a_refusal_says_the_limit_with_what_was_carried() -> None:
    world = carrying()
    world.clock.pass_s(DAY_S)
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("1.6"))
    assert (refused.value.details["limit_usd"], refused.value.details["available_usd"]) == ("1.5", "1.5")


def test_a_limit_below_what_is_spent_counts_what_was_carried() -> None:
    world = carrying()
    world.clock.pass_s(DAY_S)
    world.spend(usd("1.3"))
    world.clock.pass_s(1)
    world.budget("0.9", carry_over="0.5")
    world.clock.pass_s(1)
    with pytest.raises(InvalidRequest):
        world.budget("0.9")


@pytest.mark.parametrize(
    "asked",
    [
        {"window": WindowKind.TOTAL},
        {"window": WindowKind.ROLLING_DAY},
        {"mode": "soft"},
        {"at_most": "1.01"},
    ],
    ids=["total", "rolling", "soft", "above the limit"],
)
def test_what_cannot_be_carried_is_refused_by_its_field(asked: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        carrying(**asked)  # type: ignore[arg-type]
    assert refused.value.details["field"] == "carry_over"
