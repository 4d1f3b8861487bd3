"""Rate limits by the generic cell rate algorithm: each subject has an instant until which it owes what it took.

A subject may be a minute ahead of the clock: that is its burst, a whole minute's worth, and its rate in the long run.
What begins at rest and never rests may thus take a burst and its limit in the first minute, and its limit in each
further one. Instants are whole microseconds since 1970, so that a table can add to them and compare them.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

MINUTE: Final = 60_000_000  # microseconds
STALE: Final = 1_000_000  # how long ago a subject may have been paid off and still be counted on from there

PAID_OFF: Final = 0

CARRIED_BELOW: Final = MINUTE // 2  # owed: so far from its limit, nobody misses yet what a subject gets back
MOST_CARRIED: Final = MINUTE // 1000  # of what was used and not taken; what more is is counted at once

MOST_REQUESTS: Final = 10_000_000  # a minute, that can be told apart from none at all: six microseconds each
MOST_TOKENS: Final = MINUTE  # a microsecond each


class LimitCosts(NamedTuple):
    """The microseconds in which one request, and its tokens, are paid off; 0 where that is not limited."""

    requests: int
    tokens: int


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit in requests and in tokens a minute; None is unlimited."""

    requests: int | None = None
    tokens: int | None = None

    @property
    def is_none(self) -> bool:
        """Return whether nothing is limited."""
        return self.requests is None and self.tokens is None

    def costs(self, tokens: int) -> LimitCosts:
        """Return what one request with so many tokens costs."""
        return LimitCosts(price(self.requests, 1), price(self.tokens, tokens))

    def share(self, percent: int) -> "RateLimit":
        """Return so many per cent of these limits, at least one of what is limited at all."""

        def part(limit: int | None) -> int | None:
            return None if limit is None else max(min(limit, 1), limit * percent // 100)

        return RateLimit(part(self.requests), part(self.tokens))

    def over(self, usual: "RateLimit") -> "RateLimit":
        """Return these limits, with the usual ones where there are none."""
        if self.is_none:
            return usual
        return RateLimit(
            usual.requests if self.requests is None else self.requests,
            usual.tokens if self.tokens is None else self.tokens,
        )


UNLIMITED: Final = RateLimit()


@dataclass(frozen=True, slots=True)
class PaidUntil:
    """The instants, in microseconds since 1970, at which a subject's requests and tokens are paid off."""

    requests: int = PAID_OFF
    tokens: int = PAID_OFF


@dataclass(frozen=True, slots=True)
class RestartWrite:
    """A write that sets the instant `to`, if the stored one is earlier than `below`, or there is none."""

    to: int
    below: int


@dataclass(frozen=True, slots=True)
class AdvanceWrite:
    """A write that adds `by` microseconds to the stored instant, if that lies from `at_least` to `at_most`."""

    by: int
    at_least: int
    at_most: int


LimitStep = RestartWrite | AdvanceWrite


@dataclass(frozen=True, slots=True)
class LimitStanding:
    """The rest of one limit, and the seconds until it is whole again."""

    limit: int
    remaining: int
    reset_s: float


def price(limit: int | None, quantity: int) -> int:
    """Return the microseconds in which a quantity is paid off, at most a whole minute; more than one for a limit of 0.

    A quantity above a minute's worth thus passes when nothing else is owed: it would never pass otherwise.
    """
    return 0 if limit is None else min(MINUTE, quantity * MINUTE // limit) if limit else MINUTE + 1


def may_wait(paid_off: int, correction: int, now: int) -> bool:
    """Return whether a correction may wait for the next cost that is taken: what is to be given back while little is
    owed, and of what is to be counted on top only a little, so that all processes together stay near the limit."""
    return correction <= MOST_CARRIED and paid_off - now <= CARRIED_BELOW


def wait_us(paid_off: int, cost: int, now: int, carried: int = 0) -> int:
    """Return the microseconds until a cost, and a correction that is carried, may be taken; 0 stands for now."""
    return max(0, max(paid_off + carried, now) + cost - now - MINUTE) if cost else 0


def step(paid_off: int, cost: int, now: int, carried: int = 0) -> LimitStep | None:
    """Return the write by which a subject takes a cost, its condition holding it to its minute; None without a cost.

    `carried` is the correction of an earlier cost, which is written along; what was paid off meanwhile is not given
    back.

    GCRA counts on from the later of the stored instant and now, and a table cannot take the later of two. What is owed
    only grows with other writers, and is then counted on from, so that they do not meet; what was paid off is begun
    anew, which one of them does. In between, for as long as clocks may differ, it is counted on from with what is
    missing up to now on top: never too little, and too much by a second at most where another writer was faster.
    """
    if not cost:
        return None
    more = max(0, carried)
    if paid_off < now - STALE:
        return RestartWrite(now + cost + more, now - STALE)
    by = cost + more + max(carried - more, now - paid_off)
    return AdvanceWrite(by, now - STALE, now + MINUTE - by)


def standing(limit: int, paid_off: int, now: int) -> LimitStanding:
    """Return the rest of a limit for a subject that owes until `paid_off`."""
    owed = max(0, paid_off - now)
    return LimitStanding(limit, max(0, (MINUTE - owed) * limit // MINUTE), ceil(owed / 1000) / 1000)


def headers(requests: LimitStanding | None = None, tokens: LimitStanding | None = None) -> dict[str, str]:
    """Return the rest of each limit in OpenAI's headers (platform.openai.com/docs/guides/rate-limits)."""
    told: dict[str, str] = {}
    for name, each in (("requests", requests), ("tokens", tokens)):
        if each is not None:
            told[f"x-ratelimit-limit-{name}"] = str(each.limit)
            told[f"x-ratelimit-remaining-{name}"] = str(each.remaining)
            told[f"x-ratelimit-reset-{name}"] = duration(each.reset_s)
    return told


def duration(seconds: float) -> str:
    """Spell seconds as those headers do: `0s`, `12ms`, `8.64s`, `6m0s`."""
    milliseconds = ceil(round(seconds * 1000, 3))
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return (f"{minutes}m" if minutes else "") + f"{rest / 1000:g}s"
