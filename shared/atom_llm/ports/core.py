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
        """Seconds that never go back."""
        ...

    def chance(self) -> float:
        """A uniform number in [0, 1)."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...

    def in_thread[Result](self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        """Run what waits for tables in a thread, with the context of the caller."""
        ...
