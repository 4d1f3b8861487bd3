"""Where health is counted, where leaderboards come from and where scores are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from atom_llm.domain.registry.board import Board
from atom_llm.domain.registry.health import Minutes, Outcome
from atom_llm.domain.registry.quality import QualityVersion


class HealthLog(Protocol):
    """Sums by provider, model and minute. Every method raises `StoreUnavailable`."""

    def add(
        self, provider: str, model: str, minute: int, outcome: Outcome, buckets: Mapping[str, int], forget_at: datetime
    ) -> None:
        """Count one attempt, in one write; `buckets` are those of its `latency` and its `first_token`, if any."""
        ...

    def minutes(self, provider: str, since: int) -> Mapping[str, Minutes]:
        """A provider's minutes from one on, by model."""
        ...


class BoardSource(Protocol):
    """A leaderboard's publisher."""

    @property
    def name(self) -> str:
        """What the source is called."""
        ...

    async def fetch(self) -> Board:
        """The whole board as published now; raises `SourceUnavailable` or `UnreadableSource`."""
        ...


@dataclass(frozen=True, slots=True)
class QualityHead:
    """Which set is in force, since when, and how many names it rates."""

    version: QualityVersion
    activated_at: datetime
    rows: int
    published: date | None


class QualityStore(Protocol):
    """Immutable sets, and which one is in force. Every method raises `StoreUnavailable`."""

    def head(self) -> QualityHead | None:
        """The set in force; None before the first one. Consistent."""
        ...

    def load(self, head: QualityHead) -> bytes:
        """A set as it was stored; raises `SnapshotMissing`."""
        ...

    def activate(self, head: QualityHead, content: bytes, *, over: QualityVersion | None) -> None:
        """Store a set and put it in force in the place of `over`; raises `QualityConflict` where another one is."""
        ...
