"""The environments of the clients: one for each, apart from ours and from each other's, under build/clients."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from infra.package_index import uv_environment
from local.steps import CannotGoOn
from local.workspace import PYTHON, ROOT

ENVIRONMENTS: Final = ROOT / "build" / "clients"
PINNED: Final = Path(__file__).parent / "requirements"
TOLD_BYTES: Final = 1500


def installed(name: str) -> Path:
    """Make the environment that `requirements/NAME.txt` (pip) or `NAME.json` (npm) pins; return its interpreter.

    One that holds these very versions is left alone. Raises `CannotGoOn` with the installer's words.
    """
    folder = ENVIRONMENTS / name
    pinned = next(each for each in (PINNED / f"{name}.txt", PINNED / f"{name}.json") if each.exists())
    of_node = pinned.suffix == ".json"
    interpreter = folder / ("node_modules/node/bin/node" if of_node else "bin/python")
    digest = hashlib.sha256(pinned.read_bytes() + sys.version.encode() + str(folder).encode()).hexdigest()
    stamp = folder / ".holds"
    if stamp.exists() and stamp.read_text() == digest:
        return interpreter
    sys.stderr.write(f"installing {name}\n")
    (_npm if of_node else _uv)(folder, pinned)
    stamp.write_text(digest)
    return interpreter


def installed_command(name: str, command: str) -> Path:
    """Make the environment of a client of npm; return the command of that name in it."""
    installed(name)
    return ENVIRONMENTS / name / "node_modules" / ".bin" / command


def _uv(folder: Path, pinned: Path) -> None:
    uv = PYTHON.with_name("uv")
    _run(uv, "venv", "-q", "--clear", "--python", PYTHON, folder)
    _run(uv, "pip", "install", "-q", "--python", folder / "bin" / "python", "-r", pinned)


def _npm(folder: Path, pinned: Path) -> None:
    """Node itself is among what is pinned: some clients want a newer one than our other tools."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(pinned, folder / "package.json")
    _run("npm", "install", "--prefix", folder, "--no-audit", "--no-fund")


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, env=uv_environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotGoOn(f"{' '.join(map(str, command))}:\n{(done.stderr or done.stdout)[-TOLD_BYTES:]}")
