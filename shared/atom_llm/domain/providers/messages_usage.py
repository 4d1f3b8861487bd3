"""Anthropic's report of a call's usage: its own counts, and those of the runs (`iterations`) that it was made of.

Fields: `anthropic.types.beta.BetaUsage` and `BetaIterationsUsage`. The counts of the object itself are the sum of its
`message` runs, or after a fallback on Anthropic's servers those of the model that served alone. Everything else,
advisors and compactions, stands in `iterations` alone. A model that refused before any output is not billed
(platform.claude.com: Server-side fallback).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.reported import OtherModelUsage, ReportedUsage
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.reported_counts import count, counted, inner, tier_terms

Run = Mapping[str, Any]

_OWN_RUN: Final = "message"
_FALLBACK_RUN: Final = "fallback_message"
_NOTHING: Final = Usage({}, 0)


def messages_usage(usage: Mapping[str, Any]) -> ReportedUsage | None:
    """Read Anthropic's usage object; of a stream, the first event's with the last one's over it. None without counts.

    `input_tokens` are what was neither read from the cache nor written to it; thinking is among the output. Runs of a
    model of another name, and those of a kind that is not known, count on top of the object's own.
    """
    given = usage.get("iterations")
    runs = [run for run in given if isinstance(run, dict)] if isinstance(given, list) else []
    searches = count(inner(usage, "server_tool_use").get("web_search_requests"))
    bought = {"web_searches": searches} if searches else None
    own, others = [usage], [run for run in runs if run.get("type") != _OWN_RUN]
    if any(run.get("type") == _FALLBACK_RUN for run in runs):
        asked = next((_model(run) for run in runs if run.get("type") == _OWN_RUN), None)
        billed = [run for run in runs if run.get("type") != _OWN_RUN or count(run.get("output_tokens"))]
        own = [run for run in billed if run.get("type") == _OWN_RUN and _model(run) == asked]
        others = [run for run in billed if run.get("type") != _OWN_RUN or _model(run) != asked]
    own += [run for run in others if _model(run) is None]
    found, elsewhere = _summed(own, bought), _by_model(others)
    if found is None and not elsewhere:
        return None
    return ReportedUsage(found or _NOTHING, usage, _terms(usage), elsewhere)


def _model(run: Run) -> str | None:
    """Return the model that a run names, and that may be another than the one that was asked."""
    model = run.get("model")
    return model if run.get("type") != "compaction" and isinstance(model, str) and model else None


def _by_model(runs: Iterable[Run]) -> tuple[OtherModelUsage, ...]:
    """Return each run's usage by itself: a length tier goes by the prompt of one run."""
    found = [(_model(run), _summed([run], None)) for run in runs]
    return tuple(OtherModelUsage(model, usage) for model, usage in found if model is not None and usage is not None)


def _summed(runs: Sequence[Run], others: Mapping[str, int] | None) -> Usage | None:
    parts: dict[str, int] = {}
    prompt = output = None
    for run in runs:
        fresh, written = count(run.get("input_tokens")), count(run.get("cache_creation_input_tokens")) or 0
        read, produced = count(run.get("cache_read_input_tokens")) or 0, count(run.get("output_tokens"))
        lifetimes = inner(run, "cache_creation")
        hour = count(lifetimes.get("ephemeral_1h_input_tokens")) or 0
        written = max(written, hour + (count(lifetimes.get("ephemeral_5m_input_tokens")) or 0))
        thinking = count(inner(run, "output_tokens_details").get("thinking_tokens")) or 0
        _sum_up(parts, "cache_read_tokens", read)
        _sum_up(parts, "cache_write_tokens", written)
        _sum_up(parts, "cache_write_1h_tokens", hour)
        _sum_up(parts, "reasoning_tokens", min(thinking, produced or 0))  # the output is what is billed
        if fresh is not None or read or written:
            prompt = (prompt or 0) + (fresh or 0) + read + written
        if produced is not None:
            output = (output or 0) + produced
    if prompt is None and output is None and not others:
        return None
    return counted(prompt, output, None, parts, others=others)


def _sum_up(parts: dict[str, int], name: str, number: int) -> None:
    if number:
        parts[name] = parts.get(name, 0) + number


def _terms(usage: Mapping[str, Any]) -> PricingTerms:
    terms = tier_terms(usage.get("service_tier"))
    geo, speed = usage.get("inference_geo"), usage.get("speed")
    if isinstance(geo, str):
        terms = terms._replace(inference_geo=geo)
    if isinstance(speed, str):
        terms = terms._replace(speed=speed)
    return terms
