"""Tools, the choice among them, and answers of a fixed shape."""

from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.schema import MAX_REFERENCES, can_be_kept_to, closed
from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.anthropic.anthropic_world import ALWAYS, BETWEEN, BY_BUDGET, request, target

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOSED_CITY = CITY | {"additionalProperties": False}
OPEN = {"type": "object", "properties": {"scores": {"type": "object", "additionalProperties": {"type": "number"}}}}
OLD = target(BY_BUDGET, "native_structured_output")


def tool(name: str = "weather", **function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": "Tells.", "parameters": CITY} | function}


def wire(model: str | Target = BETWEEN, **fields: Any) -> dict[str, Any]:
    return dict(request(model, **fields).body)


def schema(given: dict[str, Any], *, strict: bool | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": given, "strict": strict} | more}


def test_a_function_is_a_tool_with_an_input_schema() -> None:
    assert wire(tools=[tool()])["tools"] == [{"name": "weather", "description": "Tells.", "input_schema": CITY}]


def test_a_function_without_parameters_has_an_empty_input() -> None:
    sent = wire(tools=[{"type": "function", "function": {"name": "now"}}])["tools"]

    assert sent == [{"name": "now", "input_schema": {"type": "object", "properties": {}}}]


def test_a_strict_function_is_strict_where_the_model_can_be() -> None:
    sent = wire(tools=[tool(strict=True)])["tools"][0]
    assert sent["strict"] is True
    assert sent["input_schema"] == CLOSED_CITY

    for model, parameters in ((OLD, CITY), (BETWEEN, OPEN)):
        asked = request(model, tools=[tool(strict=True, parameters=parameters)])
        assert asked.body["tools"][0]["input_schema"] == parameters
        assert "strict" not in asked.body["tools"][0]
        assert asked.dropped == ("tools.function.strict",)


@pytest.mark.parametrize("place", ["tool", "function"])
def test_a_marked_tool_stays_marked(place: str) -> None:
    mark: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    given = tool() | mark if place == "tool" else tool(**mark)

    assert wire(tools=[given])["tools"][0]["cache_control"] == mark["cache_control"]


def test_anthropics_own_tools_pass() -> None:
    own = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}, {"name": "f", "input_schema": CITY}]

    assert wire(tools=own)["tools"] == own


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "function"}, "tools.0.function"),
        ({"type": "function", "function": {}}, "tools.0.function.name"),
        ({"type": "function", "function": {"name": "f", "parameters": []}}, "tools.0.function.parameters"),
    ],
)
def test_what_is_wrong_with_a_tool_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        wire(tools=[given])

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "tool", "name": "weather"}),
        ({"type": "tool", "name": "weather"}, {"type": "tool", "name": "weather"}),
    ],
)
def test_the_choice_among_tools(choice: Any, sent: dict[str, Any]) -> None:
    assert wire(tools=[tool()], tool_choice=choice)["tool_choice"] == sent


def test_a_choice_among_some_tools_leaves_the_others_out() -> None:
    named = [{"type": "function", "function": {"name": "time"}}]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": named}}
    sent = wire(tools=[tool(), tool("time")], tool_choice=choice)

    assert [each["name"] for each in sent["tools"]] == ["time"]
    assert sent["tool_choice"] == {"type": "any"}


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", {"type": "any", "disable_parallel_tool_use": True}),
        ("none", {"type": "none"}),
    ],
)
def test_one_tool_at_a_time(choice: Any, sent: dict[str, Any]) -> None:
    assert wire(tools=[tool()], tool_choice=choice, parallel_tool_calls=False)["tool_choice"] == sent
    assert "tool_choice" not in wire(tools=[tool()], parallel_tool_calls=True)


def test_a_choice_without_tools_is_not_sent() -> None:
    assert not wire(tool_choice="auto", parallel_tool_calls=False).keys() & {"tools", "tool_choice"}


