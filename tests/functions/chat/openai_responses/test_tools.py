"""Tools of `POST /v1/responses` that are translated, and what becomes of their calls."""

import json
from typing import Any

import openai
import pytest

from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld
from testing.stand_in.said import WORD
from tests.functions.chat.openai_responses.conftest import TRANSLATED
from tests.functions.chat.openai_responses.said import WEATHER, asked, says

PATCH: Any = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edits files",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
}


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC, GOOGLE])
def test_a_loop_of_parallel_calls_comes_to_its_end(world: ChatWorld, client: openai.OpenAI, model: str) -> None:
    items: list[Any] = [{"role": "user", "content": "How is the weather in parallel cities?"}]
    first = client.responses.create(include=TRANSLATED, model=model, input=items, tools=[WEATHER])
    calls = [item for item in first.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments), call.status) for call in calls] == [
        ("get_weather", {"city": "text"}, "completed")
    ] * 2
    items += [item.model_dump(exclude_none=True) for item in first.output]
    items += [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
    second = client.responses.create(include=TRANSLATED, model=model, input=items, tools=[WEATHER])
    assert second.output_text == WORD * 20
    assert len(world.rows()) == 2


def test_a_conversation_of_calls_is_one_message_of_the_models(world: ChatWorld, client: openai.OpenAI) -> None:
    items: list[Any] = [
        {"role": "user", "content": "?"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": []},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "f", "arguments": '{"x": 1}'},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "2"}]},
    ]
    client.responses.create(include=TRANSLATED, model=OPENAI, input=items)
    sent = asked(world)["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == ["a", "b"]
    assert [(message["tool_call_id"], message["content"]) for message in sent[2:]] == [("a", "1"), ("b", "2")]


def test_a_custom_tool_is_called_with_its_text_and_its_grammar_is_told(world: ChatWorld, client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function"}
    call["function"] = {"name": "apply_patch", "arguments": json.dumps({"input": "*** Begin\n"})}  # type: ignore[assignment]
    says(world, {"content": None, "tool_calls": [call]}, "tool_calls")
    raw = client.responses.with_raw_response.create(include=TRANSLATED, model=OPENAI, input="Edit", tools=[PATCH])
    (item,) = raw.parse().output
    assert item.type == "custom_tool_call"
    assert (item.name, item.input, item.call_id) == ("apply_patch", "*** Begin\n", "call_1")
    (function,) = [tool["function"] for tool in asked(world)["tools"]]
    assert function["parameters"]["required"] == ["input"]
    assert "start: /.+/" in function["description"]
    assert raw.headers["x-llm-warnings"] == "left out: tools.format"
    items: list[Any] = [
        {"role": "user", "content": "Edit"},
        item.model_dump(exclude_none=True),
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "Done"},
    ]
    client.responses.create(include=TRANSLATED, model=OPENAI, input=items, tools=[PATCH])
    sent = asked(world)["messages"]
    assert sent[1]["tool_calls"][0]["function"]["arguments"] == '{"input":"*** Begin\\n"}'
    assert sent[2] == {"role": "tool", "tool_call_id": "call_1", "content": "Done"}


def test_a_tool_in_a_namespace_is_called_by_both_names(world: ChatWorld, client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "crm__find", "arguments": "{}"}}
    says(world, {"content": None, "tool_calls": [call]}, "tool_calls")
    tool: Any = {"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "find", "parameters": {}}]}
    (item,) = client.responses.create(include=TRANSLATED, model=OPENAI, input="Find", tools=[tool]).output
    assert item.type == "function_call"
    assert (item.namespace, item.name) == ("crm", "find")
    items: list[Any] = [item.model_dump(), {"type": "function_call_output", "call_id": "call_1", "output": "x"}]
    client.responses.create(include=TRANSLATED, model=OPENAI, input=items, tools=[tool])
    assert asked(world)["messages"][0]["tool_calls"][0]["function"]["name"] == "crm__find"


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("required", "required"),
        ("none", "none"),
        ({"type": "function", "name": "get_weather"}, {"type": "function", "function": {"name": "get_weather"}}),
        ({"type": "custom", "name": "apply_patch"}, {"type": "function", "function": {"name": "apply_patch"}}),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}, None),
    ],
)
def test_the_choice_of_tools_is_translated(world: ChatWorld, client: openai.OpenAI, choice: Any, sent: object) -> None:
    extra: Any = {"type": "function", "name": "f", "parameters": None, "strict": False}
    client.responses.create(
        include=TRANSLATED,
        model=OPENAI,
        input="?",
        tools=[WEATHER, PATCH, extra],
        tool_choice=choice,
        parallel_tool_calls=False,
    )
    body = asked(world)
    names = [tool["function"]["name"] for tool in body["tools"]]
    if sent is None:
        assert (body["tool_choice"], names) == ("required", ["f"])
    else:
        assert (body["tool_choice"], names) == (sent, ["get_weather", "apply_patch", "f"])
        assert [tool["function"].get("strict") for tool in body["tools"]] == [True, None, None]
    assert body["parallel_tool_calls"] is False
