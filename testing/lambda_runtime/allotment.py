"""A function's memory and its share of a core, given to a process by Linux's control groups (version 1, as root)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CORE_MB: Final = 1769  # of memory that come with a whole core (Lambda's guide, "Configure Lambda function memory")
PERIOD_US: Final = 20_000  # Lambda's is not documented; a short one spreads the share as evenly as a slow core would
MB: Final = 1024 * 1024
CONTROLLERS: Final = Path("/sys/fs/cgroup")


def can_allot() -> bool:
    """Return whether this machine lets this user do it."""
    return os.geteuid() == 0 and (CONTROLLERS / "cpu" / "cpu.cfs_quota_us").exists()


@contextmanager
def allotted(pid: int, memory_mb: int, *, besides_mb: int = 0) -> Iterator[None]:
    """Keep a process to the share of a core that so much memory has, and to the memory, less what others take of it.

    A process that wants more is killed, as Lambda kills it.
    """
    name = f"atom-llm-{os.getpid()}-{pid}"
    groups = [CONTROLLERS / controller / name for controller in ("cpu", "memory")]
    try:
        for group in groups:
            group.mkdir()
        cpu, memory = groups
        (cpu / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (cpu / "cpu.cfs_quota_us").write_text(str(PERIOD_US * memory_mb // CORE_MB))
        (memory / "memory.move_charge_at_immigrate").write_text("3")  # what the process has already counts too
        (memory / "memory.limit_in_bytes").write_text(str((memory_mb - besides_mb) * MB))
        for group in groups:
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group in groups:
            if group.exists():
                _leave(group)
                group.rmdir()


def _leave(group: Path) -> None:
    for pid in (group / "cgroup.procs").read_text().split():
        (group.parent / "cgroup.procs").write_text(pid)
