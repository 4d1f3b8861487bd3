"""The OpenAPI document of each function: every route with what it takes, what it answers, and how it fails."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from atom_llm.http.app import FunctionApp
from local.front_door import GROUPS, elsewhere
from tests.functions.http.test_health import PREFIXES
from tests.functions.pricing.pricing_world import PREFIX, PricingWorld

TOKENS = "/token"  # of a token endpoint, whose envelope is RFC 6749's
PRICING = {
    ("get", "/consensus"): {200, 401, 422, 500, 503},
    ("get", ""): {200, 401, 500, 503},
    ("post", "/refresh"): {200, 401, 403, 409, 422, 500, 502, 503},
    ("get", "/models"): {200, 401, 422, 500, 503},
    ("get", "/model/{model}"): {200, 401, 404, 422, 500, 503},
    ("get", "/provider/{provider}"): {200, 401, 404, 422, 500, 503},
    ("post", "/estimate"): {200, 400, 401, 402, 404, 408, 413, 415, 422, 500, 503},
    ("get", "/changes"): {200, 401, 422, 500, 503},
    ("get", "/history/{model}"): {200, 401, 404, 422, 500, 503},
    ("get", "/quarantine"): {200, 401, 422, 500, 503},
    ("get", "/health"): {200},
}


def document_of(group: str) -> dict[str, Any]:
    app = import_module(f"functions.{group}.main").app
    assert isinstance(app, FunctionApp)
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield verb, path, operation


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


@pytest.mark.parametrize("group", PREFIXES)
def test_every_answer_in_an_envelope_is_checked_and_written_by_its_model(group: str) -> None:
    """Also of a route that answers a file as well: without its model an answer is taken apart and put together."""
    app = import_module(f"functions.{group}.main").app
    for each in iter_route_contexts(app.routed.routes):
        answered = get_type_hints(each.endpoint).get("return")
        for kind in (answered, *get_args(answered)):
            if getattr(kind, "__name__", "").startswith("Success["):
                assert each.response_model == kind, each.path


@pytest.mark.parametrize("group", PREFIXES)
def test_every_route_that_there_is_stands_in_the_document(group: str) -> None:
    app = import_module(f"functions.{group}.main").app
    served = {str(each.path).replace(":path}", "}") for each in iter_route_contexts(app.routed.routes)}
    assert served - {f"{PREFIXES[group]}/openapi.json"} == document_of(group)["paths"].keys()


@pytest.mark.parametrize("group", PREFIXES)
def test_every_operation_has_a_summary_of_its_own_and_a_success_that_is_spelt_out(group: str) -> None:
    document = document_of(group)
    summaries = [operation["summary"] for _, _, operation in operations(document)]
    assert len(set(summaries)) == len(summaries)
    for _, path, operation in operations(document):
        done = next(
            operation["responses"][status] for status in ("200", "201", "202") if status in operation["responses"]
        )
        if done["content"].keys() == {"text/csv"}:
            continue  # a file, whose columns are another standard's
        if "application/json" not in done["content"]:
            assert all(each["schema"]["format"] == "binary" for each in done["content"].values()), path
            continue
        schema = resolved(document, done["content"]["application/json"]["schema"])
        assert schema["properties"], path
        if group != "chat" and not path.endswith(("/health", TOKENS)):
            assert schema["properties"].keys() == {"success", "data", "error", "message", "timestamp"}
            assert resolved(document, schema["properties"]["data"])["properties"], path


def test_the_pricing_document_lists_every_status_that_a_route_can_answer() -> None:
    told = {
        (verb, path.removeprefix(PREFIX)): {int(status) for status in operation["responses"]}
        for verb, path, operation in operations(document_of("pricing"))
    }
    assert told == PRICING


@pytest.mark.parametrize("group", ["pricing", "byok", "registry", "tiers"])
def test_a_failure_is_documented_in_the_envelope_that_it_comes_in(group: str) -> None:
    document = document_of(group)
    for _, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                schema = resolved(document, answer["content"]["application/json"]["schema"])
                if path.endswith(TOKENS):
                    assert schema["properties"].keys() == {"error", "error_description"}
                    continue
                assert schema["properties"].keys() == {"success", "data", "error", "message", "timestamp"}, path
                assert answer["description"].endswith(".")


@pytest.mark.parametrize("group", ["pricing", "byok", "registry", "tiers"])
def test_money_is_documented_as_a_string(group: str) -> None:
    schemas = document_of(group)["components"]["schemas"]
    for name in (name for name in schemas if name.endswith("Out")):
        for field, schema in schemas[name].get("properties", {}).items():
            if field.endswith("_usd"):
                kinds = {each["type"] for each in schema.get("anyOf", [schema])}
                assert kinds <= {"string", "null"}, (name, field)


def test_what_a_caller_sends_refuses_what_it_does_not_know() -> None:
    schemas = document_of("pricing")["components"]["schemas"]
    assert schemas["EstimateIn"]["additionalProperties"] is False
    assert schemas["EstimateIn"]["required"] == ["model"]


@pytest.mark.parametrize("group", ["pricing", "byok", "registry", "tiers"])
def test_every_parameter_is_bounded_or_chosen_from_a_list(group: str) -> None:
    document = document_of(group)
    for _, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            schema = resolved(document, parameter["schema"])
            for each in (resolved(document, given) for given in schema.get("anyOf", [schema])):
                bounds = {"maxLength", "maximum", "maxItems", "enum", "format"}
                assert each["type"] in ("null", "boolean") or bounds & each.keys(), (path, parameter["name"])


@pytest.mark.anyio
async def test_the_document_is_served_to_anybody(pricing: PricingWorld) -> None:
    answer = await pricing.client().get(f"{PREFIX}/openapi.json", headers={"authorization": ""})
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Prices of models")


@pytest.mark.anyio
async def test_the_front_door_serves_the_document_of_all_groups_to_anybody(pricing: PricingWorld) -> None:
    transport = httpx.ASGITransport(elsewhere(lambda: pricing.container))
    answer = await httpx.AsyncClient(transport=transport, base_url="http://door").get("/openapi.json")
    paths = answer.json()["paths"]
    assert {prefix for prefix in GROUPS if any(path.startswith(prefix) for path in paths)} == set(GROUPS)
