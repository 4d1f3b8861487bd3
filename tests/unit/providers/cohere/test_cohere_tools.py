"""Formats and tools of OpenAI's requests in Cohere's words."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import SCHEMA, function, request


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"type": "json_object"}, {"type": "json_object"}),
        ({"type": "json_object", "schema": SCHEMA}, {"type": "json_object", "schema": SCHEMA}),
        (
            {"type": "json_schema", "json_schema": {"name": "b", "schema": SCHEMA}},
            {"type": "json_object", "schema": SCHEMA},
        ),
        ({"type": "json_schema", "json_schema": {"name": "b"}}, {"type": "json_object"}),
    ],
)
def test_a_format_is_coheres(asked: Any, given: Any) -> None:
    assert request(response_format=asked).body["response_format"] == given


def test_a_format_of_text_is_none() -> None:
    assert "response_format" not in request(response_format={"type": "text"}).body


def test_tools_that_may_not_be_used_make_room_for_a_format() -> None:
    body = request(tools=[function("f")], tool_choice="none", response_format={"type": "json_object"}).body
    assert body["response_format"] == {"type": "json_object"}
    assert not {"tools", "tool_choice"} & body.keys()


def test_a_call_that_has_to_be_needs_no_format() -> None:
    body = request(tools=[function("f")], tool_choice="required", response_format={"type": "json_object"}).body
    assert "response_format" not in body
    assert body["tool_choice"] == "REQUIRED"


def test_a_tool_without_parameters_has_an_empty_schema() -> None:
    tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    (translated,) = request(tools=[tool]).body["tools"]
    empty = {"type": "object", "properties": {}}
    assert translated == {
        "type": "function",
        "function": {"name": "now", "description": "The time", "parameters": empty},
    }


@pytest.mark.parametrize(("choice", "word"), [("auto", None), (None, None), ("none", "NONE"), ("required", "REQUIRED")])
def test_a_choice_is_coheres_word(choice: Any, word: str | None) -> None:
    assert request(tools=[function("f")], tool_choice=choice).body.get("tool_choice") == word


def test_a_named_function_is_offered_alone() -> None:
    chosen = {"type": "function", "function": {"name": "g"}}
    body = request(tools=[function("f"), function("g")], tool_choice=chosen).body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert body["tool_choice"] == "REQUIRED"


def test_allowed_tools_are_offered_alone() -> None:
    allowed = {"mode": "auto", "tools": [{"type": "function", "function": {"name": "g"}}]}
    body = request(
        tools=[function("f"), function("g")], tool_choice={"type": "allowed_tools", "allowed_tools": allowed}
    ).body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert "tool_choice" not in body


@pytest.mark.parametrize(
    "choice",
    ["sometimes", 3, {"type": "function"}, {"type": "x"}, {"type": "function", "function": {"name": "unknown"}}],
)
def test_what_is_no_choice_is_the_callers_mistake(choice: Any) -> None:
    with pytest.raises(InvalidRequest):
        request(tools=[function("f")], tool_choice=choice)


def test_strictness_is_of_all_tools_that_have_something_required() -> None:
    strict = function("f", strict=True)
    wire = request(tools=[strict, function("g")])
    assert wire.body["strict_tools"] is True
    assert "strict" not in wire.body["tools"][0]["function"]
    wire = request(tools=[strict, function("g", {"type": "object", "properties": {}})])
    assert ("strict_tools" in wire.body, wire.dropped) == (False, ("tools.function.strict",))
    assert "strict_tools" not in request(tools=[function("f")]).body


def test_one_call_at_a_time_cannot_be_had() -> None:
    assert request(tools=[function("f")], parallel_tool_calls=False).dropped == ("parallel_tool_calls",)
    assert request(tools=[function("f")], parallel_tool_calls=True).dropped == ()


def test_tools_that_are_no_functions_are_unsupported() -> None:
    with pytest.raises(ProviderFailure) as failed:
        request(tools=[{"type": "custom", "custom": {"name": "f"}}])
    assert failed.value.kind is FailureKind.UNSUPPORTED
