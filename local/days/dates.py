"""The dates that hurt: where a day, a month, a year or an hour is not what a test took it for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

# Zones as POSIX writes them, which needs no files of the machine's: the offset is what is added to reach UTC.
GREENWICH: Final = "UTC0"
BERLIN: Final = "CET-1CEST,M3.5.0,M10.5.0/3"  # summer time from the last Sunday of March to the last of October
KIRITIMATI: Final = "<+14>-14"
PAGO_PAGO: Final = "<-11>11"


@dataclass(frozen=True, slots=True)
class Day:
    """A name, the instant at which the tests begin, the process's zone as `TZ` says it, and what is special."""

    name: str
    begins: datetime
    zone: str
    why: str


DAYS: Final = (
    Day("leap-day", datetime(2028, 2, 29, 12, tzinfo=UTC), GREENWICH, "the 29th of February"),
    Day("midnight", datetime(2026, 12, 8, 23, 59, tzinfo=UTC), GREENWICH, "a minute before midnight"),
    Day("month-end", datetime(2027, 4, 30, 23, 30, tzinfo=UTC), GREENWICH, "the last hour of a month of thirty days"),
    Day("year-end", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), GREENWICH, "a minute before the new year"),
    Day("summer-begins", datetime(2027, 3, 28, 0, 59, tzinfo=UTC), BERLIN, "two o'clock is followed by three"),
    Day("summer-ends", datetime(2027, 10, 31, 0, 59, tzinfo=UTC), BERLIN, "three o'clock is followed by two"),
    Day("far-ahead", datetime(2031, 7, 16, 9, tzinfo=UTC), GREENWICH, "after whatever a fixture takes for the future"),
    Day("east", datetime(2027, 6, 30, 11, tzinfo=UTC), KIRITIMATI, "here it is tomorrow already, and another month"),
    Day("west", datetime(2027, 7, 1, 9, tzinfo=UTC), PAGO_PAGO, "here it is yesterday still, and another month"),
)
DAY_BY_NAME: Final = {day.name: day for day in DAYS}


def day_for(today: date) -> Day:
    """The one of them that a day's checks are run on as well: each in its turn."""
    return DAYS[today.toordinal() % len(DAYS)]
