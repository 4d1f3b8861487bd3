"""The cost of a call: every data rule on both sides, and arithmetic that is exact, additive and monotone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.cost import Cost, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.price_keys import SERVICE_TIERS
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import RATES_OF, RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Usage, disjoint

IN, OUT = "input_cost_per_token", "output_cost_per_token"
READ, WRITE = "cache_read_input_token_cost", "cache_creation_input_token_cost"
FLAT: Mapping[str, object] = {IN: "0.000003", OUT: "0.000015"}


def priced(published: Mapping[str, object], terms: PricingTerms | None = None, **reported: Any) -> Cost:
    return cost(disjoint(reported), read_rates(published), terms or PricingTerms())


def keys(answer: Cost) -> dict[Unit, str]:
    return {line.unit: line.rate_key for line in answer.lines}


# Missing is not zero


@pytest.mark.parametrize(
    ("published", "used", "key"),
    [
        ({IN: 1}, {"cache_read_tokens": 10}, IN),
        ({IN: 1, READ: "0.1"}, {"cache_read_tokens": 10}, READ),
        ({IN: 1, READ: "0"}, {"cache_read_tokens": 10}, READ),
        ({IN: 1}, {"cache_write_5m_tokens": 10}, IN),
        ({IN: 1, WRITE: 2}, {"cache_write_1h_tokens": 10}, WRITE),
        ({IN: 1, WRITE: 2, f"{WRITE}_above_1hr": 3}, {"cache_write_1h_tokens": 10}, f"{WRITE}_above_1hr"),
        ({IN: 1, WRITE: 2, f"{WRITE}_above_1hr": 3}, {"cache_write_12h_tokens": 10}, WRITE),
        ({IN: 1}, {"input_audio_tokens": 10}, IN),
        ({IN: 1, "input_cost_per_audio_token": 0}, {"input_audio_tokens": 10}, "input_cost_per_audio_token"),
    ],
)
def test_a_missing_price_falls_back_and_a_price_of_zero_does_not(
    published: dict[str, object], used: dict[str, Any], key: str
) -> None:
    assert set(keys(priced(published, input_tokens=10, **used)).values()) == {key}


def test_reasoning_without_a_price_of_its_own_is_output() -> None:
    assert keys(priced(FLAT, output_tokens=10, reasoning_tokens=10)) == {Unit.REASONING: OUT}


def test_a_tier_that_reprices_output_and_is_silent_on_reasoning_reprices_reasoning_with_it() -> None:
    rates = {OUT: 4, f"{OUT}_batches": 2, "output_cost_per_reasoning_token": 5}
    used: dict[str, Any] = {"output_tokens": 1, "reasoning_tokens": 1}
    assert keys(priced(rates, **used)) == {Unit.REASONING: "output_cost_per_reasoning_token"}
    assert keys(priced(rates, PricingTerms(service_tier="batch"), **used)) == {Unit.REASONING: f"{OUT}_batches"}


# Length, ranges, terms


def test_the_whole_prompt_pays_the_length_tier_and_output_follows_the_input_count() -> None:
    rates = {**FLAT, f"{IN}_above_200k_tokens": "0.000006", f"{OUT}_above_200k_tokens": "0.0000225"}
    at, above = (priced(rates, input_tokens=n, output_tokens=1000) for n in (200_000, 200_001))
    assert (at.input, at.output) == (Decimal("0.6"), Decimal("0.015"))
    assert (above.input, above.output) == (Decimal("1.200006"), Decimal("0.0225"))


def test_cached_tokens_count_towards_the_length() -> None:
    rates = {IN: 1, READ: 1, f"{IN}_above_200k_tokens": 2}
    assert priced(rates, input_tokens=200_001, cache_read_tokens=200_000).input == 200_002


def test_a_range_replaces_the_row_s_own_rates_and_leaves_what_it_does_not_name() -> None:
    rates = {IN: 9, "input_cost_per_request": 5, "tiered_pricing": [{"range": [0, 100], IN: 1, OUT: 2}]}
    answer = priced(rates, input_tokens=1, output_tokens=1, requests=1)
    assert [answer.input, answer.output, answer.extra] == [1, 2, 5]


def test_a_range_is_all_or_nothing() -> None:
    rates = {"tiered_pricing": [{"range": [0, 100], IN: 1}, {"range": [100, 200], IN: 2}]}
    assert [priced(rates, input_tokens=n).total for n in (100, 101)] == [100, 202]


def test_results_choose_the_price_of_a_search_by_their_number() -> None:
    entries = [
        {"max_results_range": [0, 25], "input_cost_per_query": 1},
        {"max_results_range": [26, 100], "input_cost_per_query": 2},
    ]
    totals = [priced({"tiered_pricing": entries}, PricingTerms(max_results=n), queries=1).total for n in (25, 26)]
    assert totals == [1, 2]


DEEPSEEK: Mapping[str, object] = {
    IN: 4,
    READ: 2,
    OUT: 8,
    "off_peak_pricing": {"hours_utc": "16:30-00:30", IN: 1, OUT: 2},
}


def test_off_peak_rates_apply_from_the_first_minute_of_their_window() -> None:
    before, within = (datetime(2026, 3, 1, 16, minute, tzinfo=UTC) for minute in (29, 30))
    used: dict[str, Any] = {"input_tokens": 10, "output_tokens": 10}
    assert priced(DEEPSEEK, PricingTerms(at=before), **used).total == 120
    assert priced(DEEPSEEK, PricingTerms(at=within), **used).total == 30


def test_without_an_instant_nothing_is_off_peak() -> None:
    assert priced(DEEPSEEK, input_tokens=10).total == 40


def test_what_an_off_peak_block_does_not_name_keeps_its_own_price() -> None:
    within = PricingTerms(at=datetime(2026, 3, 1, 20, tzinfo=UTC))
    assert priced(DEEPSEEK, within, input_tokens=10, cache_read_tokens=10).total == 20


def test_an_unknown_service_tier_is_refused() -> None:
    with pytest.raises(InvalidRate):
        priced(FLAT, PricingTerms(service_tier="gold"), input_tokens=1)


def test_regional_multipliers_scale_tokens_and_multiply_each_other() -> None:
    rates = {
        IN: 1,
        "regional_processing_uplift_multiplier_eu": "1.1",
        "regional_endpoint_uplift_multiplier": "1.5",
        "provider_specific_entry": {"fast": 6, "us": "1.2"},
    }
    assert priced(rates, PricingTerms(data_residency="EU"), input_tokens=10).total == 11
    assert priced(rates, PricingTerms(data_residency="us"), input_tokens=10).total == 10
    assert priced(rates, PricingTerms(endpoint_location="global"), input_tokens=10).total == 10
    assert priced(rates, PricingTerms(endpoint_location="us-east5"), input_tokens=10).total == 15
    assert priced(rates, PricingTerms(speed="fast"), input_tokens=10).total == 60
    assert priced(rates, PricingTerms(inference_geo="US"), input_tokens=10).total == 12
    assert priced(rates, PricingTerms(data_residency="eu", speed="fast"), input_tokens=10).total == 66


def test_multipliers_leave_what_is_bought_beside_the_tokens() -> None:
    rates = {IN: 1, "search_context_cost_per_query": 5, "regional_processing_uplift_multiplier_eu": 2}
    answer = priced(rates, PricingTerms(data_residency="eu"), input_tokens=1, web_searches=1)
    assert [answer.input, answer.extra] == [2, 5]


# Media and extras


def test_seconds_pay_the_output_price_if_it_is_above_zero_and_never_both() -> None:
    assert priced({"input_cost_per_second": 1, "output_cost_per_second": 2}, audio_seconds=3).total == 6
    assert priced({"input_cost_per_second": 1, "output_cost_per_second": 0}, audio_seconds=3).total == 3
    assert priced({"input_cost_per_second": 0, "output_cost_per_second": 0}, audio_seconds=3).total == 0


@pytest.mark.parametrize(("variant", "price"), [("1080p", 3), ("720p", 1), (None, 1)])
def test_a_resolution_with_a_price_of_its_own_pays_it(variant: str | None, price: int) -> None:
    rates = {"output_cost_per_second": 1, "output_cost_per_second_1080p": 3}
    assert priced(rates, PricingTerms(variant=variant), video_seconds=1).total == price


def test_searches_are_of_medium_context_unless_said() -> None:
    sizes = {"search_context_size_low": 1, "search_context_size_medium": 2, "search_context_size_high": 3}
    rates = {"search_context_cost_per_query": sizes}
    assert priced(rates, web_searches=1).total == 2
    assert priced(rates, PricingTerms(search_context="high"), web_searches=1).total == 3


def test_a_stated_zero_is_a_price_and_no_general_rate_takes_its_place() -> None:
    sizes = {"search_context_size_low": 0, "search_context_size_medium": 2}
    assert (
        priced({"search_context_cost_per_query": sizes}, PricingTerms(search_context="low"), web_searches=9).total == 0
    )
    free_at_720p = {"output_cost_per_second": 5, "output_cost_per_second_720p": 0}
    assert priced(free_at_720p, PricingTerms(variant="720p"), video_seconds=3).total == 0
    assert priced(free_at_720p, video_seconds=3).total == 15
    assert priced({"ocr_cost_per_page": 0}, pages=3).total == 0
    cached_free = {IN: 3, "cache_read_input_token_cost": 0}
    assert priced(cached_free, input_tokens=10, cache_read_tokens=4).total == 18


def test_the_same_characters_are_not_charged_as_tokens_too() -> None:
    rates = {IN: 1, "input_cost_per_character": 10}
    assert priced(rates, input_tokens=5, characters=20).total == 200
    assert priced(rates, input_tokens=5).total == 5


def test_a_picture_that_is_paid_by_its_tokens_is_not_paid_again_by_the_piece() -> None:
    rates = {"output_cost_per_image_token": 1, "output_cost_per_image": 50}
    assert priced(rates, output_tokens=30, output_image_tokens=30, images=1).total == 30


def test_every_unit_is_priced_by_its_own_rate() -> None:
    for unit, names in RATES_OF.items():
        if unit in (Unit.WEB_SEARCHES, Unit.OUTPUT_IMAGE):
            continue
        rates = read_rates(
            {names[0]: 2} if "." not in names[0] else {"guardrail_cost_per_unit": {names[0].split(".")[1]: 2}}
        )
        answer = cost(Usage({unit: 3}, 1), rates)
        assert [line.amount for line in answer.lines] == [6], unit


# Unpriced


def test_nothing_published_is_an_error_and_not_free() -> None:
    with pytest.raises(Unpriced) as refusal:
        priced({}, input_tokens=5, output_tokens=1)
    assert refusal.value.units == (Unit.INPUT, Unit.OUTPUT)


def test_a_row_of_zeros_is_free() -> None:
    assert priced({IN: 0, OUT: 0.0}, input_tokens=5, output_tokens=5).total == 0


def test_output_of_a_row_that_prices_only_input_is_unpriced_and_the_priced_part_is_told() -> None:
    with pytest.raises(Unpriced) as refusal:
        priced({IN: 2}, input_tokens=5, output_tokens=1)
    assert refusal.value.units == (Unit.OUTPUT,)
    assert refusal.value.priced.total == 10


def test_output_of_a_row_whose_input_is_free_is_unpriced_too() -> None:
    with pytest.raises(Unpriced):
        priced({IN: 0}, input_tokens=5, output_tokens=1)


def test_a_search_without_a_price_is_never_covered_by_another_price() -> None:
    with pytest.raises(Unpriced) as refusal:
        priced(FLAT, input_tokens=5, web_searches=1)
    assert refusal.value.units == (Unit.WEB_SEARCHES,)


def test_tokens_of_a_model_sold_by_the_request_are_part_of_it() -> None:
    assert priced({"input_cost_per_request": "0.01"}, input_tokens=500, output_tokens=5, requests=1).total == Decimal(
        "0.01"
    )


def test_seconds_of_a_model_sold_by_the_token_are_part_of_it() -> None:
    assert priced(FLAT, input_tokens=10, audio_seconds=30).total == Decimal("0.00003")


def test_seconds_alone_of_a_model_sold_by_the_token_are_unpriced() -> None:
    with pytest.raises(Unpriced):
        priced(FLAT, audio_seconds=30)


# The arithmetic

RATE = st.decimals(min_value=0, max_value="0.0009", places=15).map(str)
COUNT = st.integers(0, 2_000_000)
TOKEN_NAMES = sorted({name for names in RATES_OF_TOKENS.values() for name in names})
TIER_SUFFIXES = st.sampled_from(["", *(f"_{tier}" for tier in SERVICE_TIERS)])
LENGTHS = st.sampled_from(["", "_above_32k_tokens", "_above_128k_tokens", "_above_200k_tokens"])
KEYS = st.builds("{}{}{}".format, st.sampled_from(TOKEN_NAMES), LENGTHS, TIER_SUFFIXES)
ROWS = st.dictionaries(KEYS, RATE, max_size=12).map(lambda row: {**row, IN: row.get(IN, "0.000001"), OUT: "0.000002"})
MULTIPLIED: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"provider_specific_entry": st.fixed_dictionaries({"fast": RATE, "eu": RATE})}
) | st.just({})
USAGES = st.builds(
    Usage,
    st.dictionaries(st.sampled_from(sorted(RATES_OF_TOKENS.keys() - {Unit.CITATION})), st.integers(1, 2_000_000)),
    COUNT,
)
TERMS = st.builds(
    PricingTerms,
    service_tier=st.sampled_from([None, *SERVICE_TIERS]),
    speed=st.sampled_from([None, "fast"]),
    inference_geo=st.sampled_from([None, "eu"]),
)


@given(USAGES, ROWS, MULTIPLIED, TERMS)
@settings(deadline=None)
def test_a_cost_is_the_exact_sum_of_its_lines_and_each_line_an_exact_product(
    usage: Usage, row: dict[str, object], multipliers: dict[str, object], terms: PricingTerms
) -> None:
    answer = cost(usage, read_rates({**row, **multipliers}), terms)
    for line in answer.lines:
        assert Fraction(line.amount) == Fraction(line.quantity) * Fraction(line.rate) * Fraction(line.multiplier)
    assert Fraction(answer.total) == sum(Fraction(line.amount) for line in answer.lines)
    assert sum(Fraction(each) for each in (answer.input, answer.output, answer.extra)) == Fraction(answer.total)
    assert {line.unit: line.quantity for line in answer.lines} == usage.counts


@given(USAGES, ROWS, TERMS)
@settings(deadline=None)
def test_a_cost_is_the_sum_of_what_its_parts_cost_alone(
    usage: Usage, row: dict[str, object], terms: PricingTerms
) -> None:
    rates = read_rates(row)
    alone = [cost(Usage({unit: n}, usage.context_tokens), rates, terms).total for unit, n in usage.counts.items()]
    assert Fraction(cost(usage, rates, terms).total) == sum(Fraction(each) for each in alone)


@given(USAGES, ROWS, TERMS, st.integers(1, 1000))
@settings(deadline=None)
def test_more_of_anything_never_costs_less_at_the_same_prompt_length(
    usage: Usage, row: dict[str, object], terms: PricingTerms, more: int
) -> None:
    rates = read_rates(row)
    before = cost(usage, rates, terms).total
    for unit, quantity in usage.counts.items():
        assert cost(Usage({**usage.counts, unit: quantity + more}, usage.context_tokens), rates, terms).total >= before


@given(COUNT, COUNT, COUNT, COUNT, RATE, RATE, RATE)
@settings(deadline=None)
def test_a_plain_chat_call_costs_what_fractions_say(
    fresh: int, cached: int, answered: int, reasoned: int, per_in: str, per_read: str, per_out: str
) -> None:
    answer = priced(
        {IN: per_in, READ: per_read, OUT: per_out},
        input_tokens=fresh + cached,
        cache_read_tokens=cached,
        output_tokens=answered + reasoned,
        reasoning_tokens=reasoned,
    )
    expected = fresh * Fraction(per_in) + cached * Fraction(per_read) + (answered + reasoned) * Fraction(per_out)
    assert Fraction(answer.total) == expected


EXTREME = st.decimals(min_value=0, max_value=10**40, allow_nan=False, allow_infinity=False)


@given(EXTREME, EXTREME, st.integers(0, 10**15), st.decimals(0, 10**15, places=12, allow_nan=False))
@settings(deadline=None)
def test_rates_that_are_read_and_quantities_that_are_counted_never_break_the_arithmetic(
    one: Decimal, other: Decimal, tokens: int, credits: Decimal
) -> None:
    published = {
        IN: one,
        "ocr_cost_per_credit": other,
        "provider_specific_entry": {"fast": other, "us": one, "eu": one},
    }
    try:
        rates = read_rates(published)
    except InvalidRate:
        return
    terms = PricingTerms(speed="fast", inference_geo="us")
    answer = cost(disjoint({"input_tokens": tokens, "credits": credits}), rates, terms)
    assert Fraction(answer.total) == Fraction(tokens) * Fraction(one) ** 2 * Fraction(other) + Fraction(
        credits
    ) * Fraction(other)
