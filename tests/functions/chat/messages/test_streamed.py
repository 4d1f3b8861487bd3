"""Streams in Anthropic's events: each in its order, parsed by the SDK's own types, whichever provider answers."""

import json
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.types import Message, MessageParam, ToolParam

from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld
from testing.stand_in.said import WORD

HELLO: list[MessageParam] = [{"role": "user", "content": "Say hello"}]
PLACE: ToolParam = {
    "name": "place",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}},
}
CHAIN = f"{OPENAI},{GOOGLE}"


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with its name and its data; comments are none."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def streamed(caller: httpx.Client, model: str, **more: Any) -> httpx.Response:
    body = {"model": model, "max_tokens": 500, "messages": HELLO, "stream": True, **more}
    return caller.post("/messages", json=body)


def parsed(client: anthropic.Anthropic, model: str, **more: Any) -> Message:
    """The message that the SDK puts together of a stream."""
    with client.messages.stream(model=model, max_tokens=500, messages=HELLO, **more) as stream:
        return stream.get_final_message()


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_a_text_comes_in_events_of_anthropics_order(world: ChatWorld, caller: httpx.Client, model: str) -> None:
    answer = streamed(caller, model)
    told = events(answer.text)
    names = [name for name, data in told if name == data["type"]]
    assert [name for name in names if name != "content_block_delta"] == [
        *("message_start", "ping", "content_block_start", "content_block_stop", "message_delta", "message_stop"),
    ]
    assert "".join(data["delta"]["text"] for name, data in told if name == "content_block_delta") == WORD * 20
    assert len(world.rows()) == 1


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_the_sdk_puts_a_stream_together(client: anthropic.Anthropic, model: str) -> None:
    message = parsed(client, model)
    assert (message.content[0].type, message.stop_reason) == ("text", "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (25, 20)


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_parallel_calls_of_tools_are_blocks_of_their_own(client: anthropic.Anthropic, model: str) -> None:
    turns: list[MessageParam] = [{"role": "user", "content": "two parallel calls"}]
    with client.messages.stream(model=model, max_tokens=500, messages=turns, tools=[PLACE]) as stream:
        message = stream.get_final_message()
    assert message.stop_reason == "tool_use"
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"city": "text", "n": 7}] * 2


def test_thoughts_come_before_the_text_in_a_block_that_says_it_is_unsigned(
    world: ChatWorld, caller: httpx.Client
) -> None:
    deltas: list[dict[str, Any]] = [
        {"reasoning_content": "Hm, "},
        {"reasoning_content": "so."},
        {"content": "Yes"},
        {"refusal": "!"},
    ]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    world.stand_in.fault("body", provider="openai", status=200, body=body, content_type="text/event-stream")
    told = [data for name, data in events(streamed(caller, OPENAI).text) if name != "ping"]
    assert [(data["type"].removeprefix("content_block_"), data.get("index")) for data in told] == [
        ("message_start", None),
        *[("start", 0), ("delta", 0), ("delta", 0), ("delta", 0), ("stop", 0)],
        *[("start", 1), ("delta", 1), ("delta", 1), ("stop", 1)],
        *[("message_delta", None), ("message_stop", None)],
    ]
    assert told[4]["delta"] == {"type": "signature_delta", "signature": "unsigned"}
    assert told[-2]["delta"]["stop_reason"] == "max_tokens"
    assert (told[-2]["usage"]["input_tokens"], told[-2]["usage"]["output_tokens"]) == (5, 7)


def calling(index: int, name: str | None, arguments: str) -> dict[str, Any]:
    begun = {} if name is None else {"id": f"c{index}", "type": "function"}
    function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": index, **begun, "function": function}]}


