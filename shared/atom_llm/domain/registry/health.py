"""Health of providers from real traffic: minutes of outcomes, a window over them, and states that do not flutter.

A minute's counts are sums that many processes add to. A state is derived from the minutes alone: window by window, from
the oldest that is looked at to the present one, so that every reader of the same minutes comes to the same state.

People see the state by all outcomes. What ranks a tenant's candidates leaves out the failures of the one other tenant
that met the most of them, so that no tenant's conduct alone moves another's ranking.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from math import floor, log2
from typing import Final, Literal

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.sums import BUCKETS_PER_OCTAVE, Histogram
from atom_llm.domain.providers.failures import FailureKind

Condition = Literal["well", "impaired", "down"]
"""How a provider is doing: `well` also where nothing is known."""


WINDOW: Final = 5  # minutes, the present one among them
WINDOWS: Final = 10  # that a state is derived from; further back nothing is remembered
LOOKED_AT: Final = WINDOW + WINDOWS - 1  # minutes
FEWEST_CALLS: Final = 5  # in a window; fewer say nothing
UNMARKED: Final = ""  # stands for all tenants whose failures a minute has no room to tell apart, as if they were one

# Shares of answers among what the provider is to blame for or to thank for. A state is entered at one and left at
# another: around a single line a provider would change its state with every call.
UNHEALTHY_BELOW: Final = 0.5
UNHEALTHY_UNTIL: Final = 0.7
DEGRADED_BELOW: Final = 0.9
DEGRADED_UNTIL: Final = 0.95
# Shares of rate limits among all calls.
LIMITED_FROM: Final = 0.5
LIMITED_UNTIL: Final = 0.3


class HealthState(StrEnum):
    """The state of a provider, or of one of its models."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    RATE_LIMITED = "rate_limited"
    UNKNOWN = "unknown"


class HealthOutcome(StrEnum):
    """The outcome of an attempt as evidence about its provider."""

    ANSWERED = "answered"
    FAILED = "failed"
    LIMITED = "limited"


# A wrong request, a prompt that is too long or refused, a bad key or an empty account say nothing about a provider:
# one tenant's bad key is not another tenant's outage.
_OUTCOMES: Final[Mapping[FailureKind, HealthOutcome]] = {
    FailureKind.TRANSIENT: HealthOutcome.FAILED,
    FailureKind.SILENT: HealthOutcome.FAILED,
    FailureKind.CUT: HealthOutcome.FAILED,
    FailureKind.RATE_LIMITED: HealthOutcome.LIMITED,
}


_CONDITIONS: Final[Mapping[HealthState, Condition]] = {
    HealthState.DEGRADED: "impaired",
    HealthState.UNHEALTHY: "down",
}


def outcome_of(failure: FailureKind | None) -> HealthOutcome | None:
    """Return the outcome of a failure, or (None) of an answer; None where it is no evidence about the provider."""
    return HealthOutcome.ANSWERED if failure is None else _OUTCOMES.get(failure)


@dataclass(slots=True)
class OutcomeCounts:
    """Outcomes of some minutes, with the durations of those that answered.

    `failed_by` are the failures by the mark of the tenant that met them; those of tenants beyond the first few of a
    minute stand together under `UNMARKED`.
    """

    answered: int = 0
    failed: int = 0
    limited: int = 0
    latency: Histogram = field(default_factory=dict)
    first_token: Histogram = field(default_factory=dict)
    failed_by: dict[str, int] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """The size of the sample: attempts of every outcome."""
        return self.answered + self.failed + self.limited

    @property
    def success_rate(self) -> float | None:
        """The share of answers among answers and failures; None without any."""
        judged = self.answered + self.failed
        return self.answered / judged if judged else None

    def add(self, other: "OutcomeCounts") -> None:
        """Add the counts of other minutes, durations included."""
        self.answered += other.answered
        self.failed += other.failed
        self.limited += other.limited
        for own, given in ((self.latency, other.latency), (self.first_token, other.first_token)):
            for bucket, count in given.items():
                own[bucket] = own.get(bucket, 0) + count
        for mark, count in other.failed_by.items():
            self.failed_by[mark] = self.failed_by.get(mark, 0) + count


