"""The settlements of a call's ended attempts, which both an answer and an error wait for."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from atom_llm.observability import logger


class PendingSettlements:
    """The writes of one call's ended attempts, under way beside the attempts that come after.

    As a context it holds an error back until they are through: a Lambda is frozen, and may be ended, once it answered.
    """

    def __init__(self) -> None:
        """Start with none under way."""
        self._writing: list[asyncio.Future[Any]] = []

    def add(self, writing: "asyncio.Future[Any] | None") -> None:
        """Keep one more in view; None is an attempt that is left to the sweep."""
        if writing is not None:
            writing.add_done_callback(_noted)
            self._writing.append(writing)

    def written(self) -> "asyncio.Future[Any]":
        """Return a future that ends when all of them have; a failure of one is in the log then."""
        return asyncio.gather(*self._writing, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await through(self._writing)


async def through(writing: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait until nothing of them is under way; a cancelled waiter does not cancel them."""
    if writing:
        await asyncio.wait(writing)


def _noted(done: "asyncio.Future[Any]") -> None:
    """Log a failure, for its future may never be asked."""
    if not done.cancelled() and (error := done.exception()) is not None:
        logger().error("an attempt was not ended as it should", exc_info=error)
