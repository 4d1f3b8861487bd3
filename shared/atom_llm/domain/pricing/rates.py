"""A model's published rates: reading the price file's cost keys, and finding the one that applies."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import rate
from atom_llm.domain.pricing.off_peak import OffPeak, off_peak
from atom_llm.domain.pricing.price_keys import MULTIPLIERS, PRICE_OF, SCALES_TOKENS, SERVICE_TIERS, moves_money
from atom_llm.domain.pricing.units import GUARDRAIL_RATE, PRICED_RATES, SEARCH_RATE, Side, Unit

PIECE: Final = "output_cost_per_image"  # also of a song, by the row of a model that makes them
STANDARD_TIER_NAMES: Final = frozenset({"", "standard", "default", "auto", "on_demand"})
_TIER_ALIASES: Final = {"batch": "batches", "fast": "priority"}

_THRESHOLD = re.compile(r"(?P<name>.+)_above_(?P<thousands>[0-9]{1,6})k_tokens\Z")
_SOURCE = re.compile(r" \((?P<source>[^()]+)\)\Z")
_VARIANT = re.compile(
    r"(?P<base>output_cost_per_second|output_cost_per_image|input_cost_per_video_per_second)"
    r"_(?P<variant>\d+p|[\d.]+[kK]|\d{3,4}|above_\d+s_interval)\Z"
)
_BY_NAME: Final = frozenset({SEARCH_RATE, GUARDRAIL_RATE})  # scalar, or name → rate


class PricedBy(NamedTuple):
    """A rate in USD per unit and the published key it stands under."""

    rate: Decimal
    key: str


class TokenRate(NamedTuple):
    """The rate of a token of a unit, and the side of a breakdown that it stands on."""

    priced: PricedBy
    side: Side


class RateStep(NamedTuple):
    """The rates of one name above a prompt length (-1: always), by service tier; "" is the standard one."""

    threshold: int
    by_tier: dict[str, PricedBy]


class PromptRange(NamedTuple):
    """One entry of `tiered_pricing`: the rates that replace the row's for counts in (start, end] or [start, end]."""

    start: int
    end: int
    rates: dict[str, PricedBy]


