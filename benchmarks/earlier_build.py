"""An earlier build of this repository, measured in the same run as this one: its own code, its own probes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.engines import UV, WORK
from benchmarks.probing import probe
from benchmarks.real_files import ROOT
from infra.package_index import uv_environment

COMMIT: Final = "4833a3e"  # the last one with a single price list, and without own prices
TITLE: Final = f"build {COMMIT}"
FOLDER: Final = WORK / "builds" / COMMIT
LACKING: Final = ("pyreqwest==0.15.1",)  # what it runs on, and this build does not
PACKAGES: Final = WORK / "builds" / f"packages-of-{COMMIT}"
PATH: Final = os.pathsep.join(map(str, (FOLDER, FOLDER / "shared", PACKAGES)))


def prepare() -> None:
    """Take it out of the repository's history, its probes reading processor time as ours do, and install what it
    lacks."""
    if not PACKAGES.exists():
        install: list[str | Path] = [UV, "pip", "install", "-q", "--python", sys.executable, "--target", PACKAGES]
        subprocess.run([*install, *LACKING], check=True, env=uv_environment())
    if FOLDER.exists():
        return
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    archive = FOLDER.with_suffix(".tar")
    subprocess.run(
        ["git", "archive", "--format=tar", f"--prefix={COMMIT}/", f"--output={archive}", COMMIT], cwd=ROOT, check=True
    )
    subprocess.run(["tar", "-xf", archive, "-C", FOLDER.parent], check=True)
    archive.unlink()
    for file in (FOLDER / "benchmarks").rglob("*.py"):
        file.write_text(file.read_text().replace("perf_counter", "process_time"))


def earlier_probe(name: str, **arguments: Any) -> Any:
    """Run its probe of this name and return what it reports."""
    return probe(name, root=FOLDER, **arguments)
