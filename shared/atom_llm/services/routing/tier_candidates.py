"""The models of a tier for one call, ranked, and the reasons against all others."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.routing.cache_affinity import CacheAffinity, affinity, kept_first
from atom_llm.domain.routing.candidates import (
    CallRequirements,
    Candidate,
    ExcludedModel,
    ExclusionReason,
    RoutingContext,
    weigh,
)
from atom_llm.domain.routing.ranking import RankedCandidate, RatedCandidate, ranked, spread
from atom_llm.domain.tiers.tier import BOUNDS, TIER_PREFIX, Tier
from atom_llm.services.registry.provider_health import ProviderHealthService
from atom_llm.services.routing.call_history import CallHistory
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from atom_llm.services.routing.eligible_models import EligibleModelIndex, RatedEntry
from atom_llm.services.tiers.choose_tier import TierChoice

MOST_NEAR: Final = 3  # models that a refusal names in place of the one that was asked for
NEAR_LOOKED_AT: Final = 12  # models that are weighed for it

# Tokens of an answer in each tier, until the tenant's own calls say otherwise: a sentence, a few, a page, two, four.
USUAL_OUTPUTS: Final = {
    Tier.MICRO: 60,
    Tier.STANDARD: 300,
    Tier.VERSATILE: 700,
    Tier.HEAVY: 1_500,
    Tier.COMPLEX: 3_000,
}


@dataclass(frozen=True, slots=True)
class RankedTier:
    """A tier's models for one call, in the order in which they are tried.

    `excluded` names all others only where that was asked for; `cache` is the decision about the caches that hold the
    call's conversation.
    """

    ranked: list[RankedCandidate]
    excluded: list[ExcludedModel]
    cache: CacheAffinity | None


class TierCandidates:
    """The ranking of a tier's models for a call."""

    def __init__(
        self,
        eligible_models: EligibleModelIndex,
        history: CallHistory,
        health: ProviderHealthService,
        circuits: CircuitBreaker,
    ) -> None:
        """Take the parts; `condition` returns that of a model's provider, `look` reads circuits of many models at
        once.
        """
        self._eligible_models = eligible_models
        self._history = history
        self._health = health
        self._circuits = circuits

    def requirements(self, tenant: TenantId, requirements: CallRequirements, choice: TierChoice) -> CallRequirements:
        """Return the requirements of a tier's models: with the tenant's cap, and answers of the tier's usual length."""
        cap = choice.preferences.max_cost_per_request_usd
        caps = [each for each in (requirements.max_cost, cap) if each is not None]
        learned = self._history.expected_output(tenant, learned_as(choice.tier), USUAL_OUTPUTS[choice.tier])
        return replace(
            requirements,
            max_cost=min(caps) if caps else None,
            expected_output=requirements.expected_output if requirements.is_output_given else learned,
        )

    def near(
        self,
        tenant: TenantId,
        model: str,
        requirements: CallRequirements,
        rates_of: Callable[[ModelEntry], Rates],
        context: RoutingContext,
    ) -> tuple[str, ...]:
        """Return the models, nearest in quality to one that cannot be called, that can take the call in its place."""
        reached = (entry for entry in self._eligible_models.near(model) if context.has_key(entry))
        looked_at = list(islice(reached, NEAR_LOOKED_AT))
        self._circuits.look(tenant, ((entry.provider, entry.name) for entry in looked_at))
        weighed = (weigh(entry, rates_of, requirements, context) for entry in looked_at)
        return tuple(islice((each.id for each in weighed if isinstance(each, Candidate)), MOST_NEAR))

    def rank(
        self,
        tenant: TenantId,
        choice: TierChoice,
        requirements: CallRequirements,
        rates_of: Callable[[ModelEntry], Rates],
        context: RoutingContext,
        *,
        explain: bool,
    ) -> RankedTier:
        """Rank the models that are eligible for a tier, and can take a call of the tenant."""
        preferences = choice.preferences
        minimum = float(BOUNDS[choice.tier].minimum_quality)
        models = self._eligible_models.current()
        below, eligible = models.split(minimum)
        if not preferences.cache_aware:
            context = replace(context, hit_rate=lambda _: Decimal(0), held={})
        # The circuits of all of them are read in one request, before each is asked for by itself.
        self._circuits.look(
            tenant, ((each.entry.provider, each.entry.name) for each in eligible if context.has_key(each.entry))
        )
        rated: list[RatedCandidate] = []
        excluded: list[ExcludedModel] = []
        for each in eligible:
            if each.entry.provider in preferences.blocked_providers:
                excluded.append(_blocked(each.entry))
                continue
            found = weigh(each.entry, rates_of, requirements, context)
            if isinstance(found, Candidate):
                rated.append(RatedCandidate(found, each.quality))
            else:
                excluded.append(found)
        if explain:
            excluded += _below(below, choice.tier, minimum)
            excluded += _deprecated(models.deprecated)
            excluded += _obscure(models.obscure)
        best = ranked(
            rated,
            preferences.prefer,
            preferred=preferences.preferred_providers,
            condition=lambda candidate: self._health.condition(tenant, candidate.entry.provider),
            latency_ms=partial(self._history.latency_ms, tenant),
        )
        alike = self._of_best_standing(tenant, best, preferences.preferred_providers) if context.held else []
        cache = affinity(alike, context.held, requirements) if alike else None
        return RankedTier(spread(kept_first(best, cache, lambda each: each.candidate.id)), excluded, cache)

    def _of_best_standing(
        self, tenant: TenantId, best: list[RankedCandidate], preferred: Collection[str]
    ) -> list[Candidate]:
        """Return the candidates that no rule puts behind the first one, whatever they cost: a cache outweighs none."""

        def standing(candidate: Candidate) -> tuple[bool, bool]:
            provider = candidate.entry.provider
            return self._health.condition(tenant, provider) == "down", bool(preferred) and provider not in preferred

        return [each.candidate for each in best if standing(each.candidate) == standing(best[0].candidate)]


def learned_as(tier: Tier) -> str:
    """Return the name under which calls of a tier are remembered, however they were asked for."""
    return f"{TIER_PREFIX}{tier}"


def _blocked(entry: ModelEntry) -> ExcludedModel:
    return ExcludedModel(entry.id, ExclusionReason.BLOCKED, f"the tenant's preferences block {entry.provider}")


def _below(rows: Iterable[RatedEntry], tier: Tier, minimum: float) -> Iterable[ExcludedModel]:
    for each in rows:
        detail = f"its quality is {each.quality:g}, and {tier} asks for {minimum:g}"
        yield ExcludedModel(each.entry.id, ExclusionReason.BELOW_QUALITY, detail)


def _deprecated(rows: Collection[ModelEntry]) -> Iterable[ExcludedModel]:
    for entry in rows:
        yield ExcludedModel(entry.id, ExclusionReason.DEPRECATED, f"its end was published for {entry.deprecation_date}")


def _obscure(rows: Collection[ModelEntry]) -> Iterable[ExcludedModel]:
    for entry in rows:
        detail = "nobody has rated it, and the catalogue knows of nothing that it can do"
        yield ExcludedModel(entry.id, ExclusionReason.OBSCURE, detail)