Minutes = Mapping[int, OutcomeCounts]
"""Counts by minute, in minutes since 1970."""


def mark_of(tenant: TenantId) -> str:
    """Return what tells a tenant apart among those that met failures, in eight characters."""
    return urlsafe_b64encode(blake2b(tenant.encode(), digest_size=6).digest()).decode()


def bucket_of(milliseconds: int) -> int:
    """Return the histogram's bucket of a duration, as `Histogram` numbers them."""
    return floor(BUCKETS_PER_OCTAVE * log2(max(1, milliseconds)))


def together(many: Iterable[Minutes]) -> dict[int, OutcomeCounts]:
    """Merge the minutes of several models, or of several shards."""
    summed: dict[int, OutcomeCounts] = {}
    for minutes in many:
        for minute, counts in minutes.items():
            summed.setdefault(minute, OutcomeCounts()).add(counts)
    return summed


def window(minutes: Minutes, last: int) -> OutcomeCounts:
    """Return the counts of the `WINDOW` minutes that end with `last`."""
    total = OutcomeCounts()
    for minute in range(last - WINDOW + 1, last + 1):
        if minute in minutes:
            total.add(minutes[minute])
    return total


def state_of(minutes: Minutes, present: int) -> HealthState:
    """Return the state in a minute, derived from the windows up to it."""
    state = HealthState.UNKNOWN
    for last in range(present - WINDOWS + 1, present + 1):
        state = after(state, _sample(minutes, last))
    return state


def condition_for(mark: str, minutes: Minutes, present: int) -> Condition:
    """Return a provider's condition in a minute for one tenant's ranking, without the loudest other tenant's failures.

    In each window those of the other tenant that met the most are left out: it is no worse than without those of any
    one. Rate limits are of the accounts that met them, and weigh nothing.
    """
    state = HealthState.UNKNOWN
    for last in range(present - WINDOWS + 1, present + 1):
        seen = OutcomeCounts()
        for minute in range(last - WINDOW + 1, last + 1):
            if (counts := minutes.get(minute)) is not None:
                seen.add(OutcomeCounts(counts.answered, counts.failed, failed_by=counts.failed_by))
        loudest = max((count for each, count in seen.failed_by.items() if each != mark), default=0)
        state = after(state, OutcomeCounts(seen.answered, seen.failed - loudest))
    return _CONDITIONS.get(state, "well")


def _sample(minutes: Minutes, last: int) -> OutcomeCounts:
    """Return a window without its durations, which do not decide a state and would be most of the work."""
    seen = [minutes[minute] for minute in range(last - WINDOW + 1, last + 1) if minute in minutes]
    return OutcomeCounts(
        sum(each.answered for each in seen), sum(each.failed for each in seen), sum(each.limited for each in seen)
    )


def after(state: HealthState, seen: OutcomeCounts) -> HealthState:
    """Return the state that follows another one when a window has been seen."""
    if seen.calls < FEWEST_CALLS:
        return HealthState.UNKNOWN
    limited = seen.limited / seen.calls
    if limited >= LIMITED_FROM or (state is HealthState.RATE_LIMITED and limited >= LIMITED_UNTIL):
        return HealthState.RATE_LIMITED
    rate = seen.success_rate
    if rate is None:
        return HealthState.UNKNOWN
    if rate < UNHEALTHY_BELOW or (state is HealthState.UNHEALTHY and rate < UNHEALTHY_UNTIL):
        return HealthState.UNHEALTHY
    was_worse = state in (HealthState.DEGRADED, HealthState.UNHEALTHY)
    return (
        HealthState.DEGRADED if rate < DEGRADED_BELOW or (was_worse and rate < DEGRADED_UNTIL) else HealthState.HEALTHY
    )
