"""Quality sets and boards in memory."""

from collections.abc import Callable

from atom_llm.domain.catalogue.errors import SnapshotMissing
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.registry.board import Board
from atom_llm.domain.registry.errors import QualityConflict
from atom_llm.domain.registry.quality import QualityVersion
from atom_llm.ports.registry import QualityHead
from testing.fakes.audit_log import AuditLogInMemory


class QualityInMemory:
    """Implements `QualityStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.sets: dict[QualityVersion, bytes] = {}
        self.in_force: QualityHead | None = None
        self.is_down = False

    def head(self) -> QualityHead | None:
        if self.is_down:
            raise StoreUnavailable("down")
        return self.in_force

    def load(self, head: QualityHead) -> bytes:
        if head.version not in self.sets:
            raise SnapshotMissing(head.version)
        return self.sets[head.version]

    def activate(
        self, head: QualityHead, content: bytes, *, over: QualityVersion | None, entry: AuditEntry | None = None
    ) -> None:
        if self.in_force == head:
            return
        if (self.in_force.version if self.in_force else None) != over:
            raise QualityConflict("another sync has put its scores in force meanwhile")
        self.sets[head.version] = content
        self.in_force = head
        self.audit.told(entry)


class BoardInMemory:
    """Implements `BoardSource`: returns or raises what `says` holds."""

    name = "lmarena"

    def __init__(self, says: Callable[[], Board]) -> None:
        self.says = says

    async def fetch(self) -> Board:
        return self.says()
