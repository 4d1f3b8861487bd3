"""A process that is stopped wherever it is, goes on, or ends without a word."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from local.processes import end_with_parent

LOG_TAIL: Final = 4_000  # characters of what a process said, in the message of its failure


class Used(NamedTuple):
    """What a process has used so far: seconds of a core, and the most memory that it had at once, in megabytes."""

    cpu_s: float
    peak_mb: float


class StoppableProcess:
    """A child process with all that it starts, as one group; it ends with this process, also where it is frozen."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        before: Callable[[], None] | None = None,
    ) -> None:
        """Start it; what it says goes to the log. `before` is called in it, before it becomes its program."""

        def prepare() -> None:
            end_with_parent(signal.SIGKILL)
            if before is not None:
                before()

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
                preexec_fn=prepare,
            )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is not running any more."""
        return self._process.poll() is not None

    def used(self) -> Used:
        """What it has used so far, as Linux counts it."""
        about = Path("/proc", str(self._process.pid))
        times = about.joinpath("stat").read_text().rpartition(")")[2].split()
        kilobytes = next(
            int(line.split()[1]) for line in about.joinpath("status").read_text().splitlines() if "VmHWM" in line
        )
        return Used((int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"), kilobytes / 1024)

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
