"""Translated streams in the Responses API's events: each in its order, parsed by the SDK's own types."""

import json
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import FunctionToolParam, Response, ResponseStreamEvent
from pydantic import TypeAdapter

from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld
from testing.stand_in.said import WORD
from tests.functions.chat.openai_responses.conftest import TRANSLATED

EVENT: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
PLACE: FunctionToolParam = {
    "type": "function",
    "name": "place",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}},
    "strict": False,
}
PATCH: Any = {"type": "custom", "name": "apply_patch"}
CHAIN = f"{OPENAI},{GOOGLE}"
TEXT = [
    *("response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"),
    *("response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"),
]


def events(text: str) -> list[dict[str, Any]]:
    """The events of a stream, each told by its name, numbered in order, and read strictly by the SDK's types."""
    found: list[dict[str, Any]] = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            event = json.loads(data.removeprefix("data: "))
            assert name == f"event: {event['type']}"
            assert event["sequence_number"] == len(found)
            assert EVENT.validate_python(event).type == event["type"]
            found.append(event)
    return found


def streamed(caller: httpx.Client, model: str, **more: Any) -> httpx.Response:
    asked = {"model": model, "input": "Say hello", "stream": True, "include": TRANSLATED, **more}
    return caller.post("/responses", json=asked)


def final(client: openai.OpenAI, model: str, **more: Any) -> Response:
    """The response that the SDK puts together of a stream."""
    with client.responses.stream(model=model, include=TRANSLATED, **{"input": "Say hello", **more}) as stream:
        return stream.get_final_response()


