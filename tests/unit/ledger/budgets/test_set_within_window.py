"""What a budget begins with that is set while calls end and the roll-up runs: nothing twice, and nothing left out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import Budget, Mode, WindowRef
from atom_llm.domain.ledger.scopes import BudgetScope, ScopeKind
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.services.ledger.budgets.set_budget import WantedBudget
from testing.audit import SOMEBODY
from testing.fakes.ledger.budgets import BudgetSettingsInMemory
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, in_memory, usd
from tests.unit.ledger.budgets.busy_world import busy


def opening(world: MoneyWorld, scope: str = "tenant") -> Decimal:
    state = world.budget("100", scope=scope).state
    assert state is not None
    return state.opening


@pytest.mark.parametrize("scope", ["tenant", "model:openai/gpt-4o-mini", "tag:app=search"])
@pytest.mark.parametrize("when", ["before", "behind"])
def test_a_row_that_is_posted_before_or_behind_the_reading_of_the_sums_counts_once(scope: str, when: str) -> None:
    world, _, sums = busy()
    world.spend(usd("0.1"), tags={"app": "search"})
    world.roll_up.run()
    world.spend(usd("0.2"), tags={"app": "search"})
    setattr(sums, when, world.roll_up.run)
    assert opening(world, scope) == usd("0.3")


def test_a_call_that_ends_and_is_posted_behind_the_list_of_open_attempts_counts_once() -> None:
    world, ledger, _ = busy()
    world.spend(usd("0.1"))

    def ends() -> None:
        ledger.behind = lambda: None
        world.spend(usd("0.2"))
        world.roll_up.run()

    ledger.behind = ends
    assert opening(world) == usd("0.3")


def test_rows_that_are_posted_at_every_reading_are_never_counted_twice() -> None:
    world, _, sums = busy()
    for _ in range(20):
        world.spend(usd("0.1"))

    def posts_one() -> None:
        rows = world.ledger.rows_of(world.ledger.open_attempts_of(TENANT))
        if rows:
            world.sums.post(rows[:1])

    sums.before = sums.behind = posts_one
    assert usd("1.8") <= opening(world) <= usd("2")


def test_of_a_tag_whose_rows_are_read_a_call_that_ends_meanwhile_is_not_taken_for_a_posted_one() -> None:
    world, ledger, _ = busy(tag_values_a_day=1)
    for app in ("chat", "search"):
        world.spend(usd("0.1"), tags={"app": app})
    world.roll_up.run()
    before = world.budgets._before
    spender = before.spender(TENANT, BudgetScope(ScopeKind.TAG, "app=search"))
    ledger.behind = lambda: world.spend(usd("0.2"), tags={"app": "search"})
    assert before.since(spender, "usd", NOON.replace(hour=0)) == usd("0.1")
    ledger.behind = lambda: None
    world.roll_up.run()
    assert before.since(spender, "usd", NOON.replace(hour=0)) == usd("0.3")


def test_of_the_day_in_which_a_window_began_rows_are_read_back_to_the_longest_call_before_it() -> None:
    world, ledger, _ = busy()
    for minutes in (0, 30, 43, 45, 61):
        world.clock.now = NOON + timedelta(minutes=minutes)
        world.spend(usd("0.1"))
    world.roll_up.run()
    state = world.budget("1", window=WindowKind.HOUR).state
    assert state is not None
    assert (state.opening, ledger.rows_read) == (usd("0.1"), 3)


def test_a_window_that_ends_while_it_is_read_is_not_told_of_the_next_one_s_calls() -> None:
    world, _, sums = busy()
    world.clock.now = NOON.replace(hour=23, minute=59, second=59)
    other = replace(world)
    other.book.of(TENANT)
    world.spend(usd("0.1"))
    ref = WindowRef("tenant", world.calendar.window(WindowKind.DAY, world.clock()).name)

    def day_ends() -> None:
        sums.before = lambda: None
        world.clock.pass_s(2)
        other.spend(usd("0.2"))
        world.roll_up.run()

    sums.before = day_ends
    world.budget("1")
    assert world.windows.states([(TENANT, ref)])[TENANT, ref].spent <= usd("0.1")
    sums.before = lambda: None
    world.clock.pass_s(90)
    world.sweep()
    state = world.state()
    assert state is not None
    assert state.spent == usd("0.2")


def test_a_budget_that_is_checked_is_refused_below_what_is_spent_before_it_is_posted_and_is_not_set() -> None:
    world = in_memory()
    world.spend(usd("0.4"))
    with pytest.raises(InvalidRequest) as refused:
        world.budgets.checked(TENANT, wanted("0.3", "hard"), SOMEBODY)
    assert "0.4 that are spent already" in refused.value.message
    world.budgets.checked(TENANT, wanted("0.4", "hard"), SOMEBODY)
    assert (world.state(), world.young.all()) == (None, [])


@pytest.mark.parametrize(("limit", "mode"), [("0", "hard"), ("0.3", "soft")])
def test_of_a_budget_that_may_be_below_what_is_spent_nothing_is_read_to_check_it(limit: str, mode: Mode) -> None:
    world, ledger, _ = busy()
    world.spend(usd("0.4"))
    ledger.behind = lambda: pytest.fail("open calls were read")
    assert world.budgets.checked(TENANT, wanted(limit, mode), SOMEBODY).limit == usd(limit)


def test_budgets_that_are_there_are_read_once_for_all_that_are_checked() -> None:
    world = in_memory()
    world.budget("1")
    settings = world.settings
    assert isinstance(settings, BudgetSettingsInMemory)
    read: list[TenantId] = []

    class Counted(BudgetSettingsInMemory):
        def of(self, tenant: TenantId) -> list[Budget]:
            read.append(tenant)
            return settings.of(tenant)

    again = replace(world, settings=Counted())
    for _ in range(3):
        again.budgets.checked(TENANT, wanted("1", "hard"), SOMEBODY)
    assert read == [TENANT]


def wanted(limit: str, mode: Mode) -> WantedBudget:
    return WantedBudget("tenant", WindowKind.DAY, "usd", usd(limit), mode, ())
