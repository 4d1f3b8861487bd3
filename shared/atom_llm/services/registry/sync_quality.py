"""The sync of quality scores: fetch the board, judge it, map its names, put the set in force."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from atom_llm.domain.core.audit import Actor, AuditEntry
from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.registry.board import fault_of
from atom_llm.domain.registry.errors import BoardRefused, QualityConflict
from atom_llm.domain.registry.quality import QualitySet, QualityVersion, encode_set, scored
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.registry import BoardSource, QualityHead, QualityStore
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.core.shared_changes import SharedChanges
from atom_llm.services.registry.read_quality import QualityReader

AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The report of a sync. `unmatched` are the board's names without a row in the catalogue, in the board's order.

    `version_before` was in force until then: the packaged set before the first sync.
    """

    source: str
    version: QualityVersion
    version_before: QualityVersion | None
    published: date | None
    activated_at: datetime
    rows: int
    matched: int
    unmatched: tuple[str, ...]
    has_changed: bool


class QualitySync:
    """The sync of scores from a leaderboard."""

    def __init__(
        self,
        store: QualityStore,
        sources: Mapping[str, BoardSource],
        catalogue: CatalogueReader,
        reader: QualityReader,
        changes: SharedChanges,
        clock: Clock,
    ) -> None:
        """Take `sources` by name, of which the first one is what `auto` means."""
        self._store = store
        self._sources = sources
        self._catalogue = catalogue
        self._reader = reader
        self._changes = changes
        self._clock = clock

    def run(self, source: str = AUTO, *, by: Actor | None) -> QualityReport:
        """Sync from a source, as somebody asked or by schedule; raises `InvalidRequest` for one that is not known.

        What is put in force is one write with its audit entry. A sync that changes nothing has an entry where somebody
        asked for it.

        Raises `SourceUnavailable`, `UnreadableSource`, `BoardRefused` or `QualityConflict`, and then the set in force
        stays.
        """
        check_choice("source", source, (AUTO, *self._sources))
        found = next(iter(self._sources.values())) if source == AUTO else self._sources[source]
        # Asked before the board is: of two syncs the one that began earlier never replaces what the other brought.
        head = self._store.head()
        board = asyncio.run(found.fetch())
        fault = fault_of(board, head.rows if head else 0)
        if fault is not None:
            raise BoardRefused(f"{found.name}: the board {fault}", source=found.name)
        made = scored(board, self._catalogue.current().names)
        known = self._reader.current()
        if known.matched and not made.matched:  # without scores `auto` has no model to choose from
            raise BoardRefused(f"{found.name}: the board names no model of the catalogue", source=found.name)
        before = head.version if head else known.version
        entry = self._changes.entry(by, "quality.synced", found.name)
        if head and head.version == made.version:
            is_new, in_force = False, head
        else:
            is_new, in_force = self._put_in_force(made, len(board.rows), head, entry)
        if entry is not None and by is not None and not is_new:
            self._changes.record(entry)
        report = QualityReport(
            source=found.name,
            version=made.version,
            version_before=before or None,
            published=board.published,
            activated_at=in_force.activated_at,
            rows=len(board.rows),
            matched=len(made.matched),
            unmatched=made.unmatched,
            has_changed=before != made.version,
        )
        logger().info("scores synced", rows=report.rows, matched=report.matched, version=report.version)
        return report

    def _put_in_force(
        self, made: QualitySet, rows: int, over: QualityHead | None, entry: AuditEntry | None
    ) -> tuple[bool, QualityHead]:
        """Return whether this sync is the one that put the set in force, and what is in force."""
        is_new, new = True, QualityHead(made.version, self._clock(), rows, made.published)
        try:
            self._store.activate(new, encode_set(made), over=over.version if over else None, entry=entry)
        except QualityConflict:
            meanwhile = self._store.head()
            if meanwhile is None or meanwhile.version != made.version:
                raise
            is_new, new = False, meanwhile  # another sync of the same board was quicker
        self._reader.forget()
        return is_new, new
