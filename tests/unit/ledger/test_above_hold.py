"""A bill above its hold: it is written, told, and narrows what the model may do next."""

from testing.money_world import in_memory, usd


def test_a_bill_above_its_hold_is_written_whole_and_more_is_held_for_the_model_from_then_on() -> None:
    world = in_memory()
    first = world.spending.hold(world.attempt(usd("0.01")))
    assert world.spending.settle(first, world.settlement(usd("0.025"))).settlement.cost == usd("0.025")
    assert world.spending.hold(world.attempt(usd("0.01"))).hold == usd("0.03")


def test_a_bill_of_just_its_hold_changes_nothing() -> None:
    world = in_memory()
    first = world.spending.hold(world.attempt(usd("0.01")))
    world.spending.settle(first, world.settlement(usd("0.01")))
    assert world.spending.hold(world.attempt(usd("0.01"))).hold == usd("0.01")


def test_other_models_are_held_for_as_before() -> None:
    world = in_memory()
    first = world.spending.hold(world.attempt(usd("0.01")))
    world.spending.settle(first, world.settlement(usd("0.025")))
    assert world.spending.hold(world.attempt(usd("0.01"), model="openai/gpt-4o")).hold == usd("0.01")
