"""What AWS's Lambda Web Adapter does around a function that is a web server, in its documented behaviour.

It starts the handler as a program, waits until the readiness path answers, makes an HTTP request of each event, and
ends an invocation with the last byte of the server's answer. Events that are no HTTP request go to `/events`.
"""

import json
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from local.processes import HOST, free_port
from local.workspace import LAMBDA_PYTHON
from testing.lambda_runtime.events import Event
from testing.lambda_runtime.runtime_api import Answered
from testing.lambda_runtime.sandbox import START_S, Frozen, environment
from testing.lambda_runtime.stacks import DeployedFunction
from testing.lambda_runtime.started import SandboxFailed, StartedFunction
from testing.lambda_runtime.stoppable import StoppableProcess, Used

READY_POLL_S: Final = 0.05
PASS_THROUGH: Final = "/events"
PIECE: Final = 64 * 1024


class WebAdapter(StartedFunction):
    """A started server of a function behind the adapter; used like a `Sandbox`."""

    def __init__(
        self,
        function: DeployedFunction,
        aws: Mapping[str, str],
        log: Path,
        before: Callable[[], None] | None = None,
    ) -> None:
        """The server gets a port of its own, so that several may run here; its process calls `before` first."""
        super().__init__(function)
        self._port = free_port()
        self._log = log
        self._before = before
        self._environment = environment(function, aws, api="") | {"AWS_LWA_PORT": str(self._port)}
        self._environment["PATH"] = f"{LAMBDA_PYTHON.parent}:{self._environment['PATH']}"

    def start(self) -> None:
        """Start it as the layer's wrapper does, and wait until it is ready; raises `SandboxFailed`."""
        program = self.function.code / self.function.handler
        self._process = StoppableProcess([program], self.function.code, self._environment, self._log, self._before)
        until = time.monotonic() + START_S
        while not self._is_ready():
            if self._process.has_ended or time.monotonic() > until:
                raise SandboxFailed(f"{self.function.name} did not get ready\n{self._process.last_words()}")
            time.sleep(READY_POLL_S)

    def invoke(self, event: Event) -> Answered:
        """Make a request of an event; its whole answer, in the form of a proxy integration's."""
        connection, answer = self._asked(event)
        body = answer.read()
        connection.close()
        return _answered(answer, body)

    def invoke_and_freeze(self, event: Event) -> Frozen:
        """Likewise, and freeze the server at its answer's last byte: the adapter polls then."""
        connection, answer = self._asked(event)
        body = answer.read()
        at = time.monotonic()
        self._started().freeze()
        connection.close()
        return Frozen(_answered(answer, body), at)

    def pieces(self, event: Event) -> Iterator[tuple[float, bytes]]:
        """The pieces of an answer's body as they come, each with its `monotonic` second."""
        connection, answer = self._asked(event)
        while piece := answer.read1(PIECE):
            yield time.monotonic(), piece
        connection.close()

    @property
    def pid(self) -> int:
        """The id of the server's process."""
        return self._started().pid

    def used(self) -> Used:
        """What the server has used so far."""
        return self._started().used()

    def _is_ready(self) -> bool:
        connection = HTTPConnection(HOST, self._port, timeout=5)
        try:
            connection.request("GET", self.function.variables["AWS_LWA_READINESS_CHECK_PATH"])
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def _asked(self, event: Event) -> tuple[HTTPConnection, HTTPResponse]:
        connection = HTTPConnection(HOST, self._port, timeout=self.function.timeout_s)
        method, path, headers, body = _request(event)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            connection.putheader(name, value.encode())
        connection.endheaders(body)
        return connection, connection.getresponse()


def _request(event: Event) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """The HTTP request that the adapter makes of an event."""
    if "httpMethod" not in event:
        return "POST", PASS_THROUGH, [("Host", HOST), ("Content-Type", "application/json")], json.dumps(event).encode()
    queries = urlencode(event["multiValueQueryStringParameters"] or {}, doseq=True)
    headers = [(name, value) for name, values in event["multiValueHeaders"].items() for value in values]
    headers.append(("x-amzn-request-context", json.dumps(event["requestContext"])))
    headers.append(("x-amzn-lambda-context", json.dumps({"request_id": str(uuid4())})))
    body = (event["body"] or "").encode()
    raw = b64decode(body) if event["isBase64Encoded"] else body
    return event["httpMethod"], event["path"] + (f"?{queries}" if queries else ""), headers, raw


def _answered(answer: HTTPResponse, body: bytes) -> Answered:
    said: dict[str, Any] = {
        "statusCode": answer.status,
        "headers": {name.lower(): value for name, value in answer.getheaders()},
        "body": body.decode(),
    }
    return Answered("", json.dumps(said).encode(), "application/json", is_error=False, at=time.monotonic())
