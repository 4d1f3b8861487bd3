"""The life of attempts in their process: proof that it lives while they are open, and their settlements at the end."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from secrets import token_hex
from threading import Lock
from types import TracebackType
from typing import Any, Self

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.ledger.sweep import BEAT_S, LEASE
from atom_llm.observability import logger
from atom_llm.ports.core import Clock, Runtime
from atom_llm.ports.ledger import Ledger


class ProcessLease:
    """This process's name, and its word that it lives.

    The word is given while an attempt has been open for longer than a beat, once a beat for all of them: a call that is
    short costs no write, and a process that does nothing says nothing.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        runtime: Runtime,
        beat_s: float = BEAT_S,
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        """Take `beat_s`, the seconds between two words, and what is to be done `beside` each of them."""
        self._ledger = ledger
        self._clock = clock
        self._runtime = runtime
        self._beat_s = beat_s
        self._maker = ""
        self._beside = beside
        self._kept: dict[str, tuple[Attempt, float]] = {}  # the one that has been open longest first, and since when
        self._beats_in: asyncio.AbstractEventLoop | None = None  # where the next beat is due; None: nowhere
        self._open: set[str] = set()
        self._lock = Lock()  # of who is open: an attempt ends in a thread

    @property
    def maker(self) -> str:
        """The name; made when it is first asked for, for processes are copied from one that was paused before."""
        if not self._maker:
            self._maker = token_hex(8)
        return self._maker

    def keep(self, attempt: Attempt) -> None:
        """Begin to stand for an attempt that is open, until it is let go or its deadline."""
        with self._lock:
            self._open.add(attempt.hold_id)
        loop = asyncio.get_running_loop()
        self._kept[attempt.hold_id] = attempt, loop.time()
        if self._beats_in is not loop:
            self._beats_in = loop
            loop.call_later(self._beat_s, self._beat, loop)

    def is_last(self, attempt: Attempt) -> bool:
        """Note that an attempt is about to end; returns whether no other one is open that is not."""
        with self._lock:
            self._open.discard(attempt.hold_id)
            return not self._open

    def let_go(self, attempt: Attempt) -> None:
        """End standing for an attempt: it has its row, or is left to the sweep."""
        self.is_last(attempt)
        self._kept.pop(attempt.hold_id, None)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the word if an attempt has been open for a beat, and come again when the oldest has been for the next.

        One timer serves all of them: a short call neither sets nor ends one.
        """
        now = self._clock()
        for attempt, _ in list(self._kept.values()):
            if now >= attempt.deadline:
                self.let_go(attempt)
        if not self._kept:
            self._beats_in = None
            return
        _, since = next(iter(self._kept.values()))
        left_s = since + self._beat_s - loop.time()
        if left_s <= 0:
            left_s = self._beat_s
            self._runtime.in_thread(self._renew).add_done_callback(_noted)
        loop.call_later(left_s, self._beat, loop)

    def _renew(self) -> None:
        try:
            self._ledger.renew(self.maker, self._clock() + LEASE)
        except StoreUnavailable as error:
            logger().warning("this process could not say that it lives", exc_info=error)
        self._beside()


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

    def with_those_of(self, other: "PendingSettlements") -> "PendingSettlements":
        """Return all that are under way of these and of another call's."""
        both = PendingSettlements()
        both._writing = [*self._writing, *other._writing]
        return both

    def __await__(self) -> Generator[Any]:
        """Wait until all of them are through; a failure of one is in the log then."""
        return through(self._writing).__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await through(self._writing)


async def through(writing: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait until nothing of them is under way; a cancelled waiter does not cancel them."""
    under_way = [each for each in writing if not each.done()]
    if under_way:
        await asyncio.wait(under_way)


def _noted(done: "asyncio.Future[Any]") -> None:
    """Log a failure, for its future may never be asked."""
    if not done.cancelled() and (error := done.exception()) is not None:
        logger().error("an attempt was not ended as it should", exc_info=error)
