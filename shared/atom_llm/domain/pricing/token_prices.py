"""Prices of a token in a short, standard prompt, by which models are compared before anything is known of a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.money import EXACT, rate
from atom_llm.domain.pricing.rates import Rates, read_rates
from atom_llm.domain.pricing.units import INPUT_TOKEN, OUTPUT_TOKEN

# Three input tokens for each output token: the mix by which the field's price comparisons blend.
INPUT_SHARE: Final = Decimal("0.75")
OUTPUT_SHARE: Final = Decimal("0.25")
TIERS: Final = "tiered_pricing"

PublishedPair = tuple[object, object]
"""The rates of an input and of an output token, as published or read; None where there is none."""


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """A row's rates for a short standard prompt, in USD per token."""

    input: Decimal
    output: Decimal

    @property
    def blended(self) -> Decimal:
        """USD per token of a mix of three input tokens to one output token."""
        return _blended(self.input, self.output)


def prices_of_rates(rates: Rates) -> TokenPrices | None:
    """Return what rates come to for a short standard prompt, or None where one of its two sides has none."""
    in_range = rates.range_for(1) or {}
    charged = in_range.get(INPUT_TOKEN) or rates.step(INPUT_TOKEN, 1, "")
    given = in_range.get(OUTPUT_TOKEN) or rates.step(OUTPUT_TOKEN, 1, "")
    return TokenPrices(charged.rate, given.rate) if charged is not None and given is not None else None


def published_pair(published: Mapping[str, object]) -> PublishedPair:
    """Return the rates of `prices_of_rates` without compiling the row: where they stand in tiers, only what tells them.

    Raises `InvalidRate` for tiers that cannot be read.
    """
    if TIERS not in published:
        return published.get(INPUT_TOKEN), published.get(OUTPUT_TOKEN)
    told = {key: value for key, value in published.items() if key.startswith((INPUT_TOKEN, OUTPUT_TOKEN, TIERS))}
    prices = prices_of_rates(read_rates(told))
    return (None, None) if prices is None else (prices.input, prices.output)


def blended(charged: object, given: object) -> Decimal | None:
    """Blend two published rates as `TokenPrices.blended` does, without compiling the row; None where either is missing.

    Raises `InvalidRate` when one of them is no rate.
    """
    if charged is None or given is None:
        return None
    return _blended(rate(charged, INPUT_TOKEN), rate(given, OUTPUT_TOKEN))


def _blended(charged: Decimal, given: Decimal) -> Decimal:
    return EXACT.add(EXACT.multiply(charged, INPUT_SHARE), EXACT.multiply(given, OUTPUT_SHARE))
