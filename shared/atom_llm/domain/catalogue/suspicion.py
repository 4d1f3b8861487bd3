"""Reasons to distrust a proposed row: impossible rates, and changes beyond those of real prices."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry, compiled
from atom_llm.domain.core.money import ONE, plain
from atom_llm.domain.pricing.cost import token_rate
from atom_llm.domain.pricing.rates import PricedBy, Rates
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, TOKEN_RATES, Unit

MAX_USD_PER_TOKEN: Final = Decimal("0.001")  # $1,000 a million; every real price above it was a unit mistake
PLAIN_TEXT: Final = frozenset({Unit.INPUT, Unit.OUTPUT})
# Times: a cache or audio rate that is published for the first time is really up to 60 times the input rate that stood
# in for it, or a fiftieth.
MAX_FIRST_RATE: Final = 100
MAX_CHANGE: Final = 10  # times, either way; upstream's larger changes were mistakes or corrections of them


def suspicions(before: ModelEntry | None, entry: ModelEntry) -> Iterator[str]:
    """Yield a sentence for each reason to distrust a proposed row; none for a sound one.

    Raises `InvalidRate` when either row publishes a rate that is none.
    """
    if before is not None and before.published == entry.published:
        return
    now = compiled(entry)
    rates = rates_by_key(now)
    was = compiled(before) if before is not None else Rates({})
    old_rates = rates_by_key(was)
    for key, (name, rate) in rates.items():
        if name in TOKEN_RATES and rate >= MAX_USD_PER_TOKEN and (key not in old_rates or rate != old_rates[key][1]):
            yield f"{key} of {plain(rate)} is $1,000 a million tokens or more"
        elif key in old_rates and (fault := _leap(old_rates[key][1], rate)):
            yield f"{key} {fault}"
    if before is None:
        return
    for key, factor in (now.multipliers or {}).items():
        if fault := _leap((was.multipliers or {}).get(key, ONE), factor):
            yield f"{key} {fault}"
    yield from _effective_leaps(was, now)


def rates_by_key(rates: Rates) -> dict[str, tuple[str, Decimal]]:
    """Return every rate of a row by the key it is published under, with the name of what it prices."""
    found = {
        priced.key: (name, priced.rate)
        for name, steps in rates.ladders.items()
        for step in steps
        for priced in step.by_tier.values()
    }
    for prompt_range in (*rates.ranges, *rates.result_ranges):
        found |= {priced.key: (name, priced.rate) for name, priced in prompt_range.rates.items()}
    for name, priced in (rates.off_peak_rates or {}).items():
        found[priced.key] = (name, priced.rate)
    return found


def _effective_leaps(was: Rates, now: Rates) -> Iterator[str]:
    """Yield leaps in the rate of a token that no single key shows.

    A key that comes or goes changes a price too: a new length tier, a service tier or an off-peak window replaces the
    base. Each pair of keys is told once, at the shortest prompt.
    """
    told: set[tuple[str, str]] = set()
    units = _units_apart(was, now)
    for context_tokens, tier, is_off_peak in _circumstances(was, now):
        for unit in units:
            old = _charged(was, unit, context_tokens, tier, is_off_peak=is_off_peak)
            new = _charged(now, unit, context_tokens, tier, is_off_peak=is_off_peak)
            if old is None or new is None or old.key == new.key or (old.key, new.key) in told:
                continue
            if unit not in PLAIN_TEXT and new.rate <= old.rate * MAX_FIRST_RATE:
                continue
            if fault := _leap(old.rate, new.rate):
                told.add((old.key, new.key))
                yield f"{unit} {fault}: {new.key} in place of {old.key}"


def _units_apart(was: Rates, now: Rates) -> list[Unit]:
    """Return the units of tokens whose rates two rows may tell apart; of those that fall back alike, the first one."""
    published = {name for rates in (was, now) for names in _names(rates) for name in names}
    found: dict[tuple[str | Unit, ...], Unit] = {}
    for unit, names in RATES_OF_TOKENS.items():
        chain = tuple(name for name in names if name in published)
        if chain:
            # Reasoning has a rule of its own about service tiers.
            found.setdefault((Unit.REASONING, *chain) if unit is Unit.REASONING else chain, unit)
    return list(found.values())


def _names(rates: Rates) -> Iterator[Iterable[str]]:
    yield rates.ladders
    yield from (each.rates for each in (*rates.ranges, *rates.result_ranges))
    yield rates.off_peak_rates or ()


def _circumstances(was: Rates, now: Rates) -> list[tuple[int, str, bool]]:
    """Return all that can choose a rate: prompt lengths either side of every edge, service tiers, off peak or not."""
    tokens, tiers, peaks = {1}, {""}, {False}
    for rates in (was, now):
        for steps in rates.ladders.values():
            for threshold, by_tier in steps:
                tokens |= {threshold, threshold + 1} if threshold > 0 else set()
                tiers |= by_tier.keys()
        tokens |= {edge for r in rates.ranges for edge in (r.start + 1, r.end, r.end + 1)}
        if rates.off_peak is not None:
            peaks.add(True)
    return [(n, tier, is_off_peak) for n in sorted(tokens) for tier in sorted(tiers) for is_off_peak in sorted(peaks)]


def _charged(rates: Rates, unit: Unit, context_tokens: int, tier: str, *, is_off_peak: bool) -> PricedBy | None:
    off_peak = rates.off_peak_rates if is_off_peak else None
    return token_rate(unit, rates, context_tokens, tier, off_peak, rates.range_for(context_tokens))


def _leap(old: Decimal, new: Decimal) -> str | None:
    """Return the change of a rate in words if no real price changes so much, else None."""
    if old == new:
        return None
    if not new:
        return f"fell from {plain(old)} to nothing"
    if not old:
        return None  # holding the old rate would bill $0 for what costs something
    if new > old * MAX_CHANGE or new * MAX_CHANGE < old:
        return f"went from {plain(old)} to {plain(new)}, more than {MAX_CHANGE} times"
    return None
