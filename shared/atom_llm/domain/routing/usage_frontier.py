"""The quality-cost frontier of a tenant's own traffic: what its calls would cost at each model, exactly.

Calls that every candidate charges alike are put together: those of one model, of the same terms, with the same classes
of usage, and with prompts between the same two edges of all candidates' prices and windows. Their summed usage costs
what they cost one by one, for within such a group every rate is one number.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from atom_llm.domain.catalogue.kinds_of_calls import unmade
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity, Usage


class PastCall(NamedTuple):
    """One call of the tenant's: its model's id, its usage and terms, and the USD that it cost."""

    model: str
    usage: Usage
    terms: PricingTerms
    cost: Decimal


@dataclass(frozen=True, slots=True)
class RatedModel:
    """A model with its quality, 0 to 100, and its price for this tenant.

    `has_key`: the tenant's keys reach it; `media`: the units of what it makes beside text.
    """

    model: str
    quality: float
    is_measured: bool
    rates: Rates
    capabilities: frozenset[str] = frozenset()
    max_input_tokens: int | None = None
    has_key: bool = True
    media: frozenset[Unit] = frozenset()


@dataclass(frozen=True, slots=True)
class Moved:
    """Calls as they would be at another model: those that can go there, their cost here and there, and the others.

    `too_long` do not fit into its window, `not_priced` use something that it has no price for, or were answered in
    media that it does not make; both stay where they are.
    """

    to: RatedModel
    calls: int = 0
    actual: Decimal = ZERO
    would_cost: Decimal = ZERO
    too_long: int = 0
    not_priced: int = 0

    @property
    def saves(self) -> Decimal:
        """USD less that the calls would cost there; with a minus, more."""
        return EXACT.subtract(self.actual, self.would_cost)

    @property
    def takes_all(self) -> bool:
        """Return whether every call can go there."""
        return not self.too_long and not self.not_priced

    def and_of(self, other: "Moved") -> "Moved":
        """Return both together."""
        return Moved(
            self.to,
            self.calls + other.calls,
            EXACT.add(self.actual, other.actual),
            EXACT.add(self.would_cost, other.would_cost),
            self.too_long + other.too_long,
            self.not_priced + other.not_priced,
        )


class _Alike(NamedTuple):
    """All that two calls have in common which every candidate charges alike."""

    model: str
    terms: PricingTerms
    hour: Hashable
    between: int
    units: frozenset[Unit]


@dataclass(slots=True)
class _Group:
    """Calls that cost what their sum costs; `longest` is the longest prompt of theirs, in tokens."""

    terms: PricingTerms
    longest: int = 0
    counts: dict[Unit, Quantity] = field(default_factory=dict)
    calls: int = 0
    cost: Decimal = ZERO

    def add(self, usage: Usage, paid: Decimal) -> None:
        self.calls += 1
        self.cost = EXACT.add(self.cost, paid)
        self.longest = max(self.longest, usage.context_tokens)
        for unit, quantity in usage.counts.items():
            known = self.counts.get(unit)
            self.counts[unit] = quantity if known is None else _sum(known, quantity)


class Traffic:
    """The calls of one tenant, ready to be costed at many models."""

    def __init__(self, calls: Iterable[PastCall], candidates: Iterable[RatedModel]) -> None:
        """Take the calls, and all models that they will be costed at."""
        self.calls: Sequence[PastCall] = list(calls)
        edges: set[int] = set()
        for each in candidates:
            edges.update(each.rates.edges)
            edges.update(() if each.max_input_tokens is None else (each.max_input_tokens,))
        self._edges = sorted(edges)
        self._groups = self._grouped(lambda _: None)

    def at(self, model: RatedModel) -> dict[str, Moved]:
        """Return the calls of each model as they would be at another one, by the model's id that they were of."""
        groups = self._groups
        if model.rates.off_peak is not None:
            groups = self._grouped(model.rates.is_off_peak)
        found: dict[str, Moved] = {}
        for alike, group in groups.items():
            moved, known = _moved(group, model), found.get(alike.model)
            found[alike.model] = moved if known is None else known.and_of(moved)
        return found

    def _grouped(self, hour: Callable[[datetime | None], Hashable]) -> dict[_Alike, _Group]:
        """Put calls together that cost alike; `hour` tells apart the instants at which a price is another."""
        found: dict[_Alike, _Group] = {}
        for model, usage, terms, paid in self.calls:
            between = bisect_left(self._edges, usage.context_tokens)
            alike = _Alike(model, terms._replace(at=None), hour(terms.at), between, frozenset(usage.counts))
            group = found.get(alike)
            if group is None:
                group = found[alike] = _Group(terms)
            group.add(usage, paid)
        return found


def _moved(group: _Group, model: RatedModel) -> Moved:
    if model.max_input_tokens is not None and group.longest > model.max_input_tokens:
        return Moved(model, too_long=group.calls)
    if unmade(group.counts, model.media):
        return Moved(model, not_priced=group.calls)
    try:
        there = cost(Usage(group.counts, group.longest), model.rates, group.terms).total
    except (Unpriced, InvalidRate):
        return Moved(model, not_priced=group.calls)
    return Moved(model, group.calls, group.cost, there)


def _sum(one: Quantity, other: Quantity) -> Quantity:
    return one + other if isinstance(one, int) and isinstance(other, int) else EXACT.add(one, other)


def best_move(moves: Iterable[Moved], quality: float, may_lose: float) -> Moved | None:
    """Return the move that saves most among those to models at least as good, less the points that may be lost.

    Of equals the better model, then by id; None where none saves anything.
    """
    good = [each for each in moves if each.to.quality >= quality - may_lose and each.saves > 0]
    return min(good, key=lambda each: (-each.saves, -each.to.quality, each.to.model), default=None)
