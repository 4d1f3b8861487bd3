"""The time of the checks of one build, beside that of an earlier commit on the same machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from local.steps import CannotGoOn, run
from local.structure.table import BEFORE
from local.workspace import LOGS

TARGETS: Final = ("lint", "types", "unit")
ROUNDS: Final = 2  # of each, in turns; the quicker one counts, for whatever else the machine does only slows it down
CACHES: Final = (".mypy_cache", ".ruff_cache", ".import_linter_cache", ".pytest_cache", ".hypothesis")
# What of the outer `make` would reach into the inner one, and lead it to this checkout's code.
_OUTER: Final = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV")


def build_ratio(root: Path) -> float:
    """Return the time that the checks of a checkout take as a share of those at `BEFORE`, both from cold caches.

    Raises `CannotGoOn` where this checkout's checks fail. Those of `BEFORE` need not pass: two of its tests ask
    for the day on which it was made.
    """
    with TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", before, BEFORE], cwd=root, check=True)
        try:
            subprocess.run(["make", "setup"], cwd=before, env=_environment(), check=True)
            now, then = [], []
            for _ in range(ROUNDS):
                then.append(_seconds(before, may_fail=True))
                now.append(_seconds(root))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", before], cwd=root, check=True)
    return min(now) / min(then)


def _seconds(root: Path, *, may_fail: bool = False) -> float:
    for cache in CACHES:
        shutil.rmtree(root / cache, ignore_errors=True)
    log = LOGS / f"structure-{root.name}.log"
    started = perf_counter()
    try:
        run(f"make {' '.join(TARGETS)} in {root.name}", ["make", *TARGETS], log=log, cwd=root, env=_environment())
    except CannotGoOn:
        if not may_fail:
            raise
    return perf_counter() - started


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OUTER}
