"""The parts of a chat request that dialects translate: what is read of them, and which field is said to be wrong."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from atom_llm.adapters.providers.request_parts import (
    RequestedFunction,
    RequestedPart,
    RequestedToolCall,
    RequestedToolChoice,
    add_messages,
    answered_call_id,
    asks_for_json,
    requested_arguments,
    requested_format,
    requested_function,
    requested_parts,
    requested_stops,
    requested_tool_calls,
    requested_tool_choice,
)
from atom_llm.domain.core.errors import InvalidRequest

NAMED = {"type": "function", "function": {"name": "add"}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def wrong_field(read: Callable[[], object]) -> str:
    with pytest.raises(InvalidRequest) as refusal:
        read()
    return refusal.value.field


def call(arguments: object) -> RequestedToolCall:
    return RequestedToolCall("call_1", "add", arguments, {})


# Tools


def test_a_function_is_read_with_all_that_was_said_of_it() -> None:
    function = {"name": "add", "description": "Adds", "parameters": SCHEMA, "strict": True, "cache_control": {}}
    found = requested_function({"type": "function", "function": function}, "tools.0")
    assert found == RequestedFunction("add", "Adds", SCHEMA, True, function)
    assert requested_function(NAMED, "tools.0") == RequestedFunction("add", None, {}, False, {"name": "add"})


@pytest.mark.parametrize(
    ("function", "field"),
    [
        (None, "tools.3.function"),
        ("add", "tools.3.function"),
        ({}, "tools.3.function.name"),
        ({"name": ""}, "tools.3.function.name"),
        ({"name": 7}, "tools.3.function.name"),
        ({"name": "add", "parameters": []}, "tools.3.function.parameters"),
    ],
)
def test_what_is_wrong_with_a_function_is_named(function: object, field: str) -> None:
    assert wrong_field(lambda: requested_function({"type": "function", "function": function}, "tools.3")) == field


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, RequestedToolChoice()),
        ("auto", RequestedToolChoice("auto")),
        ("none", RequestedToolChoice("none")),
        ("required", RequestedToolChoice("required")),
        (NAMED, RequestedToolChoice("required", ("add",), is_named=True)),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [NAMED]}},
            RequestedToolChoice("auto", ("add",)),
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NAMED, NAMED]}},
            RequestedToolChoice("required", ("add", "add")),
        ),
    ],
)
def test_a_choice_of_tools_is_read(given: object, found: RequestedToolChoice) -> None:
    assert requested_tool_choice(given) == found


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("any", "tool_choice"),
        (7, "tool_choice"),
        ({"type": "function"}, "tool_choice.function.name"),
        ({"type": "tool", "name": "add"}, "tool_choice.type"),
        ({"type": "allowed_tools"}, "tool_choice.allowed_tools"),
        ({"type": "allowed_tools", "allowed_tools": {"tools": {}}}, "tool_choice.allowed_tools"),
        (
            {"type": "allowed_tools", "allowed_tools": {"tools": [NAMED, {}]}},
            "tool_choice.allowed_tools.tools.1.function.name",
        ),
    ],
)
def test_what_is_wrong_with_a_choice_of_tools_is_named(given: object, field: str) -> None:
    assert wrong_field(lambda: requested_tool_choice(given)) == field


# Formats and stops


@pytest.mark.parametrize("given", [None, {}, {"type": "text"}, "json"])
def test_a_format_of_plain_text_asks_for_nothing(given: object) -> None:
    assert (requested_format(given), asks_for_json(given)) == (None, False)


def test_a_format_in_json_is_read_with_or_without_its_schema() -> None:
    definition = {"name": "sum", "schema": SCHEMA, "strict": True}
    by_schema = {"type": "json_schema", "json_schema": definition}
    found, free = requested_format(by_schema), requested_format({"type": "json_object"})
    assert found is not None
    assert free is not None
    assert (found.schema, found.definition, found.given) == (SCHEMA, definition, by_schema)
    assert (free.schema, free.definition) == (None, {})
    assert requested_format({"type": "json_schema", "json_schema": {"name": "any"}}) is not None
    assert asks_for_json(by_schema)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "xml"}, "response_format.type"),
        ({"type": "json_schema"}, "response_format.type"),
        ({"type": "json_schema", "json_schema": {"schema": "{}"}}, "response_format.json_schema.schema"),
    ],
)
def test_what_is_wrong_with_a_format_is_named(given: Mapping[str, Any], field: str) -> None:
    assert wrong_field(lambda: requested_format(given)) == field


@pytest.mark.parametrize(("given", "found"), [(None, []), ("END", ["END"]), (["A", "B"], ["A", "B"]), ([], [])])
def test_one_stop_several_or_none(given: object, found: list[str]) -> None:
    assert requested_stops(given) == found


# Messages


class Noted:
    """A conversation that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        self.told.append(("system", field))

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        self.told.append(("user", field))

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        self.told.append(("assistant", field))

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        self.told.append(("result", field))


