"""One connection to the front door: bytes are sent as they are, and what comes back is read as an answer."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Final

from local.processes import HOST

PATIENCE_S: Final = 60.0  # longer than anything takes that comes to an end
UNFINISHED_S: Final = 0.15  # how long an answer is waited for where the server may rightly wait for more
MOST_TOLD: Final = 2_000  # bytes
MOST_READ: Final = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The outcome of one input. `status` is 0 where the connection ended, or nothing came, instead of an answer."""

    status: int
    size: int = 0
    code: str = ""
    told: str = ""  # the beginning of an error's body


class Wire:
    """A caller that keeps its connection while the server does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, sent: bytes, *, is_whole: bool) -> Answered:
        """Send an input and return what came of it; one that need not be answered gets a connection of its own."""
        if not is_whole:
            self.close()
        known = self._socket is not None
        answered = self._once(sent, is_whole=is_whole)
        if answered.status == 0 and known and is_whole:  # the server may have closed an idle connection
            answered = self._once(sent, is_whole=is_whole)
        if not is_whole:
            self.close()
        return answered

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _once(self, sent: bytes, *, is_whole: bool) -> Answered:
        try:
            if self._socket is None:
                self._socket = socket.create_connection((HOST, self._port), timeout=PATIENCE_S)
            self._socket.settimeout(PATIENCE_S if is_whole else UNFINISHED_S)
            self._socket.sendall(sent)
            answer = HTTPResponse(self._socket, method=sent[:4].decode("latin-1").strip().upper())
            answer.begin()
            body = answer.read(MOST_READ)
        except (OSError, HTTPException, ValueError):
            self.close()
            return Answered(0)
        if answer.will_close:
            self.close()
        if answer.status < 400:
            return Answered(answer.status, len(body))
        return Answered(answer.status, len(body), _code(body), body[:MOST_TOLD].decode("utf-8", "replace"))


def _code(body: bytes) -> str:
    try:
        content = json.loads(body)
        return str(content.get("code") or content["error"]["code"])
    except (ValueError, AttributeError, TypeError, KeyError):
        return body[:40].decode("latin-1")
