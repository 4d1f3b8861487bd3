"""Prices that a tenant has of its own: a factor on list prices or rates in their place, by model or pattern.

An own price is never changed, only ended: a ledger row that names one can be computed again for ever.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import partial
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, TokenLimits, compiled
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT, ONE, TOKENS_PER_MILLION, ZERO
from atom_llm.domain.pricing.rates import PricedBy, Rates, RateStep
from atom_llm.domain.pricing.units import TOKEN_RATES

MOST_TIMES: Final = Decimal(10)  # of the list price, up or down, before it takes a second word
DEAR_TOKENS: Final = Decimal(1_000)  # USD a million tokens of a model without a list price, likewise
KEPT_RATES: Final = 4_096  # compiled rates of one tenant; a catalogue has as many rows

RatesOf = Callable[[ModelEntry], Rates]


@dataclass(frozen=True, slots=True)
class AddedModel:
    """A model that no list has, as its tenant describes it."""

    mode: str
    limits: TokenLimits
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Display:
    """A currency for display, and how many of it a US dollar is by the setter's word."""

    currency: str
    per_usd: Decimal


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """One own price. `models` is a model's id, or a pattern of ids in which `*` stands for anything.

    Either `factor` multiplies every list rate, or `rates` (cost keys as lists publish them, in USD as decimal strings)
    stand in place of the list's rates of those names. It is in force from `starts` until before `ends`. `by_operator`
    ones precede the tenant's own, which it cannot end either.
    """

    id: str
    tenant: TenantId
    models: str
    starts: datetime
    set_by: ServiceKeyId
    by_operator: bool = False
    factor: Decimal | None = None
    rates: Mapping[str, str] | None = None
    adds: AddedModel | None = None
    ends: datetime | None = None
    display: Display | None = None
    note: str | None = None

    @property
    def is_pattern(self) -> bool:
        """Return whether it may hold for several models."""
        return "*" in self.models

    def covers(self, model: str) -> bool:
        """Return whether it holds for a model, by its id."""
        if not self.is_pattern:
            return model == self.models
        plain = self.models.replace("[", "[[]").replace("?", "[?]")  # `*` alone is more than itself
        return fnmatchcase(model, plain)

    def is_in_force(self, at: datetime) -> bool:
        """Return whether it is in force at an instant."""
        return self.starts <= at and (self.ends is None or at < self.ends)

    @property
    def rank(self) -> tuple[bool, bool, int, str]:
        """The greater precedes: the operator's, the one model's, the longer pattern's, the one set later."""
        return self.by_operator, not self.is_pattern, len(self.models), self.id


class Absurd(NamedTuple):
    """A rate that is far from the list's, which is None where no list has one; USD per unit."""

    model: str
    key: str
    own: Decimal
    list_rate: Decimal | None


class OwnPrices:
    """The own prices of one tenant, each compiled once with the rates that it changes."""

    def __init__(self, prices: Iterable[OwnPrice]) -> None:
        """Take all that may be in force."""
        self.prices: Sequence[OwnPrice] = sorted(prices, key=lambda price: price.rank, reverse=True)
        self._covering: dict[str, Sequence[OwnPrice]] = {}
        self._compiled: dict[tuple[str, str, str], Rates] = {}

    def price_of(self, model: str, at: datetime) -> OwnPrice | None:
        """Return the price in force for a model; None where the list's holds."""
        covering = self._covering.get(model)
        if covering is None:
            if len(self._covering) >= KEPT_RATES:
                self._covering.clear()
            covering = self._covering[model] = [price for price in self.prices if price.covers(model)]
        return next((price for price in covering if price.is_in_force(at)), None)

    def rates_of(self, catalogue: Catalogue, at: datetime) -> RatesOf:
        """Return the look-up of rates at an instant: own ones, or the catalogue's where there are none."""

        def rates(entry: ModelEntry) -> Rates:
            price = self.price_of(entry.id, at)
            if price is None:
                return list_rates(catalogue, entry)
            key = (price.id, catalogue.version, entry.id)
            found = self._compiled.get(key)
            if found is None:
                if len(self._compiled) >= KEPT_RATES:
                    self._compiled.clear()
                found = self._compiled[key] = own_rates(price, list_rates(catalogue, entry))
            return found

        return rates

    @staticmethod
    def rates_of_list(catalogue: Catalogue) -> RatesOf:
        """Return the look-up of the list's rates, also for models that a tenant has added."""
        return partial(list_rates, catalogue)

    def added(self, name: str, catalogue: Catalogue, at: datetime) -> ModelEntry | None:
        """Return the added model of an id, or of a name at its provider; None for what a list has, or nobody."""
        return next((row for row in self.all_added(catalogue, at) if name in (row.id, row.name)), None)

    def all_added(self, catalogue: Catalogue, at: datetime) -> Iterator[ModelEntry]:
        """Iterate over the models that are added at an instant, and that no list has."""
        seen: set[str] = set()
        for price in self.prices:
            if price.adds is None or price.models in seen or not price.is_in_force(at):
                continue
            seen.add(price.models)
            if catalogue.get(price.models) is None:
                yield added_entry(price.models, price.adds)


