"""Fetching a price source: conditional, bounded in size and time, retried with jitter, and never trusted."""

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from atom_llm import __version__
from atom_llm.domain.catalogue.errors import SourceUnavailable
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.domain.core.public_hosts import is_public_host
from atom_llm.ports.catalogue import FetchedSource, NotModified
from atom_llm.ports.core import Clock

if TYPE_CHECKING:
    import httpx

USER_AGENT: Final = f"atom-llm/{__version__} (+price catalogue refresh)"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
RETRIED_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
INFLATE_STEP_BYTES: Final = 64 * 1024  # how much a compressed chunk may grow before the limit is looked at again


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds of one fetch; times in seconds, sizes in bytes."""

    connect_s: float = 3.0
    read_s: float = 8.0  # silence between two pieces of an answer
    total_s: float = 22.0  # all attempts and pauses; API Gateway gives a forced refresh 29 s, both sources in parallel
    attempts: int = 3
    first_pause_s: float = 0.5  # doubled for each further attempt, and drawn between nothing and that
    max_body: int = 16 * 1024 * 1024  # as sent; the newest file has 3.2 MB before compression
    max_content: int = 32 * 1024 * 1024  # after decompression
    max_redirects: int = 3


class HttpPriceSource:
    """Implements `PriceSource` for an address that answers with one JSON document."""

    def __init__(
        self,
        name: str,
        url: str,
        clock: Clock,
        limits: FetchLimits = FetchLimits(),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the source's name and URL; `sleep` and `chance` (0 to 1) are arguments for the retries' tests."""
        self._name = name
        self._url = url
        self._clock = clock
        self._limits = limits
        self._sleep = sleep
        self._chance = chance

    @property
    def name(self) -> str:
        """The label that this source's prices carry."""
        return self._name

    async def fetch(self, validators: Validators) -> FetchedSource | NotModified:
        """Ask within the total time; raises `SourceUnavailable` with the last attempt's reason."""
        import httpx  # 100 ms of import that only a refresh needs

        timeout = httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s)
        try:
            async with asyncio.timeout(self._limits.total_s), httpx.AsyncClient(timeout=timeout) as client:
                return await self.fetch_by(client, validators)
        except TimeoutError:
            raise self._failure("timeout", f"no whole answer within {self._limits.total_s:g} s") from None

    async def fetch_by(self, client: "httpx.AsyncClient", validators: Validators) -> FetchedSource | NotModified:
        """Fetch as `fetch` does, with the caller's connections and total time."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._attempt(client, validators)
            except _Retry as retry:
                if attempt >= self._limits.attempts:
                    raise retry.failure from None
                backoff = self._limits.first_pause_s * 2 ** (attempt - 1) * self._chance()
                if retry.after_s is not None and retry.after_s > self._limits.total_s:
                    raise retry.failure from None
                await self._sleep(max(backoff, retry.after_s or 0.0))

    async def _attempt(self, client: "httpx.AsyncClient", validators: Validators) -> FetchedSource | NotModified:
        import httpx

        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
        if validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        try:
            return await self._follow(client, headers, is_conditional=validators != Validators())
        except httpx.TimeoutException as error:
            raise _Retry(self._failure("timeout", type(error).__name__)) from None
        except httpx.TransportError as error:  # refused, reset, cut off before the promised length, TLS, DNS
            raise _Retry(self._failure("connection", type(error).__name__)) from None
        except httpx.InvalidURL:
            raise self._failure("connection", "the address is not a URL") from None

    async def _follow(
        self, client: "httpx.AsyncClient", headers: dict[str, str], *, is_conditional: bool
    ) -> FetchedSource | NotModified:
        url = self._url
        for _ in range(self._limits.max_redirects + 1):
            async with client.stream("GET", url, headers=headers) as answer:
                if answer.status_code not in REDIRECTS:
                    return await self._received(answer, is_conditional=is_conditional)
                url = self._next_hop(url, answer.headers.get("location"))
        raise self._failure("redirect", f"more than {self._limits.max_redirects} redirects")

    def _next_hop(self, url: str, location: str | None) -> str:
        """Return the target of a redirect; raises where it leads away from https, or to another host that is local."""
        target = urljoin(url, location or "")
        here, there = urlsplit(url), urlsplit(target)
        is_here = (there.scheme, there.hostname) == (here.scheme, here.hostname)
        if not location or not (is_here or (there.scheme == "https" and is_public_host(there.hostname or ""))):
            raise self._failure("redirect", "to an address that may not be followed")
        return target

    async def _received(self, answer: "httpx.Response", *, is_conditional: bool) -> FetchedSource | NotModified:
        status = answer.status_code
        if status == 304 and is_conditional:
            return NotModified(self._clock())
        if status != 200:
            failure = self._failure("http_status", f"status {status}", status)
            if status in RETRIED_STATUSES:
                raise _Retry(failure, _retry_after_s(answer.headers.get("retry-after"), self._clock()))
            raise failure
        if "html" in answer.headers.get("content-type", ""):
            raise self._failure("content", "a web page instead of JSON")
        body = await self._body(answer)
        return FetchedSource(
            body, Validators(answer.headers.get("etag"), answer.headers.get("last-modified")), self._clock()
        )

    async def _body(self, answer: "httpx.Response") -> bytes:
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        pieces = _bounded(answer.aiter_raw(), self._limits.max_body, self._too_large)
        if encoding == "gzip":
            pieces = self._inflated(pieces)
        elif encoding not in ("", "identity"):
            raise self._failure("encoding", "in an encoding that was not asked for")
        content = bytearray()
        async for piece in _bounded(pieces, self._limits.max_content, self._too_large):
            content += piece
        return bytes(content)

    async def _inflated(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Decompress step by step, so that a small body that inflates without end is stopped at the limit."""
        inflater = zlib.decompressobj(wbits=31)
        try:
            async for piece in pieces:
                rest = piece
                while rest:
                    yield inflater.decompress(rest, INFLATE_STEP_BYTES)
                    rest = inflater.unconsumed_tail
            while pending := inflater.decompress(b"", INFLATE_STEP_BYTES):
                yield pending
        except zlib.error:
            raise self._failure("encoding", "not the gzip it claims to be") from None
        if not inflater.eof:
            raise _Retry(self._failure("encoding", "the compressed answer ends early"))

    def _too_large(self, limit: int) -> SourceUnavailable:
        return self._failure("too_large", f"more than {limit:,} bytes")

    def _failure(self, reason: str, detail: str, status: int | None = None) -> SourceUnavailable:
        return SourceUnavailable(self._name, reason, detail, status)


class _Retry(Exception):
    """A failure that another attempt may not meet; `after_s` is how long the source asks to be left alone."""

    def __init__(self, failure: SourceUnavailable, after_s: float | None = None) -> None:
        super().__init__(failure.detail)
        self.failure = failure
        self.after_s = after_s


async def _bounded(
    pieces: AsyncIterator[bytes], limit: int, too_large: Callable[[int], SourceUnavailable]
) -> AsyncIterator[bytes]:
    total = 0
    async for piece in pieces:
        total += len(piece)
        if total > limit:
            raise too_large(limit)
        yield piece


def _retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the seconds of a `Retry-After`, given as seconds or as a date; None when absent or unreadable."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
