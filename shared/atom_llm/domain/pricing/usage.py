"""Usage as disjoint classes: inclusive counts are taken apart once, here, and only here put together again."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, cast

from atom_llm.domain.core.errors import InvalidUsage
from atom_llm.domain.core.money import MAX_DIGITS, decimal
from atom_llm.domain.pricing.units import Unit

Quantity = int | Decimal


class Usage(NamedTuple):
    """The usage of one call: `counts` holds only positive quantities of disjoint units.

    `context_tokens` is the whole prompt as the provider counted it, cached tokens included: it chooses length tiers.
    """

    counts: Mapping[Unit, Quantity]
    context_tokens: int


def quantity(counts: Mapping[Unit, Quantity], units: frozenset[Unit]) -> int:
    """Return how many of these units were counted, in whole ones."""
    return int(sum([count for unit, count in counts.items() if unit in units]))


_TOKEN_FIELDS: Final = frozenset(
    {
        "input_tokens",
        "text_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "cache_write_12h_tokens",
        "input_audio_tokens",
        "input_image_tokens",
        "input_video_tokens",
        "cache_audio_read_tokens",
        "cache_audio_write_tokens",
        "cache_image_read_tokens",
        "explicit_cache_read_tokens",
        "citation_tokens",
        "output_tokens",
        "reasoning_tokens",
        "output_audio_tokens",
        "output_image_tokens",
        "output_video_tokens",
    }
)
_WHOLE_FIELDS: Final = {
    "characters": Unit.CHARACTERS,
    "output_characters": Unit.OUTPUT_CHARACTERS,
    "images": Unit.IMAGES,
    "input_images": Unit.INPUT_IMAGES,
    "pixels": Unit.PIXELS,
    "queries": Unit.QUERIES,
    "pages": Unit.PAGES,
    "annotated_pages": Unit.ANNOTATED_PAGES,
    "text_messages": Unit.TEXT_MESSAGES,
    "requests": Unit.REQUESTS,
    "web_searches": Unit.WEB_SEARCHES,
    "maps_queries": Unit.MAPS_QUERIES,
    "code_sessions": Unit.CODE_SESSIONS,
    "automated_reasoning_policy_units": Unit.AUTOMATED_REASONING_POLICY,
    "content_policy_units": Unit.CONTENT_POLICY,
    "content_policy_image_units": Unit.CONTENT_POLICY_IMAGE,
    "contextual_grounding_policy_units": Unit.CONTEXTUAL_GROUNDING_POLICY,
    "sensitive_information_policy_units": Unit.SENSITIVE_INFORMATION_POLICY,
    "sensitive_information_policy_free_units": Unit.SENSITIVE_INFORMATION_POLICY_FREE,
    "topic_policy_units": Unit.TOPIC_POLICY,
    "word_policy_units": Unit.WORD_POLICY,
}
_FRACTIONAL_FIELDS: Final = {
    "audio_seconds": Unit.AUDIO_SECONDS,
    "video_seconds": Unit.VIDEO_SECONDS,
    "input_video_seconds": Unit.INPUT_VIDEO_SECONDS,
    "seconds": Unit.SECONDS,
    "credits": Unit.CREDITS,
}
_TEXT_FIELDS: Final = frozenset(
    {
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
        "reasoning_tokens",
    }
)
USAGE_FIELDS: Final = _TOKEN_FIELDS | _WHOLE_FIELDS.keys() | _FRACTIONAL_FIELDS.keys()

MAX_COUNT: Final = 10**15  # more than any call can use; keeps a hostile number out of the arithmetic
SMALLEST_PART: Final = 12  # digits behind the point at which a fraction of a second or credit may begin

_COMPLETION: Final = (Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO)
_CACHED_PROMPT: Final = (Unit.CACHE_READ, Unit.CACHE_READ_EXPLICIT, Unit.CACHE_READ_AUDIO, Unit.CACHE_READ_IMAGE)
_WRITTEN_PROMPT: Final = (
    Unit.CACHE_WRITE_5M,
    Unit.CACHE_WRITE_1H,
    Unit.CACHE_WRITE_12H,
    Unit.CACHE_WRITE_AUDIO,
)


def disjoint(reported: Mapping[str, object], *, additive: bool = False) -> Usage:
    """Take inclusive counts apart.

    `input_tokens` is the whole prompt with cached, written, audio, image and video tokens; `output_tokens` the whole
    completion with reasoning and media tokens. With `additive` (xAI, Perplexity) reasoning comes on top of the
    output. Citation tokens are always on top. `text_tokens`, where a provider states it, is billed as given.
    Raises `InvalidUsage` naming the field when a count is no count or a part exceeds its whole.
    """
    if _TEXT_FIELDS.issuperset(reported):
        for value in reported.values():
            if type(value) is not int or not 0 <= value <= MAX_COUNT:
                break  # which the rules below refuse by its name
        else:
            return _usage_of_text(cast("Mapping[str, int]", reported), additive=additive)
    tokens: dict[str, int] = {}
    others: dict[Unit, Quantity] = {}
    for name, value in reported.items():
        if name in _TOKEN_FIELDS:
            tokens[name] = _count(name, value)
        elif name in _WHOLE_FIELDS:
            others[_WHOLE_FIELDS[name]] = _count(name, value)
        elif name in _FRACTIONAL_FIELDS:
            others[_FRACTIONAL_FIELDS[name]] = _quantity(name, value)
    prompt = tokens.get("input_tokens", 0)
    counts = _prompt_classes(tokens, prompt) | _completion_classes(tokens, additive=additive) | others
    return Usage({unit: count for unit, count in counts.items() if count}, prompt)


def usage_in_openai_words(usage: Usage) -> dict[str, Any]:
    """Return disjoint classes as OpenAI's `usage`, whose counts include their parts."""
    counts = usage.counts
    produced = sum(int(counts.get(unit, 0)) for unit in _COMPLETION)
    return {
        "prompt_tokens": usage.context_tokens,
        "completion_tokens": produced,
        "total_tokens": usage.context_tokens + produced,
        "prompt_tokens_details": {
            "cached_tokens": sum(int(counts.get(unit, 0)) for unit in _CACHED_PROMPT),
            "audio_tokens": int(counts.get(Unit.INPUT_AUDIO, 0)),
        },
        "completion_tokens_details": {
            "reasoning_tokens": int(counts.get(Unit.REASONING, 0)),
            "audio_tokens": int(counts.get(Unit.OUTPUT_AUDIO, 0)),
        },
    }


