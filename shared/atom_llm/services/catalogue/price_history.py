"""The history of prices: events newest first, and one row's prices over time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.price_events import EventKind, PriceEvent, decode_events
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.ports.catalogue import PriceBook
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce

BATCHES_A_PAGE: Final = 2_000  # activations read for one page of filtered events; five years of daily refreshes
BATCHES_AT_ONCE: Final = 16  # asked for where every event is wanted: a page ends long before an answer is full


class EventPosition(NamedTuple):
    """The end of a page of events: the activation's number, and the number of its next event."""

    sequence: int
    event: int


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """An event with the activation that put it in force."""

    event: PriceEvent
    activation: Activation


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """The events that are asked for; None is any."""

    since: datetime | None = None
    provider: str | None = None
    model: str | None = None
    kind: EventKind | None = None

    def matches(self, event: PriceEvent) -> bool:
        """Return whether an event is among the wanted, its date aside."""
        return (
            (self.provider is None or event.provider == self.provider)
            and (self.model is None or event.model == self.model)
            and (self.kind is None or event.kind == self.kind)
        )


@dataclass(frozen=True, slots=True)
class PricePeriod:
    """A span in which a row's published rates were in force; `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    rates: Mapping[str, object]
    version: str
    source: str


class PriceHistory:
    """The events of the price book, for reading."""

    def __init__(self, book: PriceBook) -> None:
        self._book = book

    def changes(
        self, wanted: HistoryFilter, limit: int, start: EventPosition | None
    ) -> tuple[list[DatedEvent], EventPosition | None]:
        """Return a page of events, newest activation first, and where the next page starts; None at the end."""
        return changes(self._book, wanted, limit, start)

    def has_events(self, model: str) -> bool:
        """Return whether a row of this id is, or was, in the catalogue."""
        batches = (batch for _, batch in self._book.with_events(since=None, before=None) if batch)
        return any(event.model == model for batch in batches for event in decode_events(batch, naming=model))

    def of(self, in_force: CatalogueInForce, model: str) -> list[PricePeriod]:
        """Return a row's prices from the first snapshot on, newest first; a row that is gone keeps its history."""
        return history(self._book, in_force, model)


def changes(
    book: PriceBook, wanted: HistoryFilter, limit: int, start: EventPosition | None
) -> tuple[list[DatedEvent], EventPosition | None]:
    """Return a page of events, newest activation first, and the position of the next page; None when there is none."""
    page: list[DatedEvent] = []
    before = start.sequence + 1 if start else None
    at_once = BATCHES_AT_ONCE if wanted == HistoryFilter(since=wanted.since) else None
    for number, (activation, batch) in enumerate(book.with_events(since=wanted.since, before=before, at_once=at_once)):
        if number >= BATCHES_A_PAGE:
            return page, EventPosition(activation.sequence, 0)
        first = start.event if start and activation.sequence == start.sequence else 0
        events = decode_events(batch, naming=wanted.model)
        for index in range(first, len(events)):
            if wanted.matches(events[index]):
                if len(page) == limit:
                    return page, EventPosition(activation.sequence, index)
                page.append(DatedEvent(events[index], activation))
    return page, None


def history(book: PriceBook, in_force: CatalogueInForce, model: str) -> list[PricePeriod]:
    """Return a row's prices from the first snapshot on, newest first, rebuilt backwards from those in force.

    `model` is an id; a row that has left the catalogue keeps its history.
    """
    entry = in_force.catalogue.get(model)
    if entry is not None and entry.id != model:
        entry = None  # another row, of a reseller, whose key reads like the id
    source = str(entry.source) if entry else ""
    rates: Mapping[str, object] | None = None
    if entry is not None and entry.absent_since is None:
        rates = entry.published or {}
    periods: list[PricePeriod] = []
    until: datetime | None = None
    first = in_force.activation or Activation(0, in_force.catalogue.version, in_force.as_of, 0, 0, 0)
    # The book may have an entry that what is in force here, up to a minute old, has not seen yet.
    for activation, batch in book.with_events(since=None, before=first.sequence + 1):
        first = activation
        for event in _of_model(batch, model):
            if rates is not None:
                periods.append(PricePeriod(activation.activated_at, until, rates, activation.version, event.source))
            rates, until, source = _before(event, rates), activation.activated_at, event.source
    if rates is not None:
        periods.append(PricePeriod(first.activated_at, until, rates, first.version, source))
    return periods


def _of_model(batch: bytes, model: str) -> Iterator[PriceEvent]:
    events = decode_events(batch, naming=model)
    return (e for e in reversed(events) if e.model == model and e.kind in ("added", "removed", "price"))


def _before(event: PriceEvent, rates: Mapping[str, object] | None) -> Mapping[str, object] | None:
    match event.kind:
        case "added":
            return None
        case "removed":
            return event.before
        case _:
            kept = {key: value for key, value in (rates or {}).items() if key not in event.after}
            return {**kept, **event.before}
