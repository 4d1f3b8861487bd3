"""Usage as a provider reported it, beside the disjoint classes that are billed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from atom_llm.domain.pricing.cost import STANDARD_TERMS, PricingTerms
from atom_llm.domain.pricing.usage import Usage


class ReportedUsage(NamedTuple):
    """Usage of a call by its provider's own count: the provider's object, our disjoint classes, and the terms it names.

    `terms` has what changes the price and only the answer tells: the service tier that served, a region, a speed.
    """

    usage: Usage
    raw: Mapping[str, Any]
    terms: PricingTerms = STANDARD_TERMS