class Remembered:
    """Answers about a row's rates that every call asks for again.

    `dearest` are rates of several classes under some terms. `token_rates` are each unit's, by service tier, by the
    number of `edges`, in prompt tokens, that are passed, and by whether the hour is off peak.
    """

    __slots__ = ("dearest", "edges", "token_rates")

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.dearest: dict[object, Decimal] = {}
        self.token_rates: dict[tuple[str, int, bool], dict[Unit, TokenRate]] = {}
        self.edges: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of a row, compiled for look-up.

    `ladders` maps a rate name to its steps, the longest prompt first. `ranges` go by the prompt's tokens,
    `result_ranges` by the number of results asked for. `unread` keeps keys of no known shape, as published.
    `own_price` is the id of the tenant's own price that made them of the list's, if one did.
    """

    ladders: Mapping[str, tuple[RateStep, ...]]
    ranges: tuple[PromptRange, ...] = ()
    result_ranges: tuple[PromptRange, ...] = ()
    off_peak: OffPeak | None = None
    off_peak_rates: Mapping[str, PricedBy] | None = None
    multipliers: Mapping[str, Decimal] | None = None
    inclusive_thresholds: bool = False
    unread: Mapping[str, object] | None = None
    own_price: str | None = None
    remembered: Remembered = field(init=False, default_factory=Remembered, compare=False, repr=False)

    @property
    def is_flat(self) -> bool:
        """Return whether every price is the same for prompts of any length."""
        return not (self.ranges or self.result_ranges) and all(len(steps) == 1 for steps in self.ladders.values())

    @property
    def is_priced(self) -> bool:
        """Return whether the row charges, or expressly does not charge, for anything at all."""
        return bool(self.ladders or self.ranges or self.result_ranges)

    @property
    def sells_pieces(self) -> bool:
        """Return whether answers are sold by the piece, a song or a picture: their tokens are free, and they are not.

        Providers' usage objects count tokens alone, so that each answer is taken for one piece.
        """
        if PIECE not in self.ladders:  # of nearly all rows, and each call asks
            return False
        costs = (any(each.rate for each in self.published(name)) for name in (PIECE, "output_cost_per_token"))
        return next(costs) and not next(costs)

    def step(self, name: str, context_tokens: int, tier: str) -> PricedBy | None:
        """Return the rate of a name at a prompt length: the highest crossed threshold's for the tier or every tier."""
        for threshold, by_tier in self.ladders.get(name, ()):
            if context_tokens > threshold or (self.inclusive_thresholds and context_tokens == threshold):
                found = by_tier.get(tier) or by_tier.get("")
                if found is not None:
                    return found
        return None

    @property
    def edges(self) -> tuple[int, ...]:
        """The prompt lengths beyond which some rate is another, rising: within two of them every call pays alike."""
        edges = self.remembered.edges
        if edges is None:
            edges = self.remembered.edges = tuple(sorted(set(self._edges())))
        return edges

    def known_token_rates(self, tier: str, context_tokens: int, *, is_off_peak: bool) -> dict[Unit, TokenRate]:
        """Return the rates that tokens have had in calls like this one, by unit; who finds another enters it.

        Alike are calls of one service tier, at one price of the hour, whose prompts are longer than the same number of
        the row's edges. Calls that ask for results are alike to none.
        """
        if self.result_ranges:
            return {}
        remembered = self.remembered
        edges = self.edges if remembered.edges is None else remembered.edges
        circumstances = (tier, bisect_left(edges, context_tokens), is_off_peak)
        found = remembered.token_rates.get(circumstances)
        if found is None:
            found = remembered.token_rates[circumstances] = {}
        return found

    def _edges(self) -> Iterator[int]:
        """Iterate over the prompt lengths beyond which some rate is another."""
        for steps in self.ladders.values():
            yield from (step.threshold - self.inclusive_thresholds for step in steps if step.threshold >= 0)
        for each in self.ranges:
            yield from (each.start, each.end)

    def published(self, name: str) -> Iterator[PricedBy]:
        """Iterate over every rate that the row publishes under a name, for any prompt length and tier."""
        for step in self.ladders.get(name, ()):
            yield from step.by_tier.values()
        for prompt_range in (*self.ranges, *self.result_ranges):
            if name in prompt_range.rates:
                yield prompt_range.rates[name]

    def has_tier(self, name: str, tier: str) -> bool:
        """Return whether a name has a base rate of its own for a service tier."""
        return any(step.threshold < 0 and tier in step.by_tier for step in self.ladders.get(name, ()))

    def range_for(self, context_tokens: int) -> Mapping[str, PricedBy] | None:
        """Return the rates of the `tiered_pricing` entry for a prompt: start < n ≤ end; beyond the last, the last."""
        if not self.ranges or context_tokens <= 0:
            return self.ranges[0].rates if self.ranges else None
        return next((r.rates for r in self.ranges if r.start < context_tokens <= r.end), self.ranges[-1].rates)

    def result_range_for(self, results: int) -> Mapping[str, PricedBy] | None:
        """Return the rates of the entry for a number of results: start ≤ n ≤ end, beyond the last the last one."""
        if not self.result_ranges:
            return None
        return next((r.rates for r in self.result_ranges if r.start <= results <= r.end), self.result_ranges[-1].rates)

    def is_off_peak(self, at: datetime | None) -> bool:
        """Return whether the off-peak rates apply; without an instant they never do."""
        return self.off_peak is not None and at is not None and self.off_peak.covers(at)


def service_tier(name: str | None) -> str:
    """Return the price file's suffix for a service tier as a caller or a provider spells it; "" is the standard tier.

    Raises `InvalidRate` for a word that is no tier: a tier guessed wrong is a price guessed wrong.
    """
    if name is None:
        return ""
    word = name.lower()
    if word in STANDARD_TIER_NAMES:
        return ""
    word = _TIER_ALIASES.get(word, word)
    if word not in SERVICE_TIERS:
        raise InvalidRate("service_tier", "is not a known service tier")
    return word


def read_rates(published: Mapping[str, object], *, inclusive_thresholds: bool = False) -> Rates:
    """Compile a row's cost keys.

    A key reads `base[_above_Nhr][_above_Nk_tokens][_tier]`. Rates that are not finite and non-negative raise
    `InvalidRate`; keys of no known shape, and amounts in another currency (DBU), land in `unread`.
    """
    steps: dict[str, dict[int, dict[str, PricedBy]]] = {}
    unread: dict[str, object] = {}
    multipliers: dict[str, Decimal] = {}
    for key, value in published.items():
        if value is None or key in ("tiered_pricing", "off_peak_pricing", PRICE_OF):
            continue
        if key in MULTIPLIERS:
            multipliers[key] = rate(value, key)
        elif key == "provider_specific_entry":
            multipliers |= _specific_multipliers(value, unread)
        elif key in _BY_NAME and isinstance(value, Mapping):
            for name, priced in _priced(value, key, value.keys()).items():
                steps.setdefault(f"{key}.{name}", {})[-1] = {"": priced}
        elif (parsed := _parsed(key)) is not None:
            name, threshold, tier = parsed
            steps.setdefault(name, {}).setdefault(threshold, {})[tier] = PricedBy(rate(value, key), key)
        elif moves_money(key, value):
            unread[key] = value
    ranges, result_ranges = _ranges(published.get("tiered_pricing"), unread)
    windows, off_peak_rates = _off_peak(published.get("off_peak_pricing"))
    return Rates(
        ladders={name: tuple(RateStep(n, by[n]) for n in sorted(by, reverse=True)) for name, by in steps.items()},
        ranges=ranges,
        result_ranges=result_ranges,
        off_peak=windows,
        off_peak_rates=off_peak_rates,
        multipliers=multipliers or None,
        inclusive_thresholds=inclusive_thresholds,
        unread=unread or None,
    )


