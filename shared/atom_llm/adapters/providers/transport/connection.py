"""One connection to a provider: HTTP/1.1 on asyncio's protocols, its answers parsed by httptools (llhttp)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MAX_HEAD: Final = 256 * 1024  # bytes of an answer's status line and headers
READ_AHEAD: Final = 128 * 1024  # bytes that wait for their reader; beyond them the socket is not read

_NO_MORE: Final = b""
_BROKEN: Final = "the connection broke"


class Broken(Exception):
    """The connection ended, or what came over it is no HTTP, before the answer was whole."""


class Connection(asyncio.Protocol):
    """A connection that carries one exchange after the other.

    `ask` sends a request and waits for the headers, `read` for what comes of the body, until `is_whole`. Times are
    instants of the loop's clock.
    """

    __slots__ = (
        "_came",
        "_ends_with_it",
        "_error",
        "_head",
        "_is_kept",
        "_is_lost",
        "_is_paused",
        "_is_reading",
        "_loop",
        "_on_idle_end",
        "_parser",
        "_rings_at",
        "_size",
        "_timer",
        "_transport",
        "_until",
        "_waiter",
        "headers",
        "idle_since",
        "is_whole",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser: HttpResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._until = self._rings_at = 0.0
        self._came: list[bytes] = []
        self._size = 0
        self._head = 0
        self._is_reading = False  # an exchange is under way
        self._is_paused = False
        self._is_kept = False  # by what the answer says
        self._ends_with_it = False  # the answer with the connection, for its headers say nothing of its length
        self._is_lost = False
        self._error: Exception | None = None
        self._on_idle_end: Callable[[Connection], None] | None = None
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_whole = False
        self.idle_since = 0.0

    # ---- what its user calls

    def ask(self, request: bytes, until: float) -> Awaitable[None]:
        """Send a request, and return the wait for the answer's status and headers, which does not keep it.

        Raises `Broken`; awaiting raises that too, and `TimeoutError` when they have not come by then.
        """
        self._parser = HttpResponseParser(self)
        self.status, self.headers, self.is_whole = 0, {}, False
        self._came, self._size, self._head = [], 0, 0
        self._is_reading = True
        if self._transport is None or self._is_lost:
            raise Broken(_BROKEN)
        self._transport.write(request)
        return self._answered(until)

    @property
    def headers_are_there(self) -> bool:
        """Return whether the headers of a final answer have come."""
        return self._head < 0

    async def read(self, until: float) -> bytes:
        """Return what has come of the body since the last time, waiting for some; nothing at its end.

        Raises `TimeoutError` when none has come by then, and `Broken`.
        """
        while not self._came:
            if self.is_whole:
                return _NO_MORE
            await self._something(until)
        came, self._came, self._size = self._came, [], 0
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return came[0] if len(came) == 1 else b"".join(came)

    def hurry(self, until: float) -> None:
        """Let whoever waits now wait no longer than until then."""
        if self._waiter is not None and not self._waiter.done() and until < self._until:
            self._until = until
            self._arm()

    @property
    def can_be_used_again(self) -> bool:
        """Return whether the exchange is over, and another one may follow it."""
        return self.is_whole and self._is_kept and not self._is_lost and self._error is None

    def rest(self, on_end: Callable[["Connection"], None]) -> None:
        """Stay open without an exchange; `on_end` is called when it ends, or the provider says something unasked."""
        self.idle_since = self._loop.time()
        self._on_idle_end = on_end
        self._is_reading = False
        self._forget()

    def wake(self) -> bool:
        """End the rest; returns whether the connection is still there."""
        self._on_idle_end = None
        return not self._is_lost

    def close(self) -> None:
        """End it at once, whatever is under way."""
        self._on_idle_end = None
        self._is_reading = False
        self._is_lost = True
        self._forget()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    @property
    def transport(self) -> asyncio.Transport:
        """The transport; raises `Broken` when it is gone."""
        if self._transport is None or self._is_lost:
            raise Broken(_BROKEN)
        return self._transport

    def speak_through(self, transport: asyncio.Transport) -> None:
        """Go on over another transport: TLS within the one until now."""
        self._transport = transport

    # ---- what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and wake whoever waits for it."""
        parser = self._parser
        if parser is None or not self._is_reading:
            self._end_of_rest()
            return
        if self._head >= 0:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._fail(Broken("the answer's headers are too large"))
                return
        try:
            parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(Broken(f"the answer is no HTTP: {type(error).__name__}"))
            return
        if self._size > READ_AHEAD and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end: of the answer too, where nothing says how long that is."""
        self._is_lost = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._on_idle_end is not None:
            self._end_of_rest()
        elif self._is_reading and not self.is_whole:
            if error is None and self.headers_are_there and self._ends_with_it:
                self.is_whole = True
                self._wake()
            else:
                self._fail(Broken(_BROKEN))

    # ---- what the parser calls

    def on_message_begin(self) -> None:
        """Note that an answer begins: a second one to one request is none, and its connection is not used again."""
        if self.is_whole:
            self._is_kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; the last one of a name counts."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note the status; what is only provisional (1xx) is no answer."""
        if self._parser is None or self.is_whole:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self.headers = {}
            return
        self.status = status
        self._is_kept = self._parser.should_keep_alive()
        self._ends_with_it = "content-length" not in self.headers and "transfer-encoding" not in self.headers
        self._head = -1

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        if not self.is_whole:
            self._came.append(body)
            self._size += len(body)

    def on_message_complete(self) -> None:
        """Note the end of the answer."""
        if self.headers_are_there:
            self.is_whole = True

    # ---- within

    async def _answered(self, until: float) -> None:
        while not self.headers_are_there:
            await self._something(until)

    def _forget(self) -> None:
        """Let go of what an exchange needed."""
        self._parser = None  # it holds methods of this object
        self._came, self._size = [], 0
        self.headers = {}
        self._waiter = None

    def _something(self, until: float) -> "asyncio.Future[None]":
        """Return what ends when anything comes, or the connection does."""
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        self._until = until
        self._arm()
        return self._waiter

    def _arm(self) -> None:
        """See to it that the wait ends at its time.

        One timer serves many waits, of several exchanges too: it is set anew only when it rings.
        """
        if self._timer is not None:
            if self._rings_at <= self._until:
                return
            self._timer.cancel()
        self._rings_at = self._until
        self._timer = self._loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._timer = None
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if self._loop.time() < self._until:
            self._arm()
        else:
            waiter.set_exception(TimeoutError())

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        """Break off: what came before is still read, and then the error is told."""
        self._error = error
        self._wake()
        if self._transport is not None:
            self._transport.abort()

    def _end_of_rest(self) -> None:
        self._is_lost = True
        on_end, self._on_idle_end = self._on_idle_end, None
        if on_end is not None:
            on_end(self)
        if self._transport is not None:
            self._transport.abort()
