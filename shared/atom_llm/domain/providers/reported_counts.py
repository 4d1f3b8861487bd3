"""Counts as providers send them, made to agree with each other, so that `disjoint` can take them apart."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.pricing.cost import STANDARD_TERMS, PricingTerms
from atom_llm.domain.pricing.usage import Usage, disjoint

MAX_REPORTED: Final = 10**12  # more than any call counts; the sum of a few of them is still a count for `disjoint`
MAX_DIGITS: Final = 13  # of a count in a text, as protocol buffers spell 64-bit integers in JSON

_OF_TEXT: Final = frozenset({"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"})

# OpenAI's "auto" says nothing. "scale" and Groq's "performance" are capacity that was bought ahead, or a contract that
# no price list has: their tokens count at the standard price. A word that is not known stays, for the cost to refuse.
_TERMS: Final[Mapping[str, PricingTerms]] = {
    "auto": STANDARD_TERMS,
    "unspecified": STANDARD_TERMS,
    "scale": PricingTerms("default"),
    "performance": PricingTerms("default"),
    **{name: PricingTerms(name) for name in ("default", "standard", "on_demand", "flex", "priority", "batch", "fast")},
}


def count(value: object) -> int | None:
    """Read a provider's count; None where it is missing, or cannot be one (null, negative, beyond `MAX_REPORTED`).

    Cohere sends floats; a fraction is rounded up, so that nobody is charged for less than was reported.
    """
    if type(value) is int:
        return value if 0 <= value <= MAX_REPORTED else None
    if isinstance(value, float | Decimal):
        return math.ceil(value) if math.isfinite(value) and 0 <= value <= MAX_REPORTED else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS:
        return count(int(value))
    return None


def first(reported: Mapping[str, Any], *names: str) -> int | None:
    """Return the count under the first of some spellings that has one; None where none has."""
    for name in names:
        found = count(reported.get(name))
        if found is not None:
            return found
    return None


def inner(reported: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the object under the first of some spellings that has one; an empty one where none has."""
    for name in names:
        found = reported.get(name)
        if isinstance(found, dict):
            return found
    return {}


def tier_terms(said: object) -> PricingTerms:
    """Return the terms that a provider's word for a service tier means; the standard ones where it is no word."""
    if not isinstance(said, str) or not said:
        return STANDARD_TERMS
    word = said.lower()
    return _TERMS.get(word) or PricingTerms(word)


def counted(
    prompt: int | None,
    completion: int | None,
    total: int | None,
    parts: Mapping[str, int],
    *,
    reasons_on_top: bool = False,
    others: Mapping[str, int] | None = None,
) -> Usage | None:
    """Return usage from a prompt, a completion, their total, and parts under the names that `disjoint` knows.

    Providers contradict themselves; nothing raises, and the classes never sum to less than `total`:

    - A whole that is missing is what the other leaves of the total; a total alone is all output, the dearer side.
    - What the total has beyond prompt and completion was counted beside them: cached tokens, where it is just as
      many, else reasoning. Without a total, reasoning is beside where `reasons_on_top` says so, or it is more than
      its whole.
    - A part of the prompt that is more than its whole was counted beside it, if the total has room for both; if it
      has none, the whole is as large as its parts. So are parts that have parts of their own.

    `others` are counts of other things than tokens (`web_searches`). None: nothing was counted at all.
    """
    if total is not None:
        if completion is None:
            completion = max(total - (prompt or 0), 0)
        elif prompt is None:
            prompt = max(total - completion, 0)
    elif prompt is None and completion is None and not parts and not others:
        return None
    prompt, completion = prompt or 0, completion or 0
    reasoning = parts.get("reasoning_tokens", 0)
    fields: dict[str, object] = dict(parts)

    media = 0
    if parts:
        cached, inside, media = _grown(fields, parts)
        beside = None if total is None else total - prompt - completion
        if inside > prompt:
            prompt = prompt + inside if beside is None or beside >= inside else inside
        elif cached and beside in (cached, cached + reasoning) and beside != reasoning:
            prompt += cached
    if total is None:
        if reasons_on_top or reasoning + media > completion:
            completion += reasoning
    elif total > prompt + completion:
        beside = total - prompt - completion
        completion += beside
        reasoning = max(reasoning, beside)
    fields["input_tokens"], fields["output_tokens"] = prompt, max(completion, reasoning + media)
    if reasoning:
        fields["reasoning_tokens"] = reasoning
    if others:
        fields.update(others)
    return disjoint(fields)


def _grown(fields: dict[str, object], parts: Mapping[str, int]) -> tuple[int, int, int]:
    """Make every part of the prompt hold its own parts.

    Returns tokens that were cached, tokens that the prompt has at the least, and tokens of other media in the
    completion.
    """
    read, written = parts.get("cache_read_tokens", 0), parts.get("cache_write_tokens", 0)
    if parts.keys() <= _OF_TEXT:
        return read + written, read + written, 0
    read_audio, read_image = parts.get("cache_audio_read_tokens", 0), parts.get("cache_image_read_tokens", 0)
    read = max(read, read_audio + read_image + parts.get("explicit_cache_read_tokens", 0))
    written = max(written, _sum(parts, "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_write_12h_tokens"))
    audio = max(parts.get("input_audio_tokens", 0), read_audio)
    image = max(parts.get("input_image_tokens", 0), read_image)
    grown = {"cache_read_tokens": read, "cache_write_tokens": written}
    grown |= {"input_audio_tokens": audio, "input_image_tokens": image}
    fields.update((name, number) for name, number in grown.items() if number)
    inside = max(read + written, audio + image + parts.get("input_video_tokens", 0))
    media = _sum(parts, "output_audio_tokens", "output_image_tokens", "output_video_tokens")
    return read + written, inside, media


def _sum(parts: Mapping[str, int], *names: str) -> int:
    return sum(parts.get(name, 0) for name in names)
