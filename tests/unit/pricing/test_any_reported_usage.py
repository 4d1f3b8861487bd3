"""Whatever a provider reports: never an exception, never less than the total that it says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.reported_counts import count
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    embeddings_usage,
    generate_content_usage,
    messages_usage,
)
from tests.unit.pricing.reports import Json, classes, tokens

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
