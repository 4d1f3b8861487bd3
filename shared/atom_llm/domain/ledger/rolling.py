"""Rolling windows: a length that slides, counted in parts that leave it whole, the oldest first.

A spend is of the part that its call began in, and counts until all of that part is out of the length: for the length at
least, for a part more at most. So what is counted is never less than what was spent within the length.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.core.money import EXACT, ZERO

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
OPENING: Final = "+"  # behind a part's number: what was spent before the budget was set, which no row of it says


class RollingLength(NamedTuple):
    """A length as so many parts; months are 30 days, quarters 90."""

    part: timedelta
    parts: int

    def number(self, at: datetime) -> int:
        """Return the number of the part that an instant lies in, counted from 1970."""
        return (at - _EPOCH) // self.part

    def begins(self, number: int) -> datetime:
        """Return the instant at which a part begins."""
        return _EPOCH + number * self.part

    def leaves(self, number: int) -> datetime:
        """Return the instant from which a part counts no more."""
        return self.begins(number + self.parts + 1)


# An item carries a part in some 20 bytes: with 30 of them it is written in a unit or two.
ROLLING: Final[Mapping[str, RollingLength]] = {
    "rolling-minute": RollingLength(timedelta(seconds=5), 12),
    "rolling-hour": RollingLength(timedelta(minutes=5), 12),
    "rolling-day": RollingLength(timedelta(hours=1), 24),
    "rolling-week": RollingLength(timedelta(hours=12), 14),
    "rolling-month": RollingLength(timedelta(days=1), 30),
    "rolling-quarter": RollingLength(timedelta(days=3), 30),
}


class RollingPart(NamedTuple):
    """The part of a rolling window that an instant lies in."""

    kept_as: str  # of the budget, `tokens.rolling-day`
    length: RollingLength
    number: int

    @property
    def oldest(self) -> int:
        """The number of the oldest part that counts."""
        return self.number - self.length.parts

    @property
    def since(self) -> datetime:
        """The instant from which on spending counts."""
        return self.length.begins(self.oldest)

    def counts(self, name: str) -> bool:
        """Return whether a part of that number, an opening or not, counts."""
        return _number(name) >= self.oldest

    @property
    def windows(self) -> list[str]:
        """The names of all parts that count, the oldest first."""
        return self.windows_between(self.since, self.length.begins(self.number))

    def windows_between(self, first: datetime, last: datetime) -> list[str]:
        """Return the names of all parts from that of an instant through that of another."""
        numbers = range(self.length.number(first), self.length.number(last) + 1)
        return [part_name(self.kept_as, self.length.begins(each)) for each in numbers]

    def leaving(self, parts: Mapping[str, Decimal]) -> "list[Leaving]":
        """Return what of these parts counts, and when each is free again, the next first."""
        amounts: dict[int, Decimal] = {}
        for name, amount in parts.items():
            if amount and self.counts(name):
                amounts[_number(name)] = EXACT.add(amounts.get(_number(name), ZERO), amount)
        return [Leaving(self.length.leaves(number), amounts[number]) for number in sorted(amounts)]


class Leaving(NamedTuple):
    """An amount that leaves a rolling window at an instant, and is free again from then on."""

    at: datetime
    amount: Decimal


def fits_at(leaving: list[Leaving], missing: Decimal) -> datetime | None:
    """Return the instant at which so much will have left a window; None where it never does."""
    for each in leaving:
        missing = EXACT.subtract(missing, each.amount)
        if missing <= 0:
            return each.at
    return None


def _number(name: str) -> int:
    return int(name.removesuffix(OPENING))


def is_rolling(window: str) -> bool:
    """Return whether a window is a part of a rolling one, by its name."""
    return window.startswith("rolling-") or ".rolling-" in window


def rolling_part(window: str) -> RollingPart | None:
    """Return the part that a window's name says: `tokens.rolling-day:2026-11-29T16:00:00Z`; None of one that does not
    roll."""
    if not is_rolling(window):
        return None
    kept_as, _, begins = window.partition(":")
    length = ROLLING[kept_as.rpartition(".")[2]]
    return RollingPart(kept_as, length, length.number(datetime.fromisoformat(begins)))


def part_name(kind: str, begins: datetime) -> str:
    """Return the name of a part of a rolling window."""
    return f"{kind}:{begins:%Y-%m-%dT%H:%M:%SZ}"
