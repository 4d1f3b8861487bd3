"""Expected costs in binary floating point: near enough to tell which few models are worth weighing exactly."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.routing.candidates import CallRequirements, cached_tokens, caches_from, expected_cost, output_limit

# Relative. A rough cost adds up at most three products, none below zero, of a rate that was rounded once and a whole
# number: four roundings of at most 2⁻⁵³ each. The exact cost is rounded once, and what is made of either (quality², a
# quotient, a weight) three times more. So two worths of a model differ by less than 12 · 2⁻⁵³ < 2e-15.
MARGIN: Final = 1e-12


class RoughRates(NamedTuple):
    """The USD a token for prompts of a span of lengths; `cached` is None where a cached one has no price."""

    input: float
    cached: float | None
    output: float


class RoughRow(NamedTuple):
    """A row as it is ranked roughly. `rates` is None where its price hangs on more than tokens: that one is exact."""

    entry: ModelEntry
    quality: float
    exact: Rates
    rates: RoughRates | None
    caches_from: float

    def cost(self, requirements: CallRequirements, hit_rate: Callable[[ModelEntry], Decimal | None]) -> float | None:
        """Return the expected USD of a call; None where it has no price."""
        tokens, rates = requirements.about_tokens, self.rates
        cached = 0 if tokens < self.caches_from else cached_tokens(self.entry, tokens, hit_rate(self.entry))
        limit = output_limit(self.entry, requirements)
        if rates is None or (cached and rates.cached is None):
            return _exact(self.entry, self.exact, requirements, limit, hit_rate(self.entry))
        output = min(requirements.expected_output, limit) * requirements.choices
        found = (tokens - cached) * rates.input + output * rates.output
        return found + cached * rates.cached if cached and rates.cached is not None else found


class RoughTable:
    """Rows with their rates under the same terms, for prompts of any length."""

    def __init__(
        self, rows: Sequence[tuple[ModelEntry, float]], rates_of: Callable[[ModelEntry], Rates], terms: PricingTerms
    ) -> None:
        """Take rows with their quality; their rates are read when the first prompt of such a length comes."""
        self._rows = [(entry, quality, rates_of(entry)) for entry, quality in rows]
        self._terms = terms
        self._edges = sorted({edge for _, _, rates in self._rows for edge in rates.edges})
        self._spans: dict[int, tuple[RoughRow, ...]] = {}

    def rows(self, tokens: int) -> tuple[RoughRow, ...]:
        """Return all rows, in their order, as they are for prompts of so many tokens."""
        span = bisect_left(self._edges, tokens)
        found = self._spans.get(span)
        if found is None:
            found = self._spans[span] = tuple(
                RoughRow(entry, quality, rates, self._rates(rates, tokens), caches_from(entry))
                for entry, quality, rates in self._rows
            )
        return found

    def _rates(self, rates: Rates, tokens: int) -> RoughRates | None:
        if rates.off_peak is not None or rates.sells_pieces:
            return None
        read, cached, written = (self._rate(rates, unit, tokens) for unit in (Unit.INPUT, Unit.CACHE_READ, Unit.OUTPUT))
        return None if read is None or written is None else RoughRates(read, cached, written)

    def _rate(self, rates: Rates, unit: Unit, tokens: int) -> float | None:
        try:
            return float(cost(Usage({unit: 1}, tokens), rates, self._terms).total)
        except (Unpriced, InvalidRate):
            return None


def _exact(
    entry: ModelEntry, rates: Rates, requirements: CallRequirements, limit: int, hit_rate: Decimal | None
) -> float | None:
    try:
        return float(expected_cost(entry, rates, requirements, limit, hit_rate))
    except (Unpriced, InvalidRate):
        return None
