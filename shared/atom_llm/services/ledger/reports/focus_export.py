"""A month of a tenant's usage as a FOCUS file, in pieces that can be put one behind the other."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import groupby
from typing import Final, NamedTuple

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.focus import COLUMNS, FocusAccount, FocusCell, focus_rows
from atom_llm.domain.ledger.sums import Sums
from atom_llm.ports.ledger import UsageSums
from atom_llm.services.ledger.day_prices import DayPrices

MAX_PIECE: Final = 3_000_000  # characters; a Lambda answers 6 MB, in which every quotation mark is escaped


class FocusPosition(NamedTuple):
    """Where a piece begins: the day, and how many of its cells stand before it."""

    day: date
    cells: int = 0


class FocusPiece(NamedTuple):
    """Lines of the file, the first piece's with the header, and where the next piece begins; None at the end."""

    text: str
    next: FocusPosition | None


def focus_piece(
    sums: UsageSums,
    prices: DayPrices,
    account: FocusAccount,
    first: date,
    last: date,
    after: FocusPosition | None,
    most: int = MAX_PIECE,
) -> FocusPiece:
    """Return a piece of at most `most` characters, or of one cell; cells are read as far as it reaches, day by day.

    Pieces of days that are over do not change.
    """
    written = StringIO()
    lines = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    start = after or FocusPosition(first)
    if after is None:
        lines.writeheader()
    begins = written.tell()
    for day, cells in _cells_by_day(sums, TenantId(account.tenant), start.day, last):
        paid, listed = prices.paid(day), prices.listed(day)
        for number, (cell, total) in enumerate(cells):
            if day == start.day and number < start.cells:
                continue
            before = written.tell()
            lines.writerows(focus_rows(account, cell, total, paid, listed))
            if written.tell() > most and before > begins:
                written.truncate(before)
                return FocusPiece(written.getvalue(), FocusPosition(day, number))
    return FocusPiece(written.getvalue(), None)


def _cells_by_day(
    sums: UsageSums, tenant: TenantId, first: date, last: date
) -> Iterator[tuple[date, list[tuple[FocusCell, Sums]]]]:
    """Yield the days with their cells, each once and always in the same order."""
    if first > last:
        return
    for day, parts in groupby(sums.by_cell(tenant, first, last), key=lambda part: part[0]):
        cells: dict[FocusCell, Sums] = {}
        for _, cell, part in parts:
            key = str(cell.provider_key) if cell.provider_key else None
            found = FocusCell(day, cell.provider, cell.model, str(cell.service_key), key, cell.tags)
            cells.setdefault(found, Sums()).add(part)
        yield day, sorted(cells.items(), key=lambda each: _order(each[0]))


def _order(cell: FocusCell) -> tuple[object, ...]:
    return cell.model, cell.provider, cell.service_key, cell.provider_key or "", cell.tags


def days_of(month: date, day: int | None, today: date) -> tuple[date, date]:
    """Return the first and the last day of a month, or one day of it twice; days to come are left out."""
    ends = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    first, last = (month, ends) if day is None else (month.replace(day=day),) * 2
    return first, min(last, today)
