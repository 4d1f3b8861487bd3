"""Calls that end after a budget was set, and could not know it, count in its window once they have ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger import lanes
from atom_llm.domain.ledger.budgets import BudgetUnit
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.domain.ledger.young_budgets import LOOKS, YoungBudget
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import SetClock
from testing.money_world import KEY, TENANT, MoneyWorld, NewWorld, in_memory, key_scope, on_tables, usd
from tests.contract.conftest import NewTable

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
OF_A_MINUTE = (WindowKind.MINUTE, WindowKind.ROLLING_MINUTE)
EVERY_SCOPE = ("tenant", key_scope(KEY), "team:platform", "person:ada", "tag:app=search", "model:openai/gpt-4o-mini")
ADA = EndUser("ada")


@pytest.fixture(params=["tables", "memory"])
def new_world(request: pytest.FixtureRequest) -> NewWorld:
    if request.param == "memory":
        return lambda: in_memory(clock=SetClock(NOON))
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: on_tables(new_table()[0], new_table()[0], NOON)


@pytest.fixture
def world(new_world: Callable[[], MoneyWorld]) -> MoneyWorld:
    world = new_world()
    world.teams.put(TENANT, Team("platform", "Platform", frozenset({KEY})), an_entry())
    return world


def unaware(world: MoneyWorld) -> MoneyWorld:
    """Another process, which has read the budgets at this moment."""
    other = replace(world)
    other.book.of(TENANT)
    return other


def sweeps(world: MoneyWorld) -> int:
    """Let half an hour pass in sweeps; returns how many of them counted anything."""
    counted = 0
    for _ in range(30):
        world.clock.pass_s(60)
        counted += world.sweep()
    return counted


def spent(world: MoneyWorld, scope: str = "tenant", window: WindowKind = WindowKind.DAY) -> Decimal:
    state = world.state(scope, window)
    assert state is not None
    return state.spent


@pytest.mark.parametrize("window", [each for each in WindowKind if each not in OF_A_MINUTE])
def test_in_every_window_calls_under_way_and_of_a_process_that_knew_it_not_count_once(
    world: MoneyWorld, window: WindowKind
) -> None:
    world.spend(usd("0.1"))
    under_way = world.spending.hold(world.attempt(usd("0.2")))
    other = unaware(world)
    world.budget("100", window=window)
    world.clock.pass_s(10)
    other.spend(usd("0.4"))
    world.spend(usd("0.8"))
    world.spending.settle(under_way, world.settlement(usd("0.2")))
    before = usd("0") if window is WindowKind.TOTAL else usd("0.1")
    assert spent(world, window=window) == before + usd("0.8")
    assert sweeps(world) == 1
    assert spent(world, window=window) == before + usd("1.4")
    assert world.check().drift == {}
    assert world.young.all() == []


@pytest.mark.parametrize("scope", EVERY_SCOPE)
def test_in_every_scope_a_call_under_way_counts_and_one_of_others_does_not(world: MoneyWorld, scope: str) -> None:
    held = world.spending.hold(world.attempt(usd("0.2"), tags={"app": "search"}, end_user=ADA))
    others = world.spending.hold(world.attempt(usd("0.4"), key=SOMEBODY.key_id, model="mistral/small"))
    world.budget("100", scope=scope)
    world.clock.pass_s(20)
    for each, cost in ((held, "0.2"), (others, "0.4")):
        world.spending.settle(each, world.settlement(usd(cost)))
    sweeps(world)
    assert spent(world, scope) == usd("0.6" if scope == "tenant" else "0.2")
    assert world.check().drift == {}


@pytest.mark.parametrize(("unit", "counted"), [("calls", "1"), ("tokens", "1000")])
def test_in_every_unit_a_call_under_way_counts(world: MoneyWorld, unit: BudgetUnit, counted: str) -> None:
    held = world.spending.hold(world.attempt(usd("0.2")))
    status = world.budget("100000", unit=unit)
    world.spending.settle(held, world.settlement(usd("0.2")))
    sweeps(world)
    (shown,) = world.budgets.all(TENANT)
    assert shown.state is not None
    assert (shown.window_id, shown.state.spent) == (status.window_id, usd(counted))
    assert world.check().drift == {}


def test_the_longest_call_that_was_under_way_counts_by_the_last_look(world: MoneyWorld) -> None:
    held = world.spending.hold(replace(world.attempt(usd("0.2")), deadline=NOON + timedelta(minutes=16)))
    world.budget("1")
    for _ in range(15):
        world.clock.pass_s(60)
        world.sweep()
    world.spending.settle(held, world.settlement(usd("0.2")))
    assert spent(world) == 0
    sweeps(world)
    assert spent(world) == usd("0.2")


def test_a_call_of_the_next_window_by_a_process_that_knew_the_budget_not_counts_in_it(world: MoneyWorld) -> None:
    world.clock.now = NOON.replace(hour=23, minute=59, second=50)
    other = unaware(world)
    world.budget("1")
    world.clock.pass_s(20)
    other.spend(usd("0.2"))
    assert world.state() is None
    sweeps(world)
    assert spent(world) == usd("0.2")
    assert world.check().drift == {}


def test_a_day_that_begins_within_ours_counts_what_ended_late_in_it_and_nothing_of_the_one_before(
    world: MoneyWorld,
) -> None:
    world.calendar = BudgetCalendar(ZoneInfo("Asia/Kolkata"))
    world.start_over()
    world.clock.now = datetime(2026, 11, 24, 18, 28, tzinfo=UTC)  # two minutes before the day begins there
    yesterday = world.spending.hold(world.attempt(usd("0.4")))
    world.clock.pass_s(180)
    today = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1")
    for each, cost in ((yesterday, "0.4"), (today, "0.2")):
        world.spending.settle(each, world.settlement(usd(cost)))
    sweeps(world)
    assert spent(world) == usd("0.2")
    assert world.check().drift == {}


def test_a_hard_budget_that_is_overspent_by_what_ended_late_refuses_and_tells(world: MoneyWorld) -> None:
    held = [world.spending.hold(world.attempt(usd("0.4"))) for _ in range(3)]
    world.budget("1", alert_at=(80,))
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.4")))
    world.spend(usd("0.5"))
    world.roll_up.run()
    assert world.alerts.sent == []
    world.clock.pass_s(90)
    assert world.sweep() == 1
    assert [each["spent_usd"] for each in world.alerts.sent] == ["1.7"]
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))


def test_lanes_with_room_make_good_what_ended_late(
    new_table: NewTable, emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LANE_HOLDS", 2)
    world = on_tables(new_table()[0], new_table()[0], NOON)
    late = world.spending.hold(world.attempt(usd("0.9")))
    world.budget("1")
    held = [world.spending.hold(world.attempt(usd("0.01"))) for _ in range(20)]
    for each in held:
        world.spending.settle(each, world.settlement(usd("0.001")))
    world.spending.settle(late, world.settlement(usd("0.9")))
    world.clock.pass_s(90)
    world.sweep()
    world.spend(usd("0.08"))
    with pytest.raises(BudgetExceeded):
        world.spend(usd("0.01"))
    assert spent(world) == usd("1")


def test_looks_that_are_taken_again_and_at_once_add_nothing(world: MoneyWorld) -> None:
    held = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1")
    (young,) = world.young.all()
    world.spending.settle(held, world.settlement(usd("0.2")))
    world.clock.pass_s(90)
    counted = [world.sweep()]
    for _ in range(3):
        world.young.put(young)
        counted.append(world.sweep())
    assert (counted, spent(world)) == ([1, 0, 0, 0], usd("0.2"))


def test_a_changed_limit_begins_no_new_looks_and_ends_none(world: MoneyWorld) -> None:
    held = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1")
    noted = world.young.all()
    world.clock.pass_s(20)
    world.budget("2")
    assert world.young.all() == noted
    world.spending.settle(held, world.settlement(usd("0.2")))
    sweeps(world)
    assert spent(world) == usd("0.2")
    world.budget("3")
    assert world.young.all() == []


def test_a_budget_that_is_cleared_and_set_again_is_counted_by_its_own_looks(world: MoneyWorld) -> None:
    held = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1")
    world.clock.pass_s(1)
    world.budgets.clear(TENANT, "tenant", WindowKind.DAY, SOMEBODY)
    world.clock.pass_s(1)
    world.spend(usd("0.1"))
    world.budget("1")
    world.spending.settle(held, world.settlement(usd("0.2")))
    assert sweeps(world) == 1
    assert spent(world) == usd("0.3")
    assert world.check().drift == {}


def test_of_a_budget_that_is_cleared_nothing_is_looked_at(world: MoneyWorld) -> None:
    world.budget("1")
    world.clock.pass_s(1)
    world.budgets.clear(TENANT, "tenant", WindowKind.DAY, SOMEBODY)
    world.clock.pass_s(90)
    assert (world.sweep(), world.young.all()) == (0, [])


@pytest.mark.parametrize("window", OF_A_MINUTE)
def test_a_window_of_a_minute_is_not_looked_at(world: MoneyWorld, window: WindowKind) -> None:
    world.budget("1", window=window)
    assert world.young.all() == []


def test_an_hour_that_is_over_by_the_look_is_not_looked_at_again(world: MoneyWorld) -> None:
    world.clock.now = NOON.replace(minute=58, second=50)
    held = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1", window=WindowKind.HOUR)
    world.spending.settle(held, world.settlement(usd("0.2")))
    world.clock.pass_s(90)
    assert (world.sweep(), world.young.all(), world.state(window=WindowKind.HOUR)) == (0, [], None)


def test_what_a_full_budget_has_its_calls_draw_on_a_pool_is_not_counted_in_it(world: MoneyWorld) -> None:
    scope = key_scope(KEY)
    held = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("10", scope="pool:shared")
    world.clock.pass_s(1)
    world.budget("0.5", scope=scope, overflow="shared")
    world.spend(usd("0.4"))
    world.spend(usd("0.4"))
    world.spending.settle(held, world.settlement(usd("0.2")))
    sweeps(world)
    assert (spent(world, scope), spent(world, "pool:shared")) == (usd("0.6"), usd("0.4"))
    assert world.check().drift == {}


def test_who_joins_a_team_brings_nothing_of_what_was_spent_before(world: MoneyWorld) -> None:
    world.spend(usd("0.1"))
    world.spend(usd("0.2"), key=SOMEBODY.key_id)
    world.budget("1", scope="team:platform")
    world.teams.put(TENANT, Team("platform", "Platform", frozenset({KEY, SOMEBODY.key_id})), an_entry())
    sweeps(world)
    assert spent(world, "team:platform") == usd("0.1")
    assert world.young.all() == []


def test_a_young_budget_is_kept_as_it_is_until_a_later_setting_or_its_last_look(world: MoneyWorld) -> None:
    young = YoungBudget(
        TENANT, "team:platform", WindowKind.TOTAL, "tokens", "01J", NOON, members="a", before=usd("-0.00025"), looks=1
    )
    beside = YoungBudget(TenantId("tenant-b"), "tenant", WindowKind.DAY, "usd", "01K", NOON)
    for each in (young, beside):
        world.young.put(each)
    assert world.young.all() == [young, beside]
    later = replace(young, id="01L", looks=0)
    world.young.put(later)
    world.young.replace(young, None)
    world.young.replace(young, replace(young, looks=2))
    assert world.young.all() == [later, beside]
    world.young.replace(later, replace(later, looks=2))
    assert world.young.all()[0].looks == 2
    world.young.replace(later, None)
    assert world.young.erase(TENANT) == {"young_budgets_deleted": 0}
    assert world.young.erase(beside.tenant) == {"young_budgets_deleted": 1}
    assert world.young.all() == []


def test_a_look_that_comes_late_stands_for_those_before_it() -> None:
    young = YoungBudget(TENANT, "tenant", WindowKind.DAY, "usd", "01J", NOON)
    first, second, last = LOOKS
    assert not young.is_due(NOON + first - timedelta(seconds=1))
    assert young.is_due(NOON + first)
    assert young.looked_at(NOON + first) == replace(young, looks=1)
    assert young.looked_at(NOON + second) == replace(young, looks=2)
    assert young.looked_at(NOON + last) is None
