"""Warm events through a function's real handler: API Gateway's REST events in, answers out, on a table in memory."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

EVENTS, WARM_UP = 400, 20
PEPPER = b"a pepper that is good for nothing else"
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


class Peppers:
    """Implements `PepperVault` with one version."""

    def current(self) -> tuple[str, bytes]:
        """Return the only version."""
        return "v1", PEPPER

    def pepper(self, version: str) -> bytes | None:
        """Return the only pepper."""
        return PEPPER if version == "v1" else None

    def of_names(self) -> bytes:
        """Return the only pepper."""
        return PEPPER


def main() -> None:
    """Import the function, answer a first event of each kind, then many."""
    arguments = json.loads(sys.argv[1])
    sys.path[:0] = arguments["path"]
    # The handler logs a line and a metric for each event; they are written, but not into the report.
    report_to = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    started = perf_counter()
    function = import_module(f"functions.{arguments['group']}.main")
    import_ms = (perf_counter() - started) * 1000
    authorization = _furnish(function, Path(arguments["snapshot"]))
    report: dict[str, Any] = {"import_ms": import_ms}
    for name, (method, path, body) in arguments["events"].items():
        report[name] = _timed(function.handler, event(method, path, body, authorization))
    os.write(report_to, json.dumps(report).encode() + b"\n")


def _furnish(function: Any, snapshot: Path) -> str:
    """Give the app a container over tables in memory that hold the snapshot; returns a caller's authorization."""
    from atom_llm.composition import Container, DeployedPorts, container
    from atom_llm.domain.catalogue.catalogue import decode
    from atom_llm.domain.catalogue.refresh import Activation
    from atom_llm.domain.core.ids import TenantId
    from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
    from benchmarks.in_memory import MeteredTable
    from testing.audit import SOMEBODY

    ports = DeployedPorts(container().settings)
    vars(ports)["_dynamodb"] = MeteredTable()  # whichever tables an event reads
    ports.peppers = Peppers()
    catalogue, at = decode(content := snapshot.read_bytes()), datetime(2026, 11, 12, tzinfo=UTC)
    first = Activation(1, catalogue.version, at, len(catalogue), len(content), 0, {"litellm": at})
    ports.price_book.activate(first, content, b"")
    furnished = Container(ports)
    function.app.state.container = lambda: furnished
    return f"Bearer {furnished.tenancy.service_key_issuer.issue(TenantId('bench'), ALL_SCOPES, SOMEBODY).plaintext}"


def _timed(handler: Callable[[dict[str, Any], Any], dict[str, Any]], the_event: dict[str, Any]) -> dict[str, float]:
    started = perf_counter()
    answer = handler(the_event, None)
    first = perf_counter() - started
    assert answer["statusCode"] == 200, f"{the_event['path']}: {answer['statusCode']} {answer['body'][:300]}"
    for _ in range(WARM_UP):
        handler(the_event, None)
    times = []
    for _ in range(EVENTS):
        started = perf_counter()
        handler(the_event, None)
        times.append(perf_counter() - started)
    times.sort()
    return {
        "first_ms": first * 1000,
        "median_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[len(times) * 99 // 100] * 1000,
        "answer_bytes": len(answer["body"]),
    }


def event(method: str, path: str, body: dict[str, Any] | None, authorization: str) -> dict[str, Any]:
    """Return a REST API's proxy event, as API Gateway spells it."""
    headers = {
        "Accept": "application/json",
        "Authorization": authorization,
        "Content-Type": "application/json",
        "Host": "abc123.execute-api.eu-west-1.amazonaws.com",
        "User-Agent": "bench",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Proto": "https",
    }
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.rpartition("/")[2]},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/dev{path}",
            "protocol": "HTTP/1.1",
            "stage": "dev",
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "bench"},
            "apiId": "abc123",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


main()
