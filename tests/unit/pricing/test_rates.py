"""Published cost keys, compiled: which rate applies at which prompt length and under which service tier."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.price_keys import SERVICE_TIERS, is_rate_key
from atom_llm.domain.pricing.rates import read_rates, service_tier
from atom_llm.domain.pricing.units import CACHE_READ_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN
from testing import real_data


def charged(
    published: Mapping[str, object], tokens: int, tier: str = "", *, name: str = INPUT_TOKEN, xai: bool = False
) -> str:
    """The published key of the rate that applies."""
    found = read_rates(published, inclusive_thresholds=xai).step(name, tokens, tier)
    return found.key if found else ""


LADDER = {
    INPUT_TOKEN: 1,
    f"{INPUT_TOKEN}_above_128k_tokens": 2,
    f"{INPUT_TOKEN}_above_200k_tokens": 3,
    f"{INPUT_TOKEN}_priority": 4,
    f"{INPUT_TOKEN}_above_200k_tokens_priority": 5,
}


def test_a_prompt_at_the_threshold_is_charged_at_the_base_rate_and_one_token_more_at_the_tier() -> None:
    assert charged(LADDER, 128_000) == INPUT_TOKEN
    assert charged(LADDER, 128_001) == f"{INPUT_TOKEN}_above_128k_tokens"


def test_the_highest_crossed_threshold_wins() -> None:
    assert charged(LADDER, 200_000) == f"{INPUT_TOKEN}_above_128k_tokens"
    assert charged(LADDER, 200_001) == f"{INPUT_TOKEN}_above_200k_tokens"


def test_xai_charges_the_tier_from_the_threshold_itself_on() -> None:
    assert charged(LADDER, 127_999, xai=True) == INPUT_TOKEN
    assert charged(LADDER, 128_000, xai=True) == f"{INPUT_TOKEN}_above_128k_tokens"


def test_a_service_tier_s_rate_wins_only_at_the_same_threshold() -> None:
    assert charged(LADDER, 100, "priority") == f"{INPUT_TOKEN}_priority"
    assert charged(LADDER, 150_000, "priority") == f"{INPUT_TOKEN}_above_128k_tokens"
    assert charged(LADDER, 200_001, "priority") == f"{INPUT_TOKEN}_above_200k_tokens_priority"


def test_a_service_tier_s_rate_is_for_that_tier_only() -> None:
    assert charged(LADDER, 100, "flex") == INPUT_TOKEN
    assert charged(LADDER, 300_000, "flex") == f"{INPUT_TOKEN}_above_200k_tokens"


def test_a_rate_published_for_a_tier_alone_is_nobody_else_s() -> None:
    assert charged({f"{INPUT_TOKEN}_flex": 1}, 100) == ""
    assert charged({f"{INPUT_TOKEN}_flex": 1}, 100, "flex") == f"{INPUT_TOKEN}_flex"


def test_an_explicit_zero_is_a_price() -> None:
    assert charged({CACHE_READ_TOKEN: 0.0, INPUT_TOKEN: 1}, 10, name=CACHE_READ_TOKEN) == CACHE_READ_TOKEN


def test_cache_lifetimes_are_no_prompt_lengths() -> None:
    key = "cache_creation_input_token_cost_above_1hr"
    assert charged({key: 1}, 1, name=key) == key
    longer = f"{key}_above_200k_tokens"
    assert charged({key: 1, longer: 2}, 200_000, name=key) == key
    assert charged({key: 1, longer: 2}, 200_001, name=key) == longer


@pytest.mark.parametrize("tier", SERVICE_TIERS)
def test_every_service_tier_has_its_suffix(tier: str) -> None:
    assert (
        charged({OUTPUT_TOKEN: 1, f"{OUTPUT_TOKEN}_{tier}": 2}, 1, tier, name=OUTPUT_TOKEN) == f"{OUTPUT_TOKEN}_{tier}"
    )


@pytest.mark.parametrize(
    ("word", "tier"),
    [
        (None, ""),
        ("", ""),
        ("standard", ""),
        ("Default", ""),
        ("auto", ""),
        ("batch", "batches"),
        ("FLEX", "flex"),
        ("fast", "priority"),
    ],
)
def test_callers_words_for_service_tiers_are_understood(word: str | None, tier: str) -> None:
    assert service_tier(word) == tier


@pytest.mark.parametrize("word", ["scale", "prio", " flex", "input_cost_per_token"])
def test_an_unknown_service_tier_is_refused_rather_than_charged_as_standard(word: str) -> None:
    with pytest.raises(InvalidRate, match="service_tier is not a known service tier"):
        service_tier(word)


@pytest.mark.parametrize("value", ["NaN", "Infinity", -1e-06, "-0.1", True, [1], "free"])
def test_a_rate_that_is_none_is_refused_by_its_key(value: object) -> None:
    with pytest.raises(InvalidRate) as refusal:
        read_rates({OUTPUT_TOKEN: value})
    assert refusal.value.key == OUTPUT_TOKEN


def test_a_null_is_no_price() -> None:
    assert charged({INPUT_TOKEN: None}, 1) == ""
    assert not read_rates({INPUT_TOKEN: None}).is_priced


def test_amounts_in_another_currency_are_kept_unread() -> None:
    rates = read_rates({"input_dbu_cost_per_token": "0.00007", INPUT_TOKEN: "0.000005"})
    assert rates.unread == {"input_dbu_cost_per_token": "0.00007"}


@pytest.mark.parametrize(
    "key", ["input_cost_per_moon", f"{INPUT_TOKEN}_above_1000000000k_tokens", f"{INPUT_TOKEN}_nightly"]
)
def test_a_key_of_no_known_shape_is_kept_unread_and_never_guessed(key: str) -> None:
    rates = read_rates({key: 1})
    assert rates.unread == {key: 1}
    assert not rates.is_priced


def test_what_does_not_speak_of_money_is_not_unread() -> None:
    assert not is_rate_key("supports_vision")
    assert read_rates({"mode": "chat"}).unread is None


@pytest.mark.parametrize(
    "key", ["output_cost_per_second_1080p", "output_cost_per_image_4K", "output_cost_per_image_0.5K"]
)
def test_a_variant_of_a_resolution_is_a_name_of_its_own(key: str) -> None:
    assert charged({key: 1}, 0, name=key) == key


RANGES = {
    "tiered_pricing": [
        {"range": [0, 32000], INPUT_TOKEN: 1},
        {"range": [32000, 128000], INPUT_TOKEN: 2, OUTPUT_TOKEN: 5},
    ]
}


@pytest.mark.parametrize(
    ("tokens", "expected"), [(0, 1), (1, 1), (32_000, 1), (32_001, 2), (128_000, 2), (128_001, 2), (10**9, 2)]
)
def test_a_range_holds_from_behind_its_start_to_its_end_and_the_last_for_all_beyond(tokens: int, expected: int) -> None:
    in_range = read_rates(RANGES).range_for(tokens)
    assert in_range is not None
    assert in_range[INPUT_TOKEN].rate == expected


def test_ranges_may_be_published_in_any_order() -> None:
    shuffled = {"tiered_pricing": list(reversed(RANGES["tiered_pricing"]))}
    assert read_rates(shuffled).range_for(5) == {
        INPUT_TOKEN: (Decimal(1), f"tiered_pricing[1].{INPUT_TOKEN}"),
    }


@pytest.mark.parametrize(("results", "expected"), [(1, 1), (25, 1), (26, 2), (100, 2), (1000, 2)])
def test_results_have_ranges_of_their_own_with_both_ends_inside(results: int, expected: int) -> None:
    entries = [
        {"max_results_range": [0, 25], "input_cost_per_query": 1},
        {"max_results_range": [26, 100], "input_cost_per_query": 2},
    ]
    in_range = read_rates({"tiered_pricing": entries}).result_range_for(results)
    assert in_range is not None
    assert in_range["input_cost_per_query"].rate == expected


def test_an_entry_without_a_range_is_something_else_and_kept_unread() -> None:
    entry = {"input_cost_per_query": 1, "dimension": "x"}
    rates = read_rates({"tiered_pricing": [entry]})
    assert rates.unread == {"tiered_pricing": [entry]}
    assert rates.range_for(1) is None


@pytest.mark.parametrize("span", [[5, 1], [1], [1, 2, 3], "0-5", [0.5, 2], [-1, 5], ["a", "b"]])
def test_a_range_that_is_none_is_refused(span: object) -> None:
    with pytest.raises(InvalidRate, match="range"):
        read_rates({"tiered_pricing": [{"range": span, INPUT_TOKEN: 1}]})


@pytest.mark.parametrize("block", ["x", {"range": [0, 1]}, [1], 5])
def test_tiered_pricing_of_another_shape_is_refused(block: object) -> None:
    with pytest.raises(InvalidRate, match="tiered_pricing"):
        read_rates({"tiered_pricing": block})


def test_regional_and_geographic_multipliers_are_no_prices() -> None:
    rates = read_rates(
        {
            "regional_processing_uplift_multiplier_eu": 1.1,
            "provider_specific_entry": {"us": 1.1, "fast": 6.0, "note": "text"},
        }
    )
    assert rates.multipliers == {
        "regional_processing_uplift_multiplier_eu": Decimal("1.1"),
        "provider_specific_entry.us": Decimal("1.1"),
        "provider_specific_entry.fast": Decimal(6),
    }
    assert rates.unread == {"provider_specific_entry": {"note": "text"}}
    assert not rates.is_priced


def test_searches_may_be_priced_by_context_size_or_at_one_price() -> None:
    by_size = read_rates({"search_context_cost_per_query": {"search_context_size_low": 0.01}})
    assert by_size.ladders.keys() == {"search_context_cost_per_query.search_context_size_low"}
    assert read_rates({"search_context_cost_per_query": 0.01}).ladders.keys() == {"search_context_cost_per_query"}


def test_every_priced_unit_of_the_newest_file_is_read() -> None:
    entries = {entry.source_key: entry for entry in real_data.litellm_of(real_data.NOVEMBER).entries.values()}
    keys = [row for row in real_data.cost_keys() if "DBU" not in row["unit"]]
    assert len(keys) > 150
    for row in keys:
        key = row["key"]
        value = (entries[row["example"]].published or {})[key]
        # An off-peak block says when its rates apply, and they apply in place of the row's own.
        rates = read_rates({key: value})
        assert rates.ladders or rates.ranges or rates.result_ranges or rates.multipliers or rates.off_peak_rates, key
        assert key not in (rates.unread or {}), key


def test_what_stays_unread_of_a_real_file_is_dbus_words_and_an_account_s_allowance() -> None:
    unread = {
        key for entry in real_data.litellm_of(real_data.NOVEMBER).entries.values() for key in _unread(entry.published)
    }
    assert {key for key in unread if "dbu" not in key} == {"provider_specific_entry", "search_free_requests"}


def _unread(published: Mapping[str, object] | None) -> Mapping[str, object]:
    return read_rates(published or {}).unread or {}


@pytest.mark.parametrize(
    "published",
    [
        {INPUT_TOKEN: 1, "tiered_pricing": [{"range": [0, 9], INPUT_TOKEN: 2, CACHE_READ_TOKEN: None}]},
        {INPUT_TOKEN: 1, "off_peak_pricing": {"hours_utc": "16:30-00:30", INPUT_TOKEN: 2, CACHE_READ_TOKEN: None}},
        {INPUT_TOKEN: 1, "search_context_cost_per_query": {"search_context_size_low": None}},
        {INPUT_TOKEN: 1, CACHE_READ_TOKEN: None},
    ],
)
def test_a_null_is_no_rate_wherever_it_stands(published: Mapping[str, object]) -> None:
    rates = read_rates(published)
    assert not any(rates.published(CACHE_READ_TOKEN))
    assert not any(rates.published("search_context_cost_per_query.search_context_size_low"))
    assert charged(published, 50) == INPUT_TOKEN
