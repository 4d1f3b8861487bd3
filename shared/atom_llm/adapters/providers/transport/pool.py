"""The connections that are kept open, by origin: the youngest is used first, so that the others grow old and go."""

import asyncio
import select
from collections.abc import AsyncGenerator
from typing import Final

from atom_llm.adapters.network.origin import Origin
from atom_llm.adapters.providers.transport.connection import Connection

MOST_IDLE: Final = 256  # kept open to one provider by one process
IDLE_S: Final = 55.0  # load balancers in front of providers close theirs after 60 and more


class Pool:
    """The idle connections of one event loop, which are closed with it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._until_the_loop_ends = self._closing()
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Begin to wait for the loop's end; to be called once."""
        await anext(self._until_the_loop_ends)

    def take(self, origin: Origin) -> Connection | None:
        """Return a connection that is there and not too old; None without any."""
        idle = self._idle.get(origin)
        now = self.loop.time()
        while idle:
            connection = idle.pop()
            if connection.wake() and now - connection.idle_since < IDLE_S and not _was_ended(connection):
                return connection
            connection.close()
        return None

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose exchange is over; any other is closed."""
        if not connection.can_be_used_again:
            connection.close()
            return
        idle = self._idle.setdefault(origin, [])
        if len(idle) >= MOST_IDLE:
            idle.pop(0).close()
        idle.append(connection)
        connection.rest(idle.remove)
        if self._sweep is None:
            self._sweep = self.loop.call_later(IDLE_S, self._close_old_ones)

    def close(self) -> None:
        """Close every idle connection."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    async def _closing(self) -> AsyncGenerator[None]:
        """Close the pool when the loop shuts its generators down, the last that it does."""
        try:
            yield
        finally:
            self.close()

    def _close_old_ones(self) -> None:
        self._sweep = None
        before = self.loop.time() - IDLE_S
        for origin, idle in list(self._idle.items()):
            while idle and idle[0].idle_since <= before:
                idle.pop(0).close()
            if not idle:
                del self._idle[origin]
        if self._idle:
            self._sweep = self.loop.call_later(IDLE_S, self._close_old_ones)


def _was_ended(connection: Connection) -> bool:
    """Return whether the other side has ended a connection and the loop has not seen it yet: a Lambda was frozen."""
    descriptor = connection.transport.get_extra_info("socket").fileno()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))
