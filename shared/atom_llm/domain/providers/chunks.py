"""Chunks of a streamed answer in OpenAI's words: their content, and the last one, which tells of usage."""

from collections.abc import Iterable
from typing import Any, Final

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import Json

# What of a delta is read by somebody; a role alone is not.
_CARRIED: Final = ("content", "tool_calls", "reasoning_content", "refusal", "function_call", "audio", "images")
_PRODUCED: Final = (Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO)
_CACHED: Final = (Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT, Unit.CACHE_READ_AUDIO, Unit.CACHE_READ_IMAGE)


def carries_content(chunk: Json) -> bool:
    """Return whether a chunk has anything of the answer: from then on no other model's answer may take its place."""
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta") or {}
        if any(delta.get(name) for name in _CARRIED):
            return True
    return False


def texts_of(chunk: Json) -> Iterable[str]:
    """Yield the texts that a chunk adds to the answer, for an estimate of its tokens."""
    for choice in chunk.get("choices", ()):
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        for name in ("content", "reasoning_content", "refusal"):
            if isinstance(text := delta.get(name), str):
                yield text
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            yield f"{function.get('name') or ''}{function.get('arguments') or ''}"


def usage_in_openai_words(usage: Usage) -> Json:
    """Convert disjoint classes to OpenAI's inclusive counts."""
    counts = usage.counts
    produced = sum(int(counts.get(unit, 0)) for unit in _PRODUCED)
    return {
        "prompt_tokens": usage.context_tokens,
        "completion_tokens": produced,
        "total_tokens": usage.context_tokens + produced,
        "prompt_tokens_details": {
            "cached_tokens": sum(int(counts.get(unit, 0)) for unit in _CACHED),
            "audio_tokens": int(counts.get(Unit.INPUT_AUDIO, 0)),
        },
        "completion_tokens_details": {
            "reasoning_tokens": int(counts.get(Unit.REASONING, 0)),
            "audio_tokens": int(counts.get(Unit.OUTPUT_AUDIO, 0)),
        },
    }
