"""Long steps at the terminal: say what is being done, that it still goes on, and why it stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TICK_S = 1.0  # how often a terminal shows the time that a step has taken
HEARTBEAT_S = 4.0  # how often a log file is told that the step still goes on; nobody waits 5 s without a word
TAIL_LINES = 25  # of a failed command's output; the log holds the rest


class CannotGoOn(Exception):
    """The reason why this machine cannot go on, as a sentence for the person at the terminal."""


@contextmanager
def step(label: str) -> Iterator[None]:
    """Announce one long step and how long it takes."""
    started = time.monotonic()
    over = threading.Event()
    live = sys.stdout.isatty()
    print(f"• {label} …", end="" if live else "\n", flush=True)

    def show_time() -> None:
        while not over.wait(TICK_S if live else HEARTBEAT_S):
            took = f"{time.monotonic() - started:.0f} s"
            print(
                f"\r• {label} … {took} " if live else f"  … still at it after {took}",
                end="" if live else "\n",
                flush=True,
            )

    ticker = threading.Thread(target=show_time, daemon=True)
    ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        over.set()
        ticker.join()
        took = f"{time.monotonic() - started:.1f} s"
        print(f"\r• {label} … {outcome} ({took})" if live else f"  {outcome} ({took})", flush=True)


def run(
    label: str, command: Sequence[str | Path], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
) -> None:
    """Run one command to its end; its output goes to the log, and to the terminal only when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with step(label), log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that what it started in turn can be stopped with it
        )
        try:
            code = process.wait()
        except BaseException:  # Ctrl-C above all
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
        if code != 0:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
            raise CannotGoOn(f"{tail}\n{label} failed (exit code {code}); everything it said is in {log}")
