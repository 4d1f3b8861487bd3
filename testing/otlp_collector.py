"""A collector of traces: a server that takes OTLP over HTTP, and keeps the spans that it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class OtlpCollector:
    """The spans that arrived, and the headers that they came with; `status` is what further ones are answered."""

    def __init__(self) -> None:
        """Start with none."""
        self.url = ""
        self.status = 200
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Keep what a request holds and return the status of its answer."""
        if path != "/v1/traces" or headers.get("content-type") != "application/x-protobuf":
            return 400
        if self.status == 200:
            self.headers.append(headers)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append({each.key: each.value.string_value for each in resource.resource.attributes})
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return self.status


def attributes_of(span: Any) -> dict[str, object]:
    """Return a span's attributes by name."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


@contextmanager
def running_collector() -> Iterator[OtlpCollector]:
    """Run a collector on a port of its own."""
    collector = OtlpCollector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = collector.take(self.path, headers, body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
