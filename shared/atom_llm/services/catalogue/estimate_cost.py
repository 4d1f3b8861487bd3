"""Cost estimates: usage given or estimated, priced by the row that a name means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.providers import reasons_on_top
from atom_llm.domain.pricing.cost import Cost, PricingTerms, cost
from atom_llm.domain.pricing.token_estimate import METHOD, estimated_prompt_tokens
from atom_llm.domain.pricing.usage import Usage, disjoint
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, ResolvedModel


@dataclass(frozen=True, slots=True)
class PromptText:
    """The text whose tokens are to be estimated: its parts, the number of its messages, and of its pictures."""

    texts: Sequence[str]
    messages: int = 0
    images: int = 0


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """A cost with what it rests on. `method` names the estimate of the input tokens, None if they were given."""

    found: ResolvedModel
    usage: Usage
    cost: Cost
    method: str | None


def estimate_cost(
    in_force: CatalogueInForce,
    model: str,
    reported: Mapping[str, object],
    prompt: PromptText | None,
    terms: PricingTerms,
) -> CostEstimate:
    """Price a call before it is made.

    `input_tokens` in `reported` wins over a prompt. Raises `ModelNotFound`, `InvalidUsage`, `InvalidRate` for an
    unknown service tier, and `Unpriced` where the row has no price for something used.
    """
    found = in_force.find(model)
    counts, method = dict(reported), None
    if prompt is not None and "input_tokens" not in counts:
        counts["input_tokens"] = estimated_prompt_tokens(prompt.texts, messages=prompt.messages, images=prompt.images)
        method = METHOD
    usage = disjoint(counts, additive=reasons_on_top(found.entry.provider))
    return CostEstimate(found, usage, cost(usage, in_force.catalogue.rates(found.entry), terms), method)


def own_total(
    in_force: CatalogueInForce, priced: CostEstimate, own: OwnPrices | None, terms: PricingTerms, now: datetime
) -> Decimal | None:
    """Return the USD that an estimate comes to by the own price in force; None where the list's holds."""
    entry = priced.found.entry
    if own is None or own.price_of(entry.id, now) is None:
        return None
    return cost(priced.usage, own.rates_of(in_force.catalogue, now)(entry), terms).total