@pytest.mark.parametrize(
    "choice", ["sometimes", 1, {"type": "function"}, {"type": "allowed_tools"}, {"type": "custom"}, {"type": ["a"]}]
)
def test_a_choice_of_no_kind_is_refused(choice: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        wire(tools=[tool()], tool_choice=choice)

    assert caught.value.field.startswith("tool_choice")


def test_searching_the_web_is_a_tool_of_anthropics() -> None:
    place = {"type": "approximate", "approximate": {"city": "Bonn", "country": "DE"}}
    sent = wire(web_search_options={"search_context_size": "low", "user_location": place}, tools=[tool()])["tools"]

    assert sent[1] == {
        "type": "web_search_20250305",
        "name": "web_search",
        "max_uses": 1,
        "user_location": {"type": "approximate", "city": "Bonn", "country": "DE"},
    }


# Answers of a fixed shape


def test_a_schema_is_kept_natively_beside_an_effort_and_the_callers_tools() -> None:
    sent = wire(response_format=schema(CITY), reasoning_effort="high", tools=[tool()])

    assert sent["output_config"] == {"effort": "high", "format": {"type": "json_schema", "schema": CLOSED_CITY}}
    assert [each["name"] for each in sent["tools"]] == ["weather"]
    assert "tool_choice" not in sent


@pytest.mark.parametrize(("model", "given"), [(OLD, CITY), (BETWEEN, OPEN)])
def test_a_schema_that_is_not_kept_natively_is_the_input_of_a_tool(model: str | Target, given: dict[str, Any]) -> None:
    sent = wire(model, response_format=schema(given, description="A place."))

    assert sent["tools"] == [{"name": ANSWER_TOOL, "description": "A place.", "input_schema": given}]
    assert sent["tool_choice"] == {"type": "tool", "name": ANSWER_TOOL, "disable_parallel_tool_use": True}
    assert "output_config" not in sent


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, {"type": "any"}),
        ("auto", {"type": "any"}),
        ("none", {"type": "tool", "name": ANSWER_TOOL, "disable_parallel_tool_use": True}),
    ],
)
def test_beside_the_callers_tools_the_answer_is_one_of_them(choice: Any, sent: dict[str, Any]) -> None:
    asked = wire(OLD, response_format=schema(CITY), tools=[tool()], tool_choice=choice)

    assert [each["name"] for each in asked["tools"]] == ["weather", ANSWER_TOOL]
    assert asked["tool_choice"] == sent


def test_one_tool_at_a_time_holds_for_the_answer_too() -> None:
    asked = wire(OLD, response_format=schema(CITY), tools=[tool()], parallel_tool_calls=False)

    assert asked["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}


def test_a_call_that_must_be_made_is_the_answer() -> None:
    asked = wire(OLD, response_format=schema(CITY), tools=[tool()], tool_choice="required")

    assert [each["name"] for each in asked["tools"]] == ["weather"]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (ALWAYS, {"response_format": schema(OPEN)}),  # it cannot be forced to use a tool
        (OLD, {"response_format": schema(CITY), "reasoning_effort": "high"}),  # nor together with a budget
        (OLD, {"response_format": schema({"type": "array", "items": CITY})}),  # which is no input of a tool
    ],
)
def test_where_nothing_holds_a_schema_it_is_told_unless_it_is_strict(model: str | Target, fields: Any) -> None:
    prompt = wire(model, **fields)["system"]
    assert "JSON schema" in prompt

    fields["response_format"]["json_schema"]["strict"] = True
    with pytest.raises(ProviderFailure) as caught:
        wire(model, **fields)
    assert caught.value.kind is FailureKind.UNSUPPORTED
    assert caught.value.param == "response_format.json_schema.schema"


def test_any_json_is_asked_for_in_words_after_the_callers_own() -> None:
    sent = wire(
        response_format={"type": "json_object"},
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "A city, in JSON."},
        ],
    )

    assert sent["system"][0] == {"type": "text", "text": "Be brief."}
    assert "JSON object" in sent["system"][1]["text"]


def test_text_is_asked_for_in_no_way() -> None:
    assert set(wire(response_format={"type": "text"})) == {"model", "max_tokens", "messages"}


# Schemas


