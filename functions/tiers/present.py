"""Tiers side by side, as the routes show them."""

from collections.abc import Callable, Sequence

from atom_llm.domain.registry.frontier import PricedQuality
from atom_llm.domain.registry.quality import ATTRIBUTION
from atom_llm.domain.routing.ranking import RankedCandidate
from atom_llm.services.routing.compare_tiers import TierComparison, TierPlan, cost_range, minimum_quality, quality_range
from functions.tiers import schemas

MOST_MODELS = 10  # of a tier that are named


def estimate(found: TierComparison) -> schemas.EstimateCostOut:
    """Return the cost of one request in each tier, as it is shown."""
    classified = found.classification
    return schemas.EstimateCostOut(
        recommended_tier=found.recommended,
        classified_tier=classified.tier if classified else None,
        confidence=classified.confidence if classified else None,
        prompt_tokens_estimated=found.about_tokens,
        tiers=[
            schemas.TierCostOut(
                tier=each.tier,
                minimum_quality=minimum_quality(each.tier),
                chosen=None if each.chosen is None else _choice(each.chosen),
                why_none=each.why_none,
            )
            for each in found.tiers
        ],
    )


def compare(
    tiers: Sequence[TierPlan], best: Sequence[PricedQuality], latency_ms: Callable[[str], float | None]
) -> schemas.CompareOut:
    """Return the tiers for usual requests, and the frontier, as they are shown."""
    return schemas.CompareOut(
        tiers=[_tier(each, latency_ms) for each in tiers],
        frontier=[
            schemas.FrontierOut(
                model=each.model,
                quality=each.quality,
                blended_usd_per_token=each.price,
                is_measured=each.is_measured,
            )
            for each in best
        ],
        attribution=ATTRIBUTION,
    )


def _tier(of: TierPlan, latency_ms: Callable[[str], float | None]) -> schemas.TierOut:
    qualities, costs = quality_range(of), cost_range(of)
    ranked = list(of.plan.ranked.values()) if of.plan else []
    seen = [latency for each in ranked if (latency := latency_ms(each.candidate.id)) is not None]
    return schemas.TierOut(
        tier=of.tier,
        minimum_quality=minimum_quality(of.tier),
        models=len(ranked),
        lowest_quality=qualities[0] if qualities else None,
        highest_quality=qualities[1] if qualities else None,
        lowest_cost_usd=costs[0] if costs else None,
        highest_cost_usd=costs[1] if costs else None,
        fastest_first_token_ms=round(min(seen)) if seen else None,
        chosen=None if of.chosen is None else _choice(of.chosen),
        why_none=of.why_none,
        best=[_choice(each) for each in ranked[:MOST_MODELS]],
    )


def _choice(ranked: RankedCandidate) -> schemas.TierModelOut:
    candidate = ranked.candidate
    return schemas.TierModelOut(
        model=candidate.id,
        provider=candidate.entry.provider,
        quality=ranked.quality,
        expected_cost_usd=candidate.expected,
        most_cost_usd=candidate.held,
    )
