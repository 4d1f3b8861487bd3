"""A Lambda Runtime API on loopback, for one process that runs a function: it hands out events and takes answers.

The calls and headers are those of AWS's "Using the Lambda runtime API" (2018-06-01), with the restore calls that the
runtime client makes under SnapStart.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from queue import Empty, Queue
from typing import Any, Final

from local.processes import HOST
from testing.lambda_runtime.loopback import LoopbackServer

PREFIX: Final = "/2018-06-01/runtime"
MAX_PAYLOAD: Final = 6 * 1024 * 1024  # bytes of an event, and of a whole answer
MAX_ANSWER: Final = MAX_PAYLOAD + 100  # what the Runtime API names in its refusal
TOO_LARGE: Final = f"Exceeded maximum allowed payload size ({MAX_ANSWER} bytes)."


@dataclass(frozen=True, slots=True)
class Invocation:
    """An event on its way into the function; `deadline_ms` is in milliseconds since the epoch."""

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str


@dataclass(frozen=True, slots=True)
class Polled:
    """The process asked for its next event, at this `monotonic` second."""

    at: float


@dataclass(frozen=True, slots=True)
class Answered:
    """The function's answer to an event, as bytes; or, with `is_error`, what it or its start raised."""

    request_id: str
    body: bytes
    content_type: str
    is_error: bool
    at: float

    def json(self) -> Any:
        """The answer."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class ReadyToBeCopied:
    """The process has started up and waits to be restored from its snapshot."""


Told = Polled | Answered | ReadyToBeCopied


class RuntimeApi:
    """The server. Everything that the process tells it comes out of `told`, in order."""

    def __init__(self, at_poll: Callable[[], None]) -> None:
        """`at_poll` is called the moment a poll comes in, before anything else happens."""
        self._at_poll = at_poll
        self._events: Queue[Invocation | None] = Queue()
        self._restored = threading.Event()
        self._told: Queue[Told] = Queue()
        self._server = LoopbackServer((HOST, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="runtime-api")
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens, as `AWS_LAMBDA_RUNTIME_API` wants it."""
        return f"{HOST}:{self._server.server_address[1]}"

    def offer(self, invocation: Invocation) -> None:
        """Give the next poll this event."""
        self._events.put(invocation)

    def restore(self) -> None:
        """Let the process, and whatever was copied from it, go on."""
        self._restored.set()

    def next_told(self, within_s: float) -> Told | None:
        """What the process told next; None where it says nothing in time."""
        try:
            return self._told.get(timeout=within_s)
        except Empty:
            return None

    def close(self) -> None:
        """Stop listening, and let go of polls that wait."""
        for _ in range(64):
            self._events.put(None)
        self._restored.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                match self.path.removeprefix(PREFIX):
                    case "/invocation/next":
                        api._at_poll()
                        api._told.put(Polled(time.monotonic()))
                        self._hand_out(api._events.get())
                    case "/restore/next":
                        api._told.put(ReadyToBeCopied())
                        api._restored.wait()
                        self._say(200, b"")
                    case _:
                        self._say(404, b"")

            def do_POST(self) -> None:
                body = self._body()
                now = time.monotonic()
                kind = self.headers.get("content-type", "")
                match self.path.removeprefix(PREFIX).strip("/").split("/"):
                    case ["invocation", _, "response"] if len(body) > MAX_ANSWER:
                        refusal = {"errorMessage": TOO_LARGE, "errorType": "Function.ResponseSizeTooLarge"}
                        self._say(413, json.dumps(refusal).encode())
                    case ["invocation", request_id, "response"]:
                        api._told.put(Answered(request_id, body, kind, is_error=False, at=now))
                        self._say(202, b'{"status":"OK"}')
                    case ["invocation", request_id, "error"]:
                        api._told.put(Answered(request_id, body, kind, is_error=True, at=now))
                        self._say(202, b'{"status":"OK"}')
                    case ["init" | "restore", "error"]:
                        api._told.put(Answered("", body, kind, is_error=True, at=now))
                        self._say(202, b'{"status":"OK"}')
                    case _:
                        self._say(404, b"")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def _body(self) -> bytes:
                if self.headers.get("transfer-encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length", "0")))
                pieces = []
                while size := int(self.rfile.readline(), 16):
                    pieces.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(pieces)

            def _hand_out(self, invocation: Invocation | None) -> None:
                if invocation is None:
                    self.close_connection = True
                    return
                headers = {
                    "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                    "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                    "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{invocation.request_id[-12:]:0>24}",
                }
                self._say(200, invocation.event, headers)

            def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:  # the process was killed while it waited
                    self.close_connection = True

        return Handler
