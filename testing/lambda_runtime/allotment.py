"""A function's memory and its share of a core, given to a process by Linux's control groups (version 1, as root)."""

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CORE_MB: Final = 1769  # of memory that come with a whole core (Lambda's guide, "Configure Lambda function memory")
PERIOD_US: Final = 20_000  # Lambda's is not documented; a short one spreads the share as evenly as a slow core would
MB: Final = 1024 * 1024
CONTROLLERS: Final = Path("/sys/fs/cgroup")


def can_allot() -> bool:
    """Return whether this machine lets this user do it."""
    return os.geteuid() == 0 and (CONTROLLERS / "cpu" / "cpu.cfs_quota_us").exists()


class Allotment:
    """A control group that a process begins in, for memory counts where it was first touched; `with` it.

    It bounds nothing before `limit`: a start is not what is measured.
    """

    def __init__(self, name: str) -> None:
        self._cpu, self._memory = (
            CONTROLLERS / controller / f"atom-llm-{os.getpid()}-{name}" for controller in ("cpu", "memory")
        )

    def join(self) -> None:
        """Enter it: called by the process itself, before it becomes its program."""
        for group in (self._cpu, self._memory):
            (group / "cgroup.procs").write_text("0")

    def limit(self, memory_mb: int, *, besides_mb: int = 0) -> None:
        """Keep what is in it to the share of a core that so much memory has, and to the memory, less what others take.

        A process that wants more is killed, as Lambda kills it. Raises `OSError` where it has more already.
        """
        (self._cpu / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (self._cpu / "cpu.cfs_quota_us").write_text(str(PERIOD_US * memory_mb // CORE_MB))
        (self._memory / "memory.limit_in_bytes").write_text(str((memory_mb - besides_mb) * MB))

    def __enter__(self) -> Self:
        for group in (self._cpu, self._memory):
            group.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for group in (self._cpu, self._memory):
            for pid in (group / "cgroup.procs").read_text().split():
                (group.parent / "cgroup.procs").write_text(pid)
            group.rmdir()
