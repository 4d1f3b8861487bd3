"""Amazon Bedrock's report of a call's usage: `TokenUsage` of Converse, whole or in a stream's `metadata`.

`inputTokens` are what was neither read from a cache nor written to one (the user guide, "Prompt caching");
`cacheDetails` takes the written ones apart by lifetime. The tier that served stands beside the counts, and what a
guardrail has assessed in the trace.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.guardrails import units_told, usage_of
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
    assessed = units_told(content)
    if assessed:
        raw = {**raw, "guardrailUnits": assessed}
    return ReportedUsage(found, raw, tier_terms("default" if tier in _STANDARD else tier), usage_of(assessed))


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
