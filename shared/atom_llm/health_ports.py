"""Where minutes of outcomes are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from atom_llm.domain.health import Minutes, Outcome


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
