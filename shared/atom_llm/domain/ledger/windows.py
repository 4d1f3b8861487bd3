"""The windows of budgets, from minutes to quarters, one after the other, through changes of a tenant's time zone.

Rolling ones follow no calendar: `rolling.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.ledger.rolling import ROLLING, part_name, rolling_part


class WindowKind(StrEnum):
    """The span of a budget before it starts anew; `total` never does, and a rolling one slides. In the order of
    length."""

    MINUTE = "minute"
    ROLLING_MINUTE = "rolling-minute"
    HOUR = "hour"
    ROLLING_HOUR = "rolling-hour"
    DAY = "day"
    ROLLING_DAY = "rolling-day"
    WEEK = "week"
    ROLLING_WEEK = "rolling-week"
    MONTH = "month"
    ROLLING_MONTH = "rolling-month"
    QUARTER = "quarter"
    ROLLING_QUARTER = "rolling-quarter"
    TOTAL = "total"


# Of these the clock decides and no zone: an hour begins with UTC's, in every zone at the same instant.
OF_THE_CLOCK: Final[Mapping[WindowKind, timedelta]] = {
    WindowKind.MINUTE: timedelta(minutes=1),
    WindowKind.HOUR: timedelta(hours=1),
}

SHORT_WINDOW_KEPT: Final = timedelta(days=2)  # how long what is of such a window outlives it; no call lives longer
WINDOW_KEPT: Final = timedelta(days=400)  # the same of longer ones
LONGEST: Final = timedelta(days=97)  # a quarter, and what changes of zone add to it and to the instant of its name


def end_by_clock(name: str) -> datetime | None:
    """Return the instant at which a window ends by its name, `hour:2026-11-29T16:00Z` or with a unit before it, or
    at which a part leaves a rolling one; None of one whose end the clock alone does not say."""
    if (part := rolling_part(name)) is not None:
        return part.length.leaves(part.number)
    kind, _, begins = name.rpartition(".")[2].partition(":")
    span = next((span for each, span in OF_THE_CLOCK.items() if each == kind), None)
    return None if span is None else datetime.fromisoformat(begins) + span


def words_kept_until(name: str) -> datetime | None:
    """Return the instant until which what rows say of a window is kept, by its name: no later than `LONGEST` behind
    the end of the window's item, and no earlier; None of `total`, which stays."""
    if (ends := end_by_clock(name)) is not None:
        return ends + SHORT_WINDOW_KEPT
    first = name.partition(":")[2]
    return datetime.combine(date.fromisoformat(first), time(), UTC) + LONGEST + WINDOW_KEPT if first else None


# The least that the first window after a change of zone lasts. Zones are 26 hours apart at most, and clocks go forward
# by two (Antarctica/Troll): by so much a week or a month may be shorter, a day not at all.
SHORTEST: Final[Mapping[WindowKind, timedelta]] = {
    WindowKind.DAY: timedelta(hours=24),
    WindowKind.WEEK: timedelta(days=7, hours=-28),
    WindowKind.MONTH: timedelta(days=28, hours=-28),
    WindowKind.QUARTER: timedelta(days=90, hours=-28),
}


@dataclass(frozen=True, slots=True)
class WindowSpan:
    """One window: the local day that it is called by, its instants in UTC, and the day that the next is called by.

    All but the kind are None for `total`, which neither begins nor ends; minutes and hours are called by their instant
    and have no days. A rolling one has no end either: it begins with the oldest part that counts, and is called by the
    latest, `part`.
    """

    kind: WindowKind
    first: date | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    following: date | None = None
    part: datetime | None = None

    @property
    def name(self) -> str:
        """The window's name: `month:2026-11-01`, `hour:2026-11-29T16:00Z`, `rolling-day:2026-11-29T16:00:00Z`,
        `total`."""
        if self.part is not None:
            return part_name(self.kind, self.part)
        if self.kind in OF_THE_CLOCK and self.begins is not None:
            return f"{self.kind}:{self.begins:%Y-%m-%dT%H:%MZ}"
        return str(self.kind) if self.first is None else f"{self.kind}:{self.first.isoformat()}"


