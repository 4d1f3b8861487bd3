"""`make days`: run the unit tests on the dates that hurt; `make day`: on the one whose turn it is today.

On the first of several days every test runs, and is watched for whether it reads the time of day; on the others those
files run again that have a test which does.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from local.days.dates import DAY_BY_NAME, Day, day_for
from local.days.shifted_clock import shifted
from local.steps import CannotGoOn, run
from local.workspace import LOGS, PYTHON, ROOT
from testing.clock_reads import EVERY_FILE

READERS: Final = ROOT / "build" / "clock-reads.txt"
WATCHED: Final = ("-p", "testing.clock_reads", "--clock-reads", READERS)


def main() -> int:
    """Say how each day went; the exit code is 1 where one is red."""
    parser = argparse.ArgumentParser(prog="python -m local.days", description=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--turn", action="store_true", help="the day whose turn it is, with what `make test` noted")
    chosen.add_argument("--day", action="append", choices=DAY_BY_NAME, help="this day; may be repeated")
    parser.add_argument("--workers", default="2", help="processes that tests run in")
    parser.add_argument("tests", nargs="+", help="folders of tests")
    asked = parser.parse_args()
    try:
        if asked.turn:
            red = run_on([day_for(datetime.now(UTC).date())], readers(asked.tests), asked.workers)
        else:
            first, *others = [DAY_BY_NAME[name] for name in asked.day or DAY_BY_NAME]
            red = run_on([first], [*WATCHED, *asked.tests], asked.workers)
            red += run_on(others, readers(asked.tests), asked.workers)
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 0 if asked.turn and "CI" not in os.environ else 1  # one who cannot have it may run the other checks
    print(*(f"Red: {day.name}." for day in red) if red else ["Green."])
    return 1 if red else 0


def run_on(days: Sequence[Day], tests: Sequence[str | Path], workers: str) -> list[Day]:
    """Run tests on each day, and return the days that are red. Raises `CannotGoOn` where no day can be had here."""
    red: list[Day] = []
    for day in days:
        environment = shifted(day, os.environ, datetime.now(UTC))
        label = f"On {day.name}, {day.begins:%Y-%m-%d %H:%M} UTC, TZ={day.zone}: {day.why}"
        command = [PYTHON, "-m", "pytest", "-n", workers, "--dist", "loadfile", *tests]
        try:
            run(label, command, log=LOGS / f"day-{day.name}.log", cwd=ROOT, env=environment)
        except CannotGoOn as failure:
            print(failure, file=sys.stderr)
            red.append(day)
    return red


def readers(tests: Sequence[str]) -> Sequence[str | Path]:
    """Return the test files that read the clock when all were run last; all of `tests` where that is not known."""
    noted = READERS.read_text().splitlines() if READERS.exists() else [EVERY_FILE]
    return list(tests) if EVERY_FILE in noted else [file for file in noted if (ROOT / file).exists()]


if __name__ == "__main__":
    sys.exit(main())
