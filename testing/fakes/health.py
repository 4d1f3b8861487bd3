"""Minutes of outcomes in memory."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime

from atom_llm.adapters.dynamodb.registry.health import MOST_MARKS
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.registry.health import UNMARKED, HealthOutcome, Minutes, OutcomeCounts


class HealthInMemory:
    """Implements `HealthLog`."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, int], OutcomeCounts] = {}
        self.writes = 0
        self.reads = 0
        self.is_down = False

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
        if self.is_down:
            raise StoreUnavailable("down")
        self.writes += 1
        counts = self.counts.setdefault((provider, model, minute), OutcomeCounts())
        setattr(counts, outcome, getattr(counts, outcome) + 1)
        if outcome is HealthOutcome.FAILED:
            known = mark if mark in counts.failed_by or len(counts.failed_by) < MOST_MARKS else UNMARKED
            counts.failed_by[known] = counts.failed_by.get(known, 0) + 1
        for name, bucket in buckets.items():
            histogram = getattr(counts, name)
            histogram[bucket] = histogram.get(bucket, 0) + 1

    def add_answers(self, provider: str, model: str, minute: int, answers: OutcomeCounts, forget_at: datetime) -> None:
        if self.is_down:
            raise StoreUnavailable("down")
        self.writes += 1
        self.counts.setdefault((provider, model, minute), OutcomeCounts()).add(answers)

    def minutes(self, provider: str, since: int) -> Mapping[str, Minutes]:
        self.reads += 1
        if self.is_down:
            raise StoreUnavailable("down")
        found: dict[str, dict[int, OutcomeCounts]] = {}
        for (name, model, minute), counts in self.counts.items():
            if name == provider and minute >= since:
                found.setdefault(model, {})[minute] = deepcopy(counts)
        return found