def source_of(rate_key: str) -> str | None:
    """Return the source that a rate's key names, `key (source)`; None for a rate of the row's own source."""
    named = _SOURCE.search(rate_key)
    return named["source"] if named is not None else None


def with_sources(rates: Rates, sources: Mapping[str, str]) -> Rates:
    """Return rates whose keys name their source, `key (source)`, where it is another than the row's."""

    def named(priced: PricedBy) -> PricedBy:
        source = sources.get(priced.key)
        return priced if source is None else PricedBy(priced.rate, f"{priced.key} ({source})")

    return replace(
        rates,
        ladders={
            name: tuple(RateStep(step.threshold, {t: named(p) for t, p in step.by_tier.items()}) for step in steps)
            for name, steps in rates.ladders.items()
        },
    )


@lru_cache(maxsize=4096)  # a file has a few hundred keys, and thousands of rows that use them
def _parsed(key: str) -> tuple[str, int, str] | None:
    """Split a cost key into name, threshold in tokens (-1: none) and service tier; None when it has no known shape."""
    name, threshold, tier = key, -1, ""
    for suffix in SERVICE_TIERS:
        if key.endswith(f"_{suffix}"):
            name, tier = key[: -len(suffix) - 1], suffix
            break
    if "_tokens" in name and (match := _THRESHOLD.match(name)):
        name, threshold = match["name"], int(match["thousands"]) * 1000
    if name in PRICED_RATES or _VARIANT.match(name):
        return name, threshold, tier
    return None


def _specific_multipliers(entry: object, unread: dict[str, object]) -> dict[str, Decimal]:
    if not isinstance(entry, Mapping):
        raise InvalidRate("provider_specific_entry", "is not an object")
    multipliers = {f"provider_specific_entry.{n}": rate(entry[n], n) for n in entry.keys() & SCALES_TOKENS}
    rest = {name: value for name, value in entry.items() if name not in SCALES_TOKENS}
    if rest:
        unread["provider_specific_entry"] = rest
    return multipliers


def _ranges(entries: object, unread: dict[str, object]) -> tuple[tuple[PromptRange, ...], tuple[PromptRange, ...]]:
    if entries is None:
        return (), ()
    if not isinstance(entries, list):
        raise InvalidRate("tiered_pricing", "is not a list")
    by_prompt: list[PromptRange] = []
    by_results: list[PromptRange] = []
    rest: list[object] = []
    for number, entry in enumerate(entries):
        where = f"tiered_pricing[{number}]"
        if not isinstance(entry, Mapping):
            raise InvalidRate(where, "is not an object")
        span_key = next((key for key in ("range", "max_results_range") if key in entry), None)
        rates = _priced(entry, where, PRICED_RATES)
        if span_key is None or not rates:
            rest.append(entry)
            continue
        start, end = _span(entry[span_key], f"{where}.{span_key}")
        (by_prompt if span_key == "range" else by_results).append(PromptRange(start, end, rates))
    if rest:
        unread["tiered_pricing"] = rest
    return tuple(sorted(by_prompt, key=lambda r: r.start)), tuple(sorted(by_results, key=lambda r: r.start))


def _span(value: object, where: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidRate(where, "is not a pair")
    start, end = (rate(edge, where) for edge in value)
    if start != int(start) or end != int(end) or start > end:
        raise InvalidRate(where, "is not a rising pair of whole numbers")
    return int(start), int(end)


def _off_peak(block: object) -> tuple[OffPeak | None, dict[str, PricedBy] | None]:
    if block is None:
        return None, None
    if not isinstance(block, Mapping):
        raise InvalidRate("off_peak_pricing", "is not an object")
    return off_peak(block), _priced(block, "off_peak_pricing", PRICED_RATES)


def _priced(published: Mapping[str, object], where: str, names: Collection[str]) -> dict[str, PricedBy]:
    """Return those rates of an object that have one of the names; null is no rate, as everywhere in a row."""
    return {
        name: PricedBy(rate(value, f"{where}.{name}"), f"{where}.{name}")
        for name, value in published.items()
        if value is not None and name in names
    }
