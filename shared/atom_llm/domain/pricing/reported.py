"""Usage as a provider reported it, beside the disjoint classes that are billed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from atom_llm.domain.pricing.cost import STANDARD_TERMS, PricingTerms
from atom_llm.domain.pricing.usage import Usage


class OtherModelUsage(NamedTuple):
    """Usage of a call at another model than the one that was asked, by the provider's name for it."""

    model: str
    usage: Usage


class ReportedUsage(NamedTuple):
    """Usage of a call by its provider's own count: the provider's object, our disjoint classes, and the terms it names.

    `terms` has what changes the price and only the answer tells: the service tier that served, a region, a speed.
    `others` is what other models of the provider used for the call, on top of `usage`.
    """

    usage: Usage
    raw: Mapping[str, Any]
    terms: PricingTerms = STANDARD_TERMS
    others: tuple[OtherModelUsage, ...] = ()