def added_entry(model: str, added: AddedModel) -> ModelEntry:
    """Return the row of a model that its tenant has added."""
    return ModelEntry(
        id=model,
        provider=model.partition("/")[0],
        source_key=model,
        source="own",
        mode=added.mode,
        limits=added.limits,
        capabilities=added.capabilities,
    )


def list_rates(catalogue: Catalogue, entry: ModelEntry) -> Rates:
    """Return the list's rates of a row: none of one that its tenant has added."""
    return Rates({}) if entry.source == "own" else catalogue.rates(entry)


def own_rates(price: OwnPrice, of_list: Rates) -> Rates:
    """Return the rates that an own price makes of the list's; raises `InvalidRate` for a rate that is none.

    Under a factor every published amount is multiplied, of every length, service tier and hour. Rates of one name
    replace the list's of that name, whatever the length, tier or hour; names that are not given stay the list's.
    """
    if price.rates is None:
        return _scaled(of_list, ONE if price.factor is None else price.factor, price.id)
    given = compiled(ModelEntry("own", "own", "own", "own", published=price.rates))
    names = given.ladders.keys()

    def others(rates: Mapping[str, PricedBy]) -> dict[str, PricedBy]:
        return {name: each for name, each in rates.items() if name not in names}

    return replace(
        of_list,
        ladders={**of_list.ladders, **given.ladders},
        ranges=tuple(each._replace(rates=others(each.rates)) for each in of_list.ranges),
        result_ranges=tuple(each._replace(rates=others(each.rates)) for each in of_list.result_ranges),
        off_peak_rates=None if of_list.off_peak_rates is None else others(of_list.off_peak_rates),
        own_price=price.id,
    )


def _scaled(rates: Rates, factor: Decimal, price: str) -> Rates:
    def scaled(each: Mapping[str, PricedBy]) -> dict[str, PricedBy]:
        return {name: PricedBy(EXACT.multiply(by.rate, factor), by.key) for name, by in each.items()}

    return replace(
        rates,
        ladders={
            name: tuple(RateStep(step.threshold, scaled(step.by_tier)) for step in steps)
            for name, steps in rates.ladders.items()
        },
        ranges=tuple(each._replace(rates=scaled(each.rates)) for each in rates.ranges),
        result_ranges=tuple(each._replace(rates=scaled(each.rates)) for each in rates.result_ranges),
        off_peak_rates=None if rates.off_peak_rates is None else scaled(rates.off_peak_rates),
        own_price=price,
    )


def absurd_rates(model: str, own: Rates, of_list: Rates) -> Iterator[Absurd]:
    """Iterate over own rates that are more than ten times the list's, or less than a tenth, or free where it is not.

    A rate of tokens that no list has is absurd from $1,000 a million on.
    """
    for name, steps in own.ladders.items():
        for threshold, by_tier in steps:
            for tier, priced in by_tier.items():
                listed = of_list.step(name, threshold + 1 if threshold >= 0 else 0, tier)
                if listed is None:
                    if name in TOKEN_RATES and EXACT.multiply(priced.rate, TOKENS_PER_MILLION) >= DEAR_TOKENS:
                        yield Absurd(model, priced.key, priced.rate, None)
                elif is_absurd(priced.rate, listed.rate):
                    yield Absurd(model, priced.key, priced.rate, listed.rate)


def is_absurd(own: Decimal, listed: Decimal) -> bool:
    """Return whether a rate is beyond ten times another one, in either direction; free and charged always are."""
    if ZERO in (own, listed):
        return own != listed
    return own > EXACT.multiply(listed, MOST_TIMES) or listed > EXACT.multiply(own, MOST_TIMES)
