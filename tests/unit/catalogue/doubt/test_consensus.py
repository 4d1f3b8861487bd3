"""How sources agree, what a list lends a row, and which changes wait for another source's word."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, compiled, decode, encode
from atom_llm.domain.catalogue.consensus import agreements, at_stake, slipped, unconfirmed, worst
from atom_llm.domain.catalogue.lending import in_sources_words, with_loans
from atom_llm.domain.catalogue.statements import DatedRates, ListReading, Statements, heard
from atom_llm.domain.pricing.cost import cost
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import disjoint
from testing import real_data
from testing.rows import IN, OUT, row

READ, WRITE = "cache_read_input_token_cost", "cache_creation_input_token_cost"
SEARCH = "search_context_cost_per_query"
TODAY = date(2026, 11, 28)


def own(rates: Mapping[str, object], *, first_party: bool = True) -> ModelEntry:
    return row("m", provider="openai", rates=rates, first_party=first_party)


def said(**lists: Mapping[str, object]) -> Statements:
    readings = {
        source: ListReading(source, {"openai/m": (DatedRates(None, {k: str(v) for k, v in rates.items()}),)})
        for source, rates in lists.items()
    }
    return Statements({source: heard(None, reading, TODAY) for source, reading in readings.items()}, TODAY)


def lent(entry: ModelEntry, statements: Statements) -> dict[str, tuple[object, str]]:
    helped = with_loans(entry, statements.about(entry))
    return {key: ((helped.published or {})[key], each.source) for key, each in (helped.lent or {}).items()}


# Agreement


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        ((), "alone"),
        (("2",), "agreed"),
        (("2.0000000000000001", "2.0"), "agreed"),
        (("2", "3"), "majority"),
        (("3",), "disputed"),
        (("3", "3"), "disputed"),
        (("3", "2", "4"), "disputed"),
        (("3", "2", "2"), "majority"),
        (("0",), "disputed"),
    ],
)
def test_a_rate_is_agreed_the_majority_s_or_disputed(others: tuple[str, ...], verdict: str) -> None:
    statements = said(**{f"list-{number}": {IN: rate} for number, rate in enumerate(others)})
    found = agreements(own({IN: 2}), statements)
    assert worst(found) == verdict
    assert all(each.in_force == 2 and each.source == "litellm" for each in found)


def test_the_most_doubtful_rate_is_the_row_s_verdict_and_every_word_is_kept() -> None:
    found = agreements(own({IN: 2, OUT: 4}), said(a={IN: 2, OUT: 5}, b={IN: 2}))
    assert {each.key: each.verdict for each in found} == {IN: "agreed", OUT: "disputed"}
    assert worst(found) == "disputed"
    (output,) = (each for each in found if each.key == OUT)
    assert [f"{each.source} {each.rate}" for each in output.statements] == ["litellm 4", "a 5"]


def test_tables_of_tiers_and_of_search_sizes_are_compared_by_what_they_charge() -> None:
    table = [{IN: 1, OUT: 1, "range": [0, 32_000]}, {IN: 3, OUT: 1, "range": [32_000, 128_000]}]
    entry = own({"tiered_pricing": table, SEARCH: {"search_context_size_medium": 5, "search_context_size_low": 4}})
    found = agreements(entry, said(a={IN: 1, f"{IN}_above_32k_tokens": 2, SEARCH: 5}))
    assert {each.key: f"{each.in_force} {each.verdict}" for each in found} == {
        IN: "1 agreed",
        f"{IN}_above_32k_tokens": "3 disputed",
        SEARCH: "5 agreed",
    }


def test_what_is_at_stake_is_what_was_used_times_what_lies_between_the_words() -> None:
    found = agreements(own({IN: 2, OUT: 4}), said(a={IN: 1, OUT: 4}, b={IN: 5}))
    assert at_stake(found, {Unit.INPUT: Decimal(10), Unit.OUTPUT: Decimal(7)}) == 40
    assert at_stake(found, {}) == 0


def test_real_rates_of_makers_are_the_majority_s_or_marked() -> None:
    """The line of the table: of all makers' rates that lists speak of, none is silently another than the majority's."""
    statements = real_data.statements(TODAY)
    verdicts: dict[str, int] = {}
    for entry in real_data.litellm_of(real_data.NEWEST).entries.values():
        if not entry.first_party:
            continue
        for each in agreements(with_loans(entry, statements.about(entry)), statements):
            rates = [word.rate for word in each.statements]
            agreeing = sum(abs(rate - each.in_force) <= each.in_force / 10**11 for rate in rates)
            is_marked = each.verdict == "disputed"
            assert is_marked == (agreeing * 2 <= len(rates)), (entry.id, each)
            verdicts[each.verdict] = verdicts.get(each.verdict, 0) + 1
    assert verdicts["agreed"] + verdicts["majority"] > 700
    assert verdicts["disputed"] < sum(verdicts.values()) * Decimal("0.15")


# Loans


def test_a_maker_s_row_takes_what_it_lacks_from_a_list_that_agrees_with_it() -> None:
    entry = own({IN: "6e-07", OUT: "2.2e-06"})
    statements = said(models_dev={IN: "0.0000006", OUT: "0.0000022", READ: "0.00000011"})
    helped = with_loans(entry, statements.about(entry))
    warm = cost(disjoint({"input_tokens": 1000, "cache_read_tokens": 1000}), compiled(helped))
    assert warm.total == Decimal("0.00011")
    assert warm.lines[0].rate_key == f"{READ} (models_dev)"
    assert in_sources_words(helped) == entry
    (stored,) = decode(encode([helped])[1])
    assert stored == helped


@pytest.mark.parametrize(
    ("rates", "lists"),
    [
        ({IN: 1, OUT: 2, READ: 3}, {"a": {IN: 1, OUT: 2, READ: 9}}),
        ({IN: 1, OUT: 2, READ: 0}, {"a": {IN: 1, OUT: 2, READ: 9}}),
        ({IN: 1, OUT: 2}, {"a": {IN: 1, OUT: 3, READ: 9}}),
        ({IN: 1, OUT: 2}, {"a": {IN: 1, READ: 9}}),
        ({IN: 1, OUT: 2}, {"a": {IN: 1, OUT: 2, READ: 0}}),
        ({IN: 1, OUT: 2}, {"openrouter": {IN: 1, OUT: 2, READ: 9}}),
        ({IN: 1}, {"a": {IN: 1, OUT: 2}}),
        ({IN: 1, OUT: 2}, {"a": {IN: 1, OUT: 2, f"{OUT}_above_200k_tokens": 4}}),
        ({}, {"a": {IN: 1, OUT: 2}}),
    ],
    ids=[
        "stated",
        "stated as free",
        "another price",
        "no word on output",
        "a list's zero",
        "a reseller's",
        "no output",
        "a length of its own",
        "unpriced",
    ],
)
def test_a_row_takes_nothing_else(rates: dict[str, object], lists: dict[str, Mapping[str, object]]) -> None:
    assert lent(own(rates), said(**lists)) == {}


def test_a_host_s_row_takes_nothing() -> None:
    assert lent(own({IN: 1, OUT: 2}, first_party=False), said(a={IN: 1, OUT: 2, READ: 9})) == {}


def test_of_several_words_most_decide_and_of_as_many_the_highest() -> None:
    base = {IN: 1, OUT: 2}
    assert lent(own(base), said(a=base | {READ: 3}, b=base | {READ: 5}, c=base | {READ: 3})) == {READ: ("3", "c")}
    assert lent(own(base), said(a=base | {READ: 3}, b=base | {READ: 5})) == {READ: ("5", "b")}


@pytest.mark.parametrize("first_party", [True, False])
def test_a_row_that_is_free_and_that_another_source_prices_is_held_at_that_price(first_party: bool) -> None:
    entry = own({IN: 0, OUT: "0.0", SEARCH: {"search_context_size_medium": 1}}, first_party=first_party)
    statements = said(a={IN: "0.1", OUT: "0.2", READ: "0.05"}, b={IN: 0, OUT: 0})
    assert lent(entry, statements) == {IN: ("0.1", "a"), OUT: ("0.2", "a"), READ: ("0.05", "a")}
    helped = with_loans(entry, statements.about(entry))
    assert cost(disjoint({"input_tokens": 1}), compiled(helped)).lines[0].rate_key == f"{IN} (a)"
    found = {each.key: each for each in agreements(helped, statements)}
    assert (found[IN].verdict, found[IN].source, found[IN].in_force) == ("disputed", "a", Decimal("0.1"))
    assert [(each.source, each.rate) for each in found[IN].statements] == [
        ("litellm", 0),
        ("a", Decimal("0.1")),
        ("b", 0),
    ]


def test_what_all_sources_give_away_is_free() -> None:
    assert lent(own({IN: 0, OUT: 0}), said(a={IN: 0, OUT: 0})) == {}
    assert lent(own({IN: 0, OUT: 0, "output_cost_per_image": 1}), said(a={IN: 1, OUT: 1})) == {}


# Changes that wait


def test_a_price_that_halves_is_doubted_with_the_evidence_until_a_source_says_so() -> None:
    before, after = own({IN: 4, OUT: 8}), own({IN: 2, OUT: 8})
    doubt = unconfirmed(before, after, said(a={IN: 4}, b={IN: 3}).about(after))
    assert doubt is not None
    assert doubt.reasons == [f"{IN} went from 4 to 2, unconfirmed: a says 4, b says 3"]
    assert doubt.is_contradicted
    assert unconfirmed(before, after, said(a={IN: 4}, b={IN: 2}).about(after)) is None
    unheard = unconfirmed(before, after, {})
    assert unheard is not None
    assert not unheard.is_contradicted


@pytest.mark.parametrize(
    ("new", "is_doubted"), [("2.01", False), ("2", True), ("7.99", False), ("8", True), ("9", True)]
)
def test_half_and_double_are_the_bounds(new: str, is_doubted: bool) -> None:
    doubt = unconfirmed(own({IN: 4, OUT: 8}), own({IN: new, OUT: 8}), said(a={IN: 4}).about(own({})))
    assert (doubt is not None) == is_doubted


def test_a_batch_s_rate_that_no_list_has_follows_the_base_that_one_confirms() -> None:
    before, after = own({IN: 4, f"{IN}_batches": 2}), own({IN: 2, f"{IN}_batches": 1})
    assert unconfirmed(before, after, said(a={IN: 2}).about(after)) is None
    doubt = unconfirmed(before, after, said(a={IN: 4}).about(after))
    assert doubt is not None
    assert len(doubt.reasons) == 2


def test_a_host_s_price_may_halve_by_itself() -> None:
    before, after = own({IN: 4}, first_party=False), own({IN: 2}, first_party=False)
    assert unconfirmed(before, after, said(a={IN: 4}).about(after)) is None


# A list of which nothing is believed


@pytest.mark.parametrize(("factor", "is_slipped"), [(1, False), (1000, True), ("0.001", True), (9, False)])
def test_a_list_whose_units_have_slipped_is_known_by_makers_rates(factor: object, is_slipped: bool) -> None:
    entries = [row(f"m{n}", provider="openai", rates={IN: 2, OUT: 4}, first_party=True) for n in range(6)]
    rates = {IN: str(2 * Decimal(str(factor))), OUT: str(4 * Decimal(str(factor)))}
    reading = ListReading("l", {entry.id: (DatedRates(None, rates),) for entry in entries})
    statements = Statements({"l": heard(None, reading, TODAY)}, TODAY)
    assert set(slipped(entries, statements)) == ({"l"} if is_slipped else set())
    assert slipped(entries[:4], statements) == {}, "too few to tell"
