"""OpenAI's tools as Gemini's declarations, and the choice among them."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.gemini.gemini_world import BY_BUDGET, BY_LEVEL, dropped, function, request

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TWO = [function("f", CITY), function("g", CITY)]


def declared(tool: dict[str, Any]) -> Any:
    return request(tools=[tool]).body["tools"][0]["functionDeclarations"][0]


def calling(choice: Any, *tools: dict[str, Any], model: str = BY_LEVEL) -> Any:
    wire = request(model, tools=list(tools or TWO), tool_choice=choice).body
    return wire.get("toolConfig", {}).get("functionCallingConfig")


def names(**fields: Any) -> list[str]:
    return [each["name"] for each in request(**fields).body["tools"][0]["functionDeclarations"]]


def test_functions_are_declared_together_with_their_json_schemas() -> None:
    wire = request(tools=[function("f", CITY, description="Looks"), function("g", CITY)]).body
    assert wire["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "Looks", "parametersJsonSchema": CITY},
                {"name": "g", "parametersJsonSchema": CITY},
            ]
        }
    ]
    assert "toolConfig" not in wire


@pytest.mark.parametrize(
    "parameters",
    [None, {}, {"type": "object"}, {"type": "object", "properties": {}, "additionalProperties": False, "required": []}],
)
def test_a_function_without_parameters_has_no_schema(parameters: Any) -> None:
    assert declared(function("f", parameters)) == {"name": "f"}


def test_parameters_are_an_object_even_where_nobody_says_so() -> None:
    untyped = {"properties": {"a": {"type": "string"}}}
    assert declared(function("f", untyped))["parametersJsonSchema"] == {"type": "object"} | untyped
    named = {"anyOf": [CITY, {"type": "object", "properties": {"zip": {"type": "string"}}}]}
    assert declared(function("f", named))["parametersJsonSchema"] == {"type": "object"} | named


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (None, None),
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        ({"type": "function", "function": {"name": "g"}}, {"mode": "ANY", "allowedFunctionNames": ["g"]}),
    ],
)
def test_a_choice_is_a_mode(choice: Any, config: Any) -> None:
    assert calling(choice) == config


def test_a_choice_among_some_tools_is_those_alone() -> None:
    named = [{"type": "function", "function": {"name": "g"}}]
    some = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": named}}
    assert names(tools=TWO, tool_choice=some) == ["g"]
    assert calling(some) == {"mode": "AUTO"}
    must = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": named}}
    assert calling(must) == {"mode": "ANY", "allowedFunctionNames": ["g"]}


@pytest.mark.parametrize(
    "choice",
    ["any", 3, {"type": "custom"}, {"type": "function"}, {"type": "allowed_tools"}],
)
def test_a_choice_that_is_none_is_named(choice: Any) -> None:
    with pytest.raises(InvalidRequest, match="tool_choice"):
        request(tools=TWO, tool_choice=choice)


def test_a_choice_of_a_tool_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidRequest, match="tool_choice"):
        request(tools=TWO, tool_choice={"type": "function", "function": {"name": "h"}})


def test_a_choice_without_tools_says_nothing() -> None:
    assert request(tool_choice="required", tools=[]).body == request().body


def test_strict_tools_are_validated_where_that_is_known() -> None:
    strict = function("f", CITY, strict=True)
    assert calling(None, strict) == {"mode": "VALIDATED"}
    assert calling("required", strict) == {"mode": "ANY"}  # which keeps to the schema anyway
    assert calling(None, strict, model=BY_BUDGET) is None
    assert dropped(BY_BUDGET, tools=[strict]) == ("tools.function.strict",)
    assert dropped(BY_LEVEL, tools=[strict]) == ()


def test_calls_one_after_another_cannot_be_asked_for() -> None:
    assert dropped(tools=TWO, parallel_tool_calls=False) == ("parallel_tool_calls",)
    assert dropped(tools=TWO, parallel_tool_calls=True) == ()
    assert dropped(tools=TWO, parallel_tool_calls=False, tool_choice="none") == ()


def test_googles_own_tools_pass_as_they_are() -> None:
    wire = request(tools=[{"codeExecution": {}}, {"google_search": {}}]).body
    assert wire["tools"] == [{"codeExecution": {}}, {"google_search": {}}]


def test_tools_of_another_type_are_not_for_this_provider() -> None:
    with pytest.raises(ProviderFailure) as failure:
        request(tools=[function(), {"type": "custom", "custom": {"name": "x"}}])
    assert (failure.value.kind, failure.value.param) == (FailureKind.UNSUPPORTED, "tools.1")


@pytest.mark.parametrize(
    ("tool", "field"),
    [
        ("f", "tools.0"),
        ({"type": "function"}, "tools.0.function"),
        ({"type": "function", "function": {"parameters": CITY}}, "tools.0.function.name"),
        (function("f", "{}"), "tools.0.function.parameters"),
    ],
)
def test_a_tool_that_is_none_is_named(tool: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        request(tools=[tool])
    assert error.value.field == field


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"type": "xml"}, "response_format.type"),
        ({"type": "json_schema"}, "response_format.type"),
        ({"type": "json_schema", "json_schema": {"schema": 1}}, "response_format.json_schema.schema"),
    ],
)
def test_a_format_that_is_none_is_named(asked: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        request(response_format=asked)
    assert error.value.field == field
