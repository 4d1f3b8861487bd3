"""An ASGI app behind a real server on loopback, for as long as a test needs it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

HOST: Final = "127.0.0.1"
LOOK_EVERY_S: Final = 0.002
STARTS_WITHIN_S: Final = 10
ENDS_WITHIN_S: Final = 10


class PromptServer(uvicorn.Server):
    """Uvicorn's server, which ends when it is told to and its requests have ended; the original looks ten times a
    second, which is most of what a test takes."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._serves = threading.Event()

    async def main_loop(self) -> None:
        """Serve until told to end."""
        await self.on_tick(0)
        self._loop = asyncio.get_running_loop()
        self._serves.set()
        await self._told.wait()

    def end(self) -> None:
        """Tell it to end, from any other thread."""
        if self._serves.wait(STARTS_WITHIN_S):
            self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end when none is open and no request is under way."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(LOOK_EVERY_S)


@contextmanager
def served_app(app: ASGIApp, log_level: str = "error") -> Iterator[str]:
    """Serve an app in a thread of its own on a free port, and yield the address."""
    server = PromptServer(uvicorn.Config(app, access_log=False, log_level=log_level, lifespan="off", ws="none"))
    with socket.create_server((HOST, 0)) as listening:  # from here on a caller is heard, if not yet answered
        thread = threading.Thread(target=server.run, args=([listening],), name="served", daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.end()
            thread.join(ENDS_WITHIN_S)
