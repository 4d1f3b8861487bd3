"""Requests to one service of AWS over connections that are kept."""

import os
import socket
from collections.abc import Mapping
from functools import cached_property
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Final, Protocol
from weakref import finalize

from atom_llm.adapters.aws.connection import BlockingConnection
from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.network.origin import located
from atom_llm.adapters.network.proxies import Proxy, UnknownProxy, proxies_of
from atom_llm.adapters.network.sockets import keep_alive
from atom_llm.adapters.network.trust import trust_of

CONNECT_TIMEOUT_S: Final = 1.0  # inside a region a connection takes milliseconds
IDLE_S: Final = 20.0  # as long as a client of the AWS SDKs keeps one, or less


class Unanswered(Exception):
    """No answer came; `was_sent` says that the request may have arrived all the same."""

    def __init__(self, reason: str, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


class Transport(Protocol):
    """Sends signed requests to one service."""

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send a request and wait for the whole answer, at most that long; raises `Unanswered`."""
        ...


class KeptConnections:
    """Implements `Transport`. Proxies are the environment's; a bundle of certificates is trusted beside the usual.

    A request waits in its own thread, on its own socket: no other thread is woken for it.
    """

    def __init__(self, url: str, most: int, ca_bundle: str | None = None) -> None:
        """Take the service's address, and how many requests may be under way; nothing is opened yet."""
        self._origin, self._target = located(url)
        self._ca_bundle = ca_bundle
        self._free = BoundedSemaphore(most)
        self._idle: list[BlockingConnection] = []  # the one that was used last at its end
        self._lock = Lock()
        finalize(self, _close, self._idle)

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send a request; whatever breaks once there is a connection may have broken behind the request's arrival."""
        until = monotonic() + timeout_s
        if not self._free.acquire(timeout=timeout_s):
            raise Unanswered("no connection was free", was_sent=False)
        try:
            request = self._head(headers, body) + body
            connection = self._kept() or self._dialled(until)
            try:
                connection.ask(request, until)
                answer = HttpAnswer(connection.status, connection.headers, connection.whole(until))
            except OSError as error:
                connection.close()
                raise Unanswered(type(error).__name__) from None
            except BaseException:
                connection.close()
                raise
            self._keep(connection)
            return answer
        finally:
            self._free.release()

    def _head(self, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"POST {self._asked}", *(f"{name}: {value}" for name, value in headers.items())]
        if "host" not in headers:
            lines.append(f"host: {self._origin.host_header}")
        lines.append(f"content-length: {len(body)}\r\n\r\n")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) + 1 or not head.isascii():
            raise Unanswered("a header cannot be sent", was_sent=False)
        return head.encode()

    @cached_property
    def _asked(self) -> str:
        """The target and version of a request, and what a proxy wants to hear: it is asked for the whole address."""
        proxy = None if self._origin.is_secure else self._proxy
        if proxy is None:
            return f"{self._target} HTTP/1.1"
        target = f"http://{self._origin.host_header}{self._target} HTTP/1.1"
        return target if proxy.authorization is None else f"{target}\r\nproxy-authorization: {proxy.authorization}"

    @cached_property
    def _proxy(self) -> Proxy | None:
        try:
            return proxies_of(os.environ).of(self._origin)
        except UnknownProxy as error:
            raise Unanswered(str(error), was_sent=False) from None

    def _kept(self) -> BlockingConnection | None:
        """Return the connection that was used last, where the other side has not ended it; None without any."""
        before = monotonic() - IDLE_S
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.idle_since > before and not connection.was_ended():
                return connection
            connection.close()

    def _keep(self, connection: BlockingConnection) -> None:
        if not connection.can_be_used_again:
            connection.close()
            return
        connection.idle_since = now = monotonic()
        with self._lock:
            is_old = bool(self._idle) and self._idle[0].idle_since <= now - IDLE_S  # of a burst, and not needed since
            oldest = self._idle.pop(0) if is_old else None
            self._idle.append(connection)
        if oldest is not None:
            oldest.close()

    def _dialled(self, until: float) -> BlockingConnection:
        """Return a new connection; raises `Unanswered`: nothing was sent."""
        until = min(until, monotonic() + CONNECT_TIMEOUT_S)
        there: socket.socket | None = None
        try:
            origin, proxy = self._origin, self._proxy
            way = origin if proxy is None else proxy.origin
            there = keep_alive(socket.create_connection((way.host, way.port), max(until - monotonic(), 0.001)))
            if origin.is_secure:
                if proxy is not None:
                    self._led(there, proxy, until)
                trust = trust_of(os.environ, self._ca_bundle)
                there = trust.wrap_socket(there, server_hostname=origin.host)
        except OSError as error:
            if there is not None:
                there.close()
            raise Unanswered(type(error).__name__, was_sent=False) from None
        except BaseException:
            if there is not None:
                there.close()
            raise
        return BlockingConnection(there)

    def _led(self, there: socket.socket, proxy: Proxy, until: float) -> None:
        """Have a proxy lead to the service."""
        asked = f"CONNECT {self._origin.authority} HTTP/1.1\r\nhost: {self._origin.authority}\r\n"
        if proxy.authorization is not None:
            asked += f"proxy-authorization: {proxy.authorization}\r\n"
        leading = BlockingConnection(there)
        leading.ask(f"{asked}\r\n".encode(), until)
        if leading.status != 200:
            raise Unanswered(f"the proxy answered {leading.status}", was_sent=False)


def _close(idle: list[BlockingConnection]) -> None:
    """End the connections of a client that nobody has any more."""
    for connection in idle:
        connection.close()
