"""OpenRouter's model list as model entries, in LiteLLM's words for rates."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from atom_llm.adapters.sources.fields import (
    MAX_NAME_LENGTH,
    day,
    is_name,
    published,
    strict_json,
    tokens,
    words,
)
from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.core.errors import InvalidRate

NAME: Final = "openrouter"
PROVIDER: Final = "openrouter"

# Its price fields, all USD (its OpenAPI document, PublicPricing), as rate names.
RATE_OF_FIELD: Final = {
    "prompt": "input_cost_per_token",
    "completion": "output_cost_per_token",
    "input_cache_read": "cache_read_input_token_cost",
    "input_cache_write": "cache_creation_input_token_cost",
    "input_cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "internal_reasoning": "output_cost_per_reasoning_token",
    "audio": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
    "input_audio_cache": "cache_read_input_audio_token_cost",
    "image_token": "input_cost_per_image_token",
    "request": "input_cost_per_request",
    "web_search": "search_context_cost_per_query",
}
# Documented per image, published per token: kept as they stand, priced as neither.
AMBIGUOUS: Final = ("image", "image_output", "discount")
# Fields that older answers fill with "0" for "not sold": there a 0 is no price.
ZERO_IS_ABSENT: Final = frozenset({"request", "web_search", "internal_reasoning", "image", "image_output", "discount"})

CAPABILITY_OF_PARAMETER: Final = {
    "tools": "function_calling",
    "tool_choice": "tool_choice",
    "response_format": "response_format",
    "structured_outputs": "response_schema",
    "reasoning": "reasoning",
}


def read(body: bytes) -> SourceReading:
    """Read every model of an answer, `{"data": […]}` or a bare list; raises `UnreadableSource` when it is neither.

    A row whose price is no price (its routers publish -1 for "it depends") is refused alone.
    """
    content = strict_json(NAME, body)
    rows = content.get("data") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise UnreadableSource(NAME, "neither a list of models nor an object with one")
    entries: dict[str, ModelEntry] = {}
    refused: dict[str, str] = {}
    for row in rows:
        slug = row.get("id") if isinstance(row, dict) else None
        if not isinstance(slug, str) or not is_name(slug):
            refused[str(slug)[:MAX_NAME_LENGTH]] = "has no usable id"
            continue
        identity = f"{PROVIDER}/{slug}"
        try:
            if entries.pop(identity, None) is not None:
                raise InvalidRate(slug, "is listed twice")
            entry = _entry(identity, slug, row)
            compiled(entry)
        except InvalidRate as error:
            refused[identity] = str(error)
        else:
            entries[identity] = entry
    return SourceReading(NAME, entries, refused)


def _entry(identity: str, slug: str, row: Mapping[str, object]) -> ModelEntry:
    pricing = row.get("pricing")
    if not isinstance(pricing, dict) or pricing.get("prompt") is None or pricing.get("completion") is None:
        raise InvalidRate("pricing", "has no prompt and completion price")
    provider_limits, architecture = _object(row.get("top_provider")), _object(row.get("architecture"))
    parameters = row.get("supported_parameters")
    takes, gives = words(architecture.get("input_modalities")), words(architecture.get("output_modalities"))
    named = {CAPABILITY_OF_PARAMETER.get(str(each)) for each in parameters} if isinstance(parameters, list) else set()
    if "image" in takes:
        named.add("vision")
    return ModelEntry(
        id=identity,
        provider=PROVIDER,
        source_key=slug,
        source="openrouter",
        mode="chat" if "text" in gives else None,
        published=_published(pricing),
        limits=TokenLimits(tokens(row.get("context_length")), tokens(provider_limits.get("max_completion_tokens"))),
        capabilities=frozenset(name for name in named if name),
        modalities=(takes, gives),
        deprecation_date=day(row.get("expiration_date")),
    )


def _published(pricing: Mapping[str, object]) -> dict[str, object]:
    rates: dict[str, object] = {
        RATE_OF_FIELD[field]: value for field, value in pricing.items() if _is_price(field, value)
    }
    rates |= {f"{f}_cost": published(pricing[f], f) for f in AMBIGUOUS if not _is_zero(pricing.get(f))}
    overrides = pricing.get("overrides") or []
    if not isinstance(overrides, list):
        raise InvalidRate("overrides", "is not a list")
    for override in overrides:
        more = _override(_object(override))
        if not rates.keys().isdisjoint(more):
            raise InvalidRate("overrides", "says two things about one condition")
        rates |= more
    return rates


def _override(override: Mapping[str, object]) -> dict[str, object]:
    """Translate a conditional price: above a prompt length (strictly), or within a daily UTC window."""
    rates = {RATE_OF_FIELD[field]: value for field, value in override.items() if _is_price(field, value)}
    conditions = override.keys() & {"min_prompt_tokens", "utc_start", "utc_end"}
    threshold = tokens(override.get("min_prompt_tokens"))
    if conditions == {"min_prompt_tokens"} and threshold is not None and threshold % 1000 == 0:
        return {f"{name}_above_{threshold // 1000}k_tokens": value for name, value in rates.items()}
    if conditions == {"utc_start", "utc_end"}:
        hours = f"{_clock(override['utc_start'])}-{_clock(override['utc_end'])}"
        return {"off_peak_pricing": {"hours_utc": hours, **rates}}
    raise InvalidRate("overrides", "has a condition that is not understood")


def _is_price(field: str, value: object) -> bool:
    return field in RATE_OF_FIELD and value is not None and not (field in ZERO_IS_ABSENT and _is_zero(value))


def _is_zero(value: object) -> bool:
    if value is None:
        return True
    try:
        return Decimal(str(value)) == 0
    except ArithmeticError:
        return False


def _clock(value: object) -> str:
    number = tokens(value)
    if number is None or number > 2400:
        raise InvalidRate("overrides", "has a time that is not HHMM")
    return f"{number // 100:02d}:{number % 100:02d}"


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
