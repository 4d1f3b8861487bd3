"""A stand-in of Bedrock's runtime: Converse, ConverseStream and InvokeModel, as strict as AWS's model and pages."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote

from testing.bedrock import invoke, rules, signatures
from testing.bedrock.wire import answer_to, events, framed, whole

HOST: Final = "127.0.0.1"
REGION: Final = "eu-central-1"
KEYS: Final[Mapping[str, str]] = {"AKIASTANDIN": "stand-in-secret", "ASIATENANT": "tenants-secret"}


class BedrockServer(ThreadingHTTPServer):
    """The server; what it shall do otherwise, and what it was asked, is said and told under `/control`."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.conduct: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """The address at which it listens."""
        return f"http://{HOST}:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BedrockServer

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._say(200, {"asked": self.server.asked})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path == "/control":
            self.server.asked.clear()
            self.server.conduct = json.loads(raw)
            return self._say(200, {})
        headers = {name.lower(): value for name, value in self.headers.items()}
        url = f"{self.server.url}{self.path}"
        wrong = signatures.fault_of(url, headers, raw, REGION, KEYS)
        if wrong is not None:
            return self._refuse(403, *wrong)
        _, model, operation = (unquote(part) for part in self.path.removeprefix("/").split("/", 2))
        if operation == "invoke":
            return self._invoke(model, json.loads(raw))
        if operation not in ("converse", "converse-stream"):
            return self._refuse(404, "UnknownOperationException", "no such operation")
        return self._converse(model, operation == "converse-stream", json.loads(raw), headers)

    def _converse(self, model: str, is_stream: bool, body: dict[str, Any], headers: Mapping[str, str]) -> None:
        conduct = self.server.conduct
        key = headers["authorization"].partition("Credential=")[2].partition("/")[0]
        self.server.asked.append({"model": model, "stream": is_stream, "body": body, "key": key})
        fault = rules.fault_of(body, is_stream=is_stream)
        if fault is not None:
            return self._refuse(400, "ValidationException", fault)
        if "status" in conduct and conduct.get("model", model) == model:
            return self._refuse(conduct["status"], conduct["type"], conduct.get("message", "as it was told"))
        told = answer_to(body)
        if not is_stream:
            return self._say(200, whole(body, told, conduct.get("stop")))
        self.send_response(200)
        self.send_header("content-type", "application/vnd.amazon.eventstream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, (name, content) in enumerate(events(body, told, conduct.get("stop"))):
            if number == conduct.get("breaks_at"):
                exception = framed(conduct["exception"], {"message": "Too many requests."}, kind="exception")
                self._send(exception)
                break
            self._send(framed(name, content))
        self.wfile.write(b"0\r\n\r\n")
        return None

    def _invoke(self, model: str, body: dict[str, Any]) -> None:
        conduct = self.server.conduct
        self.server.asked.append({"model": model, "body": body})
        if (fault := invoke.fault_of(model, body)) is not None:
            return self._refuse(400, "ValidationException", f"Malformed input request: {fault}")
        if "status" in conduct:
            return self._refuse(conduct["status"], conduct["type"], conduct.get("message", "as it was told"))
        told, headers = invoke.answer_to(model, body)
        return self._say(200, told | conduct.get("told", {}), headers)

    def _send(self, message: bytes) -> None:
        """Send a message in two pieces: nobody may take a piece for a message."""
        for piece in (message[:7], message[7:]):
            self.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
            self.wfile.flush()

    def _refuse(self, status: int, kind: str, sentence: str) -> None:
        self._say(status, {"message": sentence}, {"x-amzn-errortype": kind})

    def _say(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        raw = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
