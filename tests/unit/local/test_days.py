"""The unit tests on other days: processes that are told another time, and the tests that a day can turn red."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from local.days.dates import DAY_BY_NAME, DAYS, Day, day_for
from local.days.shifted_clock import shifted
from local.steps import CannotGoOn
from testing.clock_reads import EVERY_FILE
from testing.fakes.service_keys import NOON

FAR_AHEAD, EAST = DAY_BY_NAME["far-ahead"], DAY_BY_NAME["east"]
ONE_CLOCK = """
    def test_what_was_written_today_is_found_today():
        clock = Clock()
        assert clock().date() == clock().date()
"""
TWO_CLOCKS = """
    def test_what_was_written_today_is_found_today():
        written = datetime.now(UTC)
        assert abs(written - STANDING) < timedelta(hours=1)
"""


def planted(folder: Path, name: str, body: str) -> Path:
    """Write a test file whose standing clock is set to the hour in which it is written, as its author would."""
    file = folder / f"{name}.py"
    head = f"""
        from datetime import UTC, datetime, timedelta
        STANDING = datetime.fromisoformat({datetime.now(UTC).isoformat()!r})
        Clock = lambda: lambda: STANDING
    """
    file.write_text(dedent(head) + dedent(body))
    return file


def pytest_of(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> int:
    """Run pytest without this repository's configuration and without plugins, and return its exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, *arguments]
    alone = {**(os.environ if environment is None else environment), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, env=alone, capture_output=True, check=False).returncode


@pytest.fixture
def another_day() -> Day:
    """A day that this is not, also where these tests are themselves run on one of them."""
    now = datetime.now(UTC)
    return next(day for day in (FAR_AHEAD, EAST) if abs(day.begins - now) > timedelta(days=1))


@pytest.fixture
def on_another_day(another_day: Day) -> Mapping[str, str]:
    """Its environment."""
    try:
        return shifted(another_day, os.environ, datetime.now(UTC))
    except CannotGoOn as obstacle:
        pytest.skip(str(obstacle))


def test_every_day_has_its_turn_and_none_comes_twice_in_a_round() -> None:
    round_of_days = [day_for(date(2026, 12, 25) + timedelta(days=number)) for number in range(len(DAYS))]
    assert sorted(day.name for day in round_of_days) == sorted(DAY_BY_NAME)


def test_a_process_has_the_days_time_and_goes_on_from_there(
    another_day: Day, on_another_day: Mapping[str, str]
) -> None:
    tell = [sys.executable, "-c", "import time; print(time.time())"]
    first, second = (
        float(subprocess.run(tell, env=on_another_day, capture_output=True, check=True).stdout) for _ in range(2)
    )
    assert -1 <= first - another_day.begins.timestamp() < 120  # an offset is of whole seconds
    assert second > first


def test_a_test_that_mixes_clocks_is_green_today_and_red_on_another_day(
    tmp_path: Path, on_another_day: Mapping[str, str]
) -> None:
    mixing = planted(tmp_path, "test_mixing", TWO_CLOCKS)
    assert pytest_of(mixing) == 0
    assert pytest_of(mixing, environment=on_another_day) == 1


def test_a_test_that_takes_all_time_from_one_clock_is_green_on_both(
    tmp_path: Path, on_another_day: Mapping[str, str]
) -> None:
    sound = planted(tmp_path, "test_sound", ONE_CLOCK)
    assert (pytest_of(sound), pytest_of(sound, environment=on_another_day)) == (0, 0)


def test_where_no_library_shifts_the_clock_a_sentence_says_what_to_install() -> None:
    with pytest.raises(CannotGoOn, match="apt-get install libfaketime"):
        shifted(EAST, {"PYTHONHOME": "/nowhere"}, NOON)  # no process can be started there, shifted or not


def noted(folder: Path, *files: Path) -> list[str]:
    """Return the files that are noted as readers of the clock."""
    reads = folder / "noted.txt"
    where = ("--rootdir", folder, "-p", "testing.clock_reads", "--clock-reads", reads)
    assert pytest_of(*where, *files) == 0
    return reads.read_text().splitlines()


def test_the_files_whose_tests_read_the_clock_are_noted(tmp_path: Path) -> None:
    files = planted(tmp_path, "test_sound", ONE_CLOCK), planted(tmp_path, "test_mixing", TWO_CLOCKS)
    assert noted(tmp_path, *files) == ["test_mixing.py"]


def test_a_module_that_reads_it_while_it_is_imported_makes_every_file_a_reader(tmp_path: Path) -> None:
    file = planted(tmp_path, "test_early", "NOW = datetime.now(UTC)\ndef test_it(): assert NOW")
    assert noted(tmp_path, file) == [EVERY_FILE]
