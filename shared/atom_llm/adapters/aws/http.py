"""Requests to one service of AWS over kept connections, and the only place that names the client, pyreqwest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import PoolTimeoutError, PyreqwestError

CONNECT_TIMEOUT_S: Final = 1.0  # inside a region a connection takes milliseconds
IDLE_CONNECTION: Final = timedelta(seconds=20)  # as long as a client of the AWS SDKs keeps one, or less
TCP_KEEP_ALIVE: Final = timedelta(seconds=20)

_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Unanswered(Exception):
    """No answer came; `was_sent` says that the request may have arrived all the same."""

    def __init__(self, reason: str, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends signed requests to one service."""

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send a request and wait for the whole answer, at most that long; raises `Unanswered`."""
        ...


class KeptConnections:
    """Implements `Transport`. Proxies are the environment's; a bundle of certificates is trusted beside the usual."""

    def __init__(self, url: str, most: int, ca_bundle: str | None = None) -> None:
        """Take the service's address, and how many requests may be under way; nothing is opened or started yet."""
        self._url = url
        self._most = most
        self._ca_bundle = ca_bundle
        self._made: SyncClient | None = None
        self._making = Lock()

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send a request; whatever breaks once there is a connection may have broken behind the request's arrival."""
        asked = (self._made or self._client()).post(self._url).headers(dict(headers)).body_bytes(body)
        try:
            answer = asked.timeout(timedelta(seconds=timeout_s)).build().send()
            return HttpAnswer(answer.status, answer.headers, bytes(answer.bytes()))
        except PoolTimeoutError as error:
            raise Unanswered(type(error).__name__, was_sent=False) from None
        except PyreqwestError as error:
            # Also where it says `ConnectError` or `ConnectTimeoutError`: pyreqwest (0.15) does so of a connection that
            # died, or was silent, with the request behind it.
            raise Unanswered(type(error).__name__) from None

    def _client(self) -> SyncClient:
        """Make the client with the first request: it has a thread, which a copy of the process would be without."""
        with self._making:
            if self._made is None:
                self._made = self._built()
            return self._made

    def _built(self) -> SyncClient:
        builder = (
            SyncClientBuilder()
            .connect_timeout(timedelta(seconds=CONNECT_TIMEOUT_S))
            .max_connections(self._most)
            .pool_max_idle_per_host(self._most)
            .pool_idle_timeout(IDLE_CONNECTION)
            .follow_redirects(False)  # a signature is for one host
            .referer(False)
            .default_cookie_store(False)
            .tcp_keepalive(TCP_KEEP_ALIVE)
            .tcp_nodelay(True)
        )
        builder = builder.gzip(False).brotli(False).zstd(False).deflate(False).error_for_status(False)
        for certificate in _CERTIFICATE.findall(Path(self._ca_bundle).read_bytes()) if self._ca_bundle else ():
            builder = builder.add_root_certificate_pem(certificate)
        return builder.build()
