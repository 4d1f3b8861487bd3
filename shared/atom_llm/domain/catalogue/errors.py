"""The errors of price sources, of the snapshots that are made of them, and of refreshes that meet."""

from typing import ClassVar

from atom_llm.domain.core.errors import AtomError, Conflict, UpstreamFailed


class SourceUnavailable(UpstreamFailed):
    """A price source gave no usable answer.

    `reason` is one of timeout, connection, http_status, too_large, redirect, encoding, content.
    """

    code: ClassVar[str] = "source_unavailable"

    def __init__(self, source: str, reason: str, detail: str, status: int | None = None) -> None:
        """Keep the source, the reason, and the HTTP status where there was one."""
        super().__init__(f"{source}: {reason}: {detail}", source=source, reason=reason, status=status)
        self.source = source
        self.reason = reason
        self.detail = detail
        self.status = status


class SourcesDown(UpstreamFailed):
    """No price source gave a usable answer; the last good snapshot stays in force."""

    code: ClassVar[str] = "sources_unavailable"


class UnreadableSource(AtomError):
    """A source answered with something that is not what it publishes."""

    code: ClassVar[str] = "unreadable_source"

    def __init__(self, source: str, fault: str) -> None:
        """Keep the source, and `fault`: what is wrong with its content."""
        super().__init__(f"{source}: {fault}", source=source)
        self.source = source
        self.fault = fault


class SnapshotMissing(AtomError):
    """A stored snapshot is not there, or not whole."""

    code: ClassVar[str] = "snapshot_missing"

    def __init__(self, version: str) -> None:
        """Keep the version that was asked for."""
        super().__init__(f"snapshot {version} is not stored whole", version=version)


class SnapshotCorrupt(AtomError):
    """Bytes that claim to be a snapshot and are not."""

    code: ClassVar[str] = "snapshot_corrupt"


class ActivationConflict(Conflict):
    """The price book's next entry was taken by another writer."""

    code: ClassVar[str] = "activation_conflict"

    def __init__(self, sequence: int) -> None:
        """Keep the number of the entry that is taken."""
        super().__init__(f"entry {sequence} of the price book is taken", sequence=sequence)


class RefreshInProgress(Conflict):
    """Another refresh holds the lease."""

    code: ClassVar[str] = "refresh_in_progress"


class LeaseLost(Conflict):
    """The refresh lease ran out, and another holder has or had it."""

    code: ClassVar[str] = "lease_lost"

    def __init__(self) -> None:
        """Word the failure; it has no details."""
        super().__init__("the refresh lease is no longer ours")
