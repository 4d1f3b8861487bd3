"""An app as a Lambda handler: API Gateway's own events in, what API Gateway takes out."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant
from starlette.responses import PlainTextResponse

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.lambda_handler import MAX_ANSWER, handler_for
from tests.functions.byok.byok_world import ByokWorld
from tests.functions.http.sample_app import PREFIX, World
from tests.functions.pricing.pricing_world import PricingWorld, chat, prices

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def event(method: str, path: str, *, stage: str = "dev", **more: Any) -> dict[str, Any]:
    """An event of a REST API's proxy integration, in API Gateway's spelling."""
    headers = {"Host": "abc123.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-Proto": "https"}
    headers |= more.pop("headers", {})
    query = more.pop("query", None)
    return {
        "resource": f"{PREFIX}/{{proxy+}}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": {"proxy": path.removeprefix(f"{PREFIX}/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": f"{PREFIX}/{{proxy+}}",
            "httpMethod": method,
            "path": f"/{stage}{path}" if stage else path,
            "protocol": "HTTP/1.1",
            "stage": stage,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
            "apiId": "abc123",
        },
        "body": None,
        "isBase64Encoded": False,
    } | more


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """The event loop that Mangum finds, closed afterwards; left alone, it makes one of its own and leaves it."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()


def answered(world: World, the_event: dict[str, Any]) -> dict[str, Any]:
    return handler_for(world.app())(the_event, None)


def signed(world: World, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.key()}", "Content-Type": "application/json", **headers}


def test_the_answer_carries_the_gateways_own_id(world: World) -> None:
    answer = answered(world, event("GET", f"{PREFIX}/health"))
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert answer["headers"]["x-request-id"] == REQUEST_ID
    assert json.loads(answer["body"])["status"] == "ok"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/me", 401), ("GET", "/nowhere", 404), ("DELETE", "/health", 405), ("POST", "/bodies", 401)],
)
def test_a_failure_is_text_in_our_envelope_with_the_id(world: World, method: str, path: str, status: int) -> None:
    answer = answered(world, event(method, PREFIX + path))
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (status, False)
    assert json.loads(answer["body"])["success"] is False
    assert answer["headers"]["x-request-id"] == REQUEST_ID


def test_an_unforeseen_failure_is_answered_too(world: World) -> None:
    world.raised = RuntimeError("hunter2")
    answer = answered(world, event("GET", f"{PREFIX}/failure", headers=signed(world)))
    assert answer["statusCode"] == 500
    assert REQUEST_ID in answer["body"]
    assert "hunter2" not in answer["body"]


def test_a_body_arrives_plain_and_in_base64(world: World) -> None:
    text = json.dumps({"name": "Żółw"}, ensure_ascii=False)
    plain = event("POST", f"{PREFIX}/bodies", headers=signed(world), body=text)
    coded = plain | {"body": base64.b64encode(text.encode()).decode(), "isBase64Encoded": True}
    assert [json.loads(answered(world, each)["body"])["data"] for each in (plain, coded)] == [{"name": "Żółw"}] * 2


def test_a_large_body_is_refused_in_base64_too(world: World) -> None:
    large = base64.b64encode(b'{"name": "' + b"x" * 1024 * 1024 + b'"}').decode()
    answer = answered(world, event("POST", f"{PREFIX}/bodies", headers=signed(world), body=large, isBase64Encoded=True))
    assert answer["statusCode"] == 413


def test_parameters_arrive_decoded(world: World) -> None:
    asked = event("GET", f"{PREFIX}/names", headers=signed(world), query={"limit": "2"})
    assert json.loads(answered(world, asked)["body"])["data"]["items"] == ["a", "b"]


def test_head_answers_without_a_body(world: World) -> None:
    answer = answered(world, event("HEAD", f"{PREFIX}/health"))
    assert (answer["statusCode"], answer["body"]) == (200, "")


@pytest.mark.parametrize(("stage", "servers"), [("dev", [{"url": "/dev"}]), ("prod", [{"url": "/prod"}]), ("", None)])
def test_the_document_names_the_stage_as_its_server(world: World, stage: str, servers: object) -> None:
    handler = handler_for(world.app())
    for _ in range(2):  # the second comes from memory
        answer = handler(event("GET", f"{PREFIX}/openapi.json", stage=stage), None)
        assert json.loads(answer["body"]).get("servers") == servers


@pytest.mark.parametrize("base", ["/llm", "/v1/api", PREFIX, "/"])
def test_what_a_custom_domain_puts_in_front_is_the_documents_server(world: World, base: str) -> None:
    asked = event("GET", f"{base}{PREFIX}/openapi.json", stage="")
    answer = answered(world, asked | {"pathParameters": {"proxy": "openapi.json"}})
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]).get("servers") == (None if base == "/" else [{"url": base}])


@pytest.mark.parametrize(("stage", "servers"), [("", None), ("/live", [{"url": "/live"}])])
def test_an_http_apis_event_is_answered_too(world: World, stage: str, servers: object) -> None:
    path = f"{stage}{PREFIX}/openapi.json"
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}
    context = {"http": http, "stage": stage[1:] or "$default", "requestId": "JKJaXmPLvHcESHA"}
    asked = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {}}
    answer = answered(world, {**asked, "requestContext": context, "isBase64Encoded": False})
    assert (answer["statusCode"], json.loads(answer["body"]).get("servers")) == (200, servers)


