"""What providers say was used by pictures, speech and transcripts."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.media_usage import picture_usage, speech_usage, transcript_usage

TOKENS = {"type": "tokens", "input_tokens": 100, "output_tokens": 9}


@pytest.mark.parametrize(
    ("provider", "content", "counts"),
    [
        ("openai", {"usage": {"type": "duration", "seconds": 13}}, {Unit.AUDIO_SECONDS: 13}),
        ("mistral", {"usage": {"prompt_audio_seconds": 7, "prompt_tokens": 4}}, {Unit.AUDIO_SECONDS: 7}),
        ("groq", {"duration": 12.4}, {Unit.AUDIO_SECONDS: Decimal("12.4")}),
        ("groq", {"duration": 0.5}, {Unit.AUDIO_SECONDS: 10}),
        ("openai", {"usage": TOKENS}, {Unit.INPUT_AUDIO: 100, Unit.OUTPUT: 9}),
        (
            "openai",
            {"usage": TOKENS | {"input_token_details": {"text_tokens": 20, "audio_tokens": 80}}},
            {Unit.INPUT: 20, Unit.INPUT_AUDIO: 80, Unit.OUTPUT: 9},
        ),
    ],
)
def test_a_transcript_counts_in_the_unit_that_its_provider_bills(
    provider: str, content: dict[str, Any], counts: dict[Unit, Any]
) -> None:
    found = transcript_usage(provider, content)
    assert found is not None
    assert dict(found.usage.counts) == counts


@pytest.mark.parametrize("content", [{}, {"usage": None}, {"duration": "long"}, {"duration": float("nan")}])
def test_what_is_no_count_is_none(content: dict[str, Any]) -> None:
    assert transcript_usage("openai", content) is None
    assert speech_usage(content.get("usage")) is None


def test_pictures_count_by_their_tokens_or_else_by_their_number() -> None:
    usage = {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}, "output_tokens": 272}
    assert dict(picture_usage(usage, 1).usage.counts) == {Unit.INPUT: 10, Unit.INPUT_IMAGE: 40, Unit.OUTPUT_IMAGE: 272}
    thought = usage | {"output_tokens_details": {"image_tokens": 200, "text_tokens": 72}}
    assert picture_usage(thought, 1).usage.counts[Unit.OUTPUT_IMAGE] == 200
    assert dict(picture_usage(None, 4).usage.counts) == {Unit.IMAGES: 4}


def test_what_of_a_pictures_prompt_came_from_the_cache_is_that() -> None:
    cached = {"cached_tokens": 30, "cached_tokens_details": {"text_tokens": 5, "image_tokens": 25}}
    details = {"text_tokens": 10, "image_tokens": 40, **cached}
    counts = picture_usage({"input_tokens": 50, "input_tokens_details": details, "output_tokens": 272}, 1).usage.counts
    of_prompt = {Unit.INPUT: 5, Unit.INPUT_IMAGE: 15, Unit.CACHE_READ: 5, Unit.CACHE_READ_IMAGE: 25}
    assert dict(counts) == {**of_prompt, Unit.OUTPUT_IMAGE: 272}


def test_pictures_that_came_with_counts_of_0_are_not_free() -> None:
    assert dict(picture_usage({"input_tokens": 0, "output_tokens": 0}, 2).usage.counts) == {Unit.IMAGES: 2}
