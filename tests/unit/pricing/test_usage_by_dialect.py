"""Usage as Anthropic, Gemini, Cohere and embeddings report it, as disjoint classes."""

import pytest

from atom_llm.domain.pricing.rates import service_tier
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.reported_usage import (
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
)
from tests.unit.pricing.reports import Json, classes, google


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
