"""The catalogue's ports in memory: the price book and the refresh journal."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from atom_llm.domain.catalogue.errors import ActivationConflict, LeaseLost, SnapshotMissing
from atom_llm.domain.catalogue.refresh import Activation, RefreshState, SnapshotVersion
from atom_llm.domain.core.audit import AuditEntry
from testing.fakes.audit_log import AuditLogInMemory


class BookInMemory:
    """Implements `PriceBook`; with `fails_with` set, the table behind it does not answer."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self._entries: list[Activation] = []
        self._snapshots: dict[SnapshotVersion, bytes] = {}
        self._events: dict[int, bytes] = {}
        self.fails_with: Exception | None = None

    def head(self) -> Activation | None:
        self._answer()
        return self._entries[-1] if self._entries else None

    def in_force_at(self, instant: datetime) -> Activation | None:
        return next((each for each in reversed(self._entries) if each.activated_at <= instant), None)

    def activations(self, *, since: datetime | None, before: int | None) -> Iterator[Activation]:
        for entry in reversed(self._entries):
            if (before is None or entry.sequence < before) and (since is None or entry.activated_at >= since):
                yield entry

    def snapshot(self, activation: Activation) -> bytes:
        if activation.version not in self._snapshots:
            raise SnapshotMissing(activation.version)
        return self._snapshots[activation.version]

    def events(self, activation: Activation) -> bytes:
        return self._events.get(activation.sequence, b"")

    def with_events(
        self, *, since: datetime | None, before: int | None, at_once: int | None = None
    ) -> Iterator[tuple[Activation, bytes]]:
        return ((each, self.events(each)) for each in self.activations(since=since, before=before))

    def activate(
        self, activation: Activation, snapshot: bytes | None, events: bytes, *, entry: AuditEntry | None = None
    ) -> None:
        """Store the parts first, then the entry, unless its number is taken."""
        self._answer()
        if snapshot is not None:
            self._snapshots[activation.version] = snapshot
        taken = next((each for each in self._entries if each.sequence == activation.sequence), None)
        if taken == activation:
            return  # our own write, whose answer was lost
        if taken is not None:
            raise ActivationConflict(activation.sequence)
        self._events[activation.sequence] = events
        self._entries.append(activation)
        self.audit.told(entry)

    def _answer(self) -> None:
        if self.fails_with is not None:
            raise self.fails_with

    def lose(self, version: SnapshotVersion) -> None:
        """Lose a snapshot, for tests of damage."""
        del self._snapshots[version]


class JournalInMemory:
    """Implements `RefreshJournal`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self._state = RefreshState()
        self._lease: tuple[str, datetime] | None = None
        self._quarantine = b""
        self._lists = b""

    def state(self) -> RefreshState:
        return self._state

    def begin(self, holder: str, now: datetime, lease_s: float) -> RefreshState | None:
        if self._lease is not None and self._lease[0] != holder and self._lease[1] > now:
            return None
        self._lease = (holder, now + timedelta(seconds=lease_s))
        return self._state

    def finish(self, holder: str, state: RefreshState, *, entry: AuditEntry | None = None) -> None:
        if self._lease is None or self._lease[0] != holder:
            raise LeaseLost
        self._state, self._lease = state, None
        self.audit.told(entry)

    def quarantine(self) -> bytes:
        return self._quarantine

    def put_quarantine(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        self._quarantine = content
        self.audit.told(entry)

    def lists(self) -> bytes:
        return self._lists

    def put_lists(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        self._lists = content
        self.audit.told(entry)
