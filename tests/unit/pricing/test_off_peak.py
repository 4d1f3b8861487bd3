"""Off-peak windows: daily spans in UTC, weekdays of a vendor's calendar, and nothing that is half understood."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.off_peak import OffPeak, off_peak
from testing import real_data

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)


def at(clock: str, day: datetime = MONDAY) -> datetime:
    hour, minute = clock.split(":")
    return day + timedelta(hours=int(hour), minutes=int(minute))


def block(**fields: object) -> OffPeak:
    return off_peak(fields)


@pytest.mark.parametrize(
    ("clock", "covered"), [("16:29", False), ("16:30", True), ("23:59", True), ("00:29", True), ("00:30", False)]
)
def test_a_window_may_wrap_midnight_with_its_start_inside_and_its_end_outside(clock: str, covered: bool) -> None:
    assert block(hours_utc="16:30-00:30").covers(at(clock)) is covered


@pytest.mark.parametrize(("clock", "covered"), [("03:59", False), ("04:00", True), ("05:59", True), ("06:00", False)])
def test_a_window_within_the_day_ends_before_its_end(clock: str, covered: bool) -> None:
    assert block(hours_utc="04:00-06:00").covers(at(clock)) is covered


@pytest.mark.parametrize("clock", ["00:00", "05:00", "12:00", "23:59"])
def test_a_window_that_starts_where_it_ends_is_the_whole_day(clock: str) -> None:
    assert block(hours_utc="05:00-05:00").covers(at(clock))


@pytest.mark.parametrize("end", ["00:00", "24:00"])
def test_midnight_at_the_end_of_a_day_has_two_spellings(end: str) -> None:
    assert block(hours_utc=f"22:00-{end}").covers(at("23:59"))
    assert not block(hours_utc=f"22:00-{end}").covers(at("00:00"))


def test_a_list_of_windows_covers_what_any_of_them_covers() -> None:
    two = block(hours_utc=["00:00-01:00", "04:00-06:00"])
    assert [two.covers(at(clock)) for clock in ("00:30", "02:00", "05:00")] == [True, False, True]


def test_weekdays_are_iso_numbers_of_the_utc_day() -> None:
    weekend = block(windows=[{"hours_utc": "00:00-00:00", "weekdays": [6, 7]}])
    assert [weekend.covers(MONDAY + timedelta(days=n)) for n in range(7)] == [False] * 5 + [True] * 2


def test_weekdays_of_another_calendar_begin_with_its_midnight() -> None:
    fields: dict[str, object] = {"windows": [{"hours_utc": "00:00-00:00", "weekdays": [1]}]}
    shanghai = off_peak({**fields, "weekday_timezone": "Asia/Shanghai"})
    assert not shanghai.covers(at("15:59", MONDAY - timedelta(days=1)))
    assert shanghai.covers(at("16:00", MONDAY - timedelta(days=1)))
    assert shanghai.covers(at("15:59"))
    assert not shanghai.covers(at("16:00"))


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert block(hours_utc="04:00-06:00").covers(datetime(2026, 11, 9, 13, 30, tzinfo=tokyo))


@pytest.mark.parametrize(
    "hours",
    [
        "",
        "5",
        "05:00",
        "05:00-",
        "-05:00",
        "25:00-01:00",
        "24:01-01:00",
        "05:60-06:00",
        "²:00-03:00",
        "٣:00-04:00",
        "5-6",
        5,
        None,
        [5],
    ],
)
def test_hours_that_are_no_window_are_refused(hours: object) -> None:
    with pytest.raises(InvalidRate, match="hours_utc"):
        block(hours_utc=hours)


@pytest.mark.parametrize("days", [[0], [8], ["1"], [True], [1, 1.5], "12", 5])
def test_weekdays_other_than_one_to_seven_are_refused(days: object) -> None:
    with pytest.raises(InvalidRate, match="weekdays"):
        block(windows=[{"hours_utc": "01:00-02:00", "weekdays": days}])


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America", "\x00", 5])
def test_an_unknown_time_zone_is_refused(zone: object) -> None:
    with pytest.raises(InvalidRate, match="weekday_timezone is not a known time zone"):
        block(hours_utc="01:00-02:00", weekday_timezone=zone)


@pytest.mark.parametrize("fields", [{}, {"windows": []}, {"windows": "x"}, {"windows": [5]}, {"hours_utc": []}])
def test_a_block_without_a_window_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidRate):
        off_peak(fields)


def test_every_off_peak_block_of_the_newest_file_is_understood() -> None:
    entries = real_data.litellm_of(real_data.NOVEMBER).entries.values()
    blocks = [
        entry.published["off_peak_pricing"]
        for entry in entries
        if entry.published and "off_peak_pricing" in entry.published
    ]
    assert blocks
    for each in blocks:
        assert isinstance(each, dict)
        assert off_peak(each).windows
