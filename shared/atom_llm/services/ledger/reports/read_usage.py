"""A tenant's usage and spending: totals, ledger rows a page at a time, one call, and all rows of a period."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest, NotFound
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.ledger.focus import FocusAccount
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.pricing.units import Unit
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, UsageSums
from atom_llm.services.ledger.day_prices import DayPrices
from atom_llm.services.ledger.reports.focus_export import FocusPiece, FocusPosition, focus_piece
from atom_llm.services.ledger.reports.list_calls import (
    ANY_OUTCOME,
    READ_AT_MOST,
    CallFilter,
    CallPage,
    CallPosition,
    days_with_rows,
    list_calls,
)
from atom_llm.services.ledger.reports.report_usage import EVERYBODY, Dimension, EndUserFilter, UsageReport, usage_report
from atom_llm.services.ledger.reports.reprice_usage import MAX_ROWS
from atom_llm.services.ledger.reports.rows_report import OF_ROWS, rows_report

PAGE: Final = 200  # rows that are read at a time while a whole period is


class UsageReader:
    """The ledger and its sums, for reading."""

    def __init__(self, ledger: Ledger, sums: UsageSums, clock: Clock) -> None:
        self._ledger = ledger
        self._sums = sums
        self._clock = clock

    def report(
        self,
        tenant: TenantId,
        first: date,
        last: date,
        group_by: Sequence[Dimension],
        of: EndUserFilter = EVERYBODY,
    ) -> UsageReport:
        """Return the totals of a period, both days (UTC) included, and the same by group.

        Raises `InvalidRequest` where hours or tiers of more rows are asked for than are read at once.
        """
        if not OF_ROWS.isdisjoint(group_by):
            return rows_report(_at_most(MAX_ROWS, self._rows_of_days(tenant, first, last)), group_by, of)
        return usage_report(self._sums, tenant, first, last, group_by, of)

    def units_of_models(self, tenant: TenantId, first: date, last: date) -> dict[str, dict[Unit, Decimal]]:
        """Return what a tenant used of each model, by its id, over a period's days."""
        groups = self.report(tenant, first, last, ("model",)).groups
        return {model: sums.units for (model,), sums in groups.items()}

    def focus(
        self, account: FocusAccount, prices: DayPrices, first: date, last: date, after: FocusPosition | None
    ) -> FocusPiece:
        """Return a piece of a tenant's usage as a FOCUS file, both days included."""
        return focus_piece(self._sums, prices, account, first, last, after)

    def page(self, tenant: TenantId, wanted: CallFilter, after: CallPosition | None, limit: int) -> CallPage:
        """Return rows that have ended, newest first."""
        return list_calls(self._ledger, self._sums, self._clock, tenant, wanted, after=after, limit=limit)

    def under_way(self, tenant: TenantId, wanted: CallFilter) -> list[Attempt]:
        """List the attempts that have not ended, newest first; none where their outcome is bounded."""
        if wanted.outcome != ANY_OUTCOME:
            return []
        attempts = self._ledger.open_attempts_of(tenant)
        ended = {row.attempt.hold_id for row in self._ledger.rows_of(attempts)}
        return [attempt for attempt in attempts if attempt.hold_id not in ended and wanted.covers(attempt)]

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        """Return a call's rows and those of its attempts that have not ended; raises `NotFound`."""
        rows, waiting = self._ledger.call(tenant, call_id)
        if not rows and not waiting:
            raise NotFound("there is no call of that id", call_id=call_id)
        return rows, waiting

    def rows(self, tenant: TenantId, wanted: CallFilter) -> list[LedgerRow]:
        """Return every row of a period; raises `InvalidRequest` when they are more than are re-costed at once."""
        return list(_at_most(MAX_ROWS, self._rows(tenant, wanted)))

    def part(self, tenant: TenantId, wanted: CallFilter, after: CallPosition | None, at_most: int) -> CallPage:
        """Return rows of a period behind a position, newest first, and the position of the rest; None: those are all.

        It may have fewer rows than `at_most`, or none, and still a rest, where the filter lets little through.
        """
        found: list[LedgerRow] = []
        read = 0
        while True:
            asked = min(PAGE, at_most - len(found))
            page = self.page(tenant, wanted, after, asked)
            found, after = [*found, *page.rows], page.next
            read += len(page.rows) if len(page.rows) == asked else READ_AT_MOST
            if after is None or len(found) == at_most or read >= MAX_ROWS:
                return CallPage(found, after)

    def _rows_of_days(self, tenant: TenantId, first: date, last: date) -> Iterator[LedgerRow]:
        for day in days_with_rows(self._sums, tenant, first, last, self._clock().date()):
            yield from self._ledger.rows_of_day(tenant, day, behind=None, page_size=PAGE)

    def _rows(self, tenant: TenantId, wanted: CallFilter) -> Iterator[LedgerRow]:
        after: CallPosition | None = None
        while True:
            page = self.page(tenant, wanted, after, PAGE)
            yield from page.rows
            if page.next is None:
                return
            after = page.next


def _at_most(most: int, rows: Iterator[LedgerRow]) -> Iterator[LedgerRow]:
    """Yield rows; raises `InvalidRequest` for one more than `most`."""
    yield from islice(rows, most)
    if next(rows, None) is not None:
        more = "ask for a shorter one, or for its calls as a file (`POST /api/byok/usage/exports`)"
        raise InvalidRequest("from", f"names a period of more than {most:,} ledger rows; {more}")
