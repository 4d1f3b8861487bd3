"""Plans and models as the routes show them."""

from dataclasses import asdict
from typing import Final

from atom_llm.domain.core.money import plain
from atom_llm.domain.routing.cache_affinity import CacheAffinity
from atom_llm.domain.routing.candidates import Candidate, ExcludedModel
from atom_llm.domain.routing.ranking import RankedCandidate
from atom_llm.domain.tiers.tier import BOUNDS
from atom_llm.services.registry.callable_models import CallableModel, ChosenName
from atom_llm.services.routing.plan_call import Plan
from atom_llm.services.tiers.choose_tier import TierChoice
from functions.chat.schemas import (
    CallableModelOut,
    CandidateOut,
    ExcludedOut,
    OwnNameOut,
    RouteCacheOut,
    RouteOut,
    RouteSignalOut,
    RouteTierOut,
)

OURS: Final = "atom-llm"  # owns the names for which a model is chosen


def route(plan: Plan) -> RouteOut:
    """Return a plan with its reasons, as it is shown."""
    candidates = [_candidate(each, plan.ranked.get(each.id)) for each in plan.candidates]
    return RouteOut(
        object="route",
        asked=plan.wanted.asked,
        own_names=[OwnNameOut(name=name, stands_for=target) for name, target in plan.wanted.names_used],
        chosen=candidates[0].model if candidates else None,
        runner_up=candidates[1] if len(candidates) > 1 else None,
        candidates=candidates,
        excluded=[_excluded(each) for each in plan.excluded],
        tier=None if plan.choice is None else _tier(plan.choice),
        cache=None if plan.cache is None else _cache(plan.cache),
        prompt_tokens_estimated=plan.wanted.requirements.about_tokens,
        price_version=plan.price_version,
    )


def callable_model(model: CallableModel | ChosenName) -> CallableModelOut:
    """Return a model in OpenAI's shape, with the fields beside it that help to choose one."""
    if isinstance(model, ChosenName):
        return CallableModelOut(
            id=model.name,
            object="model",
            created=int(model.since.timestamp()),
            owned_by=OURS,
            mode="chat",
            max_input_tokens=None,
            max_output_tokens=None,
            capabilities=[],
        )
    entry = model.entry
    return CallableModelOut(
        id=entry.id,
        object="model",
        created=int(model.since.timestamp()),
        owned_by=entry.provider,
        mode=entry.mode or "chat",
        max_input_tokens=entry.limits.max_input_tokens,
        max_output_tokens=entry.limits.max_output_tokens,
        capabilities=sorted(entry.capabilities),
    )


def _tier(choice: TierChoice) -> RouteTierOut:
    found = choice.classification
    return RouteTierOut(
        tier=str(choice.tier),
        why=choice.why,
        minimum_quality=float(BOUNDS[choice.tier].minimum_quality),
        prefer=choice.preferences.prefer,
        score=None if found is None else found.score,
        tokens=None if found is None else found.tokens,
        confidence=None if found is None else found.confidence,
        signals=[] if found is None else [RouteSignalOut(**asdict(signal)) for signal in found.signals],
    )


def _cache(decision: CacheAffinity) -> RouteCacheOut:
    return RouteCacheOut(
        model=decision.held.model,
        provider_key=decision.held.key,
        cached_tokens=decision.tokens,
        worth_usd=plain(decision.worth),
        instead=decision.instead,
        saving_usd=None if decision.saving is None else plain(decision.saving),
        kept=decision.is_kept,
    )


def _candidate(candidate: Candidate, ranked: RankedCandidate | None) -> CandidateOut:
    return CandidateOut(
        model=candidate.id,
        provider=candidate.entry.provider,
        expected_cost_usd=plain(candidate.expected),
        most_cost_usd=plain(candidate.held),
        output_limit=candidate.output_limit,
        quality=None if ranked is None else ranked.quality,
        value=None if ranked is None else round(ranked.value, 2),
    )


def _excluded(excluded: ExcludedModel) -> ExcludedOut:
    return ExcludedOut(
        model=excluded.model,
        reason=str(excluded.reason),
        detail=excluded.detail,
        field=excluded.field,
        expected_cost_usd=None if excluded.expected is None else plain(excluded.expected),
    )
