"""The process under test: the front door as `make run` serves it, and its answers about itself on a pipe."""

import logging
import os
import socket
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn

from atom_llm.observability import logger
from local.processes import HOST
from testing.stand_in.server import StandIn
from tests.drills.fuzz.meter import resident_bytes
from tests.drills.fuzz.world import FuzzWorld

MEASURE: Final = "measure"
FORGET: Final = "forget"  # what callers have stored: their budgets and preferences would stop the calls after them


def serve(control: Connection, stand_in_port: int, log: Path) -> None:
    """Serve until the pipe closes; tells its port first, then its resident bytes each time that it is asked."""
    with log.open("wb") as written:  # what it logs must not mix with the drill's own words
        for stream in (1, 2):
            os.dup2(written.fileno(), stream)
    logger().setLevel(logging.ERROR)
    world = FuzzWorld(StandIn(stand_in_port))
    listening = socket.create_server((HOST, 0))
    config = uvicorn.Config(world.door, access_log=False, log_level="error", lifespan="off")
    threading.Thread(target=_answer, args=(control, world), daemon=True).start()
    control.send((listening.getsockname()[1], world.keys))
    uvicorn.Server(config).run([listening])


def _answer(control: Connection, world: FuzzWorld) -> None:
    try:
        while True:
            asked = control.recv()
            world.forget()
            control.send(resident_bytes() if asked == MEASURE else 0)
    except EOFError:
        pass
    os._exit(0)  # nobody listens any more
