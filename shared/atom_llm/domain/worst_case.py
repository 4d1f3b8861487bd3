"""The most that a call can cost: what a hold has to cover before the provider is called."""

from decimal import Decimal
from typing import Final

from atom_llm.domain.errors import Unpriced
from atom_llm.domain.money import EXACT, ZERO
from atom_llm.domain.pricing import Terms, cost
from atom_llm.domain.rates import Rates
from atom_llm.domain.units import Unit
from atom_llm.domain.usage import Usage

# Each prompt token may be billed as any of these: whether it was cached is known only afterwards.
INPUT_CLASSES: Final = (
    Unit.INPUT,
    Unit.CACHE_READ,
    Unit.CACHE_WRITE_5M,
    Unit.CACHE_WRITE_1H,
    Unit.INPUT_IMAGE,
    Unit.INPUT_AUDIO,
)
OUTPUT_CLASSES: Final = (Unit.OUTPUT, Unit.REASONING)


def worst_case(rates: Rates, input_tokens: int, max_output_tokens: int, terms: Terms) -> Decimal:
    """USD: every prompt token at the dearest class that it may be billed as, every output token at the dearest of its.

    Off-peak rates are left out, for the call may outlast them. Raises `Unpriced` where a side has no price at all.
    """
    at_peak = terms._replace(at=None)
    dearest = ZERO
    for classes, tokens in ((INPUT_CLASSES, input_tokens), (OUTPUT_CLASSES, max_output_tokens)):
        if tokens:
            dearest = EXACT.add(dearest, max(_of_class(rates, unit, tokens, input_tokens, at_peak) for unit in classes))
    try:
        return EXACT.add(dearest, cost(Usage({Unit.REQUESTS: 1}, input_tokens), rates, at_peak).total)
    except Unpriced:  # the model is not sold by the request
        return dearest


def _of_class(rates: Rates, unit: Unit, tokens: int, context_tokens: int, terms: Terms) -> Decimal:
    return cost(Usage({unit: tokens}, context_tokens), rates, terms).total
