"""A budget that is set within its window begins with all that was spent in it, posted or not."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.budgets import BudgetUnit, WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.services.ledger.correct_spending import Corrections
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import SetClock
from testing.money_world import KEY, TENANT, MoneyWorld, NewWorld, in_memory, key_scope, on_tables, usd
from tests.contract.conftest import NewTable

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
EVERY_SCOPE = ("tenant", key_scope(KEY), "team:platform", "person:ada", "tag:app=search", "model:openai/gpt-4o-mini")
OTHER = {"key": ServiceKeyId("another"), "model": "mistral/small", "tags": {"app": "chat"}, "end_user": EndUser("bob")}
OURS = {"tags": {"app": "search"}, "end_user": EndUser("ada")}


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


def spent(world: MoneyWorld, scope: str = "tenant", window: WindowKind = WindowKind.DAY) -> Decimal:
    state = world.state(scope, window)
    assert state is not None
    return state.spent


def test_five_calls_that_have_ended_are_counted_in_whatever_was_posted_of_them(world: MoneyWorld) -> None:
    for _ in range(4):
        world.spend(usd("0.0002625"))
    world.roll_up.run()
    world.spend(usd("0.0002625"))
    status = world.budget("1", scope=key_scope(KEY))
    assert status.state is not None
    assert status.state.spent == status.state.opening == usd("0.0013125")
    world.roll_up.run()
    assert spent(world, key_scope(KEY)) == usd("0.0013125")
    assert world.check().drift == {}


@pytest.mark.parametrize("scope", EVERY_SCOPE)
def test_in_every_scope_rows_that_are_not_posted_yet_count_and_those_of_others_do_not(
    world: MoneyWorld, scope: str
) -> None:
    world.spend(usd("0.1"), **OURS)
    world.roll_up.run()
    world.spend(usd("0.2"), **OURS)
    if scope != "tenant":
        world.spend(usd("0.4"), **OTHER)
    world.budget("1", scope=scope)
    assert spent(world, scope) == usd("0.3")
    world.roll_up.run()
    assert world.check().drift == {}


@pytest.mark.parametrize(("unit", "counted"), [("calls", "2"), ("tokens", "2000")])
def test_in_every_unit_rows_that_are_not_posted_yet_count(world: MoneyWorld, unit: BudgetUnit, counted: str) -> None:
    world.spend(usd("0.1"))
    world.roll_up.run()
    world.spend(usd("0.2"))
    status = world.budget("100000", unit=unit)
    assert status.state is not None
    assert status.state.spent == usd(counted)
    world.roll_up.run()
    assert world.check().drift == {}


@pytest.mark.parametrize("window", [each for each in WindowKind if each is not WindowKind.TOTAL])
def test_in_every_window_rows_that_are_not_posted_yet_count_where_their_call_began_in_it(
    world: MoneyWorld, window: WindowKind
) -> None:
    world.calendar = BudgetCalendar(ZoneInfo("Europe/Berlin"))
    world.start_over()
    world.clock.now = datetime(2026, 11, 24, 22, 59, 30, tzinfo=UTC)  # half a minute before Berlin's next day begins
    world.spend(usd("0.4"))
    world.roll_up.run()
    world.clock.pass_s(80)
    world.spend(usd("0.1"))
    world.roll_up.run()
    world.spend(usd("0.2"))
    world.clock.pass_s(5)
    world.budget("1", window=window)
    ended = window in {WindowKind.MINUTE, WindowKind.HOUR, WindowKind.DAY, WindowKind.ROLLING_MINUTE}
    assert spent(world, window=window) == usd("0.3" if ended else "0.7")
    world.roll_up.run()
    assert world.check().drift == {}


def test_a_correction_counts_where_its_call_does_and_not_in_the_window_in_which_it_was_entered(
    world: MoneyWorld,
) -> None:
    world.calendar = BudgetCalendar(ZoneInfo("Europe/Berlin"))
    world.start_over()
    world.clock.now = datetime(2026, 11, 24, 22, 50, tzinfo=UTC)
    row = world.spend(usd("0.4"))
    world.clock.pass_s(1200)
    Corrections(world.ledger, world.windows, world.clock).enter(
        TENANT, row.attempt.call_id, "1", "c", usd("0.05"), "late", SOMEBODY
    )
    world.roll_up.run()
    world.budget("1")
    assert spent(world) == usd("0")


def test_a_total_budget_counts_from_now_on(world: MoneyWorld) -> None:
    world.spend(usd("0.1"))
    world.roll_up.run()
    world.spend(usd("0.2"))
    world.budget("1", window=WindowKind.TOTAL)
    assert spent(world, window=WindowKind.TOTAL) == usd("0")


def test_one_that_is_set_again_counts_what_was_spent_between_once(world: MoneyWorld) -> None:
    world.budget("2")
    world.spend(usd("0.1"))
    world.clock.pass_s(0.001)
    world.budgets.clear(TENANT, "tenant", WindowKind.DAY, SOMEBODY)
    world.spend(usd("0.2"))
    world.roll_up.run()
    world.spend(usd("0.4"))
    world.clock.pass_s(0.001)
    world.budget("2")
    assert spent(world) == usd("0.7")
    world.roll_up.run()
    assert world.check().drift == {}


def test_what_was_missed_is_counted_once_and_only_against_the_openings_that_it_was_taken_from(
    world: MoneyWorld,
) -> None:
    for window in (WindowKind.DAY, WindowKind.ROLLING_DAY):
        status = world.budget("1", window=window)
        ref = WindowRef("tenant", status.window_id)
        assert world.windows.recount(TENANT, ref, usd("0.2"), usd("0"))
        assert not world.windows.recount(TENANT, ref, usd("0.2"), usd("0"))
        state = world.state(window=window)
        assert state is not None
        assert (state.spent, state.opening, state.openings, state.available) == tuple(
            map(usd, ("0.2", "0.2", "0.2", "0.8"))
        )
    assert not world.windows.recount(TENANT, WindowRef("tenant", "day:2020-01-01"), usd("0.2"), usd("0"))
