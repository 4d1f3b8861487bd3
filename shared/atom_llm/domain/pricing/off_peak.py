"""Off-peak hours of a model: daily windows in UTC, optionally bound to weekdays of a vendor's calendar."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from atom_llm.domain.core.errors import InvalidRate

EVERY_DAY: Final = frozenset(range(1, 8))
_CLOCK: Final = re.compile(r"\s*(?:([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00)\s*")


@dataclass(frozen=True, slots=True)
class OffPeakWindow:
    """Minutes of the UTC day, the end exclusive; it may wrap midnight, and start == end is the whole day."""

    start_minute: int
    end_minute: int
    weekdays: frozenset[int] = EVERY_DAY

    def holds(self, minute: int, weekday: int) -> bool:
        """Return whether a minute of the UTC day on an ISO weekday (1 is Monday) lies in the window."""
        if weekday not in self.weekdays:
            return False
        if self.start_minute < self.end_minute:
            return self.start_minute <= minute < self.end_minute
        return minute >= self.start_minute or minute < self.end_minute


@dataclass(frozen=True, slots=True)
class OffPeak:
    """The windows of an `off_peak_pricing` block, and the time zone that its weekdays are read in (UTC without one)."""

    windows: tuple[OffPeakWindow, ...]
    weekday_timezone: str | None = None

    def covers(self, instant: datetime) -> bool:
        """Return whether a tz-aware instant is off peak."""
        utc = instant.astimezone(UTC)
        minute = utc.hour * 60 + utc.minute
        weekday = _weekday(utc, self.weekday_timezone)
        return any(window.holds(minute, weekday) for window in self.windows)


def off_peak(block: Mapping[str, object]) -> OffPeak:
    """Read an `off_peak_pricing` block's windows; raises `InvalidRate` naming the field that it cannot read."""
    windows = list(_windows(block, EVERY_DAY)) if "hours_utc" in block else []
    rules = block.get("windows", [])
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        raise InvalidRate("off_peak_pricing.windows", "is not a list")
    for rule in rules:
        if not isinstance(rule, Mapping):
            raise InvalidRate("off_peak_pricing.windows", "holds something that is not a window")
        windows += _windows(rule, _weekdays(rule.get("weekdays")))
    if not windows:
        raise InvalidRate("off_peak_pricing", "has no window")
    timezone = block.get("weekday_timezone")
    if timezone is not None and not _is_known_timezone(timezone):
        raise InvalidRate("off_peak_pricing.weekday_timezone", "is not a known time zone")
    return OffPeak(tuple(windows), timezone if isinstance(timezone, str) else None)


def _windows(rule: Mapping[str, object], weekdays: frozenset[int]) -> list[OffPeakWindow]:
    hours = rule.get("hours_utc")
    spans = [hours] if isinstance(hours, str) else hours
    if not isinstance(spans, Sequence):
        raise InvalidRate("off_peak_pricing.hours_utc", "is neither a window nor a list of them")
    return [_window(span, weekdays) for span in spans]


def _window(span: object, weekdays: frozenset[int]) -> OffPeakWindow:
    start, dash, end = span.partition("-") if isinstance(span, str) else ("", "", "")
    if not dash:
        raise InvalidRate("off_peak_pricing.hours_utc", "is not HH:MM-HH:MM")
    return OffPeakWindow(_minute(start), _minute(end), weekdays)


def _minute(clock: str) -> int:
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise InvalidRate("off_peak_pricing.hours_utc", "is not HH:MM-HH:MM")
    hour, minute = match.groups(default="0")  # 24:00 is the midnight that 00:00 is
    return int(hour) * 60 + int(minute)


def _weekdays(days: object) -> frozenset[int]:
    if days is None:
        return EVERY_DAY
    if not isinstance(days, Sequence) or isinstance(days, str):
        raise InvalidRate("off_peak_pricing.weekdays", "is not a list")
    numbers = {day for day in days if isinstance(day, int) and not isinstance(day, bool)}
    if len(numbers) != len(days) or not numbers <= EVERY_DAY:
        raise InvalidRate("off_peak_pricing.weekdays", "holds something other than ISO weekdays 1 to 7")
    return frozenset(numbers)


def _is_known_timezone(name: object) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few rows need it, and it costs import time

    try:
        return isinstance(name, str) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a continent is a folder of zones
        return False


def _weekday(utc: datetime, timezone: str | None) -> int:
    if timezone is None:
        return utc.isoweekday()
    from zoneinfo import ZoneInfo

    return utc.astimezone(ZoneInfo(timezone)).isoweekday()
