"""Usage as a provider reported it, beside what we make of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from atom_llm.domain.pricing.cost import STANDARD_TERMS, Terms
from atom_llm.domain.pricing.usage import Usage


class Reported(NamedTuple):
    """What a provider says that a call used: its own object, our disjoint classes, and the terms that it names.

    `terms` has what changes the price and only the answer tells: the service tier that served, a region, a speed.
    """

    usage: Usage
    raw: Mapping[str, Any]
    terms: Terms = STANDARD_TERMS
