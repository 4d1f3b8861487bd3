"""Counters of a provider's usage object that nothing here knows: what they may cost is in no bill.

A new counter is a provider's way to tell of a new thing that it sells. It is kept with the object, named in the row and
the proof, and counted in a metric, so that a person reads the provider's page before the month's invoice does. What a
provider says that a call cost (OpenRouter's `cost`, xAI's `cost_in_usd_ticks`) is an amount of money and no counter.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from atom_llm.domain.providers.guardrails import UNITS
from atom_llm.domain.providers.reported_counts import count

MOST: Final = 20  # of one object that are named
MOST_DEEP: Final = 6  # objects within each other; real ones have three
MOST_LISTED: Final = 100  # runs or modalities in one list
LONGEST_NAME: Final = 80  # characters of a counter's place
_MONEY: Final = re.compile(r"(?:\A|_)costs?(?:_|\Z)")


def _under(places: str, names: str) -> Iterator[str]:
    return (f"{place}.{name}" for place in places.split() for name in names.split())


_OPENAI: Final = "prompt_tokens completion_tokens total_tokens input_tokens output_tokens"
_ANTHROPIC: Final = "input_tokens output_tokens cache_creation_input_tokens cache_read_input_tokens"
_WRITTEN: Final = (
    "ttl_12h_tokens ttl_30m_tokens ephemeral_1h_input_tokens ephemeral_5m_input_tokens cache_creation_input_tokens"
)
_GOOGLES_DETAILS: Final = (
    "promptTokensDetails promptTokenDetails cacheTokensDetails candidatesTokensDetails responseTokensDetails "
    "toolUsePromptTokensDetails"
)
_MODALITIES: Final = frozenset({"TEXT", "AUDIO", "IMAGE", "VIDEO", "DOCUMENT", "MODALITY_UNSPECIFIED"})
# What is read, and what is a part of something read, or costs nothing: times, cache misses, pages that were fetched.
_KNOWN: Final = frozenset(
    {
        *_OPENAI.split(),
        *_ANTHROPIC.split(),
        *_under(
            "prompt_tokens_details input_tokens_details prompt_token_details",
            "cached_tokens cache_write_tokens cache_creation_tokens cache_creation_input_tokens text_tokens "
            "audio_tokens image_tokens video_tokens cached_tokens_details.text_tokens "
            "cached_tokens_details.audio_tokens cached_tokens_details.image_tokens",
        ),
        *_under(
            "completion_tokens_details output_tokens_details",
            "reasoning_tokens audio_tokens image_tokens video_tokens text_tokens thinking_tokens "
            "accepted_prediction_tokens rejected_prediction_tokens",
        ),
        *(
            f"{details}.{written}.{name}"
            for details in ("prompt_tokens_details", "input_tokens_details", "prompt_token_details")
            for written in ("cache_write_tokens_details", "cache_creation")
            for name in _WRITTEN.split()
        ),
        *[
            "prompt_cache_hit_tokens",
            "prompt_cache_miss_tokens",
            "num_cached_tokens",
            "cached_tokens",
            "reasoning_tokens",
        ],
        *["prompt_audio_seconds", "queue_time", "prompt_time", "completion_time", "total_time"],
        *_under("cache_creation", "ephemeral_5m_input_tokens ephemeral_1h_input_tokens"),
        *_under("server_tool_use", "web_search_requests web_fetch_requests"),
        *_under("billed_units", "input_tokens output_tokens search_units image_tokens text_tokens images"),
        *_under("tokens", "input_tokens output_tokens"),
        *["text_tokens", "image_tokens", "images", "search_units"],
        *_under("svg_usage", f"{_OPENAI} reasoning_tokens"),
        *["characters", "usage_characters", "seconds"],
        *_under("input_token_details output_token_details", "text_tokens audio_tokens image_tokens"),
        *["promptTokenCount", "candidatesTokenCount", "responseTokenCount", "totalTokenCount", "thoughtsTokenCount"],
        *["cachedContentTokenCount", "toolUsePromptTokenCount", "web_searches", "maps_queries"],
        *_under(_GOOGLES_DETAILS, "tokenCount"),
        *["inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens"],
        *["cacheReadInputTokenCount", "cacheWriteInputTokenCount", "cacheDetails.inputTokens"],
        *(f"guardrailUnits.{name}" for name in UNITS),
    }
)


def unknown_counters(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return the counters above 0 of a usage object that are not known, by their places: `prompt_tokens_details.x`.

    Runs (`iterations`) are read as the object itself is.
    """
    found: dict[str, int] = {}
    for place, value in _counters(usage, "", 0):
        if place not in _KNOWN and len(found) < MOST:
            found[place[:LONGEST_NAME]] = found.get(place[:LONGEST_NAME], 0) + value
    return found


def _counters(given: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    modality = given.get("modality")
    if isinstance(modality, str) and modality.upper() not in _MODALITIES:
        prefix = f"{prefix}{modality}."
    for name, value in given.items():
        if _MONEY.search(name):
            continue
        if isinstance(value, dict | list):
            if depth == MOST_DEEP:
                continue
            inside = "" if not prefix and name == "iterations" else f"{prefix}{name}."
            for each in [value] if isinstance(value, dict) else value[:MOST_LISTED]:
                if isinstance(each, dict):
                    yield from _counters(each, inside, depth + 1)
        elif number := count(value):
            yield f"{prefix}{name}", number
