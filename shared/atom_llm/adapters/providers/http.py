"""HTTP to providers, and the only place that knows how it is spoken: limits on time and size, no redirects.

The event loop and httptools rather than httpx or pyreqwest: docs/performance.md has what each costs.
"""

import asyncio
import re
import zlib
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from atom_llm import __version__
from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.network.origin import Origin, located
from atom_llm.adapters.providers.transport.connection import Broken, Connection
from atom_llm.adapters.providers.transport.dialling import Dialler, Unreachable
from atom_llm.adapters.providers.transport.pool import Pool
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.ports.providers import TimeLimits

USER_AGENT: Final = f"atom-llm/{__version__}"
MAX_ANSWER: Final = 20 * 1024 * 1024  # bytes, unpacked (docs/security.md, "Limits")
MAX_STREAM: Final = 256 * 1024 * 1024  # bytes of a whole stream; the longest answers take 40 MB

_PACKED: Final = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_NOT_IN_A_HEADER: Final = re.compile("[\0-\x08\n-\x1f\x7f]")


class Connections:
    """One process's connections to all providers."""

    def __init__(self, connect_s: float, environ: Mapping[str, str] | None = None) -> None:
        """Take the time to connect, in seconds, and the environment with its proxies and certificates.

        Nothing is opened before the first call. Raises `UnknownProxy`.
        """
        self._connect_s = connect_s
        self._dialler = Dialler(environ or {})
        self._pool: Pool | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, limits: TimeLimits) -> HttpAnswer:
        """Send a request and wait for the whole answer; raises `ProviderFailure` SILENT, TRANSIENT or CUT.

        `limits.first_byte_s` is to the answer's end: a provider that sends a byte a second does not stretch it.
        """
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        async with await self.open(url, headers, body, limits) as opened:
            return HttpAnswer(opened.status, opened.headers, await opened.whole(until))

    async def open(self, url: str, headers: Mapping[str, str], body: bytes, limits: TimeLimits) -> "OpenHttpAnswer":
        """Send a request and wait for the answer's headers; the rest is read by the caller, who closes it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limits.first_byte_s
        pool = self._pool
        if pool is None or pool.loop is not loop:  # those of a loop that has ended have ended with it
            pool = self._pool = Pool(loop)
            await pool.open()
        try:
            origin, target = located(url)
            head = self._head(origin, target, headers, body)
            connection = pool.take(origin) or await self._dialled(origin, until)
        except ValueError as error:
            raise _unreachable(str(error)) from None
        except Unreachable as error:
            raise _unreachable(str(error)) from error
        try:
            await connection.ask(head + body, until)
        except TimeoutError:
            connection.close()
            raise ProviderFailure(FailureKind.SILENT, "the provider did not answer in time") from None
        except Broken as error:
            connection.close()
            raise _unreachable(str(error)) from error
        except BaseException:
            connection.close()
            raise
        return OpenHttpAnswer(pool, origin, connection, limits.idle_s)

    async def _dialled(self, origin: Origin, until: float) -> Connection:
        connecting_until = min(asyncio.get_running_loop().time() + self._connect_s, until)
        try:
            async with asyncio.timeout_at(connecting_until):
                return await self._dialler.dial(origin, connecting_until)
        except TimeoutError:
            raise ProviderFailure(FailureKind.SILENT, "the provider did not answer in time", was_sent=False) from None

    def _head(self, origin: Origin, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Return the request's line and headers; raises `ValueError` for what no header can hold."""
        proxy = None if origin.is_secure else self._dialler.proxy_of(origin)
        if proxy is not None:
            target = f"http://{origin.host_header}{target}"
        lines = [
            f"POST {target} HTTP/1.1",
            f"host: {origin.host_header}",
            f"user-agent: {USER_AGENT}",
            f"content-length: {len(body)}",
        ]
        if proxy is not None and proxy.authorization is not None:
            lines.append(f"proxy-authorization: {proxy.authorization}")
        for name, value in headers.items():
            if _NOT_IN_A_HEADER.search(value):
                raise ValueError(f"the header {name} has a character that none can hold")
            lines.append(f"{name}: {value}")
        return "\r\n".join((*lines, "", "")).encode("latin-1")


class OpenHttpAnswer:
    """An answer whose headers have come."""

    __slots__ = ("_connection", "_idle_s", "_loop", "_origin", "_pool", "_read", "_unpacking", "headers", "status")

    def __init__(self, pool: Pool, origin: Origin, connection: Connection, idle_s: float) -> None:
        self._pool = pool
        self._loop = pool.loop
        self._origin = origin
        self._connection: Connection | None = connection
        self._idle_s = idle_s
        self._read = 0
        self.status = connection.status
        self.headers: Mapping[str, str] = connection.headers
        connection.headers = {}
        packing = _PACKED.get(self.headers.get("content-encoding", "identity").lower())
        self._unpacking = None if packing is None else zlib.decompressobj(packing)

    async def next(self, limit_s: float) -> bytes | None:
        """Return the next bytes as they come, unpacked; None at the end.

        Raises `ProviderFailure` SILENT when none came within the limit, and CUT when the connection broke.
        """
        until = self._loop.time() + limit_s
        while self._connection is not None:
            try:
                if self._loop.time() >= until:  # what is there already could be read for ever
                    raise TimeoutError
                piece = await self._connection.read(until)
            except TimeoutError:
                raise ProviderFailure(
                    FailureKind.SILENT, "the provider fell silent in the middle of its answer"
                ) from None
            except Broken as error:
                raise ProviderFailure(
                    FailureKind.CUT, "the connection to the provider broke", status=self.status
                ) from error
            if not piece:
                return None
            self._read += len(piece)
            if self._read > MAX_STREAM:
                raise ProviderFailure(FailureKind.CUT, "the provider sends without end", status=self.status)
            if unpacked := self._unpacked(piece):
                return unpacked
        return None

    async def whole(self, until: float) -> bytes:
        """Return the whole body, within its size; `until` is an instant of the loop's clock.

        Raises `ProviderFailure` SILENT when it has not all come by then, TRANSIENT or CUT.
        """
        pieces: list[bytes] = []
        size = 0
        while (piece := await self.next(min(self._idle_s, until - self._loop.time()))) is not None:
            size += len(piece)
            if size > MAX_ANSWER:
                raise ProviderFailure(
                    FailureKind.TRANSIENT, f"the answer is larger than {MAX_ANSWER:,} bytes", status=self.status
                )
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def hurry(self, limit_s: float) -> None:
        """Shorten the wait for the next bytes to at most `limit_s` seconds, from now on."""
        if self._connection is not None:
            self._connection.hurry(self._loop.time() + limit_s)

    async def close(self) -> None:
        """Let go of the connection: one whose answer was read to its end is used again, any other is closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.give_back(self._origin, connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _unpacked(self, piece: bytes) -> bytes:
        """Unpack a piece: a provider that packs unasked is understood, but cannot make us unpack without end."""
        if self._unpacking is None:
            return piece
        try:
            unpacked = self._unpacking.decompress(piece, MAX_ANSWER)
        except zlib.error:
            raise ProviderFailure(FailureKind.TRANSIENT, "the answer cannot be unpacked", status=self.status) from None
        if self._unpacking.unconsumed_tail:
            raise ProviderFailure(FailureKind.TRANSIENT, "the answer unpacks without end", status=self.status)
        return unpacked


def _unreachable(why: str) -> ProviderFailure:
    """Return the failure before any headers; it tells no address."""
    return ProviderFailure(FailureKind.TRANSIENT, f"the provider could not be reached: {why}")
