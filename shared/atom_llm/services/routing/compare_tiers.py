"""The five tiers side by side, for one tenant as of now: for a given request, or for a usual one of each tier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.pricing.token_prices import prices_of_rates
from atom_llm.domain.registry.frontier import PricedQuality, frontier
from atom_llm.domain.routing.candidates import ExclusionReason
from atom_llm.domain.routing.chat_request import ChatRequest, chat_request
from atom_llm.domain.routing.ranking import RankedCandidate
from atom_llm.domain.tiers.classify import Classification, classify
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import AUTO, BOUNDS, TIERS, Tier, clamped, tier_of
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.routing.call_history import CallHistory
from atom_llm.services.routing.eligible_models import EligibleModelIndex
from atom_llm.services.routing.plan_call import Plan, Planner, PlanRequest
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
from atom_llm.services.tiers.choose_tier import TierChoice
from atom_llm.services.tiers.read_preferences import PreferenceReader

# Tokens of a usual prompt of each tier: half of what it takes at most.
USUAL_PROMPTS: Final = {
    Tier.MICRO: 50,
    Tier.STANDARD: 250,
    Tier.VERSATILE: 1_000,
    Tier.HEAVY: 2_500,
    Tier.COMPLEX: 5_000,
}


@dataclass(frozen=True, slots=True)
class TierPlan:
    """The plan of a tier, or (None) the reason why the tenant's preferences do not let it."""

    tier: Tier
    plan: Plan | None
    refusal: str | None

    @property
    def chosen(self) -> RankedCandidate | None:
        """The model that would answer; None where none would."""
        if self.plan is None or not self.plan.candidates:
            return None
        return self.plan.ranked[self.plan.candidates[0].id]

    @property
    def why_none(self) -> str | None:
        """The reason why no model would answer, in one sentence; None where one would."""
        if self.chosen is not None:
            return None
        if self.plan is None:
            return self.refusal
        counts: dict[ExclusionReason, int] = {}
        for each in self.plan.excluded:
            counts[each.reason] = counts.get(each.reason, 0) + 1
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items(), key=lambda each: -each[1]))
        return f"no model can take it: {told}" if told else "no model is known"


@dataclass(frozen=True, slots=True)
class TierComparison:
    """The tiers for one request; `recommended` is the one that `auto` would get."""

    tiers: Sequence[TierPlan]
    recommended: Tier
    classification: Classification | None
    about_tokens: int


