"""The fields of an export, read strictly: what is not as its provider documents it is refused with its place."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any, Final, NoReturn

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.money import ZERO, decimal

Fields = Mapping[str, Any]

MAX_LINES: Final = 20_000  # of one upload: a month of 30 days by 40 groups has 1,200
MAX_TEXT: Final = 500  # characters of a field; descriptions have up to 120
MAX_EXPORTED_COUNT: Final = 10**15
MAX_EXPORTED_USD: Final = Decimal(10) ** 9
MAX_AMOUNT_DIGITS: Final = 60  # OpenAI's console writes thirty behind the point
_EARLIEST: Final = date(2020, 1, 1)
_LATEST: Final = date(2100, 1, 1)


def refuse(place: str, name: str, fault: str) -> NoReturn:
    """Raise `InvalidRequest` for a field of a line."""
    raise InvalidRequest(f"{place}.{name}" if name else place, fault)


def text(line: Fields, place: str, name: str) -> str | None:
    """Return a text; None where it is absent, null or empty."""
    value = line.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        refuse(place, name, f"is no text of at most {MAX_TEXT} characters")
    return value.strip() or None


def count(line: Fields, place: str, name: str) -> int:
    """Return a whole number of tokens or requests; 0 where it is absent, null or empty."""
    value = line.get(name)
    if value is None or value == "":
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_EXPORTED_COUNT)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_EXPORTED_COUNT:
        refuse(place, name, "is no count")
    return value


def quantity(line: Fields, place: str, name: str) -> Decimal | None:
    """Return a number of units that is not negative; None where it is absent, null or empty."""
    value = line.get(name)
    if value is None or value == "":
        return None
    found = _decimal(value, place, name)
    if not 0 <= found <= MAX_EXPORTED_COUNT:
        refuse(place, name, "is no quantity")
    return found


def amount(line: Fields, place: str, name: str) -> Decimal:
    """Return an amount of money, signed, as exact as it is written."""
    value = line.get(name)
    if value is None or value == "":
        refuse(place, name, "is missing")
    found = _decimal(value, place, name)
    if abs(found) > MAX_EXPORTED_USD:
        refuse(place, name, "is beyond any bill")
    return found


def flag(line: Fields, place: str, name: str) -> bool:
    """Return a yes or no; no where it is absent, null or empty."""
    value = line.get(name)
    words = {"": False, "false": False, "true": True}
    found = value if isinstance(value, bool) else words.get(str(value or "").lower())
    if found is None:
        refuse(place, name, "is neither true nor false")
    return found


def in_usd(line: Fields, place: str, name: str) -> None:
    """Refuse a currency other than US dollars."""
    currency = text(line, place, name)
    if currency is None or currency.upper() != "USD":
        refuse(place, name, "is not USD")


def day_of_seconds(line: Fields, place: str, first: str, last: str) -> date:
    """Return the day (UTC) of a bucket whose ends are seconds since 1970; one that is longer than a day is refused."""
    begins, ends = (_instant_of(count(line, place, name), place, name) for name in (first, last))
    return _one_day(begins, ends, place, first, last)


def day_of_instants(line: Fields, place: str, first: str, last: str) -> date:
    """Return the day (UTC) of a bucket whose ends are RFC 3339 instants; one that is longer than a day is refused."""
    begins, ends = (_instant(line, place, name) for name in (first, last))
    return _one_day(begins, ends, place, first, last)


def day(line: Fields, place: str, name: str) -> date:
    """Return a day that is written `2026-11-27`, a time behind it aside."""
    value = text(line, place, name) or ""
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        refuse(place, name, "is no day")
    return _possible(found, place, name)


def rows_of_pages(pages: Sequence[Any], place: str) -> Iterator[tuple[str, Fields, list[Any]]]:
    """Yield the buckets of an API's pages, each with its place and results, and refuse what is incomplete.

    The last page has to be the last one, no other may be, and no bucket may come twice.
    """
    seen: dict[object, str] = {}
    for number, page in enumerate(pages):
        where = f"{place}.pages.{number}"
        fields = mapping(page, where)
        if flag(fields, where, "has_more") != (number < len(pages) - 1):
            refuse(where, "has_more", "says that pages are missing, or behind the last one")
        for index, bucket in enumerate(listed(fields, where, "data")):
            spot = f"{where}.data.{index}"
            found = mapping(bucket, spot)
            begins = found.get("start_time", found.get("starting_at"))
            if repr(begins) in seen:
                refuse(spot, "", f"begins when {seen[repr(begins)]} does: the same page twice")
            seen[repr(begins)] = spot
            yield spot, found, listed(found, spot, "results")


def rows_of_table(content: str, place: str, needed: frozenset[str]) -> Iterator[tuple[str, Fields]]:
    """Yield the rows of a CSV file, each with its place and its cells by column; a row that comes twice is refused."""
    try:
        reader = csv.reader(StringIO(content.removeprefix("\ufeff"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        refuse(place, "csv", f"is no CSV: {error}")
    header = [name.strip() for name in rows[0][1]] if rows else []
    if missing := sorted(needed - set(header)):
        refuse(place, "csv.line_1", f"lacks the column {missing[0]}")
    if len(set(header)) < len(header):
        refuse(place, "csv.line_1", "names a column twice")
    seen: dict[tuple[str, ...], int] = {}
    for number, row in rows[1:]:
        where = f"{place}.csv.line_{number}"
        if not row:
            continue
        if len(row) != len(header):
            refuse(where, "", f"has {len(row)} cells, and there are {len(header)} columns")
        if tuple(row) in seen:
            refuse(where, "", f"repeats line {seen[tuple(row)]}")
        seen[tuple(row)] = number
        yield where, dict(zip(header, row, strict=True))


def mapping(value: Any, place: str) -> Fields:
    """Return a JSON object."""
    if not isinstance(value, Mapping):
        refuse(place, "", "is no object")
    return value


def listed(line: Fields, place: str, name: str) -> list[Any]:
    """Return a JSON array."""
    value = line.get(name)
    if not isinstance(value, list):
        refuse(place, name, "is no list")
    return value


def _decimal(value: Any, place: str, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        refuse(place, name, "is no number")
    try:
        found = decimal(value if isinstance(value, float) else str(value))
    except InvalidOperation:
        refuse(place, name, "is no decimal number")
    if not found.is_finite() or len(found.as_tuple().digits) > MAX_AMOUNT_DIGITS or abs(found.adjusted()) > 40:
        refuse(place, name, "is no number of that size")
    return found or ZERO


def _instant_of(seconds: int, place: str, name: str) -> datetime:
    if not seconds:
        refuse(place, name, "is missing")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        refuse(place, name, "is no time")


def _instant(line: Fields, place: str, name: str) -> datetime:
    value = text(line, place, name) or ""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        refuse(place, name, "is no instant")
    if found.tzinfo is None:
        refuse(place, name, "says no time zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        refuse(place, name, "is no time")


def _one_day(begins: datetime, ends: datetime, place: str, first: str, last: str) -> date:
    found = _possible(begins.date(), place, first)
    if not begins < ends <= datetime.combine(found + timedelta(days=1), datetime.min.time(), UTC):
        refuse(place, last, "ends outside of the day (UTC) that it begins on: ask for buckets of 1d")
    return found


def _possible(found: date, place: str, name: str) -> date:
    if not _EARLIEST <= found < _LATEST:
        refuse(place, name, "is no day of any export")
    return found
