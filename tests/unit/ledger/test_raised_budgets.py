"""A budget that is raised for a time: more passes until then, and no more afterwards."""

from datetime import timedelta

import pytest

from atom_llm.domain.core.errors import BudgetExceeded, InvalidRequest
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.ledger.budgets.set_budget import WantedRaise
from testing.money_world import TENANT, MoneyWorld, in_memory, usd


def raised(world: MoneyWorld, scope: str = "tenant") -> WantedRaise:
    more = WantedRaise(usd("0.5"), world.clock() + timedelta(hours=1), "the launch")
    world.budget("1", window=WindowKind.MONTH, scope=scope, more=more)
    return more


def test_a_raise_lets_more_pass_until_its_end_and_then_the_limit_binds_again() -> None:
    world = in_memory()
    more = raised(world)
    world.spend(usd("1.2"))
    world.clock.pass_s(3_600)
    assert world.clock() == more.until
    with pytest.raises(BudgetExceeded) as refused:
        world.spending.hold(world.attempt(usd("0.01")))
    assert (refused.value.details["limit_usd"], refused.value.details["available_usd"]) == ("1", "-0.2")


def test_a_raise_says_who_and_why_and_its_budget_keeps_its_own_limit() -> None:
    world = in_memory()
    more = raised(world)
    [status] = world.budgets.all(TENANT)
    assert status.budget.raised is not None
    assert (status.budget.limit, status.budget.raised.why) == (usd("1"), more.why)
    assert status.budget.raised.by
    assert status.state is not None
    assert status.state.limit == usd("1.5")


def test_a_default_s_raise_is_its_members() -> None:
    world = in_memory()
    raised(world, "service-key:*")
    world.spend(usd("1.2"))
    world.clock.pass_s(3_600)
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("0.01")))


def test_a_budget_that_is_set_anew_without_a_raise_has_none() -> None:
    world = in_memory()
    raised(world)
    world.clock.pass_s(1)
    world.budget("1", window=WindowKind.MONTH)
    with pytest.raises(BudgetExceeded):
        world.spending.hold(world.attempt(usd("1.2")))


def test_a_raise_that_is_over_is_refused_by_its_field() -> None:
    world = in_memory()
    with pytest.raises(InvalidRequest) as wrong:
        world.budget("1", more=WantedRaise(usd("1"), world.clock(), "too late"))
    assert wrong.value.field == "raised.until"
