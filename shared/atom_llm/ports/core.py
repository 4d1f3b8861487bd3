"""Time, chance and threads, as services are given them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the time, which is an argument everywhere."""

    def __call__(self) -> datetime:
        """Return the present instant, timezone-aware UTC."""
        ...


class Runtime(Protocol):
    """A process: time that only passes, chance, waiting and threads."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        ...

    def chance(self) -> float:
        """Return a uniform number in [0, 1)."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        ...

    def in_thread[Result](self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        """Run a function that waits for tables in a thread, with the context of the caller."""
        ...
