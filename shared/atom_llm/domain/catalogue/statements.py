"""The word of independent price lists on a row: rates in the price file's words, found by the row's exact name."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import Any, Final, NamedTuple

from atom_llm.domain.catalogue.asked_name import MAKER_OF, AskedName, asked_name, sold_as
from atom_llm.domain.catalogue.catalogue import ModelEntry, SourceName
from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.names import provider_words
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.pricing.units import (
    CACHE_READ_TOKEN,
    CACHE_WRITE_TOKEN,
    INPUT_TOKEN,
    OUTPUT_TOKEN,
)

FORMAT: Final = 1
MAX_BYTES: Final = 32 * 1024 * 1024  # decompressed; a hundred times today's
# What a float loses on its way through a publisher's file is no other price.
_DIGITS: Final = Context(prec=12)

# The reseller passes on what these makers charge, and nobody else sells their models: of open weights it names its
# cheapest host's price.
PASSED_ON: Final = frozenset({"anthropic", "google", "openai", "xai"})
_OPEN_WEIGHTS: Final = ("gemma", "gpt-oss", "grok-1", "grok-2")
_PASSED_ON_RATES: Final = (INPUT_TOKEN, OUTPUT_TOKEN, CACHE_READ_TOKEN, CACHE_WRITE_TOKEN)

ListedRates = Mapping[str, str]
"""USD per unit as plain decimals, by the price file's keys."""


class DatedRates(NamedTuple):
    """A model's rates from a day on; without one, from always."""

    start: date | None
    rates: ListedRates


@dataclass(frozen=True, slots=True)
class ListReading:
    """The reading of an independent list: rates by `provider/name` with our provider ids, the newest start last.

    `refused` maps a listed name to the reason why what is said of it cannot be used.
    """

    source: str
    models: Mapping[str, Sequence[DatedRates]]
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeardList:
    """A list as it was last heard, with the day since which it has said each rate that it says now."""

    models: Mapping[str, Sequence[DatedRates]]
    since: Mapping[str, Mapping[str, date]]


class Statement(NamedTuple):
    """One source's word on a rate in USD per unit, and the day since which it says so; None where that is not known."""

    source: str
    rate: Decimal
    since: date | None


# The rates of the price file's own rows, heard beside the lists' for the day since which each stands, by the row's id.
PRIMARY: Final[SourceName] = "litellm"

RowStatements = Mapping[str, Sequence[Statement]]
"""Statements by the key of the rate."""

NOTHING_SAID: Final[RowStatements] = {}


def heard(before: HeardList | None, reading: ListReading, today: date) -> HeardList:
    """Return a list as it is heard today: what it said before, it says since then."""
    known = before or HeardList({}, {})
    since: dict[str, Mapping[str, date]] = {}
    for name, dated in reading.models.items():
        now = _in_force(dated, today)
        was = _in_force(known.models.get(name, ()), today).rates
        start = now.start or date.min
        days = known.since.get(name, {})
        since[name] = {
            key: max(days.get(key, today), start) if key in was and same_amount(was[key], rate) else today
            for key, rate in now.rates.items()
        }
    return HeardList(reading.models, since)


def passed_on(reading: SourceReading) -> ListReading:
    """Return what a reseller's list says of the prices of those makers whose models nobody else sells."""
    models: dict[str, Sequence[DatedRates]] = {}
    for entry in reading.entries.values():
        org, slash, name = entry.source_key.partition("/")
        maker = MAKER_OF.get(org, "")
        if slash and ":" not in name and maker in PASSED_ON and not name.startswith(_OPEN_WEIGHTS):
            published = entry.published or {}
            rates = {key: str(published[key]) for key in _PASSED_ON_RATES if key in published}
            models[f"{maker}/{name}"] = (DatedRates(None, rates),)
    return ListReading(reading.source, models)


