"""The windows of budgets in a tenant's own time, and through any changes of it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.ledger.windows import SHORTEST, BudgetCalendar, WindowKind, WindowSpan

BERLIN, IN_UTC, SANTIAGO = (BudgetCalendar(ZoneInfo(name)) for name in ("Europe/Berlin", "UTC", "America/Santiago"))
WEST, EAST = ZoneInfo("Etc/GMT+12"), ZoneInfo("Pacific/Kiritimati")
LATE_SUNDAY = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BETWEEN_ZONES = timedelta(hours=26)  # from UTC-12 to UTC+14
KINDS = tuple(SHORTEST)
LEAST = dict(SHORTEST) | {WindowKind.DAY: 22 * HOUR}  # clocks that go forward by two hours: Antarctica/Troll
LONGEST = {WindowKind.DAY: DAY, WindowKind.WEEK: 7 * DAY, WindowKind.MONTH: 31 * DAY, WindowKind.QUARTER: 92 * DAY}
ALMOST = timedelta(microseconds=1)

zones = st.sampled_from([WEST, EAST]) | st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
steps = st.sampled_from([timedelta(0), HOUR, 11 * HOUR, DAY]) | st.timedeltas(timedelta(0), 40 * DAY)
changes = st.lists(st.tuples(steps, zones), max_size=12)


@pytest.mark.parametrize(
    ("kind", "in_utc", "in_berlin"),
    [
        (WindowKind.DAY, "day:2026-11-29", "day:2026-11-30"),
        (WindowKind.WEEK, "week:2026-11-23", "week:2026-11-30"),
        (WindowKind.MONTH, "month:2026-11-01", "month:2026-11-01"),
        (WindowKind.TOTAL, "total", "total"),
    ],
)
def test_a_window_is_the_tenants_own_day_week_or_month(kind: WindowKind, in_utc: str, in_berlin: str) -> None:
    assert IN_UTC.window(kind, LATE_SUNDAY).name == in_utc
    assert BERLIN.window(kind, LATE_SUNDAY).name == in_berlin


def test_a_day_changes_at_the_tenants_midnight_to_the_second() -> None:
    midnight = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert BERLIN.window(WindowKind.DAY, midnight - ALMOST).name == "day:2026-11-29"
    assert BERLIN.window(WindowKind.DAY, midnight).name == "day:2026-11-30"


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    for day, hours in ((datetime(2026, 3, 29, 12, tzinfo=UTC), 23), (datetime(2026, 10, 25, 12, tzinfo=UTC), 25)):
        assert _length(BERLIN.window(WindowKind.DAY, day)) == hours * HOUR


def test_a_total_budget_never_resets() -> None:
    assert BERLIN.window(WindowKind.TOTAL, LATE_SUNDAY).ends is None


def test_a_window_that_runs_keeps_the_zone_that_it_began_in() -> None:
    before = BERLIN.window(WindowKind.DAY, LATE_SUNDAY)
    moved = BERLIN.changed(EAST, LATE_SUNDAY).changed(WEST, LATE_SUNDAY + HOUR)
    assert moved.window(WindowKind.DAY, LATE_SUNDAY + HOUR) == before


@pytest.mark.parametrize(
    ("old", "new", "hours"),
    [("Europe/Berlin", "Asia/Tokyo", 40), ("Asia/Tokyo", "Europe/Berlin", 32), ("UTC", "America/New_York", 29)],
)
def test_the_first_day_in_another_zone_ends_with_a_day_of_it_and_is_never_shorter_than_one(
    old: str, new: str, hours: int
) -> None:
    there = BudgetCalendar(ZoneInfo(old))
    ends = there.window(WindowKind.DAY, LATE_SUNDAY).ends
    assert ends is not None
    moved = there.changed(ZoneInfo(new), LATE_SUNDAY)
    first = moved.window(WindowKind.DAY, ends)
    assert _length(first) == hours * HOUR
    assert first.ends is not None
    assert first.ends.astimezone(ZoneInfo(new)).hour == 0


def test_a_month_moves_by_the_hours_between_the_zones() -> None:
    moved = BERLIN.changed(ZoneInfo("Asia/Tokyo"), LATE_SUNDAY)
    december = moved.window(WindowKind.MONTH, datetime(2026, 12, 5, tzinfo=UTC))
    assert (december.name, _length(december)) == ("month:2026-12-01", 31 * DAY - 8 * HOUR)


def test_a_process_that_has_not_heard_of_a_change_counts_in_the_window_of_the_same_name() -> None:
    fiji = BudgetCalendar(ZoneInfo("Pacific/Fiji"))
    ends = fiji.window(WindowKind.DAY, LATE_SUNDAY).ends
    assert ends is not None
    soon = ends + 90 * timedelta(seconds=1)
    assert fiji.changed(WEST, ends - ALMOST).window(WindowKind.DAY, soon).name == fiji.window(WindowKind.DAY, soon).name


def test_the_same_zone_once_more_changes_nothing() -> None:
    assert BERLIN.changed(ZoneInfo("Europe/Berlin"), LATE_SUNDAY) is BERLIN


@settings(max_examples=150, deadline=None)
@given(first=zones, begin=moments, moves=changes, kind=st.sampled_from(KINDS))
def test_windows_follow_each_other_without_gap_or_overlap_and_none_comes_twice(
    first: ZoneInfo, begin: datetime, moves: Sequence[tuple[timedelta, ZoneInfo]], kind: WindowKind
) -> None:
    spans = list(_windows(first, begin, moves, kind))
    for earlier, later in pairwise(spans):
        assert earlier.ends == later.begins
        assert earlier.first is not None
        assert later.first is not None
        assert later.first > earlier.first
    assert len({span.name for span in spans}) == len(spans)


@settings(max_examples=150, deadline=None)
@given(first=zones, begin=moments, moves=changes, kind=st.sampled_from(KINDS))
def test_a_window_is_never_shorter_than_the_least_and_longer_by_the_hours_between_zones_at_most(
    first: ZoneInfo, begin: datetime, moves: Sequence[tuple[timedelta, ZoneInfo]], kind: WindowKind
) -> None:
    for span in _windows(first, begin, moves, kind):
        assert LEAST[kind] <= _length(span) <= LONGEST[kind] + BETWEEN_ZONES + 2 * HOUR


@settings(max_examples=150, deadline=None)
@given(first=zones, begin=moments, moves=changes)
def test_no_changes_of_zone_begin_more_days_than_pass(
    first: ZoneInfo, begin: datetime, moves: Sequence[tuple[timedelta, ZoneInfo]]
) -> None:
    """Each window uses up a date of its own and begins while it is that date, or later, somewhere between UTC+14 and
    UTC-12: however long it goes on, the gain over the days that passed is bounded by those 26 hours once."""
    began = [span.begins for span in _windows(first, begin, moves, WindowKind.DAY) if span.begins is not None]
    for number, late in enumerate(began):
        for passed, early in enumerate(reversed(began[: number + 1])):
            assert passed <= (late - early + BETWEEN_ZONES) / DAY


@pytest.mark.parametrize("offsets", [(WEST, EAST), (EAST, WEST), (WEST, ZoneInfo("Pacific/Fiji"))])
def test_in_zones_without_summer_time_every_day_has_24_hours_at_least(offsets: tuple[ZoneInfo, ZoneInfo]) -> None:
    """The bound is the same as for a tenant that never moves: one more than the whole days that passed."""
    moves = [(passed * HOUR, zone) for passed in (1, 5, 11, 23, 37) for zone in offsets] * 8
    spans = list(_windows(offsets[0], LATE_SUNDAY, moves, WindowKind.DAY))
    assert len(spans) > 30
    assert min(map(_length, spans)) >= DAY


def _windows(
    zone: ZoneInfo, begin: datetime, moves: Sequence[tuple[timedelta, ZoneInfo]], kind: WindowKind
) -> Iterator[WindowSpan]:
    """Yield the windows of a tenant from one that runs at `begin` until two after its last change of zone.

    As calls meet them: each asks at the beginning and the end of a window with what is known of the zone by then.
    """
    calendar, now = BudgetCalendar(zone), begin
    span = calendar.window(kind, now)
    yield span
    for after, wanted in moves:
        now += after
        while span.ends is not None and span.ends <= now:
            span = calendar.window(kind, span.ends)
            yield span
        assert calendar.window(kind, now) == span
        calendar = calendar.changed(wanted, now)
        assert calendar.window(kind, now) == span
    for _ in range(3):
        assert span.ends is not None
        assert calendar.window(kind, span.ends - ALMOST) == span
        span = calendar.window(kind, span.ends)
        yield span


def _length(span: WindowSpan) -> timedelta:
    assert span.begins is not None
    assert span.ends is not None
    return span.ends - span.begins