@dataclass(frozen=True, slots=True)
class BudgetCalendar:
    """The windows of a tenant's budgets: its time zone, and those that ran when the zone was last changed.

    A window ends as it was to end when it began. The next one takes the name that it would have had without the change,
    so that a process which has not heard of it yet counts in the same window, and ends with a day of the new zone: the
    first that is not used up as a name, and that leaves the window no shorter than `SHORTEST`. So windows follow each
    other without a gap, no name comes twice, and no change gives a day's budget more than the days that pass.
    """

    zone: ZoneInfo
    ran: tuple[WindowSpan, ...] = ()

    def window(self, kind: WindowKind, at: datetime) -> WindowSpan:
        """Return the window that an instant lies in; of those that ended before the last change only the latest is
        known, and answers for all before it. Weeks begin on Monday."""
        if kind is WindowKind.TOTAL:
            return WindowSpan(kind)
        if kind in ROLLING:
            length = ROLLING[kind]
            number = length.number(at)
            return WindowSpan(kind, begins=length.begins(number - length.parts), part=length.begins(number))
        if kind in OF_THE_CLOCK:
            begins = at.astimezone(UTC).replace(second=0, microsecond=0)
            begins = begins.replace(minute=0) if kind is WindowKind.HOUR else begins
            return WindowSpan(kind, begins=begins, ends=begins + OF_THE_CLOCK[kind])
        ran = next((span for span in self.ran if span.kind is kind), None)
        if ran is None or ran.ends is None or ran.following is None:
            return _of_calendar(kind, at.replace(second=0, microsecond=0), self.zone)
        if at < ran.ends:
            return ran
        first = _next(kind, ran.following, ran.ends, self.zone)
        return (
            first
            if first.ends is None or at < first.ends
            else _of_calendar(kind, at.replace(second=0, microsecond=0), self.zone)
        )

    def changed(self, zone: ZoneInfo, at: datetime) -> "BudgetCalendar":
        """Return the calendar after a change of zone at an instant: windows that run then are let run."""
        if zone.key == self.zone.key:
            return self
        return BudgetCalendar(zone, tuple(self.window(kind, at) for kind in SHORTEST))


@lru_cache(maxsize=1_024)
def _of_calendar(kind: WindowKind, at: datetime, zone: ZoneInfo) -> WindowSpan:
    """Return the window of a minute in a zone that has always been the tenant's: days begin with a whole minute."""
    day = at.astimezone(zone).date()
    match kind:
        case WindowKind.QUARTER:
            first = day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case WindowKind.MONTH:
            first = day.replace(day=1)
        case WindowKind.WEEK:
            first = day - timedelta(days=day.weekday())
        case _:
            first = day
    following = _following(kind, first)
    while _midnight(following, zone) <= at:  # clocks that go back at midnight have a day come twice
        first, following = following, _following(kind, following)
    return WindowSpan(kind, first, _midnight(first, zone), _midnight(following, zone), following)


def _next(kind: WindowKind, first: date, begins: datetime, zone: ZoneInfo) -> WindowSpan:
    """Return the window that follows one of another zone."""
    following = _following(kind, first)
    while _midnight(following, zone) - begins < SHORTEST[kind]:
        following = _following(kind, following)
    return WindowSpan(kind, first, begins, _midnight(following, zone), following)


def _following(kind: WindowKind, first: date) -> date:
    """Return the day that the window after the one of a day is called by."""
    match kind:
        case WindowKind.QUARTER:
            return (first + timedelta(days=93)).replace(day=1)
        case WindowKind.MONTH:
            return (first + timedelta(days=31)).replace(day=1)
        case WindowKind.WEEK:
            return first + timedelta(days=7)
        case _:
            return first + timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day in a zone; where midnight is skipped, the instant that the clocks skip to."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
