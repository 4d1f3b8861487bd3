"""The log of providers' health, the sources of leaderboards, and the storage of scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.registry.board import Board
from atom_llm.domain.registry.health import HealthOutcome, Minutes, OutcomeCounts
from atom_llm.domain.registry.quality import QualityVersion


class HealthLog(Protocol):
    """The sums of outcomes by provider, model and minute. Every method raises `StoreUnavailable`."""

    def add(
        self,
        provider: str,
        model: str,
        minute: int,
        outcome: HealthOutcome,
        buckets: Mapping[str, int],
        mark: str,
        forget_at: datetime,
    ) -> None:
        """Count one attempt, in one write; `buckets` are those of its `latency` and its `first_token`, if any.

        A failure is told apart by the tenant's `mark`, where the minute has room for one more.
        """
        ...

    def add_answers(self, provider: str, model: str, minute: int, answers: OutcomeCounts, forget_at: datetime) -> None:
        """Count several attempts that answered, with their durations, in one write."""
        ...

    def minutes(self, provider: str, since: int) -> Mapping[str, Minutes]:
        """Return a provider's minutes from `since` (minutes since 1970) on, by model."""
        ...


class BoardSource(Protocol):
    """A leaderboard's publisher."""

    @property
    def name(self) -> str:
        """The name of the source."""
        ...

    async def fetch(self) -> Board:
        """Return the whole board as it is published; raises `SourceUnavailable` or `UnreadableSource`."""
        ...


@dataclass(frozen=True, slots=True)
class QualityHead:
    """The set in force, the instant since when, and the number of names it rates."""

    version: QualityVersion
    activated_at: datetime
    rows: int
    published: date | None


class QualityStore(Protocol):
    """Immutable quality sets, and the one in force. Every method raises `StoreUnavailable`.

    What is put in force and the `entry` that tells of it, if there is one, are one write.
    """

    def head(self) -> QualityHead | None:
        """Return the set in force; None before the first one. Consistent."""
        ...

    def load(self, head: QualityHead) -> bytes:
        """Return a set as it was stored; raises `SnapshotMissing`."""
        ...

    def activate(
        self, head: QualityHead, content: bytes, *, over: QualityVersion | None, entry: AuditEntry | None = None
    ) -> None:
        """Store a set and put it in force in the place of `over`; raises `QualityConflict` where another one is."""
        ...
