"""The models of a tier for one call, ranked, and the reasons against all others."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import count, islice
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.registry.health import Condition
from atom_llm.domain.routing.best_few import RoughPlace, RoughPlaces, Standing, best_few
from atom_llm.domain.routing.cache_affinity import CacheAffinity, affinity, kept_first
from atom_llm.domain.routing.candidates import (
    CallRequirements,
    Candidate,
    ExcludedModel,
    ExclusionReason,
    RoutingContext,
    expected_cost,
    output_limit,
    weigh,
)
from atom_llm.domain.routing.ranking import (
    RankedCandidate,
    RatedCandidate,
    free_counts_as,
    ranked,
    spread,
    worth_of,
)
from atom_llm.domain.routing.rough_costs import MARGIN, RoughRow, RoughTable, rough_costs
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import BOUNDS, TIER_PREFIX, Tier
from atom_llm.process_cache import BoundedMap, DerivedValue
from atom_llm.services.registry.provider_health import ProviderHealthService
from atom_llm.services.routing.call_history import CallHistory
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from atom_llm.services.routing.eligible_models import EligibleModelIndex, EligibleModels, RatedEntry
from atom_llm.services.tiers.choose_tier import TierChoice

MOST_NEAR: Final = 3  # models that a refusal names in place of the one that was asked for
NEAR_LOOKED_AT: Final = 12  # models that are weighed for it
MANY_ROUNDS: Final = 3  # of circuits that were open; then all are asked for
MOST_TABLES: Final = (
    512  # of rough rates that are remembered: of each provider under 32 terms, service tiers and the like
)

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
        self._tables: DerivedValue[tuple[EligibleModels, str], BoundedMap[tuple[str, PricingTerms], RoughTable]] = (
            DerivedValue()
        )

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
        reached = (entry for entry in self._eligible_models.near(model) if context.reaches(entry))
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
        models = self._eligible_models.current().whole
        below, eligible = models.split(minimum)
        if not preferences.cache_aware:
            context = replace(context, hit_rate=lambda _: Decimal(0), held={})
        # The circuits of all of them are read in one request, before each is asked for by itself.
        self._circuits.look(
            tenant, ((each.entry.provider, each.entry.name) for each in eligible if context.reaches(each.entry))
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
        free_cost = free_counts_as(
            _cost(each.entry, rates_of, requirements, context)
            for each in eligible
            if _is_within_reach(each.entry, preferences, context)
        )
        best = self._ranked(tenant, preferences, rated, free_cost)
        alike = self._of_best_standing(tenant, best, preferences.preferred_providers) if context.held else []
        cache = affinity(alike, context.held, requirements) if alike else None
        return RankedTier(spread(kept_first(best, cache, lambda each: each.candidate.id)), excluded, cache)

    def best(
        self,
        tenant: TenantId,
        choice: TierChoice,
        requirements: CallRequirements,
        catalogue: Catalogue,
        context: RoutingContext,
        most: int,
    ) -> RankedTier:
        """Return the first `most` of `rank`, at the catalogue's prices, weighing and asking circuits of little more.

        It is for calls whose conversation no cache holds: what one is worth is told by all models' exact costs.

        A circuit is asked for where its model would be tried. Where many of them are open, all are asked for at once.
        """
        preferences = choice.preferences
        if not preferences.cache_aware:
            context = replace(context, hit_rate=lambda _: Decimal(0))
        passing = replace(context, is_open=lambda _: False)
        rough = self._rough(choice.tier, requirements, catalogue, preferences, context)
        free_cost = _free_cost(rough, catalogue.rates, requirements, context)
        places = self._places(tenant, preferences, rough, free_cost)
        known: dict[str, RatedCandidate | None] = {}
        open_ones: set[str] = set()

        def weighed(place: RoughPlace) -> RatedCandidate | None:
            entry = place.entry
            if entry.id in open_ones:
                return None
            if entry.id not in known:
                found = weigh(entry, catalogue.rates, requirements, passing)
                known[entry.id] = RatedCandidate(found, place.quality) if isinstance(found, Candidate) else None
            return known[entry.id]

        for rounds in count(1):
            few = self._ranked(tenant, preferences, best_few(places, most, weighed), free_cost)
            tried = [each.candidate.entry for each in spread(few)[:most]]
            looked_at = tried if rounds < MANY_ROUNDS else [each.entry for each in places]
            self._circuits.look(tenant, ((entry.provider, entry.name) for entry in looked_at))
            found_open = {entry.id for entry in looked_at if context.is_open(entry)}
            open_ones |= found_open
            if found_open.isdisjoint(entry.id for entry in tried):
                return RankedTier(spread(few)[:most], [], None)
        raise AssertionError("a count has no end")

    def _rough(
        self,
        tier: Tier,
        requirements: CallRequirements,
        catalogue: Catalogue,
        preferences: Preferences,
        context: RoutingContext,
    ) -> list[tuple[RoughRow, float]]:
        """Return the tier's rows that the tenant may be given, with their rough costs."""
        blocked, minimum = preferences.blocked_providers, float(BOUNDS[tier].minimum_quality)
        reached = {
            provider: reach
            for provider in PROVIDER_BY_ID
            if provider not in blocked and (reach := context.has_keys_of(provider)) is not False
        }
        models = self._eligible_models.current()
        tables = self._tables.of((models, catalogue.version), lambda: BoundedMap(MOST_TABLES))
        terms = requirements.terms._replace(at=None)
        reachable = []
        for provider, eligible in models.of(reached).items():
            table = tables.get((provider, terms))
            if table is None:
                table = RoughTable([(each.entry, each.quality) for each in eligible.rows], catalogue.rates, terms)
                tables.put((provider, terms), table)
            for row in table.rows(requirements.about_tokens, requirements.terms.at)[eligible.first_of(minimum) :]:
                reach = context.has_key(row.entry) if reached[provider] is None else True
                if reach and (context.forbids is None or context.forbids(row.entry) is None):
                    reachable.append(row)
        costs = rough_costs(reachable, requirements, context.hit_rate)
        return [(row, cost) for row, cost in zip(reachable, costs, strict=True) if cost is not None]

    def _places(
        self, tenant: TenantId, preferences: Preferences, rough: Sequence[tuple[RoughRow, float]], free_cost: float
    ) -> RoughPlaces:
        """Return the rows by their rough places."""
        prefer, preferred = preferences.prefer, preferences.preferred_providers
        standings: dict[Standing, list[tuple[float, int]]] = {}
        of_providers: dict[str, tuple[Condition, list[tuple[float, int]]]] = {}
        for provider in {row.entry.provider for row, _ in rough}:
            state = self._health.condition(tenant, provider)
            standing = state == "down", bool(preferred) and provider not in preferred
            of_providers[provider] = state, standings.setdefault(standing, [])
        for number, (row, cost) in enumerate(rough):
            state, lacks = of_providers[row.entry.provider]
            lacks.append((-worth_of(prefer, row.quality, cost, free_cost, state), number))
        return RoughPlaces([row for row, _ in rough], standings)

    def _ranked(
        self, tenant: TenantId, preferences: Preferences, rated: Sequence[RatedCandidate], free_cost: float
    ) -> list[RankedCandidate]:
        return ranked(
            rated,
            preferences.prefer,
            preferred=preferences.preferred_providers,
            condition=lambda candidate: self._health.condition(tenant, candidate.entry.provider),
            latency_ms=partial(self._history.latency_ms, tenant),
            free_cost=free_cost,
        )

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