class TierComparer:
    """The comparison of tiers for one tenant."""

    def __init__(
        self,
        planner: Planner,
        preferences: PreferenceReader,
        eligible_models: EligibleModelIndex,
        catalogue: CatalogueReader,
        ring: ProviderKeyRing,
        history: CallHistory,
        own_prices: Callable[[TenantId], OwnPrices | None],
        clock: Clock,
    ) -> None:
        """Take what plans calls, and `own_prices`: those of a tenant."""
        self._planner = planner
        self._preferences = preferences
        self._eligible_models = eligible_models
        self._catalogue = catalogue
        self._ring = ring
        self._history = history
        self._own_prices = own_prices
        self._clock = clock

    def of_request(self, tenant: TenantId, request: ChatRequest, expected_output: int | None = None) -> TierComparison:
        """Return the tiers for a request's messages."""
        wanted = _expecting(self._planner.chat(tenant, request), expected_output)
        found = classify(request.body["messages"])
        return self._compared(tenant, wanted, found.tier, found)

    def of_tokens(self, tenant: TenantId, tokens: int, expected_output: int | None = None) -> TierComparison:
        """Return the tiers for a plain prompt of so many tokens, of which nothing else is known."""
        wanted = _expecting(self._of_size(tenant, tokens), expected_output)
        return self._compared(tenant, wanted, tier_of(tokens, 0), None)

    def usual(self, tenant: TenantId) -> list[TierPlan]:
        """Return each tier's plan for a usual prompt of it."""
        preferences = self._preferences.of(tenant)
        return [self._planned(self._of_size(tenant, USUAL_PROMPTS[tier]), tier, preferences) for tier in TIERS]

    def reachable(self, tenant: TenantId) -> list[PricedQuality]:
        """Return the chat models that the tenant's keys reach, with quality and price; only those priced by token.

        The price is the tenant's own where it has one, as in plans.
        """
        keys, catalogue = self._ring.usable_keys(tenant), self._catalogue.current().catalogue
        own = self._own_prices(tenant)
        rates_of = catalogue.rates if own is None else own.rates_of(catalogue, self._clock())
        found = []
        for each in self._eligible_models.current().whole.rows:
            prices = prices_of_rates(rates_of(each.entry))
            if prices is not None and any(key.allows(each.entry.id) for key in keys.get(each.entry.provider, ())):
                found.append(PricedQuality(each.entry.id, each.quality, prices.blended, each.is_measured))
        return found

    def frontier(self, tenant: TenantId) -> list[PricedQuality]:
        """Return the models that the tenant's keys reach and no other one beats in both quality and price."""
        return frontier(self.reachable(tenant))

    def latency_ms(self, tenant: TenantId, model: str) -> float | None:
        """Return the milliseconds to the first token of a tenant's calls of a model in this process; None without."""
        seen = self._history.latency_ms(tenant, model)
        return None if seen == float("inf") else seen

    def _of_size(self, tenant: TenantId, tokens: int) -> PlanRequest:
        wanted = self._planner.chat(tenant, chat_request({"model": AUTO, "messages": [_ANY]}))
        return replace(wanted, requirements=replace(wanted.requirements, about_tokens=tokens, most_tokens=tokens))

    def _compared(
        self, tenant: TenantId, wanted: PlanRequest, asked: Tier, classification: Classification | None
    ) -> TierComparison:
        preferences = self._preferences.of(tenant)
        plans = [self._planned(wanted, tier, preferences) for tier in TIERS]
        usual = asked if preferences.enabled else preferences.default_tier
        recommended = clamped(usual, preferences.min_tier, preferences.max_tier)
        return TierComparison(plans, recommended, classification, wanted.requirements.about_tokens)

    def _planned(self, wanted: PlanRequest, tier: Tier, preferences: Preferences) -> TierPlan:
        least, most = preferences.min_tier, preferences.max_tier
        within = clamped(tier, least, most)
        if within is not tier:
            return TierPlan(tier, None, f"the preferences allow {least} to {most}; it would be {within}")
        choice = TierChoice(tier, tier, preferences, is_named=True)
        return TierPlan(tier, self._planner.plan(replace(wanted, models=(AUTO,), escalated=choice), explain=True), None)


_ANY: Final = {"role": "user", "content": "."}


def _expecting(wanted: PlanRequest, output: int | None) -> PlanRequest:
    """Return the same request with the caller's own expectation of the answer's length, in tokens."""
    if output is None:
        return wanted
    return replace(wanted, requirements=replace(wanted.requirements, expected_output=output, is_output_given=True))


def quality_range(plan: TierPlan) -> tuple[float, float] | None:
    """Return the lowest and highest quality of the models that could answer; None without any."""
    scores = [each.quality for each in plan.plan.ranked.values()] if plan.plan else []
    return (min(scores), max(scores)) if scores else None


def cost_range(plan: TierPlan) -> tuple[Decimal, Decimal] | None:
    """Return the lowest and highest USD of a usual request, of the models that could answer; None without any."""
    costs = [each.candidate.expected for each in plan.plan.ranked.values()] if plan.plan else []
    return (min(costs), max(costs)) if costs else None


def minimum_quality(tier: Tier) -> float:
    """Return the quality that a tier demands of its models, 0 to 100."""
    return float(BOUNDS[tier].minimum_quality)