class Statements:
    """The word of all lists on one day, by row."""

    def __init__(self, lists: Mapping[str, HeardList], today: date) -> None:
        """Take the lists by source; names are taken apart when a provider's row is first asked for."""
        self.lists = lists
        self.today = today
        self._names: dict[str, list[tuple[str, str]]] = {}
        for source, listed in lists.items():
            for name in listed.models if source != PRIMARY else ():
                self._names.setdefault(name.partition("/")[0], []).append((source, name))
        self._words = provider_words(self._names)
        self._by_words: dict[str, dict[str, list[tuple[AskedName, str, str]]]] = {}
        self._found: dict[tuple[str, str], RowStatements] = {}  # a refresh asks three times about each row

    def about(self, entry: ModelEntry) -> RowStatements:
        """Return what every list says of a row's very name: a spelling of it, never a near one."""
        row = (entry.provider, entry.source_key)
        found = self._found.get(row)
        if found is None:
            listed = self._listed(entry.provider)
            is_told_of = listed and entry.alias_of is None
            found = self._found[row] = self._about(entry, listed) if is_told_of else NOTHING_SAID
        return found

    def _about(self, entry: ModelEntry, listed: Mapping[str, Sequence[tuple[AskedName, str, str]]]) -> RowStatements:
        sold = sold_as(entry.source_key, entry.provider, self._words)
        named = [
            (asked.name != sold.name, source, name)
            for asked, source, name in listed.get(sold.words, ())
            if asked.place == sold.place and asked.maker in ("", sold.maker or entry.provider)
        ]
        found: dict[str, list[Statement]] = {}
        told: set[str] = set()
        for _, source, name in sorted(named):  # of two spellings in one list, the row's own
            if source not in told:
                told.add(source)
                for statement_key, statement in self._statements(source, name):
                    found.setdefault(statement_key, []).append(statement)
        return found

    def believed_since(self, entry: ModelEntry) -> Mapping[str, date]:
        """Return the day since which a row's own source says each rate that lists speak of."""
        own = self.lists.get(PRIMARY)
        return own.since.get(entry.id, {}) if own is not None else {}

    def _statements(self, source: str, name: str) -> list[tuple[str, Statement]]:
        listed = self.lists[source]
        days = listed.since.get(name, {})
        rates = _in_force(listed.models[name], self.today).rates
        return [(key, Statement(source, Decimal(rate), days.get(key, self.today))) for key, rate in rates.items()]

    def _listed(self, provider: str) -> Mapping[str, Sequence[tuple[AskedName, str, str]]]:
        if provider not in self._by_words:
            by_words: dict[str, list[tuple[AskedName, str, str]]] = {}
            for family in (provider, *_SAME_LIST.get(provider, ())):
                for source, name in self._names.get(family, ()):
                    asked = asked_name(name, self._words)
                    if asked is not None:
                        by_words.setdefault(asked.words, []).append((asked, source, name))
            self._by_words[provider] = by_words
        return self._by_words[provider]


# The price file has two providers for one house's list.
_SAME_LIST: Final[Mapping[str, tuple[str, ...]]] = {"bedrock_converse": ("bedrock",), "azure_text": ("azure",)}

NO_STATEMENTS: Final = Statements({}, date.min)


def same_amount(one: Decimal | str, other: Decimal | str) -> bool:
    """Return whether two rates are one amount, but for what floats lose."""
    return amount(one) == amount(other)


def amount(rate: Decimal | str) -> Decimal:
    """Return a rate to twelve digits, by which amounts of different publishers are compared."""
    return _DIGITS.create_decimal(rate)


def encode_lists(lists: Mapping[str, HeardList]) -> bytes:
    """Compress the lists for the store; equal lists give equal bytes."""
    if not lists:
        return b""
    body = {
        source: {
            name: [[each.start and each.start.isoformat(), each.rates] for each in dated]
            + [{key: day.isoformat() for key, day in listed.since.get(name, {}).items()}]
            for name, dated in listed.models.items()
        }
        for source, listed in lists.items()
    }
    text = json.dumps({"format": FORMAT, "lists": body}, separators=(",", ":"), sort_keys=True)
    return zlib.compress(text.encode(), 6)


def decode_lists(content: bytes) -> dict[str, HeardList]:
    """Read stored lists; raises `SnapshotCorrupt` when they are damaged or of another format."""
    if not content:
        return {}
    try:
        inflater = zlib.decompressobj()
        body = json.loads(inflater.decompress(content, MAX_BYTES))
        if not inflater.eof or body["format"] != FORMAT:
            raise ValueError("truncated, or of another format")
        return {source: _decoded(listed) for source, listed in body["lists"].items()}
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
        raise SnapshotCorrupt("the independent lists cannot be read") from None


def _decoded(listed: Mapping[str, Any]) -> HeardList:
    models: dict[str, Sequence[DatedRates]] = {}
    since: dict[str, Mapping[str, date]] = {}
    for name, parts in listed.items():
        *dated, days = parts
        models[name] = tuple(DatedRates(start and date.fromisoformat(start), rates) for start, rates in dated)
        since[name] = {key: date.fromisoformat(day) for key, day in days.items()}
    return HeardList(models, since)


def _in_force(dated: Sequence[DatedRates], today: date) -> DatedRates:
    begun = [each for each in dated if each.start is None or each.start <= today]
    return begun[-1] if begun else DatedRates(None, {})
