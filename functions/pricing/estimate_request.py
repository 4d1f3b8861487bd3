"""An estimate's request in the domain's words."""

import json
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest, InvalidUsage
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.services.catalogue.estimate_cost import PromptText
from functions.pricing.schemas import EstimateIn, PromptMessageIn

# Wire name → the usage field that it counts; wire names that are usage fields already stand for themselves.
_FIELD_OF: Final = {
    "cached_tokens": "cache_read_tokens",
    "cached_audio_tokens": "cache_audio_read_tokens",
    "cached_image_tokens": "cache_image_read_tokens",
    "explicit_cached_tokens": "explicit_cache_read_tokens",
}
_WIRE_NAME_OF: Final = {field: name for name, field in _FIELD_OF.items()}
_NOT_COUNTS: Final = frozenset(
    {
        "model",
        "prompt",
        "messages",
        "service_tier",
        "data_residency",
        "endpoint_location",
        "inference_geo",
        "speed",
        "resolution",
        "search_context_size",
        "max_results",
        "at",
    }
)


def reported_usage(request: EstimateIn) -> dict[str, object]:
    """Return the counts of a request, as usage fields; raises `InvalidRequest` when there is nothing to price."""
    given = request.model_dump(exclude=set(_NOT_COUNTS), exclude_none=True, exclude_unset=True)
    if not given and request.prompt is None and request.messages is None:
        raise InvalidRequest("input_tokens", "is missing: give counts, a prompt or messages")
    return {field_of(name): count for name, count in given.items()}


def field_of(name: str) -> str:
    """Return the usage field that a field of the request counts."""
    return _FIELD_OF.get(name, name)


def in_wire_words(error: InvalidUsage) -> InvalidUsage:
    """Return the fault with the field as the caller named it."""
    return InvalidUsage(_WIRE_NAME_OF.get(error.field, error.field), error.fault)


def prompt_of(request: EstimateIn) -> PromptText | None:
    """Return the text of a request whose tokens are to be estimated, if there is one."""
    if request.prompt is not None and request.messages is not None:
        raise InvalidRequest("prompt", "stands beside messages: give one of them")
    if request.prompt is not None:
        return PromptText((request.prompt,))
    if request.messages is None:
        return None
    texts: list[str] = []
    images = 0
    for number, message in enumerate(request.messages):
        images += _add_content(texts, message, f"messages.{number}.content")
    return PromptText(texts, messages=len(request.messages), images=images)


def terms_of(request: EstimateIn) -> PricingTerms:
    """Return the terms that change a price, the instant aside."""
    return PricingTerms(
        service_tier=request.service_tier,
        at=request.at,
        data_residency=request.data_residency,
        endpoint_location=request.endpoint_location,
        inference_geo=request.inference_geo,
        speed=request.speed,
        variant=request.resolution,
        search_context=request.search_context_size,
        max_results=request.max_results,
    )


def _add_content(texts: list[str], message: PromptMessageIn, where: str) -> int:
    """Collect a message's texts and count its pictures."""
    texts.append(message.role)
    if message.name:
        texts.append(message.name)
    if message.tool_calls:
        texts.append(json.dumps(message.tool_calls))
    if isinstance(message.content, str):
        texts.append(message.content)
        return 0
    images = 0
    for number, part in enumerate(message.content or ()):
        images += _add_part(texts, part, f"{where}.{number}")
    return images


def _add_part(texts: list[str], part: dict[str, Any], where: str) -> int:
    kind, text = part.get("type"), part.get("text")
    if kind == "image_url":
        return 1
    if kind == "text" and isinstance(text, str):
        texts.append(text)
        return 0
    raise InvalidRequest(where, "is neither text nor a picture: its tokens cannot be estimated, give input_tokens")
