"""A long step says what it does, ends what it started, and shows why it failed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.steps import CannotGoOn, run


def test_a_step_that_ends_well_keeps_its_output_to_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "logs" / "step.log"
    run("Counting", [sys.executable, "-c", "print('one two three')"], log=log, cwd=tmp_path)
    assert log.read_text() == "one two three\n"
    said = capsys.readouterr().out
    assert "Counting" in said
    assert "one two three" not in said


def test_a_step_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('no bananas'); sys.exit(3)"]
    with pytest.raises(CannotGoOn, match=r"no bananas\nCounting failed \(exit code 3\)"):
        run("Counting", command, log=tmp_path / "step.log", cwd=tmp_path)


def test_a_step_that_is_interrupted_ends_what_it_started(tmp_path: Path) -> None:
    """`cdk deploy` starts a Python of its own, which Ctrl-C must not leave behind."""
    log = tmp_path / "step.log"
    interrupted = subprocess.Popen([sys.executable, "-c", INTERRUPTED, log], stdout=subprocess.DEVNULL)
    grandchild = int(_first_line(log))
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(10) == 7
    assert _ends(grandchild)


INTERRUPTED = """
import pathlib, signal, sys
from local.steps import run

signal.signal(signal.SIGINT, signal.default_int_handler)
log = pathlib.Path(sys.argv[1])
try:
    run("Waiting", ["sh", "-c", "sleep 60 & echo $!; wait"], log=log, cwd=log.parent)
except KeyboardInterrupt:
    sys.exit(7)
"""


def _ends(pid: int) -> bool:
    """Return whether a process that was told to stop is gone soon: the signal is sent before it is obeyed."""
    deadline = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _is_running(pid)


def _first_line(file: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if file.exists() and "\n" in (text := file.read_text()):
            return text.splitlines()[0]
        time.sleep(0.02)
    raise AssertionError(f"nothing was written to {file}")


def _is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
