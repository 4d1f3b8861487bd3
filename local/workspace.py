"""Give this clone its environments: three of Python, and two of Node; redone only when their contents change.

Runs on a bare Python 3.13 (`python -m local.workspace`), so it may import nothing that is installed here.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.package_index import uv_environment
from local.steps import CannotGoOn, run

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / ".local" / "logs"
PYTHON = ROOT / ".venv" / "bin" / "python"
EMULATOR_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
CDK = ROOT / "node_modules" / ".bin" / "cdk"
CONSOLE = ROOT / "console"
VITE = CONSOLE / "node_modules" / ".bin" / "vite"

OLDEST_PYTHON = (3, 13)
OLDEST_NODE = 20  # what the pinned aws-cdk and jsii still run on


def prepare() -> None:
    """Set up the parts that are missing or out of date; on a prepared clone this only compares digests."""
    _check_python()
    _check_node()
    requirements = ROOT / "requirements"
    _python_environment(PYTHON, "Python packages", [requirements / "bootstrap.txt", requirements / "dev.txt"])
    _python_environment(EMULATOR_PYTHON, "emulator's packages", [requirements / "emulator.txt"])
    _python_environment(LAMBDA_PYTHON, "Lambda runtime's packages", [requirements / "lambda.txt"])
    _node_modules(ROOT, "CDK client", CDK)
    _node_modules(CONSOLE, "console's tools", VITE)


def _check_python() -> None:
    if sys.version_info[:2] != OLDEST_PYTHON:
        raise CannotGoOn(f"Python 3.13 is needed; this is {platform.python_version()}.")


def _check_node() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise CannotGoOn(f"Node {OLDEST_NODE} or newer is needed for the CDK: no `{program}` on PATH.")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = re.match(r"v(\d+)\.", said)
    if version is None or int(version[1]) < OLDEST_NODE:
        raise CannotGoOn(
            f"Node {OLDEST_NODE} or newer is needed for the CDK; `node --version` says {said or 'nothing'}."
        )


def _python_environment(python: Path, what: str, requirements: Sequence[Path]) -> None:
    """Build one virtual environment anew, unless its stamp says that it holds these very requirements.

    The first environment brings uv; the second is filled by it.
    """
    folder = python.parents[1]
    stamp = folder / ".holds"
    digest = _digest(requirements, sys.version, str(folder))  # the folder: an environment cannot be moved
    if _stamped(stamp, digest) and python.exists():
        return
    venv: list[str | Path] = [sys.executable, "-m", "venv", "--clear", folder]
    run(f"Making {folder.name}", venv, log=LOGS / f"setup{folder.name}.log", cwd=ROOT)
    *bootstrap, holds = requirements
    for file in bootstrap:
        pip: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            file,
        ]
        run("Installing uv", pip, log=LOGS / f"setup-{file.stem}.log", cwd=ROOT)
    sync: list[str | Path] = [PYTHON.with_name("uv"), "pip", "sync", "--python", python, "--require-hashes", holds]
    run(f"Installing the {what}", sync, log=LOGS / f"setup-{holds.stem}.log", cwd=ROOT, env=uv_environment())
    stamp.write_text(digest)


def _node_modules(folder: Path, what: str, holds: Path) -> None:
    stamp = folder / "node_modules" / ".holds"
    digest = _digest([folder / name for name in ("package.json", "package-lock.json", ".npmrc")])
    if _stamped(stamp, digest) and holds.exists():
        return
    run(f"Installing the {what}", ["npm", "ci"], log=LOGS / f"setup-node-{folder.name}.log", cwd=folder)
    stamp.write_text(digest)


def _stamped(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def _digest(files: Sequence[Path], *more: str) -> str:
    digest = hashlib.sha256("\0".join(more).encode())
    for file in files:
        digest.update(b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        prepare()
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
