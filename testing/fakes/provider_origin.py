"""A provider's server on loopback: it answers as the real ones do, errors included, and misbehaves when told to."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from testing.fakes.loopback import LoopbackHandler, on_loopback

LISTS: dict[str, dict[str, Any]] = {
    "openai": {"object": "list", "data": [{"id": "gpt-4o", "object": "model", "owned_by": "openai"}]},
    "anthropic": {"data": [{"type": "model", "id": "claude-sonnet-4-5"}], "has_more": True, "last_id": "x"},
    "google": {"models": [{"name": "models/gemini-2.5-pro"}], "nextPageToken": "x"},
    "cohere": {"models": [{"name": "command-a-03-2025", "endpoints": ["chat"]}], "next_page_token": "x"},
}


def google_error(code: int, status: str, message: str, reason: str | None = None) -> dict[str, Any]:
    """Return an error of Google's shape, which repeats a key that it suspended."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    details = [info] if reason else []
    return {"error": {"code": code, "message": message, "status": status, "details": details}}


def openai_error(message: str, kind: str, code: str | None) -> dict[str, Any]:
    """Return an error of OpenAI's shape, and that of the providers that speak its dialect."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic_error(kind: str, message: str) -> dict[str, Any]:
    """Return an error of Anthropic's shape."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011"}


@dataclass
class ProviderOrigin:
    """The answers of the server from now on, and the paths that it was asked for, with their headers."""

    conduct: Callable[["_Handler"], None] = field(default=lambda handler: handler.whole(200, LISTS["openai"]))
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def answer(self, status: int, body: Any) -> None:
        """Answer whole, as JSON unless it is text; a text may name the key that was shown as `{key}`."""
        self.conduct = lambda handler: handler.whole(status, body)

    def redirect(self, target: str) -> None:
        """Send the caller elsewhere."""
        self.conduct = lambda handler: handler.whole(302, "", {"Location": target})

    def cut(self) -> None:
        """Promise more than is sent."""
        self.conduct = lambda handler: handler.whole(200, LISTS["openai"], {"Content-Length": "5000"})

    def be_silent(self, seconds: float) -> None:
        """Answer nothing for a while."""
        self.conduct = lambda handler: handler.late(seconds)

    def flood(self) -> None:
        """Answer without end."""
        self.conduct = lambda handler: handler.endless()

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self.conduct = lambda handler: None


class _Handler(LoopbackHandler):
    origin: ProviderOrigin

    def get(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.origin.asked.append((self.path, headers))
        self.close_connection = True
        self.origin.conduct(self)

    def whole(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        content = text.replace("{key}", self._shown()).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            if name not in (headers or {}):
                self.send_header(name, value)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def late(self, seconds: float) -> None:
        time.sleep(seconds)
        self.whole(200, LISTS["openai"])

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"data": ["')
        while True:
            self.wfile.write(b"x" * 65_536)

    def _shown(self) -> str:
        shown = (self.headers.get(name) for name in ("x-api-key", "x-goog-api-key", "authorization"))
        return next((each.removeprefix("Bearer ") for each in shown if each), "")


@contextmanager
def provider_origin() -> Iterator[ProviderOrigin]:
    """Serve on a free port of 127.0.0.1 for as long as the context lasts."""
    origin = ProviderOrigin()
    with on_loopback(_Handler, origin) as address:
        origin.url = address
        yield origin
