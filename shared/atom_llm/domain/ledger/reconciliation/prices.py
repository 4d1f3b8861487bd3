"""The prices that a group's usage was costed at, on average, and what it costs at other prices."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.exports.line import COUNTED_AS, CountedClass
from atom_llm.domain.ledger.rows import QUANTUM
from atom_llm.domain.pricing.cost import Unpriced, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage

_FINE: Final = Context(prec=60)
_FIRST_OF: Final[Mapping[CountedClass, Unit]] = {
    counted: next(unit for unit, each in COUNTED_AS.items() if each is counted) for counted in CountedClass
}

RatesOfModel = Callable[[str], Rates | None]
Units = Mapping[str, Mapping[Unit, Decimal]]


class OtherPrices(NamedTuple):
    """What a group's units cost at other prices than those of its day, in USD, and which these are."""

    words: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class GroupPrices:
    """The cost of a group's units at its day's prices, in USD; the rate of each class, in USD a unit.

    `total` is of the shortest prompts and standard terms: what calls really cost is scaled to it.
    """

    total: Decimal
    rates: Mapping[CountedClass, Decimal]
    others: tuple[OtherPrices, ...] = ()

    def worth(self, counts: Mapping[CountedClass, Decimal], paid: Decimal) -> Decimal:
        """Return the USD that counts are worth, where the group's own units were paid with `paid`."""
        plain = ZERO
        for counted, number in counts.items():
            plain = EXACT.add(plain, EXACT.multiply(self.rates.get(counted, ZERO), number))
        if self.total and paid and paid != self.total:
            plain = _FINE.divide(EXACT.multiply(plain, paid), self.total)
        return plain.quantize(QUANTUM, context=_FINE)


def cost_at(units: Units, rates_of: RatesOfModel) -> Decimal | None:
    """Return the USD that units by model cost at some prices; None where one of the models has none."""
    total = ZERO
    for model, counts in units.items():
        if not counts:
            continue
        amounts = _amounts(counts, rates_of(model))
        if amounts is None:
            return None
        total = EXACT.add(total, exact_sum(amounts.values()))
    return total


def group_prices(
    units: Units, rates_of: RatesOfModel, models: Iterable[str], others: Iterable[tuple[str, RatesOfModel]]
) -> GroupPrices | None:
    """Return a group's prices; a class that it used none of has the rate of the first of `models` that has one.

    None where something used has no price.
    """
    paid: dict[CountedClass, tuple[Decimal, Decimal]] = {}
    total = ZERO
    for model, counts in units.items():
        amounts = _amounts(counts, rates_of(model))
        if amounts is None:
            return None
        for unit, amount in amounts.items():
            total = EXACT.add(total, amount)
            if (counted := COUNTED_AS.get(unit)) is not None:
                spent, number = paid.get(counted, (ZERO, ZERO))
                paid[counted] = EXACT.add(spent, amount), EXACT.add(number, counts[unit])
    rates = {counted: _FINE.divide(spent, number) for counted, (spent, number) in paid.items() if number}
    for counted, unit in _FIRST_OF.items():
        for model in models:
            one = None if counted in rates else _amounts({unit: Decimal(1)}, rates_of(model))
            if one is not None:
                rates[counted] = one.get(unit, ZERO)
    found = ((words, cost_at(units, other)) for words, other in others)
    return GroupPrices(total, rates, tuple(OtherPrices(words, at) for words, at in found if at is not None))


def _amounts(counts: Mapping[Unit, Decimal], rates: Rates | None) -> dict[Unit, Decimal] | None:
    if rates is None:
        return None
    try:
        found = cost(Usage(dict(counts), 0), rates)
    except (Unpriced, InvalidRate):
        return None
    return {line.unit: line.amount for line in found.lines}
