"""Suspicion of proposed rows: both sides of each limit, and every way to move a price unseen."""

from collections.abc import Mapping

import pytest

from atom_llm.domain.catalogue.suspicion import MAX_USD_PER_TOKEN, suspicions
from testing.rows import IN, OUT, row

READ = "cache_read_input_token_cost"


def faults(before: Mapping[str, object] | None, after: Mapping[str, object]) -> list[str]:
    return list(suspicions(row(rates=before) if before is not None else None, row(rates=after)))


def test_a_token_just_below_a_thousand_dollars_a_million_is_believed_and_at_it_is_not() -> None:
    assert faults(None, {IN: "0.000999999"}) == []
    assert faults(None, {IN: str(MAX_USD_PER_TOKEN)}) == [f"{IN} of 0.001 is $1,000 a million tokens or more"]


def test_only_tokens_have_that_limit() -> None:
    assert (
        faults(None, {"output_cost_per_image": "1", "input_cost_per_request": "5", "output_cost_per_second": "2"}) == []
    )


def test_an_impossible_price_in_a_table_is_seen_too() -> None:
    assert faults(None, {"tiered_pricing": [{"range": [0, 100], IN: "0.002"}]})
    assert faults(None, {IN: 0, "off_peak_pricing": {"hours_utc": "01:00-02:00", IN: "0.002"}})
    assert faults(None, {IN: 0, f"{IN}_above_200k_tokens_priority": "0.002"})


@pytest.mark.parametrize("after", ["0.00001", "0.0000001"])
def test_ten_times_either_way_is_believed(after: str) -> None:
    assert faults({IN: "0.000001"}, {IN: after}) == []


@pytest.mark.parametrize("after", ["0.0000100001", "0.0000000999"])
def test_more_than_ten_times_either_way_is_not(after: str) -> None:
    assert faults({IN: "0.000001"}, {IN: after}) == [f"{IN} went from 0.000001 to {after}, more than 10 times"]


def test_falling_to_nothing_is_not_believed_and_rising_from_nothing_is() -> None:
    assert faults({IN: "0.000001"}, {IN: "0"}) == [f"{IN} fell from 0.000001 to nothing"]
    assert faults({IN: "0"}, {IN: "0.000001"}) == []  # to hold it would bill $0 for what costs something


def test_prices_beside_the_tokens_are_compared_as_well() -> None:
    assert faults({"output_cost_per_image": "0.04"}, {"output_cost_per_image": "40"})
    sizes = [{"search_context_cost_per_query": {"search_context_size_low": price}} for price in ("0.01", "1")]
    assert faults(sizes[0], sizes[1])


def test_a_new_row_is_compared_with_nothing() -> None:
    assert faults(None, {IN: "0.0009", "provider_specific_entry": {"fast": 100}}) == []


def test_the_same_rates_are_believed_however_odd() -> None:
    odd: dict[str, object] = {IN: "0.005", OUT: 0}
    assert faults(odd, {**odd, READ: "0.005"}) == [f"{READ} of 0.005 is $1,000 a million tokens or more"]
    assert faults(odd, odd) == []


DEAR = "0.0009"
BASE: dict[str, object] = {IN: "0.000001", OUT: "0.000002"}


@pytest.mark.parametrize(
    "more",
    [
        {f"{IN}_above_1k_tokens": DEAR},
        {f"{OUT}_priority": DEAR},
        {READ: DEAR},
        {"output_cost_per_reasoning_token": DEAR},
        {"input_cost_per_audio_token": DEAR},
        {"tiered_pricing": [{"range": [0, 1000], IN: DEAR}]},
        {"off_peak_pricing": {"hours_utc": "00:00-00:00", IN: DEAR}},
        {"regional_processing_uplift_multiplier_eu": 11},
        {"provider_specific_entry": {"fast": 11}},
        {f"{IN}_above_1k_tokens": 0},
    ],
)
def test_a_new_key_is_compared_with_what_was_charged_in_its_place(more: dict[str, object]) -> None:
    assert len(faults(BASE, {**BASE, **more})) == 1


@pytest.mark.parametrize(
    "more",
    [
        {f"{IN}_above_200k_tokens": "0.000002"},
        {READ: "0.00000002"},
        {READ: 0},
        {"input_cost_per_audio_token": "0.0001"},
        {"tiered_pricing": [{"range": [0, 1000], IN: "0.000004"}]},
        {"off_peak_pricing": {"hours_utc": "00:00-00:00", IN: "0.0000005"}},
        {"regional_processing_uplift_multiplier_eu": 1.1},
        {"output_cost_per_image": "5"},
    ],
)
def test_a_new_key_of_a_size_that_sources_really_publish_is_believed(more: dict[str, object]) -> None:
    assert faults(BASE, {**BASE, **more}) == []


def test_a_key_that_vanishes_is_compared_with_what_is_charged_in_its_place() -> None:
    tier = f"{OUT}_above_1k_tokens"
    assert faults({**BASE, tier: "0.0000001"}, BASE) == [
        f"output went from 0.0000001 to 0.000002, more than 10 times: {OUT} in place of {tier}"
    ]
    assert faults({**BASE, tier: "0.0000002"}, BASE) == []


def test_a_price_that_vanishes_leaves_nothing_to_be_charged_and_needs_no_suspicion() -> None:
    assert faults(BASE, {IN: "0.000001"}) == []


def test_a_multiplier_that_was_there_is_compared_with_itself() -> None:
    key = "regional_processing_uplift_multiplier_eu"
    assert faults({**BASE, key: "1.1"}, {**BASE, key: "11"}) == []
    assert faults({**BASE, key: "1.1"}, {**BASE, key: "11.1"}) == [f"{key} went from 1.1 to 11.1, more than 10 times"]
