"""Expected costs in binary floating point: near enough to tell which few models are worth weighing exactly."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.routing.candidates import CallRequirements, cached_tokens, caches_from, expected_cost, output_limit

# Relative. A rough cost adds up at most four products, none below zero, of a rate that was rounded once and a whole
# number: five roundings of at most 2⁻⁵³ each. The exact cost is rounded once, and what is made of either (quality², a
# quotient, a weight) three times more. So two worths of a model differ by less than 14 · 2⁻⁵³ < 2e-15.
MARGIN: Final = 1e-12


class RoughRates(NamedTuple):
    """The USD of a token that is read, one read from a cache, one written, and of an answer where it is sold whole."""

    input: float
    cached: float
    output: float
    piece: float


class RoughRow(NamedTuple):
    """A row as it is ranked roughly: its rates for prompts of a span of lengths, at one price of the hour.

    `fresh` are those of calls of which no cache holds anything, `held` of others; None where one has no price, and
    where no cache holds prompts as short as these.
    """

    entry: ModelEntry
    quality: float
    exact: Rates
    caches_from: float
    fresh: RoughRates | None
    held: RoughRates | None


class RoughTable:
    """Rows with their rates under the same terms, for prompts of any length at any hour."""

    def __init__(
        self, rows: Sequence[tuple[ModelEntry, float]], rates_of: Callable[[ModelEntry], Rates], terms: PricingTerms
    ) -> None:
        """Take rows with their quality; their rates are read when the first prompt of such a length comes."""
        self._rows = [(entry, quality, rates_of(entry)) for entry, quality in rows]
        self._terms = terms
        priced = {edge for _, _, rates in self._rows for edge in rates.edges}
        cached = {caches_from(entry) - 1 for entry, _, _ in self._rows}
        self._edges = sorted(priced | cached)
        self._hours = list(dict.fromkeys(rates.off_peak for _, _, rates in self._rows if rates.off_peak is not None))
        self._made: dict[tuple[int, ...], tuple[RoughRow, ...]] = {}

    def rows(self, tokens: int, at: datetime | None) -> tuple[RoughRow, ...]:
        """Return all rows, in their order, as they are for prompts of so many tokens at an instant."""
        span = bisect_left(self._edges, tokens)
        alike = span, *(at is not None and hours.covers(at) for hours in self._hours)
        found = self._made.get(alike)
        if found is None:
            terms = self._terms._replace(at=at)
            found = self._made[alike] = tuple(_rough_row(*row, tokens, terms) for row in self._rows)
        return found


def _rough_row(entry: ModelEntry, quality: float, rates: Rates, tokens: int, terms: PricingTerms) -> RoughRow:
    answered = (Unit.OUTPUT, Unit.IMAGES) if rates.sells_pieces else (Unit.OUTPUT,)
    fresh = _rough_rates((Unit.INPUT, *answered), tokens, rates, terms)
    cached_from = caches_from(entry)
    can_be_held = tokens >= cached_from
    held = _rough_rates((Unit.INPUT, Unit.CACHE_READ, *answered), tokens, rates, terms) if can_be_held else None
    return RoughRow(entry, quality, rates, cached_from, fresh, held)


def _rough_rates(units: Iterable[Unit], tokens: int, rates: Rates, terms: PricingTerms) -> RoughRates | None:
    """Return what one of each unit costs: what is charged hangs on which units there are, and on none's number."""
    try:
        lines = cost(Usage(dict.fromkeys(units, 1), tokens), rates, terms).lines
    except (Unpriced, InvalidRate):
        return None
    usd = {line.unit: float(line.amount) for line in lines}
    return RoughRates(*(usd.get(unit, 0.0) for unit in (Unit.INPUT, Unit.CACHE_READ, Unit.OUTPUT, Unit.IMAGES)))


def rough_costs(
    rows: Iterable[RoughRow], requirements: CallRequirements, hit_rate: Callable[[ModelEntry], Decimal | None]
) -> list[float | None]:
    """Return the expected USD of a call at each row; None where it has no price."""
    tokens, choices = requirements.about_tokens, requirements.choices
    outputs: dict[int | None, int] = {}  # tokens of all answers, by the longest one that a model gives
    found: list[float | None] = []
    for entry, _, exact, cached_from, fresh, held in rows:
        cached = 0 if tokens < cached_from else cached_tokens(entry, tokens, hit_rate(entry))
        longest = entry.limits.max_output_tokens
        output = outputs.get(longest)
        if output is None:
            limit = output_limit(entry, requirements)
            output = outputs[longest] = min(requirements.expected_output, limit) * choices
        rates = held if cached else fresh
        if cached == tokens or not output:  # a unit is missing, and its price with it
            found.append(_exact(entry, exact, requirements, hit_rate(entry)))
        elif rates is None:
            found.append(None)
        elif cached or rates.piece:
            read, of_cached, written, piece = rates
            found.append((tokens - cached) * read + output * written + cached * of_cached + choices * piece)
        else:
            found.append(tokens * rates.input + output * rates.output)
    return found


def _exact(entry: ModelEntry, rates: Rates, requirements: CallRequirements, hit_rate: Decimal | None) -> float | None:
    try:
        limit = output_limit(entry, requirements)
        return float(expected_cost(entry, rates, requirements, limit, hit_rate))
    except (Unpriced, InvalidRate):
        return None
