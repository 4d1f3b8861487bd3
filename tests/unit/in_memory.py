"""The catalogue's ports in memory: a price book, a refresh journal, and sources that answer what they were given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from atom_llm.domain.errors import ActivationConflict, LeaseLost, SnapshotMissing, SourceUnavailable
from atom_llm.domain.refresh import Activation, RefreshState, SnapshotVersion, Validators
from atom_llm.ports import Clock, Fetched, NotModified


class BookInMemory:
    """Implements `PriceBook`."""

    def __init__(self) -> None:
        """An empty book."""
        self._entries: list[Activation] = []
        self._snapshots: dict[SnapshotVersion, bytes] = {}
        self._events: dict[int, bytes] = {}

    def head(self) -> Activation | None:
        """The newest entry."""
        return self._entries[-1] if self._entries else None

    def believed_at(self, instant: datetime) -> Activation | None:
        """The newest entry at or before an instant."""
        return next((each for each in reversed(self._entries) if each.activated_at <= instant), None)

    def activations(self, *, since: datetime | None, before: int | None) -> Iterator[Activation]:
        """Entries newest first."""
        for entry in reversed(self._entries):
            if (before is None or entry.sequence < before) and (since is None or entry.activated_at >= since):
                yield entry

    def snapshot(self, activation: Activation) -> bytes:
        """A stored snapshot."""
        if activation.version not in self._snapshots:
            raise SnapshotMissing(activation.version)
        return self._snapshots[activation.version]

    def events(self, activation: Activation) -> bytes:
        """A stored batch."""
        return self._events.get(activation.sequence, b"")

    def activate(self, activation: Activation, snapshot: bytes | None, events: bytes) -> None:
        """Parts first, then the entry, unless its number is taken."""
        if snapshot is not None:
            self._snapshots[activation.version] = snapshot
        if any(each.sequence == activation.sequence for each in self._entries):
            raise ActivationConflict(activation.sequence)
        self._events[activation.sequence] = events
        self._entries.append(activation)

    def lose(self, version: SnapshotVersion) -> None:
        """For tests of damage: a snapshot is gone."""
        del self._snapshots[version]


class JournalInMemory:
    """Implements `RefreshJournal`."""

    def __init__(self) -> None:
        """Before the first refresh."""
        self._state = RefreshState()
        self._lease: tuple[str, datetime] | None = None
        self._quarantine = b""

    def state(self) -> RefreshState:
        """The last written state."""
        return self._state

    def begin(self, holder: str, now: datetime, lease_s: float) -> RefreshState | None:
        """Take the lease, unless another holder's is valid."""
        if self._lease is not None and self._lease[0] != holder and self._lease[1] > now:
            return None
        self._lease = (holder, now + timedelta(seconds=lease_s))
        return self._state

    def finish(self, holder: str, state: RefreshState) -> None:
        """Write the state and give the lease back."""
        if self._lease is None or self._lease[0] != holder:
            raise LeaseLost
        self._state, self._lease = state, None

    def quarantine(self) -> bytes:
        """What waits."""
        return self._quarantine

    def put_quarantine(self, content: bytes) -> None:
        """Replace what waits."""
        self._quarantine = content


@dataclass
class SourceInMemory:
    """Implements `PriceSource`: answers its content, 304 to whoever has it, or fails; without content it is down.

    `meanwhile` happens once, while the source is being asked.
    """

    name: str
    clock: Clock
    body: bytes | None = field(default=None, repr=False)
    failure: str = "connection"
    meanwhile: Callable[[], None] | None = None

    def serve(self, body: bytes) -> None:
        """Answer this from now on."""
        self.body = body

    def fail(self, reason: str) -> None:
        """Give no usable answer from now on."""
        self.body, self.failure = None, reason

    async def fetch(self, validators: Validators) -> Fetched | NotModified:
        """The content, unless the asker has it."""
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        if self.body is None:
            raise SourceUnavailable(self.name, self.failure, "down on purpose")
        etag = sha256(self.body).hexdigest()
        if validators.etag == etag:
            return NotModified(self.clock())
        return Fetched(self.body, Validators(etag=etag), self.clock())