def says(world: ChatWorld, deltas: list[dict[str, Any]], finish: str = "stop") -> None:
    """OpenAI's next stream has exactly these deltas."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    world.stand_in.fault("body", provider="openai", status=200, body=body, content_type="text/event-stream")


def called(index: int, arguments: str, **first: Any) -> dict[str, Any]:
    """A delta with a piece of a call."""
    function = {**({"name": first.pop("name")} if first else {}), "arguments": arguments}
    return {"tool_calls": [{"index": index, **first, "function": function}]}


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_a_text_comes_in_events_of_openais_order(world: ChatWorld, caller: httpx.Client, model: str) -> None:
    told = events(streamed(caller, model).text)
    deltas = [event["delta"] for event in told if event["type"] == "response.output_text.delta"]
    assert "".join(deltas) == WORD * 20
    assert [event["type"] for event in told if event["type"] != "response.output_text.delta"] == TEXT
    assert told[0]["response"]["status"] == "in_progress"
    ended = told[-1]["response"]
    assert (ended["status"], ended["model"], ended["usage"]["output_tokens"]) == ("completed", model, 20)
    assert ended["output"] == [told[-2]["item"]]
    assert len(world.rows()) == 1


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_the_sdk_puts_a_stream_together(client: openai.OpenAI, model: str) -> None:
    found = final(client, model)
    assert (found.output_text, found.status) == (WORD * 20, "completed")
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (25, 20)


@pytest.mark.parametrize("model", [OPENAI, GOOGLE, ANTHROPIC])
def test_parallel_calls_are_items_of_their_own(caller: httpx.Client, client: openai.OpenAI, model: str) -> None:
    asked: Any = {"input": "two parallel calls", "tools": [PLACE]}
    found = final(client, model, **asked)
    calls = [item for item in found.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"city": "text", "n": 7}] * 2
    told = events(streamed(caller, model, **asked).text)
    ends = [event["type"] for event in told if event["type"].endswith(("added", "arguments.done", "item.done"))]
    assert (
        ends
        == [
            "response.output_item.added",
            "response.function_call_arguments.done",
            "response.output_item.done",
        ]
        * 2
    )


def test_calls_that_come_interlaced_are_told_so_and_none_is_lost(world: ChatWorld, caller: httpx.Client) -> None:
    says(
        world,
        [
            called(0, '{"a":', id="call_1", name="f"),
            called(1, "", id="call_2", name="g"),
            called(0, " 1}"),
            called(1, '{"b": 2}'),
            called(2, "{}", id="call_3", name="f"),
        ],
        "tool_calls",
    )
    ended = events(streamed(caller, OPENAI).text)[-1]["response"]
    assert [(item["name"], item["call_id"], item["arguments"]) for item in ended["output"]] == [
        ("f", "call_1", '{"a": 1}'),
        ("g", "call_2", '{"b": 2}'),
        ("f", "call_3", "{}"),
    ]


def test_a_custom_tools_text_is_told_as_its_input(world: ChatWorld, caller: httpx.Client) -> None:
    says(world, [called(0, '{"input": "*** ', id="call_1", name="apply_patch"), called(0, 'Begin"}')], "tool_calls")
    told = events(streamed(caller, OPENAI, tools=[PATCH]).text)
    assert [event["type"].removeprefix("response.") for event in told[2:]] == [
        *("output_item.added", "custom_tool_call_input.delta", "custom_tool_call_input.done", "output_item.done"),
        "completed",
    ]
    assert told[-2]["item"]["input"] == "*** Begin"


def test_codexs_tools_are_called_by_their_own_names_at_a_model_that_is_asked_in_a_translation(
    world: ChatWorld, caller: httpx.Client
) -> None:
    search = {"type": "tool_search", "execution": "client", "description": "d", "parameters": {"type": "object"}}
    inside = {"type": "function", "name": "send", "parameters": {"type": "object"}, "strict": False}
    tools = [PATCH, search, {"type": "namespace", "name": "mail", "description": "d", "tools": [inside]}]
    says(world, [called(0, "{}", id="call_1", name="mail__send")], "tool_calls")
    answer = streamed(caller, OPENAI, tools=tools)
    added, *_, done, _ = events(answer.text)[2:]
    assert [(event["item"]["namespace"], event["item"]["name"]) for event in (added, done)] == [("mail", "send")] * 2
    sent = [tool["function"]["name"] for tool in world.stand_in.calls[-1].body["tools"]]
    assert sent == ["apply_patch", "mail__send"]
    assert answer.headers["x-llm-warnings"] == "left out: tools.tool_search"


def test_thoughts_text_and_refusal_come_one_after_the_other(world: ChatWorld, caller: httpx.Client) -> None:
    says(
        world,
        [{"reasoning_content": "Hm, "}, {"reasoning_content": "so."}, {"content": "Yes"}, {"refusal": "!"}],
        "length",
    )
    told = events(streamed(caller, OPENAI).text)
    assert [event["type"].removeprefix("response.") for event in told[2:]] == [
        *("output_item.added", "reasoning_summary_part.added"),
        *("reasoning_summary_text.delta", "reasoning_summary_text.delta"),
        *("reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"),
        *("output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done"),
        *("content_part.added", "refusal.delta", "refusal.done", "content_part.done", "output_item.done"),
        "incomplete",
    ]
    ended = told[-1]["response"]
    assert ended["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item.get("status") for item in ended["output"]] == [None, "incomplete"]
    assert ended["output"][0]["summary"] == [{"type": "summary_text", "text": "Hm, so."}]
    assert ended["output"][0]["encrypted_content"]


def test_a_citation_is_an_event_of_its_own(world: ChatWorld, caller: httpx.Client) -> None:
    cited = {"start_index": 0, "end_index": 2, "url": "https://example.com", "title": "t"}
    says(world, [{"content": "So"}, {"annotations": [{"type": "url_citation", "url_citation": cited}]}])
    told = events(streamed(caller, OPENAI).text)
    (added,) = [event for event in told if event["type"] == "response.output_text.annotation.added"]
    assert added["annotation"] == {"type": "url_citation", **cited}
    assert told[-1]["response"]["output"][0]["content"][0]["annotations"] == [added["annotation"]]


@pytest.mark.parametrize(
    "fault", [("cut", {"after": 0}), ("stall", {"after": 0}), ("comments", {"ms": 20, "after": 0})]
)
@pytest.mark.parametrize(("chain", "broken"), [(CHAIN, "openai"), (f"{ANTHROPIC},{OPENAI}", "anthropic")])
def test_a_stream_that_breaks_before_its_first_content_is_replaced_unseen(
    world: ChatWorld, client: openai.OpenAI, chain: str, broken: str, fault: tuple[str, dict[str, Any]]
) -> None:
    name, options = fault
    world.stand_in.fault(name, provider=broken, **options)
    found = final(client, chain)
    assert (found.model, found.status) == (chain.partition(",")[2], "completed")
    assert world.rows()[0].attempt.provider == broken


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("fault", ["cut", "error_event"])
def test_one_that_breaks_after_it_ends_as_a_response_that_failed(
    world: ChatWorld, caller: httpx.Client, model: str, fault: str
) -> None:
    world.stand_in.fault(fault, provider=model.partition("/")[0], after=3)
    told = events(streamed(caller, model).text)
    assert told[-1]["type"] == "response.failed"
    failed = told[-1]["response"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
    assert failed["error"]["message"]
    assert world.rows()[-1].settlement.cost > 0


def test_a_stream_that_is_held_back_is_replaced_also_in_the_middle(world: ChatWorld, client: openai.OpenAI) -> None:
    world.stand_in.fault("cut", provider="anthropic", after=3)
    found = final(client, f"{ANTHROPIC},{OPENAI}", extra_headers={"x-llm-stream-guard": "buffer"})
    assert (found.model, found.output_text) == (OPENAI, WORD * 20)


def test_a_stream_is_repeated_as_it_was(world: ChatWorld, caller: httpx.Client) -> None:
    body = {"model": OPENAI, "input": "Say hello", "stream": True, "include": TRANSLATED}
    first, second = (caller.post("/responses", json=body, headers={"idempotency-key": "a"}) for _ in range(2))
    assert (second.text, second.headers["x-llm-idempotent-replay"]) == (first.text, "true")
    assert len(world.stand_in.calls) == 1
