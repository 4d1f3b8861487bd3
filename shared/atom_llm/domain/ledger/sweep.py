"""The outcome of an open attempt whose process is dead, judged by the trail that it left.

A process that makes attempts has a name, which its attempts carry. It is known to live for `LEASE` after it opened one,
and from then on for as long as it says, every `BEAT_S`, that it does.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, Settlement

LEASE: Final = timedelta(seconds=25)  # with the next look after 30 s at most, a dead process's holds end in a minute
BEAT_S: Final = 8.0  # twice it may miss one: a table that was slow, a loop that was busy
LONGEST_CALL: Final = timedelta(minutes=16)  # a Lambda lives 15; a stream that is silent longer is swept
HOLDING_TIME: Final = timedelta(seconds=15)  # to have all holds of an attempt in; later its provider is not called

NEVER_CALLED = "its process died before the provider was called"
CHARGED_AT_ESTIMATE = "its process died; charged at the estimate that was made before the call"


def is_overdue(attempt: Attempt, now: datetime, renewed: datetime | None = None) -> bool:
    """Return whether an attempt that has not ended is taken for dead; `renewed` is when its process's lease ends.

    One without a maker, a correction for one, has its deadline alone.
    """
    if attempt.maker is None:
        return now >= attempt.deadline
    known_until = attempt.opened_at + LEASE
    return now >= min(attempt.deadline, known_until if renewed is None else max(known_until, renewed))


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
