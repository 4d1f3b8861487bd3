"""A price source's server: it serves real files over HTTP on loopback, and misbehaves when told to."""

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from testing.fakes.loopback import LoopbackHandler, on_loopback

HUGE_BYTES = 40 * 1024 * 1024  # above the limit on a decompressed price file


@dataclass
class Origin:
    """The answers of the server from now on, and the requests that it got."""

    body: bytes = b"{}"
    conduct: Callable[["_Handler", bytes], None] = field(default=lambda handler, body: handler.whole(body))
    hits: int = 0
    not_modified: int = 0
    last_headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def serve(self, body: bytes) -> None:
        """Answer whole, with an ETag, and 304 to whoever has it already."""
        self.body = body
        self.conduct = lambda handler, body: handler.whole(body)

    def serve_compressed(self, body: bytes) -> None:
        """Answer as `serve` does, with gzip."""
        self.body = body
        self.conduct = lambda handler, body: handler.whole(body, compressed=True)

    def fail(self, status: int, **headers: str) -> None:
        """Answer every request with a status."""
        self.conduct = lambda handler, body: handler.status(status, headers)

    def cut(self) -> None:
        """Promise the whole body and send half of it."""
        self.conduct = lambda handler, body: handler.half(body)

    def stall(self, seconds: float) -> None:
        """Be silent for a while before answering."""
        self.conduct = lambda handler, body: handler.late(body, seconds)

    def bomb(self) -> None:
        """Answer with a small gzip body that inflates beyond every limit."""
        bomb = gzip.compress(b" " * HUGE_BYTES)
        self.conduct = lambda handler, body: handler.encoded(bomb)


class _Handler(LoopbackHandler):
    origin: Origin

    def get(self) -> None:
        self.origin.hits += 1
        self.origin.last_headers = {name.lower(): value for name, value in self.headers.items()}
        self.origin.conduct(self, self.origin.body)

    def whole(self, body: bytes, *, compressed: bool = False) -> None:
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.origin.not_modified += 1
            self.status(304, {"ETag": etag})
            return
        content = gzip.compress(body, 1) if compressed else body
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", etag)
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def status(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def half(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def late(self, body: bytes, seconds: float) -> None:
        time.sleep(seconds)
        self.whole(body)

    def encoded(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def page(self) -> None:
        """Answer with a captive portal's page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")


@contextmanager
def price_origin(port: int = 0) -> Iterator[Origin]:
    """Serve on a port of 127.0.0.1, a free one by default, for as long as the context lasts."""
    origin = Origin()
    with on_loopback(_Handler, origin, port) as address:
        origin.url = f"{address}/prices"
        yield origin
