"""Ledger rows of a tenant, newest first, filtered before they are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, UsageSums
from atom_llm.services.ledger.reports.report_usage import EVERYBODY, EndUserFilter

READ_AT_MOST: Final = 5_000  # rows behind one page: a filter that lets nothing through ends in time, with a cursor
SMALLEST_READ: Final = 50  # rows a request and shard, however small the page is
LATELY: Final = timedelta(days=1)  # rows that are younger may not be in the sums yet, which say which days have any


@dataclass(frozen=True, slots=True)
class OutcomeBounds:
    """Bounds of what a call came to, both included: its cost in USD, and its latency in ms; None for no bound."""

    min_cost: Decimal | None = None
    max_cost: Decimal | None = None
    min_latency_ms: int | None = None
    max_latency_ms: int | None = None

    def let_pass(self, settlement: Settlement) -> bool:
        """Return whether an outcome is within all bounds; one without a latency is within none of the latency."""
        latency = settlement.latency_ms
        return (
            (self.min_cost is None or settlement.cost >= self.min_cost)
            and (self.max_cost is None or settlement.cost <= self.max_cost)
            and (self.min_latency_ms is None or (latency is not None and latency >= self.min_latency_ms))
            and (self.max_latency_ms is None or (latency is not None and latency <= self.max_latency_ms))
        )


ANY_OUTCOME: Final = OutcomeBounds()


@dataclass(frozen=True, slots=True)
class CallFilter:
    """The rows that are asked for: `start` is included, `end` is not; all of `tags`, names with values."""

    start: datetime
    end: datetime
    model: str | None = None
    provider: str | None = None
    status: AttemptStatus | None = None
    of: EndUserFilter = EVERYBODY
    service_key: str | None = None
    tier: str | None = None
    tags: frozenset[tuple[str, str]] = frozenset()
    outcome: OutcomeBounds = ANY_OUTCOME

    def lets_pass(self, row: LedgerRow) -> bool:
        """Return whether a row is one of those."""
        return (
            self.covers(row.attempt)
            and self.status in (None, row.settlement.status)
            and self.outcome.let_pass(row.settlement)
        )

    def covers(self, attempt: Attempt) -> bool:
        """Return whether an attempt is one of those, whatever its outcome is or will be."""
        return (
            self.start <= attempt.opened_at < self.end
            and self.model in (None, attempt.model, attempt.model_asked)
            and self.provider in (None, attempt.provider)
            and self.of.lets_pass(attempt.end_user.user, attempt.end_user.session)
            and self.service_key in (None, attempt.service_key)
            and self.tier in (None, attempt.tier)
            and self.tags <= attempt.tags.items()
        )


@dataclass(frozen=True, slots=True)
class CallPosition:
    """The row behind which a page begins: the day, and the row's call and label, joined by a point."""

    day: date
    place: str


@dataclass(frozen=True, slots=True)
class CallPage:
    """Rows, and the position of the next page; None at the end."""

    rows: list[LedgerRow]
    next: CallPosition | None


def list_calls(
    ledger: Ledger,
    sums: UsageSums,
    clock: Clock,
    tenant: TenantId,
    wanted: CallFilter,
    *,
    after: CallPosition | None,
    limit: int,
) -> CallPage:
    """Return a page. It may be short, or empty, and still have a next one, where the filter lets little through."""
    found: list[LedgerRow] = []
    read = 0
    first, last = wanted.start.astimezone(UTC).date(), wanted.end.astimezone(UTC).date()
    if after is not None:
        last = min(last, after.day)
    for day in days_with_rows(sums, tenant, first, last, clock().date()):
        behind = after.place if after is not None and after.day == day else None
        for row in ledger.rows_of_day(tenant, day, behind=behind, page_size=max(limit, SMALLEST_READ)):
            read += 1
            if wanted.lets_pass(row):
                found.append(row)
            if len(found) == limit or read == READ_AT_MOST:
                return CallPage(found, CallPosition(day, row.attempt.place))
    return CallPage(found, None)


def days_with_rows(sums: UsageSums, tenant: TenantId, first: date, last: date, today: date) -> Iterator[date]:
    """Yield the days that have rows, newest first, and those that the sums may not know of yet.

    A call's row stands on the day that the call began.
    """
    if last < first:
        return
    counted = {day for day, _, _, _ in sums.by_model(tenant, first, last)}
    day = last
    while day >= first:
        if day in counted or day >= today - LATELY:
            yield day
        day -= timedelta(days=1)
