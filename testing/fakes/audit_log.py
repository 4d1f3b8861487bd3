"""An audit log in memory."""

from collections.abc import Iterator

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId


class AuditLogInMemory:
    """Implements `AuditLog`."""

    def __init__(self) -> None:
        self.all: list[AuditEntry] = []

    def record(self, entry: AuditEntry) -> None:
        """Keep an entry; the stores in memory write those of their changes here."""
        if not self.has(entry):
            self.all.append(entry)

    def told(self, entry: AuditEntry | None) -> None:
        """Keep the entry of a write that has one."""
        if entry is not None:
            self.record(entry)

    def has(self, entry: AuditEntry) -> bool:
        """Return whether an entry is there: its change was made."""
        return entry in self.all

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """Iterate over entries newest first."""
        own = sorted((each for each in self.all if each.tenant == tenant), key=lambda each: each.id, reverse=True)
        return iter([each for each in own if before is None or each.id < before][:limit])