def _is_within_reach(entry: ModelEntry, preferences: Preferences, context: RoutingContext) -> bool:
    return entry.provider not in preferences.blocked_providers and context.reaches(entry)


def _cost(
    entry: ModelEntry, rates_of: Callable[[ModelEntry], Rates], requirements: CallRequirements, context: RoutingContext
) -> float:
    """Return the expected USD of a call; 0 where there is no price."""
    try:
        limit = output_limit(entry, requirements)
        return float(expected_cost(entry, rates_of(entry), requirements, limit, context.hit_rate(entry)))
    except (Unpriced, InvalidRate):
        return 0.0


def _free_cost(
    rough: Sequence[tuple[RoughRow, float]],
    rates_of: Callable[[ModelEntry], Rates],
    requirements: CallRequirements,
    context: RoutingContext,
) -> float:
    """Return `free_counts_as` of the exact costs: only those that could be in the middle are computed."""
    paid = sorted(((cost, row.entry) for row, cost in rough if cost), key=lambda each: each[0])
    if len(paid) in (0, len(rough)):
        return free_counts_as(cost for cost, _ in paid)  # nothing is free, or nothing is not
    low, high = paid[(len(paid) - 1) // 2][0] * (1 - MARGIN), paid[len(paid) // 2][0] * (1 + MARGIN)
    return free_counts_as(
        _cost(entry, rates_of, requirements, context) if low <= cost <= high else cost for cost, entry in paid
    )


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
