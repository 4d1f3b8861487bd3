"""LiteLLM's price file as rows: what real days hold, and that nothing hostile gets further than a refusal."""

import json
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.sources.fields import MAX_DEPTH, MAX_NAME_LENGTH
from atom_llm.adapters.sources.litellm import read
from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled, decode, encode
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.source import SourceReading
from testing import real_data
from testing.rows import IN, OUT


def reading(**models: Mapping[str, object]) -> SourceReading:
    return read(json.dumps(models).encode())


def one(key: str, **fields: object) -> ModelEntry:
    (entry,) = reading(**{key: {"litellm_provider": "acme", **fields}}).entries.values()
    return entry


# Real days


@pytest.mark.parametrize("day", real_data.LITELLM_DAYS)
def test_every_model_of_a_real_day_is_read_and_none_refused(day: str) -> None:
    published = json.loads(real_data.body_of(day))
    found = real_data.litellm_of(day)
    assert found.refused == {}
    assert {entry.source_key for entry in found.entries.values()} == published.keys() - {
        "sample_spec",
        "fallback_generalizations",
        "last_updated",
    }


def test_the_newest_day_has_4551_models() -> None:
    assert len(real_data.litellm_of(real_data.NOVEMBER).entries) == 4551


def test_the_version_that_was_not_valid_json_is_refused_as_a_whole() -> None:
    with pytest.raises(UnreadableSource, match="invalid JSON"):
        read(real_data.body_of(real_data.DIRTY_JSON))


def test_others_models_are_not_a_maker_s_own_where_it_sells_them_beside_its_own() -> None:
    by_key = {entry.source_key: entry for entry in real_data.litellm_of(real_data.NEWEST).entries.values()}
    own = {key for key, entry in by_key.items() if entry.provider == "mistral" and not entry.first_party}
    assert "mistral/glm-5-2" in own
    assert {key.split("/")[1].split("-")[0] for key in own} == {"glm", "zai", "deepseek"}
    assert by_key["mistral/mistral-large-latest"].first_party


def test_a_bare_gemini_key_is_vertex_ai_s_and_the_prefixed_one_google_s() -> None:
    by_key = {entry.source_key: entry for entry in real_data.litellm_of(real_data.NOVEMBER).entries.values()}
    assert by_key["gemini-2.5-pro"].id == "vertex_ai/gemini-2.5-pro"
    assert not by_key["gemini-2.5-pro"].first_party
    assert by_key["gemini/gemini-2.5-pro"].id == "google/gemini-2.5-pro"
    assert by_key["gemini/gemini-2.5-pro"].first_party


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        ("gpt-4o", "openai/gpt-4o"),
        ("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("mistral/mistral-large-latest", "mistral/mistral-large-latest"),
        ("dashscope/qwen-max", "qwen/qwen-max"),
        ("zai/glm-4.6", "zhipu/glm-4.6"),
        ("azure/gpt-4o", "azure/gpt-4o"),
        ("vertex_ai/claude-sonnet-4-5", "vertex_ai/claude-sonnet-4-5"),
    ],
)
def test_a_row_s_id_is_our_provider_and_the_provider_s_own_name(key: str, identity: str) -> None:
    by_key = {entry.source_key: entry for entry in real_data.litellm_of(real_data.NOVEMBER).entries.values()}
    assert by_key[key].id == identity


@pytest.mark.parametrize("day", real_data.LITELLM_DAYS)
def test_a_row_s_id_begins_with_its_provider_unless_it_is_its_key(day: str) -> None:
    for entry in real_data.litellm_of(day).entries.values():
        assert entry.id.startswith(f"{entry.provider}/") or entry.id == entry.source_key


# Fields


def test_a_row_is_read_with_its_limits_capabilities_modalities_and_deprecation() -> None:
    entry = one(
        "acme/m",
        mode="chat",
        max_input_tokens="128000.0",
        max_output_tokens=16384,
        prompt_cache_min_tokens=1024,
        output_vector_size=3,
        supports_vision=True,
        supports_audio=False,
        supported_modalities=["text", "image", 5],
        supported_output_modalities=["text"],
        deprecation_date="2026-12-31",
        source="https://example.org",
    )
    assert (entry.id, entry.mode) == ("acme/m", "chat")
    assert entry.limits == TokenLimits(128_000, 16_384, 1024, 3)
    assert entry.capabilities == {"vision"}
    assert entry.modalities == (("text", "image"), ("text",))
    assert entry.deprecation_date == date(2026, 12, 31)
    assert entry.published == {}


@pytest.mark.parametrize("value", ["soon", None, 5, "2026-02-30", ""])
def test_a_deprecation_date_that_is_none_is_none(value: object) -> None:
    assert one("m", deprecation_date=value).deprecation_date is None


@pytest.mark.parametrize("value", [-1, 1.5, "many", True, None, "1e400", 10**12, [1]])
def test_a_limit_that_is_no_count_is_unknown(value: object) -> None:
    assert one("m", max_input_tokens=value).limits.max_input_tokens is None


def test_a_price_keeps_the_text_it_was_published_as() -> None:
    (entry,) = read(b'{"m": {"litellm_provider": "acme", "input_cost_per_token": 2.50e-06}}').entries.values()
    assert entry.published == {IN: "2.50e-06"}


def test_a_price_of_null_is_not_published() -> None:
    assert one("m", input_cost_per_token=None, output_cost_per_token=0).published == {OUT: 0}


def test_where_a_bare_key_means_the_same_name_the_bare_one_is_its_own_id() -> None:
    same = {"litellm_provider": "acme"}
    assert {e.source_key: e.id for e in reading(m=same, **{"acme/m": same}).entries.values()} == {
        "acme/m": "acme/m",
        "m": "m",
    }


