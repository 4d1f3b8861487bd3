"""Amazon Bedrock's report of a call's usage: `TokenUsage` of Converse, whole or in a stream's `metadata`.

`inputTokens` are what was neither read from a cache nor written to one (the user guide, "Prompt caching");
`cacheDetails` takes the written ones apart by lifetime. The tier that served stands beside the counts.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.reported_counts import count, counted, first, inner, tier_terms

# Capacity that was bought ahead has no rate of its own: its tokens count at the standard price.
_STANDARD: Final = frozenset({"reserved"})
_HOUR: Final = "1h"


def converse_usage(content: Mapping[str, Any]) -> ReportedUsage | None:
    """Read the usage of an answer or of a `metadata` event; None where it counts nothing."""
    usage = inner(content, "usage")
    fresh, produced, total = (count(usage.get(name)) for name in ("inputTokens", "outputTokens", "totalTokens"))
    read = first(usage, "cacheReadInputTokens", "cacheReadInputTokenCount") or 0
    hour, others = _by_lifetime(usage.get("cacheDetails"))
    written = max(first(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount") or 0, hour + others)
    parts = {"cache_read_tokens": read, "cache_write_tokens": written, "cache_write_1h_tokens": hour}
    if fresh is None and total is not None:
        fresh = max(total - (produced or 0) - read - written, 0)
    prompt = None if fresh is None and not read and not written else (fresh or 0) + read + written
    if produced is None and total is not None:
        produced = max(total - (prompt or 0), 0)
    if prompt is None and produced is None:
        return None
    found = counted(prompt, produced, None, {name: number for name, number in parts.items() if number})
    if found is None:
        return None
    tier = inner(content, "serviceTier").get("type")
    raw = {**usage, "serviceTier": tier} if isinstance(tier, str) else usage
    if units := guardrail_units(content):
        raw = {**raw, "guardrailUnits": units}
    return ReportedUsage(found, raw, tier_terms("default" if tier in _STANDARD else tier))


def guardrail_units(content: Mapping[str, Any]) -> dict[str, int]:
    """Return the units of text and pictures that a guardrail's policies have assessed, by AWS's names, from its trace.

    AWS bills them beside the model; its list prices are those of one row (`bedrock/guardrails`), and no hold covers
    them, so that they are evidence in the row and no part of its cost.
    """
    found: Counter[str] = Counter()
    guardrail = inner(inner(content, "trace"), "guardrail")
    assessed = list(inner(guardrail, "inputAssessment").values())
    for each in inner(guardrail, "outputAssessments").values():
        assessed += each if isinstance(each, list) else ()
    for assessment in assessed:
        if isinstance(assessment, dict):
            for name, units in inner(inner(assessment, "invocationMetrics"), "usage").items():
                found[name] += count(units) or 0
    return {name: units for name, units in found.items() if units}


def _by_lifetime(details: object) -> tuple[int, int]:
    """Return the written tokens that are kept for an hour, and all others."""
    hour = others = 0
    for each in details if isinstance(details, list) else ():
        number = (count(each.get("inputTokens")) or 0) if isinstance(each, dict) else 0
        if number and each.get("ttl") == _HOUR:
            hour += number
        else:
            others += number
    return hour, others