def test_messages_are_added_in_their_order_by_their_role() -> None:
    noted = Noted()
    add_messages(noted, [{"role": role} for role in ("developer", "system", "user", "assistant", "tool")])
    assert [kind for kind, _ in noted.told] == ["system", "system", "user", "assistant", "result"]
    assert noted.told[4][1] == "messages.4"


@pytest.mark.parametrize("role", [None, "function", "", 7])
def test_a_role_that_nobody_has_is_named(role: object) -> None:
    assert wrong_field(lambda: add_messages(Noted(), [{"role": "user"}, {"role": role}])) == "messages.1.role"


def test_content_is_read_as_parts_whatever_it_is() -> None:
    refusal, picture = {"type": "refusal", "refusal": "No."}, {"type": "image_url", "image_url": "https://a.test/b.png"}
    told = RequestedPart("text", "f", {"type": "text", "text": "Hello"}, "Hello")
    assert requested_parts(None, "f") == requested_parts([], "f") == []
    assert requested_parts("Hello", "f") == [told]
    assert requested_parts(["Hello", refusal, picture], "f") == [
        told._replace(field="f.0"),
        RequestedPart("refusal", "f.1", refusal, "No."),
        RequestedPart("image_url", "f.2", picture, None),
    ]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (7, "f"),
        ({"type": "text"}, "f"),
        (["Hello", 7], "f.1"),
        ([{}], "f.0.type"),
        ([{"type": 7}], "f.0.type"),
        ([{"type": "text"}], "f.0.text"),
        ([{"type": "refusal", "text": "No."}], "f.0.refusal"),
    ],
)
def test_what_is_wrong_with_content_is_named(content: object, field: str) -> None:
    assert wrong_field(lambda: requested_parts(content, "f")) == field


def test_earlier_calls_are_read_and_there_may_be_none() -> None:
    given = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}, "index": 0}
    assert requested_tool_calls([given], "f") == [RequestedToolCall("call_1", "add", "{}", given)]
    assert requested_tool_calls(None, "f") == requested_tool_calls([], "f") == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("add", "f"),
        ([{"id": "x"}], "f.0.function"),
        ([7], "f.0.function"),
        ([NAMED], "f.0.id"),
        ([{"id": "x", "function": {}}], "f.0.function.name"),
    ],
)
def test_what_is_wrong_with_an_earlier_call_is_named(given: object, field: str) -> None:
    assert wrong_field(lambda: requested_tool_calls(given, "f")) == field


@pytest.mark.parametrize(
    ("given", "found"),
    [(None, {}), ("", {}), ("{}", {}), ('{"a": 1}', {"a": 1}), ({"a": 1}, {"a": 1})],
)
def test_arguments_are_an_object_in_a_text_or_as_they_are(given: object, found: object) -> None:
    assert requested_arguments(call(given)) == found


@pytest.mark.parametrize("given", ["{", "[]", "7", '{"a": NaN}', '{"a": -Infinity}', "[" * 200_000])
def test_arguments_that_are_no_object_of_json_are_a_raw_text(given: str) -> None:
    assert requested_arguments(call(given)) == {"raw": given}


@pytest.mark.parametrize(("given", "raw"), [([], "[]"), (7, "7")])
def test_arguments_of_another_type_are_written_as_a_raw_text(given: object, raw: str) -> None:
    assert requested_arguments(call(given)) == {"raw": raw}


def test_a_result_says_which_call_it_answers() -> None:
    assert answered_call_id({"tool_call_id": "call_1"}, "f") == "call_1"


@pytest.mark.parametrize("missing", [None, "", 7])
def test_a_result_of_no_call_is_named(missing: object) -> None:
    assert wrong_field(lambda: answered_call_id({"tool_call_id": missing}, "f")) == "f.tool_call_id"
