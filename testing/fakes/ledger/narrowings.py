"""Narrowed holds in memory."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.ledger.narrowing import Narrowing
from testing.fakes.audit_log import AuditLogInMemory


class NarrowingsInMemory:
    """Implements `NarrowingStore`; `reads` counts how often all were read."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[str, Narrowing] = {}
        self.reads = 0
        self.is_down = False

    def all(self) -> list[Narrowing]:
        """Return all of them."""
        self._answers()
        self.reads += 1
        return [self.stored[model] for model in sorted(self.stored)]

    def of(self, model: str) -> Narrowing | None:
        """Return one of them."""
        self._answers()
        return self.stored.get(model)

    def save(self, changed: Narrowing, *, before: str) -> bool:
        """Keep a narrowing over the revision that its writer knows."""
        self._answers()
        if self._revision(changed.model) not in (before, changed.revision):
            return False
        self.stored[changed.model] = changed
        return True

    def acknowledge(self, seen: Narrowing, entry: AuditEntry) -> bool:
        """Forget the narrowing that was seen."""
        self._answers()
        if self.audit.has(entry):
            return True
        if not seen.revision or self._revision(seen.model) != seen.revision:
            return False
        del self.stored[seen.model]
        self.audit.record(entry)
        return True

    def _revision(self, model: str) -> str:
        there = self.stored.get(model)
        return there.revision if there is not None else ""

    def _answers(self) -> None:
        if self.is_down:
            raise StoreUnavailable("down")
