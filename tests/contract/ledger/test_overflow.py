"""Pools on tables: calls at once of several who draw on one fill it to the last cent, and not beyond."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.windows import WindowKind
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, on_tables, usd
from tests.contract.conftest import NewTable

PEOPLE = ("ann", "bob", "cid")


@pytest.fixture
def world(new_table: NewTable) -> MoneyWorld:
    made = on_tables(new_table()[0], new_table()[0], NOON)
    made.budget("0.25", scope="pool:shared", window=WindowKind.MONTH)
    for person in PEOPLE:
        made.budget("0.05", scope=f"person:{person}", overflow="shared")
    return made


def test_calls_at_once_of_all_who_draw_on_a_pool_are_let_pass_to_the_last_cent(world: MoneyWorld) -> None:
    def fits(number: int) -> bool:
        try:
            world.spend(usd("0.01"), end_user=EndUser(PEOPLE[number % 3]))
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        admitted = sum(pool.map(fits, range(60)))
    # A call that found its own budget full while another was about to give room back may have drawn on the pool.
    statuses = world.budgets.all(TENANT)
    spent = {each.budget.scope: each.state.spent for each in statuses if each.state is not None}
    assert all(each.state.spent <= each.budget.limit and not each.state.holds for each in statuses if each.state)
    assert admitted == sum(spent.values()) / usd("0.01")
    assert spent["pool:shared"] == usd("0.25")
    world.roll_up.run()
    assert world.check().drift == {}
    assert world.ledger.open_attempts_of(TENANT) == []


def test_the_setting_comes_back_as_it_was(world: MoneyWorld) -> None:
    assert {each.budget.scope: each.budget.overflow for each in world.budgets.all(TENANT)} == {
        "pool:shared": None,
        **dict.fromkeys(map("person:{}".format, PEOPLE), "shared"),
    }
