"""The peppers of service keys: one for new keys, and the one before it while keys are still hashed by it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from atom_llm.domain.core.errors import Conflict

MIN_LENGTH: Final = 32  # characters; less would weaken every key
# Two answer for an overlap. A third would say that somebody rotated on top of an unfinished rotation, or twice.
MOST_AT_ONCE: Final = 2
# How soon a rotated pepper is noticed by every process; one that meets a key of a version that it lacks asks at once.
NOTICED_WITHIN: Final = timedelta(minutes=5)
# Answers under an Idempotency-Key are sealed by a pepper for a day (`domain/calls/idempotency.py`).
OVERLAP_AT_LEAST: Final = timedelta(hours=24) + NOTICED_WITHIN

_CURRENT: Final = "current"
_NUMBERED: Final = re.compile(r"v([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Peppers:
    """Peppers by version, at least the current one, which new keys are hashed with."""

    current: str
    by_version: Mapping[str, str]

    def __repr__(self) -> str:
        """Leave the peppers out: a repr ends up in logs."""
        return f"Peppers(current={self.current!r}, versions={sorted(self.by_version)})"

    @property
    def former(self) -> tuple[str, ...]:
        """The versions that open keys and make none, in order."""
        return tuple(sorted(version for version in self.by_version if version != self.current))


@dataclass(frozen=True, slots=True)
class StoredPeppers:
    """Peppers as their store has them: `revision` names this content, `since` is the instant from which it holds."""

    peppers: Peppers
    revision: str
    since: datetime


def read_peppers(text: str) -> Peppers:
    """Read the form `{"current": "v1", "v1": "…"}`; raises `ValueError` for anything else, without repeating it."""
    try:
        content = json.loads(text)
        current = content.pop(_CURRENT)
        fit = current in content and all(isinstance(each, str) and len(each) >= MIN_LENGTH for each in content.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        fit = False
    if not fit:
        raise ValueError("the pepper's secret is not of its form")
    return Peppers(current, content)


def written_peppers(peppers: Peppers) -> str:
    """Write peppers in the form that `read_peppers` reads."""
    return json.dumps({_CURRENT: peppers.current, **peppers.by_version})


def rotated(peppers: Peppers, pepper: str) -> Peppers:
    """Add a pepper that is current from now on; raises `Conflict` while the last rotation is not finished."""
    if len(peppers.by_version) >= MOST_AT_ONCE:
        former = ", ".join(peppers.former)
        raise Conflict(f"the pepper was rotated already, and {former} still opens keys: retire it first")
    if len(pepper) < MIN_LENGTH:
        raise ValueError(f"a pepper has at least {MIN_LENGTH} characters")
    numbers = [int(match[1]) for version in peppers.by_version if (match := _NUMBERED.fullmatch(version))]
    version = f"v{max(numbers, default=0) + 1}"
    return Peppers(version, {**peppers.by_version, version: pepper})


def retired(stored: StoredPeppers, now: datetime) -> Peppers:
    """Return the current pepper alone; raises `Conflict` where there is no other, or not yet for long enough."""
    peppers = stored.peppers
    if not peppers.former:
        raise Conflict("there is no former pepper to retire")
    until = stored.since + OVERLAP_AT_LEAST
    if now < until:
        raise Conflict(f"{', '.join(peppers.former)} must stay until {until.isoformat(timespec='minutes')}")
    return Peppers(peppers.current, {peppers.current: peppers.by_version[peppers.current]})
