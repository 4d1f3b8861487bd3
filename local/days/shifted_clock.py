"""Processes whose time of day is another one: libfaketime answers when they ask the system for it.

The monotonic clock stays the machine's, so that what waits for a second waits for a second.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from local.days.dates import Day
from local.steps import CannotGoOn

LIBRARY: Final = "libfaketime.so.1"
PACKAGED: Final = Path("vendor", "libfaketime", "src", LIBRARY)  # in PyPI's package, for Linux on x86-64
INSTALLED: Final = "/usr/lib/*/faketime/" + LIBRARY  # by Debian's and Ubuntu's package libfaketime
TOLERANCE: Final = timedelta(minutes=2)  # within which a process that was just started says the time it was told


def shifted(day: Day, environment: Mapping[str, str], now: datetime) -> dict[str, str]:
    """An environment whose processes begin at a day's instant, in its zone, and go on from there.

    Raises `CannotGoOn` where this machine has no library that does it.
    """
    for library in _libraries():
        # By an offset: an absolute time would begin anew in each process of a run.
        seconds = round((day.begins - now).total_seconds()) + _shift_of(environment)
        candidate = dict(environment) | {
            "LD_PRELOAD": str(library),
            "FAKETIME": f"{seconds:+d}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": day.zone,
        }
        if _says_so(day, candidate):
            return candidate
    raise CannotGoOn(
        "Tests cannot be run on another day here: that takes libfaketime, which PyPI has for Linux on x86-64 "
        "(`make setup` installs it) and Debian for others (apt-get install libfaketime)."
    )


def _libraries() -> Iterator[Path]:
    package = find_spec("libfaketime")  # found, not imported: all that is wanted of it is a file
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / PACKAGED
    yield from Path("/").glob(INSTALLED.removeprefix("/"))


def _shift_of(environment: Mapping[str, str]) -> int:
    """The seconds that the present process is shifted by itself: `now` is of its clock, an offset of the machine's."""
    return int(environment.get("FAKETIME", "0"))


def _says_so(day: Day, environment: Mapping[str, str]) -> bool:
    """Return whether a Python process of that environment tells the day's time."""
    command = [sys.executable, "-c", "import time; print(time.time())"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if told.returncode != 0:
        return False
    return abs(datetime.fromtimestamp(float(told.stdout), UTC) - day.begins) < TOLERANCE