def test_what_cannot_be_enforced_is_told_in_the_description() -> None:
    given = {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "minimum": 0, "description": "In years."},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 9}, "minItems": 1, "uniqueItems": True},
            "many": {"type": "array", "items": {"type": "string", "format": "ipv4"}, "minItems": 2},
            "born": {"oneOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "link": {"type": ["string", "null"], "format": "iri", "pattern": "^(?!x)"},
        },
    }

    assert closed(given) == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "age": {"type": "integer", "description": "In years.\n\n{minimum: 0}"},
            "tags": {
                "type": "array",
                "items": {"type": "string", "description": "{maxLength: 9}"},
                "minItems": 1,
                "description": "{uniqueItems: true}",
            },
            "many": {"type": "array", "items": {"type": "string", "format": "ipv4"}, "description": "{minItems: 2}"},
            "born": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "link": {"type": ["string", "null"], "description": "{format: iri, pattern: ^(?!x)}"},
        },
    }


def test_a_bound_that_asks_for_nothing_is_neither_sent_nor_told() -> None:
    given = {"type": "array", "items": {"type": "string"}}

    assert closed(given | {"uniqueItems": False}) == given


def test_a_field_may_be_called_like_a_keyword() -> None:
    given = {"type": "object", "properties": {"minimum": {"type": "integer"}, "not": {"type": "string"}}}

    assert closed(given)["properties"] == given["properties"]


@pytest.mark.parametrize(
    "given",
    [
        CITY,
        {"type": "array", "items": CITY},
        {"$ref": "#/$defs/City", "$defs": {"City": CITY}},
        {"anyOf": [{"type": "null"}, {"enum": ["a", 1]}, {"const": 2}]},
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/C"}, "b": {"$ref": "#/$defs/C"}},
            "$defs": {"C": CITY},
        },
        {"type": "object", "additionalProperties": False},
    ],
)
def test_a_closed_schema_can_be_kept_to(given: dict[str, Any]) -> None:
    assert can_be_kept_to(given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"type": "object"},
        OPEN,
        {"type": "object", "properties": {"any": {}}},
        {"type": "object", "properties": {"any": True}},
        {"type": "object", "properties": {}, "patternProperties": {"a": CITY}},
        {"type": "array"},
        {"enum": [{"a": 1}]},
        {"$ref": "https://a.example/schema"},
        {"$ref": "#/$defs/Missing"},
        {"anyOf": [{"type": "null"}, OPEN]},
        {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}},
        {"type": "object", "properties": {"child": {"$ref": "#"}}},
    ],
)
def test_an_open_or_recursive_schema_cannot(given: dict[str, Any]) -> None:
    assert not can_be_kept_to(given)


def test_a_schema_that_multiplies_is_read_once() -> None:
    """Each name stands twice in the one before: read out, it would be 2^60 parts."""
    names = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)} | {"d60": {"type": "null"}}

    assert can_be_kept_to({"$ref": "#/$defs/d0", "$defs": names})


@pytest.mark.parametrize(("depth", "is_read"), [(MAX_REFERENCES - 1, True), (MAX_REFERENCES, False)])
def test_names_within_names_have_an_end(depth: int, is_read: bool) -> None:
    names: dict[str, Any] = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(depth)}

    assert can_be_kept_to({"$ref": "#/$defs/d0", "$defs": names | {f"d{depth}": {"type": "null"}}}) is is_read


@pytest.mark.parametrize("given", [{"type": "object", "properties": 1}, {"enum": 1}, {"anyOf": 1, "type": 1}])
def test_a_schema_that_is_none_does_no_harm(given: dict[str, Any]) -> None:
    can_be_kept_to(given)
    closed(given)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        ("web_search_20250305", {"max_uses": 5}),
        ("web_fetch_20250910", {"max_uses": 5, "max_content_tokens": 25_000}),
        ("advisor_20260301", {"max_uses": 2}),
        ("code_execution_20250825", {}),
        ("bash_20250124", {}),
    ],
)
def test_a_tool_of_anthropics_servers_is_sent_with_a_bound_on_its_uses(kind: str, bounds: dict[str, int]) -> None:
    own = {"type": kind, "name": "tool"}
    assert wire(tools=[own])["tools"] == [own | bounds]
