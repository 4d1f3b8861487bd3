"""HTTP to providers, and the only place that names the client: limits on time and size, no redirects.

pyreqwest (reqwest in Rust) rather than httpx: a fifth of the CPU a call and 9 ms to import (docs/performance.md).
"""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from atom_llm import __version__
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.ports.providers import TimeLimits

USER_AGENT: Final = f"atom-llm/{__version__}"
MAX_ANSWER: Final = 20 * 1024 * 1024  # bytes, unpacked (docs/security.md, "Limits")
MAX_STREAM: Final = 256 * 1024 * 1024  # bytes of a whole stream; the longest answers take 40 MB
MAX_IDLE_CONNECTIONS: Final = 256  # kept open to one provider by one process
IDLE_CONNECTION: Final = timedelta(seconds=55)  # load balancers in front of providers close theirs after 60 and more
READ_AHEAD: Final = 64 * 1024  # bytes; nearly every whole answer is read at once
TCP_KEEP_ALIVE: Final = timedelta(seconds=20)

_PACKED: Final = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """One process's connections to all providers."""

    def __init__(self, connect_s: float) -> None:
        """Take the time to connect, in seconds; nothing is opened before the first call."""
        self._connect_s = connect_s
        self._client: Client | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, limits: TimeLimits) -> HttpAnswer:
        """Send a request and wait for the whole answer; raises `ProviderFailure` SILENT, TRANSIENT or CUT.

        `limits.first_byte_s` is to the answer's end: a provider that sends a byte a second does not stretch it.
        """
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        async with await self.open(url, headers, body, limits, ahead=READ_AHEAD) as opened:
            return HttpAnswer(opened.status, opened.headers, await opened.whole(until))

    async def open(
        self, url: str, headers: Mapping[str, str], body: bytes, limits: TimeLimits, *, ahead: int = 0
    ) -> "OpenHttpAnswer":
        """Send a request and wait for the answer's headers; the rest is read by the caller, who closes it.

        Until so many bytes are read `ahead` the answer is held back: a stream wants none.
        """
        if self._client is None:
            self._client = _client(self._connect_s)
        asked = self._client.post(url).headers(dict(headers)).body_bytes(body)
        request = asked.streamed_read_buffer_limit(ahead).build_streamed()
        try:
            async with asyncio.timeout(limits.first_byte_s):
                response = await request.__aenter__()
        except TimeoutError as error:  # pyreqwest's own, at connecting, is one as well
            was_sent = not isinstance(error, PyreqwestError)
            raise ProviderFailure(
                FailureKind.SILENT, "the provider did not answer in time", was_sent=was_sent
            ) from None
        except PyreqwestError as error:
            raise _broken(error) from error
        return OpenHttpAnswer(request, response, limits.idle_s)

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None


class OpenHttpAnswer:
    """An answer whose headers have come."""

    def __init__(self, request: Any, response: Response, idle_s: float) -> None:
        self._request = request
        self._reader = response.body_reader
        self._idle_s = idle_s
        self._read = 0
        self._until = 0.0
        self._waiting: asyncio.Timeout | None = None
        self.status = response.status
        self.headers: Mapping[str, str] = dict(response.headers.items())
        packing = _PACKED.get(self.headers.get("content-encoding", "identity").lower())
        self._unpacking = None if packing is None else zlib.decompressobj(packing)

    async def next(self, limit_s: float) -> bytes | None:
        """Return the next bytes as they come, unpacked; None at the end.

        Raises `ProviderFailure` SILENT when none came within the limit, and CUT when the connection broke.
        """
        self._until = asyncio.get_running_loop().time() + limit_s
        while True:
            piece = await self._next_piece()
            if piece is None or self._unpacking is None:
                return piece
            if unpacked := self._unpacked(piece):
                return unpacked

    async def whole(self, until: float) -> bytes:
        """Return the whole body, within its size; `until` is an instant of the loop's clock.

        Raises `ProviderFailure` SILENT when it has not all come by then, TRANSIENT or CUT.
        """
        pieces: list[bytes] = []
        size = 0
        while (piece := await self.next(min(self._idle_s, until - asyncio.get_running_loop().time()))) is not None:
            size += len(piece)
            if size > MAX_ANSWER:
                raise ProviderFailure(
                    FailureKind.TRANSIENT, f"the answer is larger than {MAX_ANSWER:,} bytes", status=self.status
                )
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def hurry(self, limit_s: float) -> None:
        """Shorten the wait for the next bytes to at most `limit_s` seconds, from now on."""
        self._until = min(self._until, asyncio.get_running_loop().time() + limit_s)
        if self._waiting is not None:
            self._waiting.reschedule(self._until)

    async def close(self) -> None:
        """Let go of the connection: one whose answer was read to its end is used again, any other is closed."""
        await self._request.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _next_piece(self) -> bytes | None:
        try:
            if asyncio.get_running_loop().time() >= self._until:  # what is there already could be read for ever
                raise TimeoutError
            async with asyncio.timeout_at(self._until) as self._waiting:
                piece = await self._reader.read_chunk()
        except TimeoutError:
            raise ProviderFailure(FailureKind.SILENT, "the provider fell silent in the middle of its answer") from None
        except PyreqwestError as error:
            raise ProviderFailure(
                FailureKind.CUT, "the connection to the provider broke", status=self.status
            ) from error
        finally:
            self._waiting = None
        if piece is None:
            return None
        self._read += len(piece)
        if self._read > MAX_STREAM:
            raise ProviderFailure(FailureKind.CUT, "the provider sends without end", status=self.status)
        return bytes(piece)

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


def _client(connect_s: float) -> Client:
    builder = (
        ClientBuilder()
        .user_agent(USER_AGENT)
        .connect_timeout(timedelta(seconds=connect_s))
        .follow_redirects(False)  # a key would go along
        .referer(False)
        .no_proxy()
        .default_cookie_store(False)
        .pool_idle_timeout(IDLE_CONNECTION)
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .tcp_keepalive(TCP_KEEP_ALIVE)
        .tcp_nodelay(True)
    )
    return builder.gzip(False).brotli(False).zstd(False).deflate(False).error_for_status(False).build()


def _broken(error: PyreqwestError) -> ProviderFailure:
    """Return the failure before any headers; the library's words may hold the address, so only the kind is told."""
    if isinstance(error, RequestTimeoutError):
        return ProviderFailure(FailureKind.SILENT, "the provider did not answer in time")
    return ProviderFailure(FailureKind.TRANSIENT, f"the provider could not be reached: {type(error).__name__}")
