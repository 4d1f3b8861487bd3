"""Time, chance and threads of a running process."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

MAX_THREADS: Final = 64  # calls of one process that wait for tables at the same moment
_CHANCE: Final = random.SystemRandom()


class RunningProcess:
    """Implements `Runtime`."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def chance(self) -> float:
        """Return a uniform number in [0, 1), the system's: processes copied from a paused one would retry in step."""
        return _CHANCE.random()

    async def pause(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        await asyncio.sleep(seconds)

    def in_thread[Result](self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        """Run a function that waits for tables in a thread, with the context of the caller."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MAX_THREADS, "tables")
        return asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)