@pytest.mark.parametrize(("length", "status"), [(MAX_ANSWER // 2 - 1_000, 200), (MAX_ANSWER // 2 + 1_000, 422)])
def test_an_answer_that_lambda_would_not_take_is_an_error_with_the_headers_of_the_call(
    world: World, length: int, status: int
) -> None:
    app = world.app()
    app.routed.add_api_route(
        f"{PREFIX}/long", lambda: PlainTextResponse('"' * length, headers={"x-llm-call-id": "a-call"})
    )
    answer = handler_for(app)(event("GET", f"{PREFIX}/long"), None)
    assert (answer["statusCode"], answer["headers"]["x-llm-call-id"]) == (status, "a-call")
    if status == 422:
        error = json.loads(answer["body"])["error"]
        assert (error["code"], error["details"]["max_bytes"]) == ("answer_too_large", MAX_ANSWER)
        assert len(answer["body"]) == int(answer["headers"]["content-length"])


@pytest.mark.parametrize("is_loaded", [True, False])
def test_routes_are_read_at_the_start_and_not_by_the_first_request(
    world: World, monkeypatch: pytest.MonkeyPatch, is_loaded: bool
) -> None:
    app, read = world.app(), list[str]()
    if is_loaded:
        app.load()

    def noted(*, path: str, **more: Any) -> Dependant:
        read.append(path)
        return get_dependant(path=path, **more)

    monkeypatch.setattr("fastapi.routing.get_dependant", noted)
    assert handler_for(app)(event("GET", f"{PREFIX}/numbers", headers=signed(world)), None)["statusCode"] == 422
    assert bool(read) is not is_loaded


def test_a_stage_that_is_called_like_a_path_hides_nothing(world: World) -> None:
    assert answered(world, event("GET", f"{PREFIX}/health", stage=PREFIX[1:]))["statusCode"] == 200


def test_who_changed_something_is_told_from_the_gateways_word_and_not_from_a_header(byok: ByokWorld) -> None:
    headers = {"Authorization": f"Bearer {byok.key()}", "Content-Type": "application/json"}
    forged = headers | {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    body = json.dumps({"window": "day", "limit_usd": "1"})
    answer = handler_for(byok.app.own())(event("PUT", "/api/byok/budgets", headers=forged, body=body), None)
    assert answer["statusCode"] == 200
    assert [entry.origin for entry in byok.audit.all] == ["192.0.2.1"]


# Prices behind API Gateway


def priced_answer(pricing: PricingWorld, method: str, path: str, *scopes: Scope, **more: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {pricing.key(*scopes)}", "Content-Type": "application/json"}
    the_event = event(method, f"/api/ai/pricing{path}", headers=headers, **more)
    answer: dict[str, Any] = handler_for(pricing.app.own())(the_event, None)
    body: dict[str, Any] = json.loads(answer["body"])
    return body


@pytest.mark.parametrize("name", ["azure/gpt-4o", "azure%2Fgpt-4o", "azure%2fgpt-4o"])
def test_the_greedy_path_brings_names_with_a_slash_escaped_or_not(priced: PricingWorld, name: str) -> None:
    assert priced_answer(priced, "GET", f"/model/{name}")["data"]["id"] == "azure/gpt-4o"


def test_the_prefix_itself_is_a_route_without_a_slash(priced: PricingWorld) -> None:
    assert priced_answer(priced, "GET", "")["data"]["model_count"] == len(prices())


def test_a_parameter_that_is_given_twice_is_a_list(priced: PricingWorld) -> None:
    twice = {
        "queryStringParameters": {"accept": "openai/gpt-4o-mini"},
        "multiValueQueryStringParameters": {"accept": ["openai/gpt-4o", "openai/gpt-4o-mini"], "force": ["true"]},
    }
    priced.says(prices(**{"gpt-4o": chat("openai", 0.0025, 0.01), "gpt-4o-mini": chat("openai", 0.0015, 0.006)}))
    may = (Scope.CATALOG_WRITE, Scope.ADMIN)
    assert priced_answer(priced, "POST", "/refresh", *may)["data"]["held_in_quarantine"] == 2
    assert priced_answer(priced, "POST", "/refresh", *may, **twice)["data"]["held_in_quarantine"] == 0


def test_what_an_instant_needs_escaped_arrives(priced: PricingWorld) -> None:
    at = {"at": "2026-11-22T14:00:00+02:00"}
    assert priced_answer(priced, "GET", "/model/gpt-4o", query=at)["data"]["believed_since"] == "2026-11-22T12:00:00Z"


def test_a_header_that_is_given_twice_is_no_key(priced: PricingWorld) -> None:
    key = f"Bearer {priced.key()}"
    twice = event("GET", "/api/ai/pricing") | {"multiValueHeaders": {"Authorization": [key, key], "Host": ["x"]}}
    assert handler_for(priced.app.own())(twice, None)["statusCode"] == 401


def test_an_estimate_arrives_in_base64(priced: PricingWorld) -> None:
    body = base64.b64encode(b'{"model": "gpt-4o", "input_tokens": 1000}').decode()
    data = priced_answer(priced, "POST", "/estimate", body=body, isBase64Encoded=True)["data"]
    assert data["total_usd"] == "0.0025"


def test_a_warm_process_answers_again_and_again(priced: PricingWorld) -> None:
    handler = handler_for(priced.app.own())
    asked = event("GET", "/api/ai/pricing/model/gpt-4o", headers={"x-api-key": priced.key()})
    assert [handler(asked, None)["statusCode"] for _ in range(3)] == [200] * 3
