"""Tags that differ at every call: sums tell a name's first values apart, no money is lost, and rows have the truth."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from atom_llm.adapters.dynamodb.ledger.first_of_day import DayOf, FirstOfDay
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger import told_tags
from atom_llm.domain.ledger.told_tags import others
from atom_llm.services.ledger.reports.report_usage import usage_report
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, in_memory, on_tables, usd
from tests.contract.conftest import NewTable

FIRST = others(2)
LATER = NOON + timedelta(seconds=1)  # another process, whose calls have other ids
OfBound = Callable[[int], MoneyWorld]


@pytest.fixture(params=["tables", "memory"])
def worlds(request: pytest.FixtureRequest) -> OfBound:
    if request.param == "memory":
        return lambda most: in_memory(tag_values_a_day=most)
    new_table: NewTable = request.getfixturevalue("new_table")
    settings, usage = new_table()[0], new_table()[0]
    return lambda most: on_tables(settings, usage, NOON, tag_values_a_day=most)


def spend(world: MoneyWorld, *values: str, name: str = "request") -> None:
    for value in values:
        world.spend(usd("0.01"), tags={"feature": "search", name: value})
        world.roll_up.run()  # one by one: a run posts calls in no order that they were made in


def by_tag(world: MoneyWorld) -> dict[str, int]:
    today = world.clock().date()
    report = usage_report(world.sums, TENANT, today, today, ["tag"])
    return {tag: sums.calls for (tag,), sums in report.groups.items()}


def test_the_first_values_of_a_tag_are_told_apart_and_further_ones_are_summed_as_others(worlds: OfBound) -> None:
    world = worlds(2)
    spend(world, "a", "b", "c", "a", "d", "c")
    spend(world, "e", "b")
    assert by_tag(world) == {"feature=search": 8, "request=a": 2, "request=b": 2, f"request={FIRST}": 4}
    today = world.clock().date()
    assert exact_sum(sums.cost for _, _, sums in world.sums.by_cell(TENANT, today, today)) == usd("0.08")
    assert world.summed() == usd("0.08")
    assert world.check().drift == {}
    assert {row.attempt.tags["request"] for row in world.rows()} == {"a", "b", "c", "d", "e"}


def test_names_are_bounded_as_their_values_are(worlds: OfBound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_tags, "NAMES_A_DAY", 2)
    world = worlds(9)
    for name in ("x", "y", "z", "x"):
        spend(world, "1", name=name)
    assert by_tag(world) == {"feature=search": 4, "x=1": 2, f"{FIRST}={FIRST}": 2}


def test_a_value_that_reads_like_our_word_takes_no_other_s_place(worlds: OfBound) -> None:
    world = worlds(2)
    spend(world, FIRST, "a", "b")
    assert by_tag(world) == {"feature=search": 3, "request=a": 1, "request=b": 1, f"request={FIRST}": 1}


def test_a_budget_of_a_value_among_the_others_begins_with_what_its_rows_say(worlds: OfBound) -> None:
    world = worlds(2)
    spend(world, "a", "b", "c", "a", "c", "c")
    spent = {value: world.budget("1", scope=f"tag:request={value}").state for value in ("a", "c", "d")}
    assert {value: state and state.spent for value, state in spent.items()} == {
        "a": usd("0.02"),
        "c": usd("0.03"),
        "d": usd("0"),
    }


def test_a_day_keeps_the_bound_that_it_began_with(new_table: NewTable) -> None:
    settings, usage = new_table()[0], new_table()[0]
    spend(on_tables(settings, usage, NOON, tag_values_a_day=1), "a", "b")
    world = on_tables(settings, usage, LATER, tag_values_a_day=5)
    spend(world, "b", "c", "a")
    assert by_tag(world) == {"feature=search": 5, "request=a": 2, f"request={others(1)}": 3}


def test_a_word_beyond_a_full_set_takes_no_request(new_table: NewTable) -> None:
    table, traffic = new_table()
    of = DayOf(TENANT, "tag=request", in_memory().clock().date())
    asked = FirstOfDay(table, timedelta(days=1))
    assert [asked.beyond(of, word, 2) for word in ("a", "b", "c")] == [None, None, 2]
    written = traffic.write_units
    assert [asked.beyond(of, f"{number}", 2) for number in range(9)] == [2] * 9
    assert traffic.write_units == written


def test_few_words_take_no_write_and_many_take_one_together(new_table: NewTable) -> None:
    table, traffic = new_table()
    of = DayOf(TENANT, "tag=request", in_memory().clock().date())
    asked = FirstOfDay(table, timedelta(days=1), unwritten=3)
    assert [asked.beyond(of, word, 9) for word in "abcab"] == [None] * 5
    assert traffic.write_units == 0
    assert asked.beyond(of, "d", 9) is None
    assert traffic.write_units == 1
    again = FirstOfDay(table, timedelta(days=1))
    assert [again.beyond(of, word, 9) for word in "abcd"] == [None] * 4
    assert traffic.write_units == 1


def test_a_budget_counts_a_value_that_one_process_told_apart_and_another_put_among_others(new_table: NewTable) -> None:
    settings, usage = new_table()[0], new_table()[0]
    spend(on_tables(settings, usage, NOON, tag_values_a_day=3), "a", "b")
    world = on_tables(settings, usage, LATER, tag_values_a_day=3)
    spend(world, "c", "d", "e", "a")
    assert by_tag(world)[f"request={others(3)}"] == by_tag(world)["request=a"] == 1
    state = world.budget("1", scope="tag:request=a").state
    assert state is not None
    assert state.spent == usd("0.02")
    assert world.check().drift == {}
