"""The ports of `make run`, from its environment, and the one on which its emulator listens now.

`python -m local.ports` judges them before anything is set up, on a bare Python 3.13: it imports nothing installed here.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from local.steps import CannotGoOn
from local.workspace import ROOT

DEFAULTS: Final = {"FRONT_DOOR_PORT": 8080, "EMULATOR_PORT": 4566, "STAND_IN_PORT": 8090}
LISTENING: Final = ROOT / ".local" / "emulator-port"  # holds the emulator's port while `make run` runs


class LocalPorts(NamedTuple):
    """The ports on loopback that a local service listens on."""

    front_door: int
    emulator: int
    stand_in: int


def ports_asked_for() -> LocalPorts:
    """Return the ports of the environment; raises `CannotGoOn` for one that is none, or is given twice."""
    ports = {name: _port(name) for name in DEFAULTS}
    for name, port in ports.items():
        twin = next((other for other in ports if other != name and ports[other] == port), None)
        if twin is not None:
            raise CannotGoOn(f"{name} and {twin} are both {port}; each needs a port of its own.")
    return LocalPorts(*ports.values())


@contextmanager
def emulator_listens(port: int, file: Path = LISTENING) -> Iterator[None]:
    """Let other commands of this clone find the emulator for as long as this lasts."""
    file.write_text(f"{port}\n")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def emulator_port(file: Path = LISTENING) -> int:
    """Return the port asked for, else the one of the service that runs in this clone, else the default."""
    if os.environ.get("EMULATOR_PORT") or not file.exists():
        return _port("EMULATOR_PORT")
    return int(file.read_text())


def _port(name: str) -> int:
    given = os.environ.get(name) or str(DEFAULTS[name])
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 65536):
        raise CannotGoOn(f"{name} must be a port number from 1 to 65535; it is {given!r}.")
    return int(given)


if __name__ == "__main__":
    try:
        ports_asked_for()
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
