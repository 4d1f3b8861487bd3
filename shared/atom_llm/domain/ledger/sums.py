"""Sums of ledger rows: the usage, cost and latency of a group of attempts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor, log2
from typing import Final

from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.rows import ANSWERED, AttemptStatus, LedgerRow
from atom_llm.domain.pricing.units import Unit

BUCKETS_PER_OCTAVE: Final = 3  # a percentile is off by at most 12 %: half a bucket of 2^(1/3)

Histogram = dict[int, int]
"""Counts by bucket; bucket n holds durations from 2^(n/3) ms up to the next."""


@dataclass(slots=True)
class Sums:
    """The totals of a group of attempts. `cost` is exact, in USD; `units` are tokens and other units by class.

    `calls` are attempts that answered, `failed` those of providers, `refused` those that a budget did not let pass.
    `latency` and `first_token` count attempts by duration.
    """

    calls: int = 0
    failed: int = 0
    refused: int = 0
    swept: int = 0
    corrections: int = 0
    cost: Decimal = ZERO
    units: dict[Unit, Decimal] = field(default_factory=dict)
    latency: Histogram = field(default_factory=dict)
    first_token: Histogram = field(default_factory=dict)

    def add_row(self, row: LedgerRow) -> None:
        """Count one row; only attempts that succeeded count towards the durations."""
        status, settlement = row.settlement.status, row.settlement
        self.calls += status in ANSWERED
        self.failed += status is AttemptStatus.FAILED
        self.refused += status is AttemptStatus.REFUSED
        self.swept += status is AttemptStatus.SWEPT
        self.corrections += status is AttemptStatus.CORRECTION
        self.cost = EXACT.add(self.cost, settlement.cost)
        for unit, quantity in settlement.usage.items():
            self.units[unit] = EXACT.add(self.units.get(unit, ZERO), Decimal(quantity))
        if status is AttemptStatus.SUCCEEDED:
            _count(self.latency, settlement.latency_ms)
            _count(self.first_token, settlement.first_token_ms)

    def add(self, other: "Sums", sign: int = 1) -> None:
        """Add another group's sums, or with `sign` -1 take off those of a part of this group."""
        self.calls += sign * other.calls
        self.failed += sign * other.failed
        self.refused += sign * other.refused
        self.swept += sign * other.swept
        self.corrections += sign * other.corrections
        self.cost = EXACT.add(self.cost, EXACT.multiply(other.cost, sign))
        for unit, quantity in other.units.items():
            self.units[unit] = EXACT.add(self.units.get(unit, ZERO), EXACT.multiply(quantity, sign))
        for own, given in ((self.latency, other.latency), (self.first_token, other.first_token)):
            for bucket, count in given.items():
                own[bucket] = own.get(bucket, 0) + sign * count

    @property
    def is_empty(self) -> bool:
        """Return whether the group has no attempt at all."""
        return not (self.calls or self.failed or self.refused or self.swept or self.corrections or self.cost)


def percentile(histogram: Mapping[int, int], share: float) -> int | None:
    """Return the duration in ms that `share` of the counted ones do not exceed, to within 12 %; None without any."""
    wanted, seen = share * sum(histogram.values()), 0
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= wanted and seen:
            return round(2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE))
    return None


def _count(histogram: Histogram, milliseconds: int | None) -> None:
    if milliseconds is not None:
        bucket = floor(BUCKETS_PER_OCTAVE * log2(max(1, milliseconds)))
        histogram[bucket] = histogram.get(bucket, 0) + 1
