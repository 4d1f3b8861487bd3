"""The outcome of an open attempt that is past its deadline, judged by the trail that its process left."""

from collections.abc import Collection
from datetime import datetime

from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, Settlement

NEVER_CALLED = "its process died before the provider was called"
CHARGED_AT_ESTIMATE = "its process died; charged at the estimate that was made before the call"


def is_overdue(attempt: Attempt, now: datetime) -> bool:
    """Return whether an attempt that has not ended is taken for dead."""
    return now >= attempt.deadline


def swept(attempt: Attempt, holding: Collection[object], now: datetime) -> Settlement:
    """Return the outcome of a dead attempt; `holding` are the windows that carry its hold.

    A provider is called only once every hold is there: where one is missing it never was. Where all are there it may
    have been, and the estimate counts, for the hold is the worst case and would charge a crash many times its cost.
    """
    if len(holding) < len(attempt.windows):
        return Settlement(AttemptStatus.FAILED, now, reason=NEVER_CALLED)
    return Settlement(AttemptStatus.SWEPT, now, attempt.estimate, reason=CHARGED_AT_ESTIMATE)


def was_swept(settlement: Settlement) -> bool:
    """Return whether an attempt was ended by a sweep rather than by its own process."""
    return settlement.status is AttemptStatus.SWEPT or settlement.reason == NEVER_CALLED
