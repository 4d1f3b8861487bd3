"""Where a restored function gets its role's credentials from: they are served, not set in its environment."""

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Thread
from types import TracebackType
from typing import Self

from local.processes import HOST
from testing.lambda_runtime.loopback import LoopbackServer

TOKEN = "a-token-of-the-sandbox"
AT_THE_SNAPSHOT, AFTER_RESTORE = "AKIASNAPSHOT", "AKIARESTORED"


class ServedCredentials:
    """The server; `with` it. What it hands out before `restored` is set expires at once."""

    def __init__(self) -> None:
        self.restored = False
        self._server = LoopbackServer((HOST, 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="credentials")

    def environment(self) -> dict[str, str]:
        """The variables that AWS clients find it by."""
        url = f"http://{HOST}:{self._server.server_address[1]}/credentials"
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lasts = timedelta(hours=1) if served.restored else timedelta(seconds=1)
                content = {
                    "AccessKeyId": AFTER_RESTORE if served.restored else AT_THE_SNAPSHOT,
                    "SecretAccessKey": "local",
                    "Token": "local",
                    "Expiration": (datetime.now(UTC) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
                body = json.dumps(content).encode()
                self.send_response(200 if self.headers.get("authorization") == TOKEN else 403)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
