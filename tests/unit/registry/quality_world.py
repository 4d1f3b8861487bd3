"""A service's whole world of scores in memory: a catalogue, a store, a board that says what it is told, and a clock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from atom_llm.adapters.sources.arena import NAME
from atom_llm.domain.catalogue.catalogue import ModelEntry, encode
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.registry.quality import QualitySet, decode_set, encode_set, scored
from atom_llm.ports.registry import BoardSource, QualityStore
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.core.shared_changes import SharedChanges
from atom_llm.services.registry.model_index import ModelIndex
from atom_llm.services.registry.read_quality import QualityReader
from atom_llm.services.registry.sync_quality import QualityReport, QualitySync
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.quality import BoardInMemory, QualityInMemory
from testing.rows import NOW, row
from tests.unit.catalogue.refreshes.refresh_world import SmallSeed
from tests.unit.registry.boards import index_of

OPERATOR = TenantId("operator")
MODELS = tuple(f"sage-{number}" for number in range(1, 41))
ROWS = tuple(row(name, provider="acme", source_key=name, first_party=True) for name in MODELS)


def board(rows: int, *, best: float = 1400.0) -> Board:
    """Models from the best on, of which the first forty are sold."""
    return Board(tuple(BoardRow(f"sage-{number}", best - 3 * number) for number in range(1, rows + 1)))


class QualityWorld:
    """Everything that a sync touches; the store may be another one, and so may the sources."""

    def __init__(
        self,
        *entries: ModelEntry,
        store: QualityStore | None = None,
        sources: Mapping[str, BoardSource] | None = None,
    ) -> None:
        """Start with a packaged set of sixty rows."""
        self.now = NOW
        self.board = BoardInMemory(lambda: board(100))
        self.memory = QualityInMemory()
        self.store = store or self.memory
        self.seeded = encode_set(scored(board(60), index_of(*(entries or ROWS))))
        snapshot = SmallSeed(encode(entries or ROWS)[1], NOW - timedelta(days=30))
        self.book = BookInMemory()
        self.catalogue = CatalogueReader(self.book, lambda: snapshot, self.clock)
        self.reader = self.process()
        self.index = ModelIndex(self.catalogue, self.reader)
        self.audit = self.memory.audit
        self.changes = SharedChanges(lambda: OPERATOR, self.audit.record, self.clock)
        self.sync = QualitySync(
            self.store, sources or {NAME: self.board}, self.catalogue, self.reader, self.changes, self.clock
        )

    def clock(self) -> datetime:
        """The world's time."""
        return self.now

    def process(self) -> QualityReader:
        """Return a reader in another process."""
        return QualityReader(self.store, lambda: self.seeded, self.clock)

    def says(self, said: Board | Callable[[], Board]) -> None:
        """Publish this board from now on."""
        self.board.says = (lambda: said) if isinstance(said, Board) else said

    def synced(self) -> QualityReport:
        """A sync a week after the last."""
        self.now += timedelta(days=7)
        return self.sync.run(by=None)

    def in_force(self) -> QualitySet:
        """Return the scores in force for a process that has just started."""
        return self.process().current()

    @property
    def seed(self) -> QualitySet:
        """The packaged set."""
        return decode_set(self.seeded)
