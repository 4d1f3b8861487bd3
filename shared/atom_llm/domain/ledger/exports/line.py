"""A line of a provider's usage or cost export, in the words that the ledger is compared by."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from atom_llm.domain.pricing.units import Unit


class CountedClass(StrEnum):
    """A class that exports and the ledger both count; `output` holds reasoning and media, `cache_write` every age."""

    INPUT = "input"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"
    WEB_SEARCHES = "web_searches"


class LineKind(StrEnum):
    """The thing that a line is about: a model's usage, a service beside it, a tax, or money given back."""

    USAGE = "usage"
    SERVICE = "service"
    TAX = "tax"
    CREDIT = "credit"


COUNTED_AS: Final[Mapping[Unit, CountedClass]] = {
    Unit.INPUT: CountedClass.INPUT,
    Unit.INPUT_AUDIO: CountedClass.INPUT,
    Unit.INPUT_IMAGE: CountedClass.INPUT,
    Unit.INPUT_VIDEO: CountedClass.INPUT,
    Unit.CACHE_READ: CountedClass.CACHE_READ,
    Unit.CACHE_READ_EXPLICIT: CountedClass.CACHE_READ,
    Unit.CACHE_READ_AUDIO: CountedClass.CACHE_READ,
    Unit.CACHE_READ_IMAGE: CountedClass.CACHE_READ,
    Unit.CACHE_WRITE_5M: CountedClass.CACHE_WRITE,
    Unit.CACHE_WRITE_1H: CountedClass.CACHE_WRITE,
    Unit.CACHE_WRITE_12H: CountedClass.CACHE_WRITE,
    Unit.CACHE_WRITE_AUDIO: CountedClass.CACHE_WRITE,
    Unit.OUTPUT: CountedClass.OUTPUT,
    Unit.REASONING: CountedClass.OUTPUT,
    Unit.OUTPUT_AUDIO: CountedClass.OUTPUT,
    Unit.OUTPUT_IMAGE: CountedClass.OUTPUT,
    Unit.OUTPUT_VIDEO: CountedClass.OUTPUT,
    Unit.WEB_SEARCHES: CountedClass.WEB_SEARCHES,
}

_TAX: Final = re.compile(r"\b(?:tax(?:es)?|vat|gst|hst)\b", re.IGNORECASE)
_CREDIT: Final = re.compile(
    r"\b(?:credits?|grants?|promo(?:tion(?:al)?)?|refunds?|discounts?|rebates?|adjustments?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ExportedLine:
    """One line. `place` says where it stands in the upload, and `wording` what the provider calls it.

    `model` and `key` are the provider's own names. `amount` is in USD, None in a usage export; `requests` None where
    none are counted. `is_batch`: it was sent through the provider's batch API, which no call of this service is.
    """

    place: str
    day: date
    kind: LineKind
    wording: str
    model: str | None = None
    key: str | None = None
    amount: Decimal | None = None
    counts: Mapping[CountedClass, Decimal] = field(default_factory=dict)
    requests: int | None = None
    is_batch: bool = False


LinesByDay = Iterator[tuple[date, ExportedLine | None, frozenset[str]]]
"""Days, each with a line of it, or None where it has none, and the names of the line's fields that were not read."""


@dataclass(frozen=True, slots=True)
class ExportReading:
    """The lines of an export, the days (UTC) that it covers, and the fields that were not read, by name."""

    lines: tuple[ExportedLine, ...]
    days: frozenset[date]
    unread: frozenset[str]


def kind_without_model(wording: str, amount: Decimal | None) -> LineKind:
    """Return the kind of a line that names no model, by the provider's words for it and its sign."""
    if _TAX.search(wording):
        return LineKind.TAX
    if _CREDIT.search(wording) or (amount is not None and amount < 0):
        return LineKind.CREDIT
    return LineKind.SERVICE