def usage_in_responses_words(usage: Usage) -> dict[str, Any]:
    """Return disjoint classes as the `usage` of OpenAI's Responses API, whose counts include their parts."""
    counts = usage.counts
    produced = sum(int(counts.get(unit, 0)) for unit in _COMPLETION)
    return {
        "input_tokens": usage.context_tokens,
        "input_tokens_details": {
            "cached_tokens": sum(int(counts.get(unit, 0)) for unit in _CACHED_PROMPT),
            "cache_write_tokens": sum(int(counts.get(unit, 0)) for unit in _WRITTEN_PROMPT),
        },
        "output_tokens": produced,
        "output_tokens_details": {"reasoning_tokens": int(counts.get(Unit.REASONING, 0))},
        "total_tokens": usage.context_tokens + produced,
    }


def usage_in_anthropic_words(usage: Usage) -> dict[str, Any]:
    """Return disjoint classes as Anthropic's `usage`, whose input is what neither came from a cache nor went to it."""
    counts = usage.counts
    read = sum(int(counts.get(unit, 0)) for unit in _CACHED_PROMPT)
    written = sum(int(counts.get(unit, 0)) for unit in _WRITTEN_PROMPT)
    return {
        "input_tokens": max(0, usage.context_tokens - read - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": sum(int(counts.get(unit, 0)) for unit in _COMPLETION),
        "output_tokens_details": {"thinking_tokens": int(counts.get(Unit.REASONING, 0))},
    }


def _usage_of_text(counted: Mapping[str, int], *, additive: bool) -> Usage:
    """Take apart usage of text alone, as nearly every call has it: the rules below in a third of the time."""
    count = counted.get
    prompt, read, write_1h = count("input_tokens", 0), count("cache_read_tokens", 0), count("cache_write_1h_tokens", 0)
    written = count("cache_write_tokens", write_1h)
    output, reasoning = count("output_tokens", 0), count("reasoning_tokens", 0)
    text, plain_output = prompt - read - written, output if additive else output - reasoning
    if text < 0 or write_1h > written or plain_output < 0:
        _prompt_classes(counted, prompt)  # these say what is wrong
        _completion_classes(counted, additive=additive)
    counts: dict[Unit, Quantity] = {}
    if text:
        counts[Unit.INPUT] = text
    if read:
        counts[Unit.CACHE_READ] = read
    if written > write_1h:
        counts[Unit.CACHE_WRITE_5M] = written - write_1h
    if write_1h:
        counts[Unit.CACHE_WRITE_1H] = write_1h
    if plain_output:
        counts[Unit.OUTPUT] = plain_output
    if reasoning:
        counts[Unit.REASONING] = reasoning
    return Usage(counts, prompt)


def _prompt_classes(counted: Mapping[str, int], prompt: int) -> dict[Unit, Quantity]:
    read = counted.get("cache_read_tokens", 0)
    explicit = counted.get("explicit_cache_read_tokens", 0)
    write_1h, write_12h = counted.get("cache_write_1h_tokens", 0), counted.get("cache_write_12h_tokens", 0)
    write_5m = counted.get("cache_write_5m_tokens", 0)
    written = counted.get("cache_write_tokens", write_5m + write_1h + write_12h)
    audio, image = counted.get("input_audio_tokens", 0), counted.get("input_image_tokens", 0)
    video = counted.get("input_video_tokens", 0)
    read_audio, read_image = counted.get("cache_audio_read_tokens", 0), counted.get("cache_image_read_tokens", 0)
    write_audio = counted.get("cache_audio_write_tokens", 0)

    _within("cache_read_tokens", read + written, "input_tokens (cache writes included)", prompt)
    _within("cache_write_1h_tokens", write_5m + write_1h + write_12h, "cache_write_tokens", written)
    _within("input_audio_tokens", audio + image + video, "input_tokens (all media together)", prompt)
    _within("cache_audio_read_tokens", read_audio + write_audio, "input_audio_tokens", audio)
    _within("cache_image_read_tokens", read_image, "input_image_tokens", image)
    _within("explicit_cache_read_tokens", explicit + read_audio + read_image, "cache_read_tokens", read)
    _within("cache_audio_write_tokens", write_audio + write_1h + write_12h, "cache_write_tokens", written)

    audio, image = audio - read_audio - write_audio, image - read_image
    text = counted.get("text_tokens")
    _within("text_tokens", text or 0, "input_tokens", prompt)
    if text is None:
        text = prompt - read - written - audio - image - video
        if text < 0:
            # The provider says how much was cached but not of which medium: what does not fit was in the cache.
            video, image, audio = _give_way(-text, video, image, audio)
            text = 0
    return {
        Unit.INPUT: text,
        Unit.CACHE_READ: read - explicit - read_audio - read_image,
        Unit.CACHE_READ_EXPLICIT: explicit,
        Unit.CACHE_READ_AUDIO: read_audio,
        Unit.CACHE_READ_IMAGE: read_image,
        Unit.CACHE_WRITE_5M: written - write_1h - write_12h - write_audio,
        Unit.CACHE_WRITE_1H: write_1h,
        Unit.CACHE_WRITE_12H: write_12h,
        Unit.CACHE_WRITE_AUDIO: write_audio,
        Unit.INPUT_AUDIO: audio,
        Unit.INPUT_IMAGE: image,
        Unit.INPUT_VIDEO: video,
        Unit.CITATION: counted.get("citation_tokens", 0),
    }


def _completion_classes(counted: Mapping[str, int], *, additive: bool) -> dict[Unit, Quantity]:
    output, reasoning = counted.get("output_tokens", 0), counted.get("reasoning_tokens", 0)
    audio, image = counted.get("output_audio_tokens", 0), counted.get("output_image_tokens", 0)
    video = counted.get("output_video_tokens", 0)
    inside = audio + image + video + (0 if additive else reasoning)
    _within("reasoning_tokens", inside, "output_tokens (media and reasoning together)", output)
    return {
        Unit.OUTPUT: output - inside,
        Unit.REASONING: reasoning,
        Unit.OUTPUT_AUDIO: audio,
        Unit.OUTPUT_IMAGE: image,
        Unit.OUTPUT_VIDEO: video,
    }


def _give_way(excess: int, *counts: int) -> tuple[int, ...]:
    left = []
    for count in counts:
        taken = min(count, excess)
        excess -= taken
        left.append(count - taken)
    return tuple(left)


def _within(field: str, part: int, whole_name: str, whole: int) -> None:
    if part > whole:
        raise InvalidUsage(field, f"is more than its whole, {whole_name}: {part} > {whole}")


def _count(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidUsage(field, "is not a whole number")
    if not 0 <= value <= MAX_COUNT:
        raise InvalidUsage(field, "is negative or beyond any call")
    return value


def _quantity(field: str, value: object) -> Quantity:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | float):
        raise InvalidUsage(field, "is not a number")
    try:
        number = decimal(value)
    except InvalidOperation:
        raise InvalidUsage(field, "is not a decimal number") from None
    if not number.is_finite() or not 0 <= number <= MAX_COUNT:
        raise InvalidUsage(field, "is negative or beyond any call")
    if number.adjusted() < -SMALLEST_PART or len(number.as_tuple().digits) > MAX_DIGITS:
        raise InvalidUsage(field, "is finer than anything is measured")
    return number
