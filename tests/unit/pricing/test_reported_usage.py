"""Usage as OpenAI and those like it report it, as disjoint classes; what was not said, and what contradicts itself."""

import math
from decimal import Decimal

import pytest

from atom_llm.domain.pricing.rates import service_tier
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.reported_counts import MAX_REPORTED, count
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
    responses_usage,
)
from tests.unit.pricing.reports import Json, chat, classes


@pytest.mark.parametrize("details", ["prompt_tokens_details", "prompt_token_details"])
def test_mistral_spells_the_details_of_a_prompt_in_the_singular_too(details: str) -> None:
    found = chat("mistral", prompt_tokens=100, completion_tokens=5, **{details: {"cached_tokens": 40}})
    assert found == {Unit.INPUT: 60, Unit.CACHE_READ: 40, Unit.OUTPUT: 5}


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
