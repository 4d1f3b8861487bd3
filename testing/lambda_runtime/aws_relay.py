"""A slow way to the emulator that keeps a record: which AWS calls a process made, and when each was answered."""

import json
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from local.processes import HOST
from testing.lambda_runtime.loopback import LoopbackServer
from testing.lambda_runtime.needed_permissions import Permission, needed

SLOW_S: Final = 0.02  # a call: DynamoDB's own time, so that what nobody waits for is still under way at a freeze
READING: Final = ("Get", "Query", "Scan", "BatchGet", "List", "Describe", "TransactGet", "Decrypt", "GenerateDataKey")
HOP_BY_HOP: Final = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
LOST_RACE: Final = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
    }
).encode()


@dataclass(slots=True)
class AwsCall:
    """One request. Times are `monotonic` seconds; `ended` is None while it is under way."""

    service: str
    action: str
    access_key: str
    began: float
    body: bytes
    ended: float | None = None

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not self.action.startswith(READING)

    def __str__(self) -> str:
        return f"{self.service}:{self.action}"


class AwsRelay:
    """The server; `with` it."""

    def __init__(self, endpoint_url: str, slow_s: float = SLOW_S) -> None:
        self._emulator = urlsplit(endpoint_url).netloc
        self._slow_s = slow_s
        self._calls: list[AwsCall] = []
        self._changed = threading.Condition()
        self._lost_races = 0
        self._server = LoopbackServer((HOST, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="aws-relay")

    @property
    def url(self) -> str:
        """What AWS clients have for `AWS_ENDPOINT_URL`."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def access_keys(self) -> set[str]:
        """The access keys that calls were signed with."""
        with self._changed:
            return {each.access_key for each in self._calls}

    def asked_by(self, access_key: str) -> set[Permission]:
        """What everything that was signed with an access key needs of its role."""
        with self._changed:
            own = [each for each in self._calls if each.access_key == access_key]
        return {permission for each in own for permission in needed(each.service, each.action, each.body)}

    def lose_a_race(self) -> None:
        """Refuse the next transaction, as if somebody else's had come first."""
        with self._changed:
            self._lost_races += 1

    def writes(self, *, until: float) -> list[AwsCall]:
        """The writes that were answered until then."""
        with self._changed:
            return [each for each in self._calls if each.writes and each.ended is not None and each.ended <= until]

    def late_writes(self, after: float) -> list[AwsCall]:
        """The writes that were under way then, or began later."""
        with self._changed:
            return [each for each in self._calls if each.writes and (each.ended is None or each.ended > after)]

    def forget(self) -> None:
        """Begin a new record."""
        with self._changed:
            self._calls.clear()

    def wait_until_quiet(self, quiet_s: float, at_most_s: float) -> None:
        """Wait until nothing has been under way, and nothing has begun, for so long."""
        until = time.monotonic() + at_most_s
        with self._changed:
            while time.monotonic() < until:
                known = len(self._calls)
                moved = self._changed.wait(quiet_s)
                if not moved and known == len(self._calls) and all(each.ended is not None for each in self._calls):
                    return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _began(self, target: str, authorization: str, body: bytes) -> AwsCall:
        service, _, action = target.partition(".")
        access_key = authorization.partition("Credential=")[2].partition("/")[0]
        call = AwsCall(service.partition("_")[0], action, access_key, time.monotonic(), body)
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()
        return call

    def _is_lost(self, call: AwsCall) -> bool:
        with self._changed:
            if call.action != "TransactWriteItems" or not self._lost_races:
                return False
            self._lost_races -= 1
            return True

    def _ended(self, call: AwsCall) -> None:
        with self._changed:
            call.ended = time.monotonic()
            self._changed.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                call = relay._began(self.headers.get("x-amz-target", ""), self.headers.get("authorization", ""), body)
                time.sleep(relay._slow_s)
                if relay._is_lost(call):
                    relay._ended(call)
                    self.send_response(400)
                    self.send_header("Content-Length", str(len(LOST_RACE)))
                    self.end_headers()
                    self.wfile.write(LOST_RACE)
                    return
                emulator = HTTPConnection(relay._emulator, timeout=60)
                try:
                    emulator.request("POST", self.path, body, dict(self.headers.items()))
                    answer = emulator.getresponse()
                    content = answer.read()
                    relay._ended(call)
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in HOP_BY_HOP:
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except (OSError, HTTPException):  # the emulator was stopped, or the process killed
                    self.close_connection = True
                finally:
                    emulator.close()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
