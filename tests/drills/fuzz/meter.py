"""What a process has used of the machine, and what it waited for: wall time says little on a busy one."""

import ctypes
import gc
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of processor time of a process's threads, and seconds in which they were ready and not run."""

    processor_s: float
    queued_s: float

    def __sub__(self, before: Self) -> "Used":
        return Used(self.processor_s - before.processor_s, self.queued_s - before.queued_s)


def used_by(pid: int) -> Used:
    """Return what a process's threads that live have used so far; Linux's scheduler counts it in nanoseconds."""
    running = queued = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            ran, waited, _ = (thread / "schedstat").read_text().split()
        except OSError:  # it has ended
            continue
        running += int(ran)
        queued += int(waited)
    return Used(running / 1e9, queued / 1e9)


def resident_bytes() -> int:
    """Return this process's resident memory after it has given back what it does not use."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
