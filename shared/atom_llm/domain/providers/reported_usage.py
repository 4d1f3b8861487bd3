"""Usage in each provider's own words, as disjoint classes and the terms that it names.

Nothing raises for what a provider sent: a count that is none was not said, and `reported_counts.counted` decides
between counts that contradict each other. None means that the provider reported no usage.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.domain.core.providers import reasons_on_top
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.google_usage import generate_content_usage
from atom_llm.domain.providers.messages_usage import messages_usage
from atom_llm.domain.providers.reported_counts import count, counted, first, inner, tier_terms
from atom_llm.domain.providers.responses_tools import counted_calls

__all__ = [
    "chat_usage",
    "cohere_usage",
    "embeddings_usage",
    "generate_content_usage",
    "messages_usage",
    "responses_usage",
]

# Breakdown of the prompt → our name. OpenAI: `openai.types.completion_usage` and `…responses.response_usage`; Qwen has
# media, and writes to its explicit cache (Alibaba Model Studio: Context cache).
_PROMPT_PARTS: Final[Mapping[str, str]] = {
    "cached_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_creation_tokens": "cache_write_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
    "audio_tokens": "input_audio_tokens",
    "image_tokens": "input_image_tokens",
    "video_tokens": "input_video_tokens",
}
# The last is Mistral's, in the singular, beside or instead of the others.
_PROMPT_DETAILS: Final = ("prompt_tokens_details", "input_tokens_details", "prompt_token_details")
_CACHED_PARTS: Final[Mapping[str, str]] = {
    "audio_tokens": "cache_audio_read_tokens",
    "image_tokens": "cache_image_read_tokens",
}
# By lifetime: OpenAI's 30 minutes and Qwen's 5 minutes are each the ordinary write, and need no name.
_WRITTEN_PARTS: Final[Mapping[str, str]] = {
    "ttl_12h_tokens": "cache_write_12h_tokens",
    "ephemeral_1h_input_tokens": "cache_write_1h_tokens",
    "ttl_30m_tokens": "cache_write_5m_tokens",
    "ephemeral_5m_input_tokens": "cache_write_5m_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}
_COMPLETION_PARTS: Final[Mapping[str, str]] = {
    "reasoning_tokens": "reasoning_tokens",
    "audio_tokens": "output_audio_tokens",
    "image_tokens": "output_image_tokens",
    "video_tokens": "output_video_tokens",
}
# Parts that stand beside the breakdowns, or instead of them: DeepSeek's cache hits, Mistral's, Moonshot's, and
# Anthropic's names in an answer of OpenAI's shape.
_PARTS_BESIDE: Final[Mapping[str, str]] = {
    "prompt_cache_hit_tokens": "cache_read_tokens",
    "num_cached_tokens": "cache_read_tokens",
    "cached_tokens": "cache_read_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
    "reasoning_tokens": "reasoning_tokens",
}
_SEARCHING_MODEL: Final = "-search-"  # `gpt-4o-search-preview`, `gpt-5-search-api`: every call is a search, and billed


def chat_usage(provider: str, body: Mapping[str, Any]) -> ReportedUsage | None:
    """Read the usage of a whole answer or a stream's chunk in OpenAI's shape, with the tier that served it.

    Groq's streams have it as `x_groq.usage`. None for the chunks that carry none.
    """
    usage = body.get("usage")
    if not isinstance(usage, dict):
        usage = inner(body, "x_groq").get("usage")
        if not isinstance(usage, dict):
            return None
    model = body.get("model")
    is_search = provider == "openai" and isinstance(model, str) and _SEARCHING_MODEL in model
    return _openai(provider, usage, body.get("service_tier"), {"web_searches": 1} if is_search else None)


def responses_usage(provider: str, body: Mapping[str, Any]) -> ReportedUsage | None:
    """Read the usage of OpenAI's Responses API from a whole response or a stream's event; None where it is missing."""
    response = inner(body, "response") or body
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return None
    searches = count(inner(inner(response, "tool_usage"), "web_search").get("num_requests"))
    if searches is None:
        searches = sum(map(_is_search, _sequence(response.get("output"))))
    usage = {**usage, **counted_calls(_sequence(response.get("output")))}
    return _openai(provider, usage, response.get("service_tier"), {"web_searches": searches} if searches else None)


def _openai(
    provider: str, usage: Mapping[str, Any], tier: object, others: Mapping[str, int] | None
) -> ReportedUsage | None:
    prompt, completion = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    if prompt is None and completion is None:
        prompt, completion = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    total = count(usage.get("total_tokens"))
    if prompt is None and completion is None and total is None:
        return None
    parts: dict[str, int] = {}
    details = next((usage[name] for name in _PROMPT_DETAILS if usage.get(name)), None)
    if isinstance(details, dict):
        _add_prompt(parts, details)
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    if isinstance(details, dict):
        _add(parts, details, _COMPLETION_PARTS)
    for name in _PARTS_BESIDE.keys() & usage.keys():
        if number := count(usage[name]):
            parts.setdefault(_PARTS_BESIDE[name], number)
    if usage.get("prompt_audio_seconds") and total is not None:
        prompt = _with_audio(parts, prompt or 0, completion or 0, total)
    found = counted(prompt, completion, total, parts, reasons_on_top=reasons_on_top(provider), others=others)
    return None if found is None else ReportedUsage(found, usage, tier_terms(tier))


def _add_prompt(parts: dict[str, int], details: Mapping[str, Any]) -> None:
    _add(parts, details, _PROMPT_PARTS)
    if "cached_tokens_details" in details:
        _add(parts, inner(details, "cached_tokens_details"), _CACHED_PARTS)
    if "cache_write_tokens_details" in details or "cache_creation" in details:
        _add(parts, inner(details, "cache_write_tokens_details", "cache_creation"), _WRITTEN_PARTS)
    if details.get("cache_type") == "ephemeral" and "cache_read_tokens" in parts:
        parts["explicit_cache_read_tokens"] = parts["cache_read_tokens"]  # Qwen: a request has one kind of cache


def _add(parts: dict[str, int], details: Mapping[str, Any], names: Mapping[str, str]) -> None:
    for name, value in details.items():
        if value and name in names and (number := count(value)):
            field = names[name]
            parts[field] = max(parts.get(field, 0), number)  # two spellings of one count


def _with_audio(parts: dict[str, int], prompt: int, completion: int, total: int) -> int:
    """Return the whole prompt where Mistral counts audio in seconds and in the total, but not in `prompt_tokens`."""
    audio = total - prompt - completion
    if audio <= 0:
        return prompt
    parts["input_audio_tokens"] = max(parts.get("input_audio_tokens", 0), audio)
    return prompt + audio


def _is_search(item: object) -> bool:
    """Return whether an item of a response is a search of the web; opening a page that was found is free."""
    if not isinstance(item, dict) or item.get("type") != "web_search_call":
        return False
    return bool(inner(item, "action").get("type", "search") == "search")


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def cohere_usage(usage: Mapping[str, Any]) -> ReportedUsage | None:
    """Read Cohere's usage object of a chat: the billed counts (`billed_units`), or else those seen (`tokens`).

    `cached_tokens` are the beginning of what was seen. What is seen and not billed, Cohere's own template, begins the
    prompt: of the cached tokens it takes its part first, and the rest of them are billed as read from the cache.
    """
    seen = inner(usage, "tokens")
    billed = inner(usage, "billed_units") or seen
    prompt, completion = count(billed.get("input_tokens")), count(billed.get("output_tokens"))
    searches = count(billed.get("search_units"))
    if prompt is None and completion is None and searches is None:
        return None
    unbilled = max((count(seen.get("input_tokens")) or 0) - (prompt or 0), 0)
    cached = min(max((count(usage.get("cached_tokens")) or 0) - unbilled, 0), prompt or 0)
    parts = {"cache_read_tokens": cached} if cached else {}
    found = counted(prompt or 0, completion, None, parts, others={"queries": searches} if searches else None)
    return None if found is None else ReportedUsage(found, usage)


def embeddings_usage(provider: str, body: Mapping[str, Any]) -> ReportedUsage | None:
    """Read the usage of embeddings in the shape of OpenAI, of Cohere, or of Google; None where none is reported.

    Cohere has `meta.billed_units`; Google `usageMetadata`, which not every model of its has; MiniMax says
    `total_tokens` alone, beside its vectors.
    """
    if "usageMetadata" in body:
        return generate_content_usage(body)
    if "meta" in body:
        return _cohere_embeddings(inner(body, "meta"))
    usage = inner(body, "usage") or {name: body[name] for name in ("total_tokens",) if name in body}
    prompt, total = first(usage, "prompt_tokens", "input_tokens"), count(usage.get("total_tokens"))
    if prompt is None and total is None:
        return None
    parts: dict[str, int] = {}
    _add_prompt(parts, inner(usage, "prompt_tokens_details"))
    found = counted(max(prompt or 0, total or 0), 0, None, parts, reasons_on_top=reasons_on_top(provider))
    return None if found is None else ReportedUsage(found, usage)


def _cohere_embeddings(meta: Mapping[str, Any]) -> ReportedUsage | None:
    billed = inner(meta, "billed_units")
    prompt, text = count(billed.get("input_tokens")), count(billed.get("text_tokens")) or 0
    image, images = count(billed.get("image_tokens")) or 0, count(billed.get("images")) or 0
    if prompt is None and not text and not image and not images:
        return None
    parts = {"input_image_tokens": image} if image else {}
    whole = max(prompt or 0, text + image if text else 0)
    found = counted(whole, 0, None, parts, others={"input_images": images} if images else None)
    return None if found is None else ReportedUsage(found, billed)