def test_families_of_a_host_are_one_provider() -> None:
    found = reading(
        **{"vertex_ai/m": {"litellm_provider": "vertex_ai-some_models"}, "n": {"litellm_provider": "vertex_ai"}}
    )
    assert [(entry.id, entry.provider) for entry in found.entries.values()] == [
        ("vertex_ai/m", "vertex_ai"),
        ("vertex_ai/n", "vertex_ai"),
    ]


# Refusals


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"5",
        b"null",
        b'"x"',
        b"{",
        b'{"m": {"litellm_provider": "acme"},}',
        b'{"m": {"litellm_provider": "acme", "input_cost_per_token": NaN}}',
        b'{"m": {"litellm_provider": "acme", "input_cost_per_token": -Infinity}}',
        b"\xff\xfe\x00\x01",
        b"<html>rate limited</html>",
        b'{"m": {"input_cost_per_token": 1' + b"0" * 5000 + b"}}",
    ],
)
def test_what_is_no_object_of_models_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"m": {"litellm_provider": "acme"}, "m": {"litellm_provider": "acme", "input_cost_per_token": 1}}',
        b'{"m": {"litellm_provider": "acme", "input_cost_per_token": 1, "input_cost_per_token": 2}}',
    ],
)
def test_a_key_that_stands_twice_is_refused_because_readers_differ_in_which_they_believe(body: bytes) -> None:
    with pytest.raises(UnreadableSource, match="stands twice"):
        read(body)


@pytest.mark.parametrize("depth", [MAX_DEPTH * 2, 1500, 20_000])
def test_tables_nested_too_deep_refuse_their_row_alone_or_the_whole(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = b'{"m": {"litellm_provider": "acme", "x_cost": ' + nested + b'}, "n": {"litellm_provider": "acme"}}'
    try:
        found = read(body)
    except UnreadableSource:
        return
    assert found.refused == {"acme/m": "x_cost is nested too deep"}
    assert found.entries.keys() == {"acme/n"}


@pytest.mark.parametrize("rate", [-1e-06, "free", [1], {"a": 1}, True])
def test_a_row_with_an_impossible_rate_is_refused_alone(rate: object) -> None:
    found = reading(bad={"litellm_provider": "acme", IN: rate}, good={"litellm_provider": "acme", IN: 1e-06})
    assert found.entries.keys() == {"acme/good"}
    assert found.refused.keys() == {"acme/bad"}
    assert IN in found.refused["acme/bad"]


@pytest.mark.parametrize("row", [None, [], "x", {}, {"litellm_provider": None}, {"litellm_provider": ["acme"]}])
def test_what_is_no_model_with_a_provider_is_refused_alone(row: object) -> None:
    found = read(json.dumps({"bad": row, "good": {"litellm_provider": "acme"}}).encode())
    assert found.refused == {"bad": "is not a model with a provider"}
    assert found.entries.keys() == {"acme/good"}


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "\x00", "", "x" * (MAX_NAME_LENGTH + 1), "\ud800", "\u2028"])
def test_a_name_that_could_break_a_line_is_refused_for_models_and_for_providers(name: str) -> None:
    found = reading(**{name: {"litellm_provider": "acme"}, "m": {"litellm_provider": name}})
    assert found.entries == {}
    assert set(found.refused.values()) == {"has an unusable name"}


def test_a_name_may_be_as_long_as_the_limit() -> None:
    assert one("x" * MAX_NAME_LENGTH).source_key == "x" * MAX_NAME_LENGTH


def test_a_provider_that_has_the_name_of_one_of_ours_gets_another_id() -> None:
    found = reading(
        **{
            "gemini/g": {"litellm_provider": "gemini", IN: 1e-06},
            "google/g": {"litellm_provider": "google", IN: 2e-06},
        }
    )
    keys = {entry.id: entry.source_key for entry in found.entries.values()}
    assert keys == {"google/g": "gemini/g", "google_other/g": "google/g"}


def test_a_refused_row_keeps_its_id_from_another_key_of_that_name() -> None:
    found = reading(**{"acme/m": {"litellm_provider": "acme", IN: -1}, "m": {"litellm_provider": "acme", IN: 1}})
    assert found.refused.keys() == {"acme/m"}
    assert {entry.id: entry.source_key for entry in found.entries.values()} == {"m": "m"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "litellm_provider",
        "mode",
        IN,
        f"{IN}_above_200k_tokens",
        "tiered_pricing",
        "off_peak_pricing",
        "provider_specific_entry",
        "search_context_cost_per_query",
        "regional_processing_uplift_multiplier_eu",
        "max_input_tokens",
        "supported_modalities",
        "deprecation_date",
        "supports_vision",
        "other_cost",
    ]
)
MODELS = st.dictionaries(
    st.text(max_size=12),
    ANYTHING
    | st.dictionaries(FIELDS, ANYTHING, max_size=5).flatmap(
        lambda row: st.just(row) | st.text(max_size=6).map(lambda provider: {**row, "litellm_provider": provider})
    ),
    max_size=4,
)


@given(MODELS)
@settings(deadline=None, max_examples=300)
def test_whatever_a_file_says_it_becomes_rows_that_can_be_stored_and_priced_or_a_refusal(
    models: dict[str, object],
) -> None:
    found = read(json.dumps(models).encode())
    assert {entry.id: entry for entry in decode(encode(found.entries.values())[1])} == found.entries
    for entry in found.entries.values():
        compiled(entry)
    json.dumps(dict(found.refused)).encode()
