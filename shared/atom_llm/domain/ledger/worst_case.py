"""The most that a call can cost, which a hold has to cover before the provider is called."""

from contextlib import suppress
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost, dearest_rate
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import RATES_OF, Unit
from atom_llm.domain.pricing.usage import Usage

# Each prompt token may be billed as any of these: whether it was cached is known only afterwards.
INPUT_CLASSES: Final = (
    Unit.INPUT,
    Unit.CACHE_READ,
    Unit.CACHE_WRITE_5M,
    Unit.CACHE_WRITE_1H,
    Unit.INPUT_IMAGE,
    Unit.INPUT_AUDIO,
    Unit.INPUT_VIDEO,
    Unit.CACHE_READ_EXPLICIT,
    Unit.CACHE_WRITE_12H,
)
OUTPUT_CLASSES: Final = (Unit.OUTPUT, Unit.REASONING)


def worst_case(
    rates: Rates,
    input_tokens: int,
    max_output_tokens: int,
    terms: PricingTerms,
    output_classes: tuple[Unit, ...] = OUTPUT_CLASSES,
) -> Decimal:
    """Return the most that a call can cost, in USD: each token, of prompt and output, at its side's dearest class.

    Off-peak rates are left out, for the call may outlast them. Raises `Unpriced` where a side has no price at all, and
    `InvalidRate` for an unknown service tier.
    """
    at_peak = terms._replace(at=None) if terms.at is not None else terms
    dearest = _for_request(rates, input_tokens, at_peak)
    for classes, tokens in ((INPUT_CLASSES, input_tokens), (output_classes, max_output_tokens)):
        if tokens:
            rate = _remembered(rates, classes, at_peak) or dearest_rate(classes, rates, input_tokens, at_peak)
            dearest = EXACT.add(dearest, EXACT.multiply(rate, tokens))
    return dearest


def _remembered(rates: Rates, classes: tuple[Unit, ...], terms: PricingTerms) -> Decimal | None:
    """Return the dearest rate of classes where it does not depend on the prompt's length: every call asks for it."""
    known = rates.remembered.get((classes, terms))
    if known is None and rates.is_flat:
        known = rates.remembered[classes, terms] = dearest_rate(classes, rates, 0, terms)
    return known


def _for_request(rates: Rates, input_tokens: int, terms: PricingTerms) -> Decimal:
    """Return the USD of the request itself, where a model is sold by the request; 0 elsewhere."""
    known = rates.remembered.get((Unit.REQUESTS, terms))
    if known is not None:
        return known
    found = ZERO
    if any(True for name in RATES_OF[Unit.REQUESTS] for _ in rates.published(name)):
        with suppress(Unpriced):  # the price is of other requests: longer ones, or in another tier
            found = cost(Usage({Unit.REQUESTS: 1}, input_tokens), rates, terms).total
    if rates.is_flat:
        rates.remembered[Unit.REQUESTS, terms] = found
    return found
