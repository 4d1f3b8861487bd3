"""Gemini's report of a call's usage: `usageMetadata`, and the searches that its answer is grounded in.

Fields: `google.genai.types.GenerateContentResponseUsageMetadata`; their sum is `totalTokenCount`. Searches:
ai.google.dev/gemini-api/docs/google-search, whose price is per query since Gemini 3 and per prompt before it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.reported_counts import count, counted, first, inner, tier_terms

_MEDIA: Final = frozenset({"audio", "image", "video"})  # a document is priced as the text, or the images, that it is
# What was bought by capacity, or off the peak, has no price of its own in any list.
_TRAFFIC: Final[Mapping[str, str]] = {
    "ON_DEMAND": "standard",
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_OFFPEAK": "standard",
    "PROVISIONED_THROUGHPUT": "standard",
}
_BILLED_BY_PROMPT: Final = re.compile(r"gemini-[12](?:\.|-|\Z)")


def generate_content_usage(body: Mapping[str, Any]) -> ReportedUsage | None:
    """Read the usage of a whole answer, of a stream's last event, or of embeddings; None where none is reported.

    Thoughts are beside the candidates, unless the total says that they are among them; tokens that tools gave the model
    are on top of the prompt, unless the total says that they are inside. All of it is charged: a search's own results
    too, which LiteLLM leaves out, for the total has them. The free searches of a day are not known here.
    """
    usage = inner(body, "usageMetadata")
    prompt, tools = count(usage.get("promptTokenCount")), count(usage.get("toolUsePromptTokenCount")) or 0
    candidates = first(usage, "candidatesTokenCount", "responseTokenCount")
    thoughts, total = count(usage.get("thoughtsTokenCount")) or 0, count(usage.get("totalTokenCount"))
    if prompt is None and candidates is None and total is None and not thoughts and not tools:
        return None
    read = count(usage.get("cachedContentTokenCount")) or 0
    parts = {"cache_read_tokens": read, "reasoning_tokens": thoughts}
    prompt_media = _by_modality(usage, "promptTokensDetails", "promptTokenDetails")
    tools_are_inside = total == (prompt or 0) + (candidates or 0) + thoughts
    if tools and not tools_are_inside:
        prompt = (prompt or 0) + tools
        for medium, number in _by_modality(usage, "toolUsePromptTokensDetails").items():
            prompt_media[medium] = prompt_media.get(medium, 0) + number
    cached_media = _by_modality(usage, "cacheTokensDetails")
    # There is no class of cached video: what of it was cached counts as that, and not as video too.
    prompt_media["video"] = max(prompt_media.get("video", 0) - cached_media.pop("video", 0), 0)
    parts |= {f"input_{medium}_tokens": number for medium, number in prompt_media.items()}
    parts |= {f"cache_{medium}_read_tokens": number for medium, number in cached_media.items()}
    for medium, number in _by_modality(usage, "candidatesTokensDetails", "responseTokensDetails").items():
        parts[f"output_{medium}_tokens"] = number
    bought = dict(_grounding(body))
    kept = {name: number for name, number in parts.items() if number}
    found = counted(prompt, candidates, total, kept, reasons_on_top=True, others=bought)
    return None if found is None else ReportedUsage(found, {**usage, **bought}, _terms(usage))


def _by_modality(usage: Mapping[str, Any], *names: str) -> dict[str, int]:
    media: dict[str, int] = {}
    details = next((usage[name] for name in names if isinstance(usage.get(name), list)), ())
    for detail in details:
        modality = detail.get("modality") if isinstance(detail, dict) else None
        medium = modality.lower() if isinstance(modality, str) else ""
        if medium in _MEDIA:
            media[medium] = media.get(medium, 0) + (count(detail.get("tokenCount")) or 0)
    return media


def _terms(usage: Mapping[str, Any]) -> PricingTerms:
    traffic = usage.get("trafficType")
    said = usage.get("serviceTier") or (_TRAFFIC.get(traffic) if isinstance(traffic, str) else None)
    return tier_terms(said.lower().removeprefix("service_tier_") if isinstance(said, str) else None)


def _grounding(body: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the searches and the look-ups of places that are billed: distinct queries, those that are empty ignored."""
    searches: set[str] = set()
    places: set[str] = set()
    has_places = False
    for grounding in _groundings(body):
        chunks = grounding.get("groundingChunks")
        kinds = (
            {kind for chunk in chunks if isinstance(chunk, dict) for kind in chunk} if isinstance(chunks, list) else ()
        )
        queries = grounding.get("webSearchQueries")
        said = {query for query in queries if isinstance(query, str) and query} if isinstance(queries, list) else set()
        of_places = "maps" in kinds or bool(grounding.get("googleMapsWidgetContextToken"))
        has_places = has_places or of_places
        (places if of_places and "web" not in kinds else searches).update(said)
    version = body.get("modelVersion")
    by_prompt = isinstance(version, str) and is_billed_by_prompt(version)
    if searches:
        yield "web_searches", 1 if by_prompt else len(searches)
    if has_places:
        yield "maps_queries", 1 if by_prompt else max(len(places), 1)


def is_billed_by_prompt(model: str) -> bool:
    """Return whether a model's searches and look-ups of places are billed once a prompt, however many there were."""
    return _BILLED_BY_PROMPT.search(model) is not None


def _groundings(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    candidates = body.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else ():
        if isinstance(candidate, dict):
            yield inner(candidate, "groundingMetadata")
