"""Pools: budgets that several others draw on when they are full, and that let pass no more than they have."""

import pytest

from atom_llm.domain.core.errors import BudgetExceeded, InvalidRequest
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from testing.audit import SOMEBODY
from testing.money_world import TENANT, MoneyWorld, in_memory, usd

ANN, BOB = EndUser("ann"), EndUser("bob")


@pytest.fixture
def world() -> MoneyWorld:
    """Two people with 0.30 USD a day each, and a pool of 0.50 that both may draw on."""
    made = in_memory()
    made.budget("0.50", scope="pool:shared", window=WindowKind.MONTH)
    for person in ("ann", "bob"):
        made.budget("0.30", scope=f"person:{person}", overflow="shared")
    return made


def fits(world: MoneyWorld, amount: str, whose: EndUser = ANN) -> bool:
    try:
        world.spend(usd(amount), end_user=whose)
    except BudgetExceeded:
        return False
    return True


def spent(world: MoneyWorld) -> dict[str, str]:
    states = ((each.budget.scope, each.state) for each in world.budgets.all(TENANT))
    return {scope: str(state.spent) for scope, state in states if state is not None and state.spent}


def test_a_full_budget_draws_on_its_pool_and_what_fits_does_not(world: MoneyWorld) -> None:
    assert fits(world, "0.25")
    assert fits(world, "0.20")
    assert fits(world, "0.05")
    assert spent(world) == {"person:ann": "0.30", "pool:shared": "0.20"}


def test_a_pool_lets_pass_no_more_than_it_has_whoever_draws_on_it(world: MoneyWorld) -> None:
    for whose in (ANN, BOB):
        assert fits(world, "0.30", whose)
    assert fits(world, "0.30", ANN)
    assert fits(world, "0.20", BOB)
    assert not fits(world, "0.01", ANN)
    assert not fits(world, "0.01", BOB)
    assert spent(world)["pool:shared"] == "0.50"


def test_a_refusal_names_the_pool_and_who_would_have_drawn_on_it(world: MoneyWorld) -> None:
    world.spend(usd("0.30"), end_user=ANN)
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("0.51"), end_user=ANN)
    assert (refused.value.details["scope"], refused.value.details["overflow_of"]) == ("pool:shared", ["person:ann"])
    assert "person:ann would have drawn on it" in refused.value.message
    assert refused.value.available == usd("0.50")


def test_the_most_that_would_fit_is_what_the_roomier_of_both_has(world: MoneyWorld) -> None:
    world.spend(usd("0.30"), end_user=BOB)
    world.spend(usd("0.45"), end_user=BOB)
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("0.40"), end_user=ANN)
    assert refused.value.available == usd("0.30")


def test_the_books_and_what_a_call_has_seen_say_which_pool_was_drawn_on(world: MoneyWorld) -> None:
    world.spend(usd("0.30"), end_user=ANN)
    seen = WindowsSeen()
    held = world.spending.hold(world.attempt(usd("0.1"), end_user=ANN), seen=seen)
    world.spending.settle(held, world.settlement(usd("0.1")), seen=seen)
    assert seen.pools == ["pool:shared"]
    assert seen.remaining == usd("0.4")
    newest = next(row for row in world.rows() if row.settlement.cost == usd("0.1"))
    assert [ref.scope for ref in newest.attempt.windows] == ["pool:shared"]


def test_nothing_is_left_open_and_no_row_tells_of_the_budget_that_was_full(world: MoneyWorld) -> None:
    for _ in range(3):
        world.spend(usd("0.20"), end_user=ANN)
    assert {row.settlement.status for row in world.rows()} == {AttemptStatus.SUCCEEDED}
    assert world.roll_up.run().posted == 3
    assert world.ledger.open_attempts_of(TENANT) == []
    assert world.check().drift == {}


def test_a_call_whose_several_budgets_are_full_draws_on_their_pool_once(world: MoneyWorld) -> None:
    world.budget("0.30", scope="person:ann", window=WindowKind.WEEK, overflow="shared")
    assert fits(world, "0.30")
    assert fits(world, "0.20")
    assert spent(world)["pool:shared"] == "0.20"


def test_other_budgets_of_the_call_still_hold_it(world: MoneyWorld) -> None:
    world.budget("0.40")
    assert fits(world, "0.30")
    assert not fits(world, "0.20")
    assert fits(world, "0.10")
    assert spent(world) == {"person:ann": "0.30", "pool:shared": "0.10", "tenant": "0.40"}


def test_a_budget_that_has_room_again_is_drawn_on_first(world: MoneyWorld) -> None:
    held = world.spending.hold(world.attempt(usd("0.30"), end_user=ANN))
    assert fits(world, "0.10")
    world.spending.settle(held, world.settlement(usd("0.01")))
    assert fits(world, "0.10")
    assert spent(world) == {"person:ann": "0.11", "pool:shared": "0.10"}


def test_a_budget_that_refused_before_it_had_a_pool_draws_on_it_at_once() -> None:
    world = in_memory()
    world.budget("0.30", scope="person:ann")
    assert fits(world, "0.30")
    assert not fits(world, "0.10")
    world.clock.pass_s(1)
    world.budget("0.50", scope="pool:shared", window=WindowKind.MONTH)
    world.budget("0.30", scope="person:ann", overflow="shared")
    assert fits(world, "0.10")
    assert fits(world, "0.40")


def test_where_its_pool_is_gone_a_full_budget_refuses(world: MoneyWorld) -> None:
    world.budgets.clear(TENANT, "pool:shared", WindowKind.MONTH, SOMEBODY)
    world.spend(usd("0.30"), end_user=ANN)
    with pytest.raises(BudgetExceeded) as refused:
        world.spend(usd("0.01"), end_user=ANN)
    assert refused.value.details["scope"] == "person:ann"


def test_a_dead_process_s_hold_on_a_pool_goes_back(world: MoneyWorld) -> None:
    world.spend(usd("0.30"), end_user=ANN)
    world.spending.hold(world.attempt(usd("0.50"), end_user=ANN, estimate=usd("0.1"), maker="dead"))
    assert not fits(world, "0.01")
    world.clock.pass_s(60)
    assert world.roll_up.run().swept == 1
    assert fits(world, "0.40")


@pytest.mark.parametrize(
    ("scope", "mode", "overflow", "field"),
    [
        ("tenant", "hard", "shared", "overflow"),
        ("pool:other", "hard", "shared", "overflow"),
        ("provider:openai", "hard", "shared", "overflow"),
        ("person:ann", "soft", "shared", "overflow"),
        ("person:ann", "hard", "nobody's", "overflow"),
        ("pool:other", "soft", None, "mode"),
        ("pool:*", "hard", None, "scope"),
    ],
)
def test_who_may_draw_on_what_is_checked(
    world: MoneyWorld, scope: str, mode: str, overflow: str | None, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        world.budget("1", scope=scope, mode=mode, overflow=overflow)  # type: ignore[arg-type]
    assert refused.value.details["field"] == field
