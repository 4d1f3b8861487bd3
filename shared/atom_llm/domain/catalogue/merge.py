"""One catalogue from two sources: the primary's rows, and the fallback's for models that the primary lacks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry, SourceName
from atom_llm.domain.catalogue.lending import in_sources_words, told_with_loans, with_loans
from atom_llm.domain.catalogue.names import NamedRow, NameIndex
from atom_llm.domain.catalogue.price_events import removed
from atom_llm.domain.catalogue.quarantine import Approval, Quarantine
from atom_llm.domain.catalogue.review import Review, review
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.catalogue.statements import NO_STATEMENTS, PRIMARY, Statements

FALLBACK: Final[SourceName] = "openrouter"


def merge(
    base: Iterable[ModelEntry],
    readings: Mapping[str, SourceReading],
    quarantine: Quarantine,
    *,
    now: datetime,
    refresh_number: int,
    approval: Approval,
    seeded: Collection[str] = (),
    statements: Statements = NO_STATEMENTS,
) -> Review:
    """Return the rows in force after a refresh, with the events that led to them and the proposals that are held.

    A source without a reading keeps its rows and its holds as they are. The fallback's rows are those of models that no
    row of the primary names; they keep its label, and never stand in for a vendor's row. `seeded` names the sources
    whose rows in force are still the packaged ones. `statements` of independent lists confirm changes of the primary's
    prices, and lend its rows what they lack.
    """
    before = {entry.id: entry for entry in base}
    own: dict[str, ModelEntry] = {}
    resold: dict[str, ModelEntry] = {}
    for entry in before.values():
        (own if entry.source == PRIMARY else resold)[entry.id] = in_sources_words(entry)

    def judged(source: SourceName, rows: Mapping[str, ModelEntry], reading: SourceReading | None) -> Review:
        if reading is None:
            is_counted = readings.get(PRIMARY) is not None
            kept = {identity: _waited(entry) for identity, entry in rows.items()} if is_counted else rows
            return Review(kept, (), quarantine.entries_of(source))
        return review(
            rows,
            reading,
            quarantine,
            now=now,
            refresh_number=refresh_number,
            approval=approval,
            is_first=source in seeded,
            statements=statements,
        )

    primary = judged(PRIMARY, own, readings.get(PRIMARY))

    named = NameIndex(
        (
            NamedRow(entry.id, entry.source_key, entry.provider, entry.first_party)
            for entry in primary.entries.values()
            if entry.alias_of is None
        ),
        {},
    )
    lacking = {identity: entry for identity, entry in resold.items() if not _is_named(named, entry)}
    settled = tuple(
        removed(entry, f"now published by {PRIMARY}")
        for identity, entry in resold.items()
        if identity not in lacking and entry.absent_since is None
    )
    reading = readings.get(FALLBACK)
    if reading is not None:
        entries = {identity: entry for identity, entry in reading.entries.items() if not _is_named(named, entry)}
        # An unusable row that was never anybody's price (a router that publishes -1) is no news.
        refused = {identity: fault for identity, fault in reading.refused.items() if identity in lacking}
        reading = SourceReading(reading.source, entries, refused)
    fallback = judged(FALLBACK, lacking, reading)
    helped = {identity: with_loans(entry, statements.about(entry)) for identity, entry in primary.entries.items()}
    return Review(
        {**helped, **fallback.entries},
        told_with_loans(before, helped, primary.events + settled + fallback.events),
        {**primary.held, **fallback.held},
    )


def _waited(entry: ModelEntry) -> ModelEntry:
    """Return a row after a refresh in which its source was silent: that refresh does not count as an absence."""
    return entry if entry.absent_since is None else replace(entry, absent_since=entry.absent_since + 1)


def _is_named(index: NameIndex, entry: ModelEntry) -> bool:
    """Return whether the primary knows the model under any spelling, the reseller's path before the name left out."""
    return index.knows(entry.source_key.rsplit("/", 1)[-1])
