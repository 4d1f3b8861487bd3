"""Providers' reports of usage as disjoint classes: never an exception, never less than the total they report."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.pricing.rates import service_tier
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit
from atom_llm.domain.pricing.usage import Quantity
from atom_llm.domain.providers.reported_counts import MAX_REPORTED, count
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
    responses_usage,
)

Json = dict[str, Any]


def chat(provider: str = "openai", **usage: Any) -> dict[Unit, Quantity]:
    return classes(chat_usage(provider, {"usage": usage}))


def google(**usage: Any) -> dict[Unit, Quantity]:
    return classes(generate_content_usage({"usageMetadata": usage}))


def classes(reported: ReportedUsage | None) -> dict[Unit, Quantity]:
    assert reported is not None
    return dict(reported.usage.counts)


def tokens(reported: ReportedUsage) -> Quantity:
    return sum(number for unit, number in reported.usage.counts.items() if unit in RATES_OF_TOKENS)


@pytest.mark.parametrize("details", ["prompt_tokens_details", "prompt_token_details"])
def test_mistral_spells_the_details_of_a_prompt_in_the_singular_too(details: str) -> None:
    found = chat("mistral", prompt_tokens=100, completion_tokens=5, **{details: {"cached_tokens": 40}})
    assert found == {Unit.INPUT: 60, Unit.CACHE_READ: 40, Unit.OUTPUT: 5}


# ---- what was not said


@pytest.mark.parametrize("body", [{}, {"usage": None}, {"usage": 3}, {"usage": {}}, {"usage": {"cost": 1}}])
def test_a_chunk_without_usage_says_nothing(body: Json) -> None:
    assert chat_usage("openai", body) is None
    assert responses_usage("openai", body) is None
    assert embeddings_usage("openai", body) is None


@pytest.mark.parametrize("body", [{}, {"usageMetadata": None}, {"usageMetadata": {}}, {"usageMetadata": {"x": 1}}])
def test_an_event_of_gemini_without_counts_says_nothing(body: Json) -> None:
    assert generate_content_usage(body) is None


def test_an_object_without_counts_is_no_usage() -> None:
    assert messages_usage({"service_tier": "standard"}) is None
    assert cohere_usage({"billed_units": {}, "tokens": {}}) is None
    assert embeddings_usage("cohere", {"meta": {"api_version": {"version": "2"}}}) is None


def test_counts_of_zero_are_said() -> None:
    assert chat(prompt_tokens=0, completion_tokens=0, total_tokens=0) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (0, 0),
        (12.0, 12),
        (12.25, 13),
        (Decimal("7.0"), 7),
        ("41", 41),
        (MAX_REPORTED, MAX_REPORTED),
        (MAX_REPORTED + 1, None),
        (float(MAX_REPORTED) * 2, None),
        (Decimal("1e999999"), None),
        (-1, None),
        (-1.0, None),
        (True, None),
        (None, None),
        (math.nan, None),
        (math.inf, None),
        ("9" * 14, None),
        ("٣", None),
        ("", None),
        ([], None),
    ],
)
def test_a_count_is_a_whole_number_that_a_call_can_have(value: object, expected: int | None) -> None:
    assert count(value) == expected


# ---- contradictions


def test_reasoning_beside_the_completion_is_known_by_the_total() -> None:
    reasoning = {"reasoning_tokens": 50}
    inside = chat(prompt_tokens=10, completion_tokens=70, total_tokens=80, completion_tokens_details=reasoning)
    beside = chat(prompt_tokens=10, completion_tokens=20, total_tokens=80, completion_tokens_details=reasoning)
    assert inside == beside == {Unit.INPUT: 10, Unit.OUTPUT: 20, Unit.REASONING: 50}


def test_reasoning_that_is_more_than_the_completion_was_beside_it_where_no_total_denies_it() -> None:
    details: Json = {"completion_tokens_details": {"reasoning_tokens": 50}}
    assert chat(prompt_tokens=10, completion_tokens=20, **details)[Unit.OUTPUT] == 20
    assert chat(prompt_tokens=10, completion_tokens=20, total_tokens=30, **details) == {
        Unit.INPUT: 10,
        Unit.REASONING: 50,
    }


def test_a_provider_known_to_reason_on_top_does_so_without_a_total() -> None:
    details: Json = {"completion_tokens_details": {"reasoning_tokens": 5}}
    assert chat("xai", prompt_tokens=10, completion_tokens=20, **details)[Unit.OUTPUT] == 20
    assert chat("openai", prompt_tokens=10, completion_tokens=20, **details)[Unit.OUTPUT] == 15


def test_cached_tokens_beside_the_prompt_are_known_by_the_total() -> None:
    read: Json = {"prompt_tokens_details": {"cached_tokens": 40}}
    beside = chat(prompt_tokens=60, completion_tokens=5, total_tokens=105, **read)
    assert beside == {Unit.INPUT: 60, Unit.CACHE_READ: 40, Unit.OUTPUT: 5}
    more_than_all = chat(prompt_tokens=30, completion_tokens=5, total_tokens=75, **read)
    assert more_than_all == {Unit.INPUT: 30, Unit.CACHE_READ: 40, Unit.OUTPUT: 5}


def test_as_much_reasoning_beside_as_was_cached_is_reasoning() -> None:
    details: Json = {
        "prompt_tokens_details": {"cached_tokens": 30},
        "completion_tokens_details": {"reasoning_tokens": 30},
    }
    found = chat(prompt_tokens=100, completion_tokens=20, total_tokens=150, **details)
    assert found == {Unit.INPUT: 70, Unit.CACHE_READ: 30, Unit.OUTPUT: 20, Unit.REASONING: 30}


def test_a_prompt_is_at_least_its_parts() -> None:
    details = {"cached_tokens": 40, "cache_write_tokens": 10}
    found = chat(prompt_tokens=30, completion_tokens=5, total_tokens=35, prompt_tokens_details=details)
    assert found == {Unit.CACHE_READ: 40, Unit.CACHE_WRITE_5M: 10, Unit.OUTPUT: 5}


def test_a_missing_whole_is_what_the_other_leaves_of_the_total() -> None:
    assert chat(prompt_tokens=10, total_tokens=15) == {Unit.INPUT: 10, Unit.OUTPUT: 5}
    assert chat(completion_tokens=5, total_tokens=15) == {Unit.INPUT: 10, Unit.OUTPUT: 5}
    assert chat(total_tokens=15) == {Unit.OUTPUT: 15}


def test_a_total_below_its_parts_takes_nothing_away() -> None:
    assert chat(prompt_tokens=10, completion_tokens=5, total_tokens=3) == {Unit.INPUT: 10, Unit.OUTPUT: 5}


# ---- OpenAI and those like it


def test_cached_audio_and_images_are_classes_of_their_own() -> None:
    details = {"cached_tokens": 40, "audio_tokens": 30, "image_tokens": 20}
    found = chat(
        prompt_tokens=100,
        completion_tokens=0,
        prompt_tokens_details={**details, "cached_tokens_details": {"audio_tokens": 10, "image_tokens": 5}},
    )
    assert found == {
        Unit.INPUT: 25,
        Unit.CACHE_READ: 25,
        Unit.CACHE_READ_AUDIO: 10,
        Unit.CACHE_READ_IMAGE: 5,
        Unit.INPUT_AUDIO: 20,
        Unit.INPUT_IMAGE: 15,
    }


@pytest.mark.parametrize(
    "details",
    [
        {"cache_write_tokens": 30},
        {"cache_creation_tokens": 30},
        {"cache_creation_input_tokens": 30, "cache_write_tokens": 30},
        {"cache_creation": {"ephemeral_5m_input_tokens": 30}},
        {"cache_creation": {"cache_creation_input_tokens": 30, "cache_type": "ephemeral"}},
        {"cache_write_tokens_details": {"ttl_30m_tokens": 30}},
    ],
)
def test_writes_to_the_cache_are_counted_once_under_any_name(details: Json) -> None:
    found = chat(prompt_tokens=100, completion_tokens=0, prompt_tokens_details=details)
    assert found == {Unit.INPUT: 70, Unit.CACHE_WRITE_5M: 30}


@pytest.mark.parametrize(
    "name", ["prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens", "cache_read_input_tokens"]
)
def test_cache_hits_beside_the_breakdown_count_once(name: str) -> None:
    usage: Json = {"prompt_tokens": 100, "completion_tokens": 0, name: 40}
    assert chat(**usage) == {Unit.INPUT: 60, Unit.CACHE_READ: 40}
    assert chat(**usage, prompt_tokens_details={"cached_tokens": 40}) == {Unit.INPUT: 60, Unit.CACHE_READ: 40}


@pytest.mark.parametrize("audio", [{}, {"prompt_tokens_details": {"audio_tokens": 375}}])
def test_audio_that_mistral_counts_in_the_total_alone_is_counted_once(audio: Json) -> None:
    found = chat("mistral", prompt_tokens=6, completion_tokens=2, total_tokens=383, prompt_audio_seconds=30, **audio)
    assert found == {Unit.INPUT: 6, Unit.INPUT_AUDIO: 375, Unit.OUTPUT: 2}


def test_only_a_search_model_of_openai_is_charged_a_search_by_its_name() -> None:
    usage = {"usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    assert Unit.WEB_SEARCHES in classes(chat_usage("openai", {"model": "gpt-5-search-api", **usage}))
    assert Unit.WEB_SEARCHES not in classes(chat_usage("openai", {"model": "gpt-5.5", **usage}))
    assert Unit.WEB_SEARCHES not in classes(chat_usage("groq", {"model": "a-search-b", **usage}))


def test_searches_that_are_billed_are_believed_before_calls_are_counted() -> None:
    body = {"output": [{"type": "web_search_call"}] * 3, "usage": {"input_tokens": 1, "output_tokens": 1}}
    assert classes(responses_usage("openai", body))[Unit.WEB_SEARCHES] == 3
    billed = {**body, "tool_usage": {"web_search": {"num_requests": 2}}}
    assert classes(responses_usage("openai", billed))[Unit.WEB_SEARCHES] == 2


@pytest.mark.parametrize(
    ("said", "told", "priced"),
    [
        ("default", "default", ""),
        ("auto", None, ""),
        (None, None, ""),
        (7, None, ""),
        ("scale", "default", ""),
        ("performance", "default", ""),
        ("on_demand", "on_demand", ""),
        ("FLEX", "flex", "flex"),
        ("priority", "priority", "priority"),
        ("fast", "fast", "priority"),
        ("batch", "batch", "batches"),
    ],
)
def test_the_tier_that_served_is_told_as_it_is_priced(said: object, told: str | None, priced: str) -> None:
    reported = chat_usage("openai", {"service_tier": said, "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    assert reported is not None
    assert reported.terms.service_tier == told
    assert service_tier(reported.terms.service_tier) == priced


def test_the_providers_own_object_is_kept_whole() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "something_new": {"x": 1}}
    reported = chat_usage("openai", {"usage": usage})
    assert reported is not None
    assert reported.raw == usage


# ---- Anthropic


def test_the_prompt_of_anthropic_includes_what_its_input_leaves_out() -> None:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 50, "output_tokens": 5}
    reported = messages_usage(usage)
    assert reported is not None
    assert reported.usage.context_tokens == 160


def test_more_writes_than_their_lifetimes_tell_are_ordinary_ones() -> None:
    lifetimes = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}
    usage = {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 50, "cache_creation": lifetimes}
    assert classes(messages_usage(usage)) == {Unit.CACHE_WRITE_5M: 30, Unit.CACHE_WRITE_1H: 20}


def test_thinking_is_never_more_than_the_output_that_is_billed() -> None:
    usage = {"input_tokens": 1, "output_tokens": 10, "output_tokens_details": {"thinking_tokens": 12}}
    assert classes(messages_usage(usage)) == {Unit.INPUT: 1, Unit.REASONING: 10}


def test_the_terms_of_anthropic_are_its_tier_its_place_and_its_speed() -> None:
    usage = {"input_tokens": 1, "output_tokens": 1, "service_tier": "batch", "inference_geo": "us", "speed": "fast"}
    reported = messages_usage(usage)
    assert reported is not None
    assert reported.terms[:1] == ("batch",)
    assert (reported.terms.inference_geo, reported.terms.speed) == ("us", "fast")


# ---- Gemini


def test_tools_inside_of_the_prompt_are_known_by_the_total() -> None:
    on_top = google(promptTokenCount=100, toolUsePromptTokenCount=30, candidatesTokenCount=5, totalTokenCount=135)
    inside = google(promptTokenCount=130, toolUsePromptTokenCount=30, candidatesTokenCount=5, totalTokenCount=135)
    assert on_top == inside == {Unit.INPUT: 130, Unit.OUTPUT: 5}


def test_thoughts_are_beside_the_candidates_where_there_is_no_total() -> None:
    assert google(promptTokenCount=1, candidatesTokenCount=5, thoughtsTokenCount=3)[Unit.OUTPUT] == 5


def test_an_answer_that_was_only_thought_has_reasoning_alone() -> None:
    found = google(promptTokenCount=10, thoughtsTokenCount=90, totalTokenCount=100)
    assert found == {Unit.INPUT: 10, Unit.REASONING: 90}


def test_cached_video_counts_as_cached_and_no_longer_as_video() -> None:
    found = google(
        promptTokenCount=100,
        cachedContentTokenCount=60,
        promptTokensDetails=[{"modality": "VIDEO", "tokenCount": 80}, {"modality": "TEXT", "tokenCount": 20}],
        cacheTokensDetails=[{"modality": "VIDEO", "tokenCount": 60}],
    )
    assert found == {Unit.INPUT: 20, Unit.CACHE_READ: 60, Unit.INPUT_VIDEO: 20}


def test_media_that_tools_gave_are_media_of_the_prompt() -> None:
    found = google(
        promptTokenCount=10,
        toolUsePromptTokenCount=50,
        toolUsePromptTokensDetails=[{"modality": "IMAGE", "tokenCount": 40}, {"modality": "TEXT", "tokenCount": 10}],
        totalTokenCount=60,
    )
    assert found == {Unit.INPUT: 20, Unit.INPUT_IMAGE: 40}


@pytest.mark.parametrize(
    ("said", "priced"),
    [
        ({"serviceTier": "SERVICE_TIER_FLEX"}, "flex"),
        ({"serviceTier": "priority", "trafficType": "ON_DEMAND"}, "priority"),
        ({"serviceTier": "unspecified"}, ""),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, ""),
        ({"trafficType": ["?"]}, ""),
    ],
)
def test_the_tier_of_gemini_is_its_own_word_or_its_traffic(said: Json, priced: str) -> None:
    reported = generate_content_usage({"usageMetadata": {"promptTokenCount": 1, **said}})
    assert reported is not None
    assert service_tier(reported.terms.service_tier) == priced


def test_a_look_up_of_places_is_no_search() -> None:
    grounding = {"webSearchQueries": ["cafés near me"], "groundingChunks": [{"maps": {"title": "Café"}}]}
    body = {
        "usageMetadata": {"promptTokenCount": 1},
        "candidates": [{"groundingMetadata": grounding}],
        "modelVersion": "gemini-2.5-flash",
    }
    assert classes(generate_content_usage(body)) == {Unit.INPUT: 1, Unit.MAPS_QUERIES: 1}


def test_the_count_of_searches_is_kept_and_their_words_are_not() -> None:
    grounding = {"webSearchQueries": ["a private question"]}
    body = {"usageMetadata": {"promptTokenCount": 1}, "candidates": [{"groundingMetadata": grounding}]}
    reported = generate_content_usage(body)
    assert reported is not None
    assert reported.raw == {"promptTokenCount": 1, "web_searches": 1}


# ---- Cohere and embeddings


def test_cohere_charges_what_is_billed_and_only_without_it_what_was_seen() -> None:
    seen = {"tokens": {"input_tokens": 71.0, "output_tokens": 9.0}}
    billed = {"billed_units": {"input_tokens": 5.0, "output_tokens": 9.0, "search_units": 2.0}}
    assert classes(cohere_usage(seen)) == {Unit.INPUT: 71, Unit.OUTPUT: 9}
    assert classes(cohere_usage(seen | billed)) == {Unit.INPUT: 5, Unit.OUTPUT: 9, Unit.QUERIES: 2}


def test_cohere_reads_no_more_from_its_cache_than_it_bills() -> None:
    usage = {"billed_units": {"input_tokens": 5, "output_tokens": 1}, "cached_tokens": 64}
    assert classes(cohere_usage(usage)) == {Unit.CACHE_READ: 5, Unit.OUTPUT: 1}


@pytest.mark.parametrize(
    ("cached", "read"),
    [(0, 0), (66, 0), (67, 1), (564, 498), (566, 500), (900, 500)],
    ids=["nothing", "the template", "one more", "most", "everything", "more than there was"],
)
def test_what_cohere_does_not_bill_begins_the_prompt_and_so_what_was_cached(cached: int, read: int) -> None:
    usage = {
        "billed_units": {"input_tokens": 500, "output_tokens": 1},
        "tokens": {"input_tokens": 566, "output_tokens": 1},
        "cached_tokens": cached,
    }
    expected = {Unit.INPUT: 500 - read, Unit.CACHE_READ: read, Unit.OUTPUT: 1}
    assert classes(cohere_usage(usage)) == {unit: count for unit, count in expected.items() if count}


def test_embeddings_of_minimax_say_their_total_beside_the_vectors() -> None:
    assert classes(embeddings_usage("minimax", {"vectors": [[0.1]], "total_tokens": 25})) == {Unit.INPUT: 25}


# ---- whatever is sent

COUNTS = st.one_of(st.none(), st.integers(-5, 3000), st.integers(), st.floats(), st.sampled_from(["12", "x", True, []]))
NESTED = st.dictionaries(
    st.sampled_from(
        [
            "cached_tokens",
            "cache_write_tokens",
            "cache_creation_input_tokens",
            "audio_tokens",
            "image_tokens",
            "video_tokens",
            "text_tokens",
            "reasoning_tokens",
            "thinking_tokens",
            "ttl_12h_tokens",
            "ephemeral_1h_input_tokens",
            "ephemeral_5m_input_tokens",
            "web_search_requests",
            "input_tokens",
            "output_tokens",
            "search_units",
        ]
    ),
    COUNTS,
)
PARTS = st.one_of(COUNTS, NESTED, st.dictionaries(st.sampled_from(["cached_tokens_details", "cache_creation"]), NESTED))
MODALITIES = st.lists(
    st.one_of(
        COUNTS,
        st.fixed_dictionaries(
            {
                "modality": st.sampled_from(["TEXT", "AUDIO", "IMAGE", "VIDEO", "DOCUMENT", None, 3]),
                "tokenCount": COUNTS,
            }
        ),
    ),
    max_size=4,
)


def object_of(counts: list[str], parts: list[str], details: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional={**dict.fromkeys(counts, COUNTS), **dict.fromkeys(parts, details)})


CHAT = object_of(
    ["prompt_tokens", "completion_tokens", "total_tokens", "prompt_cache_hit_tokens", "prompt_audio_seconds"],
    ["prompt_tokens_details", "completion_tokens_details"],
    PARTS,
)
GEMINI = object_of(
    [
        "promptTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "toolUsePromptTokenCount",
        "cachedContentTokenCount",
        "totalTokenCount",
    ],
    ["promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails", "toolUsePromptTokensDetails"],
    MODALITIES,
)
MESSAGES = object_of(
    ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
    ["cache_creation", "output_tokens_details", "server_tool_use", "iterations"],
    PARTS,
)


@given(provider=st.sampled_from(["openai", "xai", "mistral"]), usage=CHAT)
def test_no_answer_in_openais_shape_raises_or_sums_to_less_than_its_total(provider: str, usage: Json) -> None:
    reported = chat_usage(provider, {"usage": usage})
    if reported is None:
        assert all(count(usage.get(name)) is None for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
        return
    said = (count(usage.get("prompt_tokens")) or 0) + (count(usage.get("completion_tokens")) or 0)
    assert tokens(reported) >= max(said, count(usage.get("total_tokens")) or 0)


@given(usage=GEMINI)
def test_no_answer_of_gemini_raises_or_sums_to_less_than_its_total(usage: Json) -> None:
    reported = generate_content_usage({"usageMetadata": usage})
    if reported is not None:
        assert tokens(reported) >= (count(usage.get("totalTokenCount")) or 0)
        said = (count(usage.get("promptTokenCount")) or 0) + (count(usage.get("candidatesTokenCount")) or 0)
        assert tokens(reported) >= said


@given(usage=MESSAGES)
def test_no_answer_of_anthropic_raises_or_sums_to_less_than_its_counts(usage: Json) -> None:
    reported = messages_usage(usage)
    if reported is not None:
        names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        assert tokens(reported) >= sum(count(usage.get(name)) or 0 for name in names)


@given(
    usage=object_of(["cached_tokens"], ["billed_units", "tokens"], PARTS),
    body=st.dictionaries(
        st.sampled_from(["usage", "meta", "usageMetadata", "total_tokens"]), st.one_of(CHAT, GEMINI, PARTS)
    ),
)
def test_nothing_that_cohere_or_embeddings_say_raises(usage: Json, body: Json) -> None:
    cohere_usage(usage)
    for provider in ("openai", "cohere", "google"):
        embeddings_usage(provider, body)


@given(prompt=st.integers(0, 10**6), completion=st.integers(0, 10**6), data=st.data())
def test_counts_that_agree_are_charged_to_the_token(prompt: int, completion: int, data: st.DataObject) -> None:
    cached = data.draw(st.integers(0, prompt))
    reasoning = data.draw(st.integers(0, completion))
    reported = chat_usage(
        "openai",
        {
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
                "prompt_tokens_details": {"cached_tokens": cached},
                "completion_tokens_details": {"reasoning_tokens": reasoning},
            }
        },
    )
    expected = {
        Unit.INPUT: prompt - cached,
        Unit.CACHE_READ: cached,
        Unit.OUTPUT: completion - reasoning,
        Unit.REASONING: reasoning,
    }
    assert classes(reported) == {unit: number for unit, number in expected.items() if number}
    assert reported is not None
    assert reported.usage.context_tokens == prompt
