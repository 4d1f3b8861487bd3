"""A process that is stopped wherever it is, goes on, or ends without a word."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from local.processes import end_with_parent

LOG_TAIL: Final = 4_000  # characters of what a process said, in the message of its failure


class StoppableProcess:
    """A child process with all that it starts, as one group; it ends with this process, also where it is frozen."""

    def __init__(self, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        """Start it; what it says goes to the log."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(end_with_parent, signal.SIGKILL),
            )

    @property
    def has_ended(self) -> bool:
        """Whether it is not running any more."""
        return self._process.poll() is not None

    def freeze(self) -> None:
        """Stop all of it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all of it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End all of it."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def said(self) -> str:
        """What it wrote to its log."""
        return self._log.read_text(errors="replace")

    def last_words(self) -> str:
        """The end of that."""
        return self.said()[-LOG_TAIL:]

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:  # it ended by itself
            self._process.wait()
