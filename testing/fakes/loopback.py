"""HTTP servers on 127.0.0.1 for as long as a context lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackHandler(BaseHTTPRequestHandler):
    """A handler with connections that stay open, and nothing on standard error: its origin keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    origin: Any

    def get(self) -> None:
        """Answer a GET."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer a GET, under the name that `http.server` looks for."""
        self.get()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is part of the tests."""


@contextmanager
def on_loopback(handler: type[LoopbackHandler], origin: object, port: int = 0) -> Iterator[str]:
    """Serve an origin on a port, a free one by default; yields the address, without a path."""
    server = _Server(("127.0.0.1", port), type("Handler", (handler,), {"origin": origin}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
