"""The models that OpenAI has in its Responses API alone, called from every dialect."""

import json
from typing import Any

import anthropic
import httpx
import openai
import pytest

from testing.chat_world import ANTHROPIC, HELLO, ChatWorld, Streamed
from testing.stand_in.said import WORD

CODEX, PRO = "openai/gpt-5.3-codex", "openai/gpt-5-pro"
PLACE: Any = {
    "type": "function",
    "function": {
        "name": "place",
        "description": "Finds",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def sent(world: ChatWorld) -> dict[str, Any]:
    return dict(world.stand_in.calls[-1].body)


def chats(caller: httpx.Client, **more: Any) -> httpx.Response:
    return caller.post("/chat/completions", json={"model": CODEX, "messages": HELLO, **more})


def test_they_are_listed_among_the_models_that_can_be_called(client: openai.OpenAI) -> None:
    listed = {model.id for model in client.models.list()}
    for name in ("gpt-5-pro", "gpt-5.2-pro", "gpt-5.4-pro", "gpt-5.5-pro", "gpt-5.3-codex", "o3-pro"):
        assert f"openai/{name}" in listed


def test_a_chat_is_asked_for_as_a_response_that_nobody_keeps(world: ChatWorld, caller: httpx.Client) -> None:
    told = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"}},
            ],
        },
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "place", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "Rome"},
    ]
    answer = chats(
        caller,
        messages=told,
        tools=[PLACE],
        tool_choice="auto",
        reasoning_effort="low",
        verbosity="low",
        max_tokens=900,
        user="person-7",
        seed=7,
        temperature=0.5,
    )
    assert answer.status_code == 200, answer.text
    assert sent(world) == {
        "model": "gpt-5.3-codex",
        "input": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "low"},
                ],
            },
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
            },
            {"type": "function_call", "call_id": "call_1", "name": "place", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "Rome"},
        ],
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "tools": [
            {
                "type": "function",
                "strict": False,
                "name": "place",
                "description": "Finds",
                "parameters": PLACE["function"]["parameters"],
            }
        ],
        "tool_choice": "auto",
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "low"},
        "max_output_tokens": 900,
        "user": "person-7",
    }
    assert answer.headers["x-llm-warnings"] == "left out: seed, temperature"


def test_the_answer_is_a_chat_completion_with_its_exact_cost(world: ChatWorld, caller: httpx.Client) -> None:
    answer = chats(caller)
    found = answer.json()
    assert (found["choices"][0]["message"]["content"], found["choices"][0]["finish_reason"]) == (WORD * 20, "stop")
    assert (found["object"], found["model"]) == ("chat.completion", CODEX)
    assert (found["usage"]["prompt_tokens"], found["usage"]["completion_tokens"]) == (25, 25)
    (row,) = world.rows()
    assert {unit.value: int(count) for unit, count in row.settlement.usage.items()} == {
        "input": 25,
        "output": 20,
        "reasoning": 5,
    }
    assert str(row.settlement.cost) == answer.headers["x-llm-cost-usd"] != "0"


def test_a_stream_of_it_has_text_calls_finish_and_usage(world: ChatWorld, caller: httpx.Client) -> None:
    found = Streamed(chats(caller, stream=True, stream_options={"include_usage": True}))
    texts = [choice["delta"].get("content") or "" for chunk in found.chunks for choice in chunk["choices"]]
    assert ("".join(texts), found.is_done) == (WORD * 20, True)
    assert found.chunks[-1]["usage"]["completion_tokens"] == 25
    calls = Streamed(chats(caller, stream=True, tools=[PLACE], messages=[{"role": "user", "content": "parallel"}]))
    pieces = [
        call for chunk in calls.chunks for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())
    ]
    assert [call["id"] for call in pieces if "id" in call] == ["call_0", "call_1"]
    for place in (0, 1):
        whole = "".join(call["function"]["arguments"] for call in pieces if call["index"] == place)
        assert json.loads(whole) == {"city": "text"}
    assert calls.chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_schema_is_kept_to_and_a_limit_is_a_finish_reason(world: ChatWorld, caller: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    form = {"type": "json_schema", "json_schema": {"name": "count", "schema": schema, "strict": True}}
    answer = chats(caller, response_format=form)
    assert json.loads(answer.json()["choices"][0]["message"]["content"]) == {"n": 7}
    assert sent(world)["text"]["format"] == {"type": "json_schema", "name": "count", "schema": schema, "strict": True}
    assert chats(caller, max_tokens=16).json()["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(("more", "field"), [({"n": 2}, "n"), ({"stop": ["."]}, "stop"), ({"max_tokens": 5}, "16")])
def test_what_the_api_has_nothing_like_is_told_by_its_field(
    world: ChatWorld, caller: httpx.Client, more: dict[str, Any], field: str
) -> None:
    answer = chats(caller, **more)
    assert 400 <= answer.status_code < 500
    assert field in answer.json()["error"]["message"]
    assert world.stand_in.calls == []


def test_the_next_of_a_chain_takes_over_before_the_first_content(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("error_event", provider="openai", after=0, as_response=True)
    found = Streamed(chats(caller, stream=True, model=f"{CODEX},{ANTHROPIC}"))
    assert (found.is_done, found.headers["x-llm-model"]) == (True, ANTHROPIC)


def test_messages_reach_them_too(world: ChatWorld, client: openai.OpenAI) -> None:
    key, base_url = client.api_key, world.url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0, timeout=20) as asking:
        tool: Any = {"name": "place", "input_schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
        question: Any = {"role": "user", "content": "Where?"}
        first = asking.messages.create(model=CODEX, max_tokens=500, messages=[question], tools=[tool])
        thought, use = first.content
        assert thought.type == "redacted_thinking"
        assert (use.type, first.stop_reason) == ("tool_use", "tool_use")
        turns: Any = [question, {"role": "assistant", "content": first.content}]
        turns.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_0", "content": "7"}]})
        with asking.messages.stream(model=CODEX, max_tokens=500, messages=turns, tools=[tool]) as stream:
            assert stream.get_final_text() == WORD * 20
    assert world.stand_in.calls[-1].path == "responses"


def test_a_response_of_theirs_passes_as_it_came(world: ChatWorld, client: openai.OpenAI) -> None:
    found = client.responses.create(model=PRO, input="?", include=["reasoning.encrypted_content"], store=False)
    assert [item.type for item in found.output] == ["reasoning", "message"]
    items: Any = [item.model_dump(exclude_none=True) for item in found.output]
    again = client.responses.create(model=PRO, input=items, store=False)
    assert again.status == "completed"


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_reasons_uses_tools_from_a_chat_turn_after_turn(
    world: ChatWorld, client: openai.OpenAI, *, stream: bool
) -> None:
    messages: list[Any] = [{"role": "user", "content": "Where?"}]
    with client.chat.completions.stream(model="openai/gpt-5.6", messages=messages, tools=[PLACE]) as told:
        streamed = told.get_final_completion()
    asked = client.chat.completions.create(model="openai/gpt-5.6", messages=messages, tools=[PLACE])
    answer = (streamed if stream else asked).choices[0]
    (call,) = answer.message.tool_calls or []
    assert answer.finish_reason == "tool_calls"
    messages += [
        answer.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "21"},
    ]
    last = client.chat.completions.create(model="openai/gpt-5.6", messages=messages, tools=[PLACE])
    assert last.choices[0].message.content == WORD * 20
    assert {call.path for call in world.stand_in.calls} == {"responses"}
    assert sent(world)["input"][-1] == {"type": "function_call_output", "call_id": call.id, "output": "21"}
