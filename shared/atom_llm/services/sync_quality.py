"""The sync of quality scores: fetch the board, judge it, map its names, put the set in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from atom_llm.domain.board import fault_of
from atom_llm.domain.errors import BoardRefused, NotFound
from atom_llm.domain.quality import QualityVersion, encode_set, scored
from atom_llm.observability import emit, logger
from atom_llm.ports import Clock
from atom_llm.quality_ports import BoardSource, QualityHead, QualityStore
from atom_llm.services.read_catalogue import CatalogueReader
from atom_llm.services.read_quality import QualityReader

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What a sync did. `unmatched` are the board's names that the catalogue has no row for, in the board's order."""

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
    """Runs it."""

    def __init__(
        self,
        store: QualityStore,
        sources: Mapping[str, BoardSource],
        catalogue: CatalogueReader,
        reader: QualityReader,
        clock: Clock,
    ) -> None:
        """`sources` by name; the first one is what `auto` means."""
        self._store = store
        self._sources = sources
        self._catalogue = catalogue
        self._reader = reader
        self._clock = clock

    async def run(self, source: str = AUTO) -> QualityReport:
        """Sync from a source; raises `SourceUnavailable`, `UnreadableSource`, `BoardRefused` or `QualityConflict`, and
        then the set in force stays."""
        found = next(iter(self._sources.values())) if source == AUTO else self._sources.get(source)
        if found is None:
            raise NotFound(f"no source of scores is called {source!r}")
        board = await found.fetch()
        head = self._store.head()
        fault = fault_of(board, head.rows if head else 0)
        if fault is not None:
            emit({"BoardsRefused": ("Count", 1)}, {"group": "registry"})
            raise BoardRefused(f"{found.name}: the board {fault}", source=found.name)
        made = scored(board, self._catalogue.current().names)
        before = None if head is None else head.version
        now = self._clock()
        if before != made.version:
            new = QualityHead(made.version, now, len(board.rows), board.published)
            self._store.activate(new, encode_set(made), over=before)
            self._reader.forget()
        report = QualityReport(
            source=found.name,
            version=made.version,
            version_before=before,
            published=board.published,
            activated_at=now if head is None or before != made.version else head.activated_at,
            rows=len(board.rows),
            matched=len(made.matched),
            unmatched=made.unmatched,
            has_changed=before != made.version,
        )
        logger().info("scores synced", rows=report.rows, matched=report.matched, version=report.version)
        return report
