"""Events as AWS hands them to functions, in the documented formats."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from infra.constructs.api import PREFIXES, STAGE
from local.emulator import ACCOUNT, REGION

API_ID: Final = "a1b2c3d4e5"
DOMAIN: Final = f"{API_ID}.execute-api.{REGION}.amazonaws.com"
Event = dict[str, Any]


def api_event(
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    *,
    base64: bool = False,
    base_path: str = "",
    domain: str = DOMAIN,
) -> Event:
    """API Gateway's event of a REST API's proxy integration (payload format 1.0).

    `base_path` is that of a custom domain's mapping, which stands in the path as callers see it, in the place of the
    stage.
    """
    parts = urlsplit(path)
    given = {name: [value] if isinstance(value, str) else list(value) for name, value in (headers or {}).items()}
    raw = _raw(body)
    if raw is not None and not any(name.lower() == "content-type" for name in given):
        given["Content-Type"] = ["application/json"]
    given |= {"Host": [domain], "X-Forwarded-For": ["192.0.2.7"], "X-Forwarded-Proto": ["https"]}
    queries: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        queries.setdefault(name, []).append(value)
    mapped = f"/{base_path.strip('/')}" if base_path else ""
    resource, parameters = _resource(parts.path)
    return {
        "resource": resource,
        "path": mapped + parts.path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in given.items()},
        "multiValueHeaders": given,
        "queryStringParameters": {name: values[-1] for name, values in queries.items()} or None,
        "multiValueQueryStringParameters": queries or None,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.7", "userAgent": "events", "accountId": None, "caller": None},
            "path": (mapped or f"/{STAGE}") + parts.path,
            "protocol": "HTTP/1.1",
            "requestId": str(uuid4()),
            "requestTime": "29/Nov/2026:12:00:00 +0000",
            "requestTimeEpoch": 1795953600000,
            "resourceId": "6qk3mx",
            "resourcePath": resource,
            "stage": STAGE,
        },
        "body": None if raw is None else b64encode(raw).decode() if base64 else raw.decode(),
        "isBase64Encoded": base64,
    }


def http_api_event(method: str, path: str, stage: str = "$default") -> Event:
    """API Gateway's event of an HTTP API (payload format 2.0); a stage with a name stands in the path."""
    path = path if stage == "$default" else f"/{stage}{path}"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": DOMAIN},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": DOMAIN,
            "domainPrefix": API_ID,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": ""},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": stage,
            "time": "29/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795953600000,
        },
        "isBase64Encoded": False,
    }


def scheduled_event() -> Event:
    """EventBridge's event of a rule with a schedule, as it is without an input of the rule's own."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "2026-11-29T12:00:00Z",
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/sweep"],
        "detail": {},
    }


def stream_event(keys: Sequence[tuple[str, str]], table: str) -> Event:
    """DynamoDB's event of a stream that shows keys only; `keys` are the partition and sort keys of new items."""
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/2026-11-29T00:00:00.000"
    return {
        "Records": [
            {
                "eventID": uuid4().hex,
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": 1795953600.0,
                    "Keys": {"pk": {"S": partition}, "sk": {"S": sort}},
                    "SequenceNumber": f"{place:021d}",
                    "SizeBytes": len(partition) + len(sort) + 4,
                    "StreamViewType": "KEYS_ONLY",
                },
                "eventSourceARN": arn,
            }
            for place, (partition, sort) in enumerate(keys, start=1)
        ]
    }


def _raw(body: object) -> bytes | None:
    match body:
        case None:
            return None
        case bytes():
            return body
        case str():
            return body.encode()
        case _:
            return json.dumps(body, ensure_ascii=False).encode()


def _resource(path: str) -> tuple[str, dict[str, str] | None]:
    """Which of the API's resources takes a path: the prefix itself, or what is behind it."""
    for prefix in PREFIXES.values():
        if path.rstrip("/") == f"/{prefix}":
            return f"/{prefix}", None
        if path.startswith(f"/{prefix}/"):
            return f"/{prefix}/{{proxy+}}", {"proxy": path.removeprefix(f"/{prefix}/")}
    return "/", None
