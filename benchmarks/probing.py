"""Starting probes: fresh processes on one core, taking turns, so that a busy minute falls on every contender alike."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.real_files import ROOT

BARE_PYTHON: Final = Path(getattr(sys, "_base_executable", sys.executable))
PROBES: Final = ROOT / "benchmarks" / "probes"
PROBE_TIMEOUT_S: Final = 300.0  # the longest takes ten seconds on an idle core


class ProbeFailed(Exception):
    """A probe ended with an error; the message has the end of its output."""


def pin() -> str:
    """Keep this process and all that it starts on one core; returns its description, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned to a core"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return "pinned to one core"


def probe(
    name: str,
    *,
    python: Path | None = None,
    environ: Mapping[str, str] | None = None,
    root: Path = ROOT,
    **arguments: Any,
) -> Any:
    """Run a probe of the repository at `root` as a module, its packages on the path, and return what it reports."""
    own = {"PYTHONPATH": os.pathsep.join((str(root), str(root / "shared")))}
    command = [python or sys.executable, "-m", f"benchmarks.probes.{name}"]
    return _report([*command, json.dumps(arguments)], own | dict(environ or {}), root)


def bare_probe(
    name: str,
    path: Sequence[Path],
    *,
    python: Path = BARE_PYTHON,
    environ: Mapping[str, str] | None = None,
    **more: Any,
) -> Any:
    """Run a probe as a script of an interpreter without site packages; it finds its imports on `path` alone."""
    arguments = json.dumps({"path": [str(each) for each in path], **more})
    return _report([python, "-I", "-S", "-B", PROBES / f"{name}.py", arguments], dict(environ or {}))


def _report(command: Sequence[str | Path], environ: Mapping[str, str], root: Path = ROOT) -> Any:
    done = subprocess.run(
        command,
        cwd=root,
        env=dict(os.environ) | dict(environ),
        capture_output=True,
        text=True,
        timeout=PROBE_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise ProbeFailed(f"{' '.join(str(part) for part in command[:4])}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
