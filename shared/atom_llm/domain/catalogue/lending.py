"""Rates that an independent list lends a row: what its source leaves out, and what it gives away that others price."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import LentRate, ModelEntry, is_charged
from atom_llm.domain.catalogue.price_events import PriceEvent, changes
from atom_llm.domain.catalogue.statements import RowStatements, amount
from atom_llm.domain.core.money import plain, rate
from atom_llm.domain.pricing.units import INPUT_TOKEN, MAPS_RATE, OUTPUT_TOKEN, SEARCH_RATE

# The reseller's word counts as evidence; what it adds of its own (writes to a cache) is no maker's rate.
NO_LENDER: Final = "openrouter"

BASE: Final = (INPUT_TOKEN, OUTPUT_TOKEN)
_TABLE: Final = "tiered_pricing"
_THRESHOLD: Final = re.compile(r"(?P<name>.+)_above_(?P<thousands>\d+)k_tokens\Z")
_USUAL_SEARCH: Final = "search_context_size_medium"


def in_sources_words(entry: ModelEntry) -> ModelEntry:
    """Return a row as its own source publishes it, without what was lent."""
    if not entry.lent:
        return entry
    published = dict(entry.published or {})
    for key, lent in entry.lent.items():
        if lent.own is None:
            published.pop(key, None)
        else:
            published[key] = lent.own
    return replace(entry, published=published, lent=None)


def with_loans(entry: ModelEntry, said: RowStatements) -> ModelEntry:
    """Return a row, in its source's words, with the rates that lists lend it.

    A row that gives away what a list prices is held at that price. A maker's row takes the rates that it lacks from a
    list that says what it says of input and output, the rate of most lists, of as many the highest. A list's 0 fills
    nothing.
    """
    if not said or entry.alias_of is not None:
        return entry
    own = entry.published or {}
    if _is_free(entry):
        rates = _price_of(said)
    elif entry.first_party and _TABLE not in own:
        rates = _lacking(own, said)
    else:
        return entry
    if not rates:
        return entry
    lent = {key: LentRate(source, own.get(key)) for key, (source, _) in rates.items()}
    published = {**own, **{key: plain(rate) for key, (_, rate) in rates.items()}}
    return replace(entry, published=published, lent=lent)


def told_with_loans(
    before: Mapping[str, ModelEntry], after: Mapping[str, ModelEntry], events: Sequence[PriceEvent]
) -> tuple[PriceEvent, ...]:
    """Return a refresh's events with what was lent: one event of a row's rates, whoever's word they are."""
    touched = {identity for rows in (before, after) for identity, entry in rows.items() if entry.lent}
    if not touched:
        return tuple(events)
    told: list[PriceEvent] = []
    came_or_went: set[str] = set()
    for event in events:
        if event.model not in touched or event.kind in ("deprecation", "quarantined"):
            told.append(event)
        elif event.kind == "added":
            told.append(replace(event, after=after[event.model].published or {}, reason=_of_loans(after[event.model])))
            came_or_went.add(event.model)
        elif event.kind == "removed":
            told.append(replace(event, before=before[event.model].published or {}))
            came_or_went.add(event.model)
    for identity in sorted((touched & before.keys() & after.keys()) - came_or_went):
        changed = changes(before[identity], after[identity])
        reason = _of_loans(after[identity])
        told.extend(replace(event, reason=reason) for event in changed if event.kind == "price")
    return tuple(told)


def _of_loans(entry: ModelEntry) -> str | None:
    """Return in words what of a row's rates is another source's; None where nothing is."""
    return "; ".join(map(_loan, (entry.lent or {}).items())) or None


def _loan(lent: tuple[str, LentRate]) -> str:
    key, (source, own) = lent
    return f"{key} is of {source}: " + (
        "the row has none" if own is None else f"it prices what the row gives for {own}"
    )


def stated(published: Mapping[str, object], key: str) -> Decimal | None:
    """Return the rate that a row publishes for a key of the lists', from a table of tiers too; None without one."""
    value = published.get(key)
    if key == SEARCH_RATE and isinstance(value, Mapping):
        value = value.get(_USUAL_SEARCH)
    elif value is None and isinstance(table := published.get(_TABLE), list):
        value = _in_table(table, key)
    return rate(value, key) if isinstance(value, str | int | float | Decimal) else None


def _in_table(table: Sequence[object], key: str) -> object:
    threshold = _THRESHOLD.match(key)
    name, start = (threshold["name"], int(threshold["thousands"]) * 1000) if threshold else (key, 0)
    for entry in table:
        span = entry.get("range") if isinstance(entry, Mapping) else None
        if isinstance(entry, Mapping) and isinstance(span, list) and span and rate(span[0], "range") == start:
            return entry.get(name)
    return None


def _is_free(entry: ModelEntry) -> bool:
    """Return whether a row states that input and output cost nothing, and prices nothing else but tools."""
    own = entry.published or {}
    if any(stated(own, key) != 0 for key in BASE):
        return False
    return not is_charged(replace(entry, published={key: own[key] for key in own.keys() - {SEARCH_RATE, MAPS_RATE}}))


def _price_of(said: RowStatements) -> dict[str, tuple[str, Decimal]]:
    """Return all rates of one list that prices input and output; of several, those of the highest."""
    by_source: dict[str, dict[str, Decimal]] = {}
    for key, statements in said.items():
        for each in statements:
            if each.rate:
                by_source.setdefault(each.source, {})[key] = each.rate
    priced = {source: rates for source, rates in by_source.items() if all(key in rates for key in BASE)}
    if not priced:
        return {}
    source = max(priced, key=lambda each: ([priced[each][key] for key in BASE], each))
    return {key: (source, rate) for key, rate in priced[source].items()}


def _lacking(own: Mapping[str, object], said: RowStatements) -> dict[str, tuple[str, Decimal]]:
    agreeing = _agreeing(own, said)
    found: dict[str, tuple[str, Decimal]] = {}
    for key, statements in said.items():
        if (
            key in BASE
            or key in own
            or stated(own, key) is not None
            or not agreeing
            or not _is_same_length(own, said, key, agreeing)
        ):
            continue
        offered = [each for each in statements if each.source in agreeing and each.source != NO_LENDER and each.rate]
        if offered:
            times = Counter(amount(each.rate) for each in offered)
            chosen = max(offered, key=lambda each: (times[amount(each.rate)], each.rate, each.source))
            found[key] = (chosen.source, chosen.rate)
    return found


def _agreeing(own: Mapping[str, object], said: RowStatements) -> frozenset[str]:
    """Return the lists that say of input and output what the row says."""
    sets = [_saying(own, said, key) for key in BASE if stated(own, key) is not None]
    return frozenset.intersection(*sets) if sets else frozenset()


def _saying(own: Mapping[str, object], said: RowStatements, key: str) -> frozenset[str]:
    rate = stated(own, key)
    return frozenset(
        each.source for each in said.get(key, ()) if rate is not None and amount(each.rate) == amount(rate)
    )


def _is_same_length(own: Mapping[str, object], said: RowStatements, key: str, agreeing: frozenset[str]) -> bool:
    """Return whether a rate of long prompts is of a length at which the row prices input as such a list does."""
    long = _THRESHOLD.match(key)
    return long is None or bool(_saying(own, said, f"{INPUT_TOKEN}_above_{long['thousands']}k_tokens") & agreeing)
