"""Independent price lists: what of them is read, and which row's very name each of their names is."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.sources import genai_prices, models_dev, openrouter
from atom_llm.domain.catalogue.errors import SnapshotCorrupt, UnreadableSource
from atom_llm.domain.catalogue.statements import (
    DatedRates,
    HeardList,
    ListReading,
    Statements,
    decode_lists,
    encode_lists,
    heard,
    passed_on,
)
from testing import real_data
from testing.rows import IN, OUT, row

READ, SEARCH = "cache_read_input_token_cost", "search_context_cost_per_query"
TODAY = date(2026, 11, 28)


def genai(model: dict[str, Any], provider: str = "openai") -> ListReading:
    return genai_prices.read(json.dumps([{"id": provider, "models": [model]}]).encode())


def models(cost: Any, name: str = "m", provider: str = "openai") -> ListReading:
    return models_dev.read(json.dumps({provider: {"models": {name: {"cost": cost}}}}).encode())


def rates_of(reading: ListReading, name: str = "openai/m") -> dict[str, str]:
    (dated,) = reading.models[name]
    return dict(dated.rates)


# Reading


def test_prices_of_a_million_are_rates_of_a_token_digit_by_digit() -> None:
    cost = {"input": 0.132, "output": 1.254, "cache_read": 0.0036, "input_audio": 1}
    assert rates_of(models(cost)) == {
        IN: "0.000000132",
        OUT: "0.000001254",
        READ: "0.0000000036",
        "input_cost_per_audio_token": "0.000001",
    }
    prices = {"input_mtok": 0.132, "output_mtok": 1, "cache_write_1h_mtok": 2, "web_searches_kcount": 10}
    assert rates_of(genai({"id": "m", "prices": prices})) == {
        IN: "0.000000132",
        OUT: "0.000001",
        "cache_creation_input_token_cost_above_1hr": "0.000002",
        SEARCH: "0.01",
    }


def test_longer_prompts_have_the_price_file_s_keys() -> None:
    long = {"input": 4, "output": 12, "tier": {"type": "context", "size": 200000}}
    cost = {"input": 2, "output": 6, "tiers": [long], "context_over_200k": {"input": 99, "output": 99}}
    assert rates_of(models(cost))[f"{IN}_above_200k_tokens"] == "0.000004"
    tiered = {"base": 2, "tiers": [{"start": 272000, "price": 4}]}
    assert rates_of(genai({"id": "m", "prices": {"input_mtok": tiered}})) == {
        IN: "0.000002",
        f"{IN}_above_272k_tokens": "0.000004",
    }


def test_a_name_is_the_id_or_what_its_match_equals_and_no_beginning() -> None:
    match = {"or": [{"equals": "m-1"}, {"starts_with": "m"}, {"contains": "m"}]}
    reading = genai({"id": "m", "match": match, "prices": {"input_mtok": 1, "output_mtok": 1}})
    assert reading.models.keys() == {"openai/m", "openai/m-1"}


def test_a_price_from_a_day_on_is_said_from_that_day_on() -> None:
    prices = [
        {"prices": {"input_mtok": 2, "output_mtok": 1}},
        {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 3, "output_mtok": 1}},
    ]
    known = heard(None, genai({"id": "m", "prices": prices}), TODAY)
    entry = row("m", provider="openai")

    def said(day: date) -> list[tuple[str, date | None]]:
        return [(str(each.rate), each.since) for each in Statements({"genai-prices": known}, day).about(entry)[IN]]

    assert said(TODAY) == [("0.000002", TODAY)]
    assert said(date(2026, 12, 1))[0][0] == "0.000003"


def test_a_zero_beside_a_price_is_no_statement_and_a_free_model_s_is() -> None:
    assert rates_of(models({"input": 1, "output": 2, "cache_read": 0, "cache_write": 0})).keys() == {IN, OUT}
    assert rates_of(models({"input": 0, "output": 0}))[IN] == "0"


@pytest.mark.parametrize(
    "cost",
    [
        {"input": -1, "output": 1},
        {"input": "NaN", "output": 1},
        {"input": 1000, "output": 1},
        {"input": True, "output": 1},
        {"input": 1},
        {"input": 1, "output": 1, "tiers": [{"input": 1}]},
        "free",
    ],
)
def test_what_is_no_price_is_refused_alone(cost: Any) -> None:
    body = {"openai": {"models": {"bad": {"cost": cost}, "good": {"cost": {"input": 1, "output": 1}}}}}
    reading = models_dev.read(json.dumps(body).encode())
    assert (set(reading.models), set(reading.refused)) == ({"openai/good"}, {"openai/bad"})


@pytest.mark.parametrize(
    "prices",
    [
        {"input_mtok": -1},
        {"input_mtok": {"base": 1, "tiers": [{"start": 1500, "price": 1}]}},
        [{"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 1}}],
        "free",
    ],
)
def test_a_price_that_goes_by_the_hour_or_cannot_be_read_is_refused_alone(prices: Any) -> None:
    reading = genai({"id": "m", "prices": prices})
    assert (reading.models, list(reading.refused)) == ({}, ["openai/m"])


@pytest.mark.parametrize("read", [genai_prices.read, models_dev.read])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"7", b"[" * 100_000])
def test_what_is_no_list_is_refused_as_a_whole(read: Any, body: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cost", "input", "output", "tiers", "tier", "prices", "id", "match"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_nothing_that_a_list_says_raises(content: Any) -> None:
    models_dev.read(json.dumps({"openai": {"models": {"m": content}}, "xai": content}).encode())
    genai_prices.read(json.dumps([{"id": "openai", "models": [content]}, content]).encode())


def test_real_lists_are_read_whole_but_for_prices_by_the_hour() -> None:
    first, second = real_data.genai_prices_list(), real_data.models_dev_list()
    assert len(first.models) > 500
    assert set(first.refused) == {"deepseek/deepseek-chat", "deepseek/deepseek-reasoner"}
    assert len(second.models) > 400
    assert not second.refused


# Whose name it is


def listed(*names: str, source: str = "models.dev") -> Statements:
    reading = ListReading(source, {name: (DatedRates(None, {IN: "0.1"}),) for name in names})
    return Statements({source: heard(None, reading, TODAY)}, TODAY)


@pytest.mark.parametrize(
    ("provider", "key", "name"),
    [
        ("anthropic", "claude-3-5-haiku-20241022", "anthropic/claude-3-5-haiku-20241022"),
        ("anthropic", "claude-3-5-haiku", "anthropic/claude-3.5-haiku"),
        ("google", "gemini/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("zhipu", "zai/glm-4.5", "zhipu/GLM-4.5"),
        ("bedrock_converse", "us.anthropic.claude-sonnet-4-v1:0", "bedrock/us.anthropic.claude-sonnet-4-v1:0"),
    ],
)
def test_another_spelling_is_the_same_name(provider: str, key: str, name: str) -> None:
    assert listed(name).about(row(key, provider=provider, source_key=key))


@pytest.mark.parametrize(
    ("provider", "key", "name"),
    [
        ("anthropic", "claude-3-5-haiku", "anthropic/claude-3-5-haiku-20241022"),
        ("mistral", "mistral/mistral-small", "mistral/mistral-small-latest"),
        ("openai", "gpt-4o", "openai/gpt-4o-mini"),
        ("azure", "azure/gpt-4o", "openai/gpt-4o"),
        ("bedrock", "anthropic.claude-sonnet-4-v1:0", "bedrock/us.anthropic.claude-sonnet-4-v1:0"),
    ],
)
def test_a_near_name_a_host_and_a_region_are_others(provider: str, key: str, name: str) -> None:
    assert not listed(name).about(row(key, provider=provider, source_key=key))


def test_of_two_spellings_in_one_list_the_row_s_own_is_heard() -> None:
    rates = {"anthropic/claude-3.5-haiku": "0.2", "anthropic/claude-3-5-haiku": "0.1"}
    reading = ListReading("l", {name: (DatedRates(None, {IN: rate}),) for name, rate in rates.items()})
    found = Statements({"l": heard(None, reading, TODAY)}, TODAY).about(row("claude-3-5-haiku", provider="anthropic"))
    assert [str(each.rate) for each in found[IN]] == ["0.1"]


def test_the_reseller_passes_on_what_nobody_else_sells() -> None:
    slugs = ("anthropic/claude-x", "openai/gpt-oss-120b", "google/gemma-3", "qwen/qwen-plus", "openai/gpt-4o:free")
    body = [{"id": slug, "pricing": {"prompt": "0.1", "completion": "0.2", "request": "1"}} for slug in slugs]
    reading = passed_on(openrouter.read(json.dumps(body).encode()))
    assert reading.models == {"anthropic/claude-x": (DatedRates(None, {IN: "0.1", OUT: "0.2"}),)}


# Since when, and how it is kept


def test_what_a_list_said_before_it_says_since_then() -> None:
    def reading(charge: str, given: str) -> ListReading:
        return ListReading("l", {"openai/m": (DatedRates(None, {IN: charge, OUT: given}),)})

    first = heard(None, reading("1", "2"), TODAY)
    then = heard(first, reading("1.0", "3"), date(2026, 12, 5))
    assert then.since == {"openai/m": {IN: TODAY, OUT: date(2026, 12, 5)}}


def test_lists_come_back_as_they_were_stored_and_damaged_ones_say_so() -> None:
    dated = (DatedRates(None, {IN: "1"}), DatedRates(date(2027, 1, 1), {IN: "2"}))
    lists = {"l": heard(None, ListReading("l", {"openai/m": dated}), TODAY)}
    content = encode_lists(lists)
    assert decode_lists(content) == lists
    assert decode_lists(encode_lists({})) == {}
    for damaged in (content[:-4], b"x", encode_lists({"l": HeardList({}, {})})[:5]):
        with pytest.raises(SnapshotCorrupt):
            decode_lists(damaged)