@pytest.mark.parametrize(
    "deltas",
    [
        [calling(0, "f", ""), calling(1, "g", ""), calling(0, None, '{"a":1}'), calling(1, None, '{"b":2}')],
        [calling(0, "f", '{"a"'), calling(1, "g", '{"b"'), calling(1, None, ":2}"), calling(0, None, ":1}")],
        [calling(0, "f", '{"a":1}'), calling(1, "g", '{"b":2}'), calling(0, None, "")],
    ],
)
def test_calls_that_grow_side_by_side_are_blocks_one_after_the_other(
    world: ChatWorld, caller: httpx.Client, client: anthropic.Anthropic, deltas: list[dict[str, Any]]
) -> None:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    world.stand_in.fault("body", provider="openai", status=200, body=body, content_type="text/event-stream")
    uses = [block for block in parsed(client, OPENAI).content if block.type == "tool_use"]
    assert [(use.id, use.name, use.input) for use in uses] == [("c0", "f", {"a": 1}), ("c1", "g", {"b": 2})]
    placed = [data for _, data in events(streamed(caller, OPENAI).text) if "index" in data]
    assert [data["index"] for data in placed] == sorted(data["index"] for data in placed)


def test_a_call_without_arguments_does_not_keep_the_next_from_being_told(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    deltas = [calling(0, "f", ""), calling(1, "g", '{"b":2}'), {"content": "So."}]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    world.stand_in.fault("body", provider="openai", status=200, body=body, content_type="text/event-stream")
    message = parsed(client, OPENAI)
    assert [block.type for block in message.content] == ["tool_use", "tool_use", "text"]
    assert [block.input for block in message.content if block.type == "tool_use"] == [{}, {"b": 2}]


@pytest.mark.parametrize(
    "fault", [("cut", {"after": 0}), ("stall", {"after": 0}), ("comments", {"ms": 20, "after": 0})]
)
@pytest.mark.parametrize(("chain", "broken"), [(CHAIN, "openai"), (f"{ANTHROPIC},{OPENAI}", "anthropic")])
def test_a_stream_that_breaks_before_its_first_content_is_replaced_unseen(
    world: ChatWorld, client: anthropic.Anthropic, chain: str, broken: str, fault: tuple[str, dict[str, Any]]
) -> None:
    name, options = fault
    world.stand_in.fault(name, provider=broken, **options)
    message = parsed(client, chain)
    assert (message.model, message.stop_reason) == (chain.partition(",")[2], "end_turn")
    assert world.rows()[0].attempt.provider == broken


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("fault", ["cut", "error_event"])
def test_one_that_breaks_after_it_ends_with_an_error_event_and_no_message_stop(
    world: ChatWorld, caller: httpx.Client, model: str, fault: str
) -> None:
    world.stand_in.fault(fault, provider=model.partition("/")[0], after=3)
    told = events(streamed(caller, model).text)
    name, data = told[-1]
    assert (name, data["type"]) == ("error", "error")
    assert data["error"]["type"] in ("api_error", "overloaded_error")
    assert data["request_id"]
    assert "message_stop" not in [name for name, _ in told]
    assert world.rows()[-1].settlement.cost > 0


def test_the_sdk_raises_what_a_broken_stream_tells(world: ChatWorld, client: anthropic.Anthropic) -> None:
    world.stand_in.fault("cut", provider="openai", after=3)
    with pytest.raises(anthropic.APIStatusError, match="broke"):
        parsed(client, OPENAI)


def test_a_stream_that_is_held_back_is_replaced_also_in_the_middle(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    world.stand_in.fault("cut", provider="anthropic", after=3)
    message = parsed(client, f"{ANTHROPIC},{OPENAI}", extra_headers={"x-llm-stream-guard": "buffer"})
    assert (message.model, message.content[0].type) == (OPENAI, "text")


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
def test_a_stream_is_repeated_as_it_was(world: ChatWorld, caller: httpx.Client, model: str) -> None:
    body = {"model": model, "max_tokens": 50, "messages": HELLO, "stream": True}
    first, second = (caller.post("/messages", json=body, headers={"idempotency-key": "a"}) for _ in range(2))
    assert (second.text, second.headers["x-llm-idempotent-replay"]) == (first.text, "true")
    assert len(world.stand_in.calls) == 1
