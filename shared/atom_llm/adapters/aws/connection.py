"""One connection to a service of AWS: HTTP/1.1 on a socket that its thread waits for, parsed by httptools (llhttp)."""

import select
import socket
from time import monotonic
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

READ_BYTES: Final = 64 * 1024  # an answer of a table is seldom larger, and then comes in one piece


class BlockingConnection:
    """A connection that carries one exchange after the other; `ask` first, then `whole` for the rest of the answer.

    Instants are of the monotonic clock, in seconds. Both raise `TimeoutError`, and `OSError`: a `ConnectionError` for
    what breaks off and what is no HTTP. The connection is of no use then.
    """

    __slots__ = ("_body", "_has_head", "_is_kept", "_is_whole", "_parser", "_socket", "headers", "idle_since", "status")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.idle_since = 0.0
        self._begin()

    def _begin(self) -> None:
        self.status, self.headers = 0, dict[str, str]()
        self._body: list[bytes] = []
        self._has_head = self._is_whole = self._is_kept = False
        self._parser: HttpResponseParser | None = None

    def ask(self, request: bytes, until: float) -> None:
        """Send a request and wait for the answer's status and headers."""
        self._begin()
        self._parser = HttpResponseParser(self)
        self._socket.settimeout(_left(until))
        self._socket.sendall(request)
        self._receive()
        while not self._has_head:
            self._wait(until)

    def whole(self, until: float) -> bytes:
        """Return the body once all of it is there."""
        while not self._is_whole:
            self._wait(until)
        self._parser = None  # it holds methods of this object
        return self._body[0] if len(self._body) == 1 else b"".join(self._body)

    @property
    def can_be_used_again(self) -> bool:
        """Return whether another exchange may follow."""
        return self._is_whole and self._is_kept

    def was_ended(self) -> bool:
        """Return whether the other side has ended the connection, or said something unasked."""
        waiting = select.poll()
        waiting.register(self._socket.fileno(), select.POLLIN)
        return bool(waiting.poll(0))

    def close(self) -> None:
        """End it."""
        self._parser = None
        self._socket.close()

    def _wait(self, until: float) -> None:
        self._socket.settimeout(_left(until))
        self._receive()

    def _receive(self) -> None:
        came, parser = self._socket.recv(READ_BYTES), self._parser
        if not came:
            if not self._has_head or "content-length" in self.headers or "transfer-encoding" in self.headers:
                raise ConnectionError("the connection broke")
            self._is_whole, self._is_kept = True, False
        elif parser is not None:
            try:
                parser.feed_data(came)
            except (HttpParserError, HttpParserUpgrade) as error:
                raise ConnectionError(f"the answer is no HTTP: {type(error).__name__}") from None

    # What the parser calls

    def on_message_begin(self) -> None:
        """Note that an answer begins: a second one to one request is none, and its connection is not used again."""
        if self._is_whole:
            self._is_kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; the last one of a name counts."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note the status; what is only provisional (1xx) is no answer."""
        parser = self._parser
        if parser is None or self._is_whole:
            return
        status = parser.get_status_code()
        if status < 200:
            self.headers = {}
            return
        self.status, self._has_head, self._is_kept = status, True, parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        if not self._is_whole:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Note the end of the answer."""
        self._is_whole = self._has_head


def _left(until: float) -> float:
    """Return the seconds until an instant; raises `TimeoutError` behind it."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
