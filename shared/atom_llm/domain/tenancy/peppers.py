"""The peppers: one for new service keys, the one before it while keys are still hashed by it, and one of names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
_OF_NAMES: Final = "end_users"
_NUMBERED: Final = re.compile(r"v([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Peppers:
    """Peppers by version, at least the current one, which new keys are hashed with.

    A name has no secret that a later call could bring anew, and budgets, allow-lists, teams and windows know people by
    the hash alone: `kept_for_names`, which rotations leave as it is, is what names are hashed with; None before the
    first rotation, for the current one.
    """

    current: str
    by_version: Mapping[str, str]
    kept_for_names: str | None = None

    def __repr__(self) -> str:
        """Leave the peppers out: a repr ends up in logs."""
        return f"Peppers(current={self.current!r}, versions={sorted(self.by_version)})"

    @property
    def of_names(self) -> str:
        """The pepper of end users' names."""
        return self.kept_for_names or self.by_version[self.current]

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
    """Read the form `{"current": "v1", "v1": "…"}`, after a rotation with `"end_users": "…"` for their names; raises
    `ValueError` for anything else, without repeating it."""
    try:
        content = json.loads(text)
        current = content.pop(_CURRENT)
        fit = all(isinstance(each, str) and len(each) >= MIN_LENGTH for each in content.values())
        of_names = content.pop(_OF_NAMES, None)
        fit = fit and current in content
    except (ValueError, KeyError, TypeError, AttributeError):
        fit = False
    if not fit:
        raise ValueError("the pepper's secret is not of its form")
    return Peppers(current, content, of_names)


def written_peppers(peppers: Peppers) -> str:
    """Write peppers in the form that `read_peppers` reads."""
    of_names = {} if peppers.kept_for_names is None else {_OF_NAMES: peppers.kept_for_names}
    return json.dumps({_CURRENT: peppers.current, **peppers.by_version, **of_names})


def rotated(peppers: Peppers, pepper: str) -> Peppers:
    """Add a pepper that is current from now on, and keep that of names; raises `Conflict` while the last rotation is
    not finished."""
    if len(peppers.by_version) >= MOST_AT_ONCE:
        former = ", ".join(peppers.former)
        raise Conflict(f"the pepper was rotated already, and {former} still opens keys: retire it first")
    if len(pepper) < MIN_LENGTH:
        raise ValueError(f"a pepper has at least {MIN_LENGTH} characters")
    numbers = [int(match[1]) for version in peppers.by_version if (match := _NUMBERED.fullmatch(version))]
    version = f"v{max(numbers, default=0) + 1}"
    return Peppers(version, {**peppers.by_version, version: pepper}, peppers.of_names)


def retired(stored: StoredPeppers, now: datetime) -> Peppers:
    """Return the current pepper, and that of names, alone; raises `Conflict` where there is no former one, or not yet
    for long enough."""
    peppers = stored.peppers
    if not peppers.former:
        raise Conflict("there is no former pepper to retire")
    until = stored.since + OVERLAP_AT_LEAST
    if now < until:
        raise Conflict(f"{', '.join(peppers.former)} must stay until {until.isoformat(timespec='minutes')}")
    return replace(peppers, by_version={peppers.current: peppers.by_version[peppers.current]})
