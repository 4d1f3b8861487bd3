"""OpenRouter's model list as rows in the price file's words, in both of its shapes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.sources.openrouter import read
from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled, decode, encode
from atom_llm.domain.catalogue.errors import UnreadableSource
from testing import real_data
from testing.rows import IN, OUT

PRICES: Mapping[str, object] = {"prompt": "0.000001", "completion": "0.000002"}


def listed(*models: object) -> bytes:
    return json.dumps({"data": models}).encode()


def model(slug: str = "acme/m", pricing: Mapping[str, object] = PRICES, **fields: object) -> dict[str, object]:
    return {"id": slug, "pricing": dict(pricing), **fields}


def one(**pricing: object) -> ModelEntry:
    (entry,) = read(listed(model(pricing={**PRICES, **pricing}))).entries.values()
    return entry


def refusal(**pricing: object) -> str:
    found = read(listed(model(pricing={**PRICES, **pricing})))
    assert found.entries == {}
    return found.refused["openrouter/acme/m"]


# Real days


@pytest.mark.parametrize(
    ("day", "models", "routers"),
    [
        (real_data.OPENROUTER_OBJECT, 334, 1),
        (real_data.OPENROUTER_BARE_LIST, 368, 3),
        (real_data.OPENROUTER_OVERRIDES, 331, 5),
    ],
)
def test_every_model_of_a_real_day_is_read_but_the_routers_without_a_price(day: str, models: int, routers: int) -> None:
    found = real_data.openrouter_of(day)
    assert (len(found.entries), len(found.refused)) == (models, routers)
    assert all(key.startswith("openrouter/openrouter/") for key in found.refused)


@pytest.mark.parametrize("day", real_data.OPENROUTER_DAYS)
def test_every_row_of_a_real_day_says_that_it_is_openrouter_s_and_is_nobody_s_own(day: str) -> None:
    for entry in real_data.openrouter_of(day).entries.values():
        assert (entry.source, entry.provider, entry.first_party) == ("openrouter", "openrouter", False)
        assert entry.id == f"openrouter/{entry.source_key}"


@pytest.mark.parametrize("day", real_data.OPENROUTER_DAYS)
def test_prices_of_a_real_day_are_what_it_publishes_a_token(day: str) -> None:
    content: Any = json.loads(real_data.body_of(day), parse_float=str)
    rows = content["data"] if isinstance(content, dict) else content
    entries = real_data.openrouter_of(day).entries
    for row in rows:
        entry = entries.get(f"openrouter/{row['id']}")
        if entry is not None and entry.published is not None:
            assert entry.published[IN] == row["pricing"]["prompt"]
            assert entry.published[OUT] == row["pricing"]["completion"]


def test_a_real_override_is_a_length_tier() -> None:
    entry = real_data.openrouter_of(real_data.OPENROUTER_OVERRIDES).entries["openrouter/anthropic/claude-sonnet-4.5"]
    rates = compiled(entry)
    base, above = (rates.step(IN, n, "") for n in (200_000, 200_001))
    assert base is not None
    assert above is not None
    assert (str(base.rate), str(above.rate)) == ("0.000003", "0.000006")


def test_both_shapes_of_the_answer_are_one() -> None:
    assert read(json.dumps([model()]).encode()) == read(listed(model()))


# Fields


def test_price_fields_are_spelt_as_the_price_file_spells_them() -> None:
    entry = one(
        input_cache_read="1e-7",
        input_cache_write="2e-7",
        input_cache_write_1h="3e-7",
        internal_reasoning="4e-7",
        audio="5e-7",
        web_search="0.01",
        request="0.002",
    )
    assert entry.published == {
        IN: "0.000001",
        OUT: "0.000002",
        "cache_read_input_token_cost": "1e-7",
        "cache_creation_input_token_cost": "2e-7",
        "cache_creation_input_token_cost_above_1hr": "3e-7",
        "output_cost_per_reasoning_token": "4e-7",
        "input_cost_per_audio_token": "5e-7",
        "search_context_cost_per_query": "0.01",
        "input_cost_per_request": "0.002",
    }


@pytest.mark.parametrize("field", ["request", "web_search", "internal_reasoning", "image", "image_output", "discount"])
@pytest.mark.parametrize("zero", ["0", "0.0", 0])
def test_a_zero_that_means_not_sold_is_no_price(field: str, zero: object) -> None:
    assert one(**{field: zero}).published == {IN: "0.000001", OUT: "0.000002"}


def test_a_free_model_is_free() -> None:
    assert one(prompt="0", completion="0").published == {IN: "0", OUT: "0"}


def test_a_picture_s_price_of_no_clear_unit_is_kept_and_priced_as_nothing() -> None:
    entry = one(image="0.003")
    assert compiled(entry).unread == {"image_cost": "0.003"}


def test_a_row_is_read_with_its_limits_capabilities_and_modalities() -> None:
    row = model(
        context_length=128000,
        top_provider={"max_completion_tokens": 4096},
        architecture={"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        supported_parameters=["tools", "reasoning", "unheard_of"],
        expiration_date="2026-12-31",
    )
    (entry,) = read(listed(row)).entries.values()
    assert entry.limits == TokenLimits(128_000, 4096)
    assert entry.capabilities == {"function_calling", "reasoning", "vision"}
    assert (entry.mode, str(entry.deprecation_date)) == ("chat", "2026-12-31")


# Conditional prices


def test_two_lengths_are_two_tiers() -> None:
    entry = one(
        overrides=[{"min_prompt_tokens": 32000, "prompt": "2e-6"}, {"min_prompt_tokens": 128000, "prompt": "3e-6"}]
    )
    assert entry.published is not None
    assert entry.published[f"{IN}_above_32k_tokens"] == "2e-6"
    assert entry.published[f"{IN}_above_128k_tokens"] == "3e-6"


def test_a_daily_window_is_off_peak() -> None:
    entry = one(overrides=[{"utc_start": 1630, "utc_end": 30, "prompt": "5e-7"}])
    assert entry.published is not None
    assert entry.published["off_peak_pricing"] == {"hours_utc": "16:30-00:30", IN: "5e-7"}


@pytest.mark.parametrize(
    "override",
    [
        {"prompt": "1e-6"},
        {"min_prompt_tokens": 1500, "prompt": "1e-6"},
        {"min_prompt_tokens": 32000, "utc_start": 0, "utc_end": 100, "prompt": "1e-6"},
        {"utc_start": 0, "prompt": "1e-6"},
        {"utc_start": 2530, "utc_end": 100, "prompt": "1e-6"},
        {"utc_start": 1075, "utc_end": 100, "prompt": "1e-6"},
        {"utc_start": "noon", "utc_end": 100, "prompt": "1e-6"},
        {"min_prompt_tokens": 32000, "prompt": "-1"},
    ],
)
def test_a_condition_that_is_not_understood_refuses_the_row_rather_than_its_condition(override: object) -> None:
    assert refusal(overrides=[override])


def test_two_prices_under_one_condition_refuse_the_row() -> None:
    windows = [{"utc_start": 0, "utc_end": 100, "prompt": "1e-6"}, {"utc_start": 200, "utc_end": 300, "prompt": "2e-6"}]
    assert refusal(overrides=windows) == "overrides says two things about one condition"


# Refusals


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"data": 5}', b"5", b"null", b"{", b'{"error": "busy"}', b'[{"id": NaN}]']
)
def test_what_is_no_list_of_models_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(body)


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="stands twice"):
        read(b'{"data": [{"id": "m", "pricing": {"prompt": "1e-6", "completion": "1e-6", "prompt": "1"}}]}')


def test_a_model_that_is_listed_twice_is_refused_and_neither_price_believed() -> None:
    found = read(listed(model(pricing={**PRICES, "prompt": "1e-6"}), model(pricing={**PRICES, "prompt": "9e-6"})))
    assert found.refused == {"openrouter/acme/m": "acme/m is listed twice"}
    assert found.entries == {}


@pytest.mark.parametrize("price", ["-1", "", "abc", None, [], {}, "NaN", True])
def test_a_row_whose_price_is_none_is_refused_alone(price: object) -> None:
    found = read(listed(model("acme/bad", {"prompt": price, "completion": "1"}), model("acme/good")))
    assert found.entries.keys() == {"openrouter/acme/good"}
    assert found.refused.keys() == {"openrouter/acme/bad"}


@pytest.mark.parametrize("pricing", [None, [], {}, {"prompt": "1e-6"}, {"completion": "1e-6"}, "free"])
def test_a_row_without_both_token_prices_is_refused(pricing: object) -> None:
    found = read(listed({"id": "acme/m", "pricing": pricing}))
    assert found.refused == {"openrouter/acme/m": "pricing has no prompt and completion price"}


@pytest.mark.parametrize("row", [None, 5, [], {}, {"id": None}, {"id": ""}, {"id": "a\nb"}, {"id": "x" * 257}])
def test_a_row_without_a_usable_id_is_refused_alone(row: object) -> None:
    found = read(listed(row, model()))
    assert found.entries.keys() == {"openrouter/acme/m"}
    assert list(found.refused.values()) == ["has no usable id"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PRICING = st.dictionaries(
    st.sampled_from(["prompt", "completion", "image", "overrides", "audio", "discount", "web_search"]), ANYTHING
)
MODELS = st.lists(
    ANYTHING
    | st.fixed_dictionaries(
        {"id": st.text(max_size=8), "pricing": PRICING | ANYTHING},
        optional={"architecture": ANYTHING, "supported_parameters": ANYTHING, "context_length": ANYTHING},
    ),
    max_size=4,
)


@given(MODELS)
@settings(deadline=None, max_examples=300)
def test_whatever_a_list_says_it_becomes_rows_that_can_be_stored_and_priced_or_a_refusal(models: list[object]) -> None:
    found = read(json.dumps(models).encode())
    assert {entry.id: entry for entry in decode(encode(found.entries.values())[1])} == found.entries
    for entry in found.entries.values():
        compiled(entry)
    json.dumps(dict(found.refused)).encode()
