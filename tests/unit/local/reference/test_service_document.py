"""The document of the whole service: every operation by an id of its own, with examples that keep to its schemas."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from functions.chat.documented import ANSWER_HEADERS
from local.reference.service_document import service_document

# What no stand-in shows: a file, a sound, a call in the background, and tokens of somebody's own issuer.
OF_AN_ISSUER = {"byok_trust_issuer", "byok_distrust_issuer", "byok_exchange_token", "byok_key_of_role"}
UNSHOWN = {"byok_export_file", "byok_focus", "chat_speech", "chat_cancel"} | OF_AN_ISSUER


@cache
def document() -> dict[str, Any]:
    return service_document()


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for verbs in document()["paths"].values():
        for operation in verbs.values():
            yield operation["operationId"], operation


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each content in JSON that has an example, by its operation and its place."""
    for name, operation in operations():
        parts = {"request": operation.get("requestBody"), **operation["responses"]}
        for place, part in parts.items():
            content = ((part or {}).get("content") or {}).get("application/json", {})
            if "example" in content:
                yield f"{name} {place}", content


def test_it_is_openapi() -> None:
    validate(document())


def test_an_operation_is_named_by_its_group_and_its_function() -> None:
    names = dict(operations())
    assert {"chat_completions", "chat_messages", "byok_store_key", "pricing_estimate", "tiers_compare"} <= names.keys()
    assert all(name.split("_")[0] in ("chat", "byok", "pricing", "registry", "tiers", "console") for name in names)


def test_every_operation_has_an_example_of_its_answer() -> None:
    shown = {place.split()[0] for place, _ in examples() if not place.endswith("request")}
    assert {name for name, _ in operations()} - UNSHOWN - shown == set()


def test_every_request_in_json_has_an_example() -> None:
    asked = {name for name, operation in operations() if "application/json" in body_of(operation)}
    assert asked - OF_AN_ISSUER - {place.split()[0] for place, _ in examples() if place.endswith("request")} == set()


@pytest.mark.parametrize(("place", "content"), list(examples()), ids=lambda part: part if isinstance(part, str) else "")
def test_an_example_keeps_to_its_schema(place: str, content: dict[str, Any]) -> None:
    schema = {**content["schema"], "components": document()["components"]}
    assert [fault.message for fault in jsonschema_rs.Draft202012Validator(schema).iter_errors(content["example"])] == []


def test_no_example_shows_a_key_that_opens_anything() -> None:
    shown = [place for place, content in examples() if "shown-this-once" in str(content)]
    assert shown == ["byok_issue_service_key 201"]


@pytest.mark.parametrize("name", ["chat_completions", "chat_messages", "chat_responses", "chat_images", "chat_speech"])
def test_a_calls_answer_names_its_headers(name: str) -> None:
    assert dict(operations())[name]["responses"]["200"]["headers"].keys() == ANSWER_HEADERS.keys()


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("chat_completions", {"object": "chat.completion.chunk", "choices": []}),
        ("chat_messages", {"type": "message_stop"}),
        ("chat_responses", {"type": "response.output_text.delta", "sequence_number": 4}),
    ],
)
def test_a_streams_events_have_a_schema(name: str, event: dict[str, Any]) -> None:
    schema = dict(operations())[name]["responses"]["200"]["content"]["text/event-stream"]["schema"]["contentSchema"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid(event)
    assert not validator.is_valid("an event is an object")
