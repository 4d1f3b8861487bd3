"""Messages that Anthropic answers: the request goes out as it came, and the answer comes back byte for byte."""

import json
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.types import MessageParam

from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld
from testing.recorded_answers import answers, recorded_streams, recorded_whole, sent
from testing.stand_in.schemas import SIGNATURE

HELLO: list[MessageParam] = [{"role": "user", "content": "Say hello"}]
STREAMS = recorded_streams("anthropic", "messages")
WHOLE = recorded_whole("anthropic", "messages", "content")

# A stream with every kind of event, block and delta, some that nobody knows, and bytes that a parser would not keep.
EVERY_EVENT = "\n\n".join(
    [
        ": a comment",
        'event: message_start\ndata: {"type":"message_start", "message":{"id":"msg_1","type":"message",'
        '"role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,'
        '"usage":{"input_tokens":10,"cache_creation_input_tokens":4,"cache_read_input_tokens":6,"output_tokens":1}}}',
        'event: ping\ndata: {"type": "ping"}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        '"content_block":{"type":"thinking","thinking":"","signature":""}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        '"delta":{"type":"thinking_delta","thinking":"Hm \\u00e9"}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        '"delta":{"type":"signature_delta","signature":"EqQBCgIYAhIM1gbc=="}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":1,'
        '"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,'
        '"delta":{"type":"input_json_delta","partial_json":"{\\"query\\": \\"a\\"}"}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":1}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":2,'
        '"content_block":{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":2}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":3,'
        '"content_block":{"type":"text","text":"","citations":[]}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":3,'
        '"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","cited_text":"a",'
        '"encrypted_index":"x","title":"t","url":"https://example.com"}}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":3,'
        '"delta":{"type":"text_delta","text":"Grüße \\ud83c\\udf0d"}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":3}',
        'event: something_new\ndata: {"type":"something_new","field":1}',
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
        '"usage":{"output_tokens":15,"server_tool_use":{"web_search_requests":1}}}',
        'event: message_stop\ndata: {"type":"message_stop"   }',
        "",
    ]
)


def asks(caller: httpx.Client, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    body = {"model": ANTHROPIC, "max_tokens": 100, "messages": HELLO, **more}
    return caller.post("/messages", json=body, headers=headers)


@pytest.mark.parametrize(("name", "recorded"), WHOLE, ids=[name for name, _ in WHOLE])
def test_a_recorded_answer_comes_back_byte_for_byte(
    world: ChatWorld, caller: httpx.Client, name: str, recorded: dict[str, Any]
) -> None:
    body = json.dumps({**recorded, "stop_reason": recorded.get("stop_reason") or "end_turn"}, indent=1)
    answers(world, "anthropic", body)
    answer = asks(caller)
    assert answer.content == body.encode()
    assert (answer.headers["x-llm-model"], len(world.rows())) == (ANTHROPIC, 1)
    assert world.rows()[0].settlement.raw_usage is not None


@pytest.mark.parametrize(("name", "recorded"), STREAMS, ids=[name for name, _ in STREAMS])
def test_a_recorded_stream_comes_back_byte_for_byte(
    world: ChatWorld, caller: httpx.Client, name: str, recorded: str
) -> None:
    answers(world, "anthropic", recorded, streams=True)
    assert asks(caller, stream=True).content == recorded.encode()


def test_every_kind_of_event_passes_as_it_came_and_is_billed_by_its_usage(
    world: ChatWorld, caller: httpx.Client, client: anthropic.Anthropic
) -> None:
    answers(world, "anthropic", EVERY_EVENT, streams=True)
    assert asks(caller, stream=True).content == EVERY_EVENT.encode()
    (row,) = world.rows()
    assert {unit.value: int(count) for unit, count in row.settlement.usage.items()} == {
        "input": 10,
        "cache_read": 6,
        "cache_write_5m": 4,
        "output": 15,
        "web_searches": 1,
    }
    answers(world, "anthropic", EVERY_EVENT, streams=True)
    with client.messages.stream(model=ANTHROPIC, max_tokens=100, messages=HELLO) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == [
        *("thinking", "server_tool_use", "web_search_tool_result", "text"),
    ]


def test_a_request_goes_out_as_it_came_but_for_the_models_name(world: ChatWorld, caller: httpx.Client) -> None:
    marker = {"type": "ephemeral", "ttl": "1h"}
    given: dict[str, Any] = {
        "system": [{"type": "text", "text": "Be brief.", "cache_control": marker}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hello", "cache_control": marker}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": SIGNATURE},
                    {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "1", "is_error": True}],
            },
        ],
        "tools": [{"name": "f", "input_schema": {"type": "object"}, "cache_control": marker}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": "x" * 150},
        "max_tokens": 2000,
    }
    answer = asks(caller, {"anthropic-beta": "context-management-2025-06-27,effort-2025-11-24"}, **given)
    assert answer.status_code == 200, answer.text
    assert sent(world) == {**given, "model": "claude-haiku-4-5"}
    headers = world.stand_in.calls[-1].headers
    assert headers["anthropic-beta"] == "context-management-2025-06-27,effort-2025-11-24"
    assert (headers["anthropic-version"], "x-llm-warnings" in answer.headers) == ("2023-06-01", False)


def test_betas_in_headers_of_their_own_go_along_together(world: ChatWorld, caller: httpx.Client) -> None:
    betas = [("anthropic-beta", "context-management-2025-06-27"), ("anthropic-beta", "effort-2025-11-24")]
    body = {"model": ANTHROPIC, "max_tokens": 100, "messages": HELLO}
    answer = caller.post("/messages", json=body, headers=betas)
    assert answer.status_code == 200, answer.text
    assert world.stand_in.calls[-1].headers["anthropic-beta"] == "context-management-2025-06-27, effort-2025-11-24"


def test_what_a_budget_needs_is_set_on_the_request(world: ChatWorld, caller: httpx.Client) -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    answer = asks(caller, tools=tools, max_tokens=1_000_000)
    assert answer.status_code == 200, answer.text
    assert sent(world)["tools"] == [{**tools[0], "max_uses": 5}]
    assert (sent(world)["max_tokens"], answer.headers["x-llm-warnings"]) == (64_000, "left out: max_tokens")


def test_a_tool_whose_cost_nothing_bounds_is_refused_under_a_hard_budget(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.budget("100")
    refused = asks(caller, tools=[{"type": "quantum_20260101", "name": "q"}])
    assert (refused.status_code, refused.json()["error"]["type"]) == (402, "billing_error")
    assert "tools.0.type" in refused.json()["error"]["message"]
    assert world.stand_in.calls == []


def test_thinking_that_another_provider_did_goes_to_nobody_who_wants_it_signed(
    world: ChatWorld, caller: httpx.Client
) -> None:
    said = [{"type": "thinking", "thinking": "Hm", "signature": "unsigned"}, {"type": "text", "text": "Hi"}]
    turns = [*HELLO, {"role": "assistant", "content": said}, *HELLO]
    assert asks(caller, messages=turns).status_code == 200
    assert sent(world)["messages"][1]["content"] == said[1:]
    translated = asks(caller, messages=[*turns, {"role": "system", "content": "Be brief."}])
    assert translated.status_code == 200, translated.text
    assert "Hm" not in json.dumps(sent(world))


def test_a_model_of_an_older_generation_is_asked_in_a_translation(world: ChatWorld, caller: httpx.Client) -> None:
    turns = [*HELLO, {"role": "system", "content": "The user is in a hurry."}]
    answer = asks(
        caller, messages=turns, thinking={"type": "adaptive"}, output_config={"effort": "medium"}, max_tokens=9000
    )
    assert answer.status_code == 200, answer.text
    body = sent(world)
    assert (body["thinking"], body["system"]) == ({"type": "enabled", "budget_tokens": 2048}, "The user is in a hurry.")
    assert "output_config" not in body
    assert (answer.json()["model"], answer.json()["usage"]["output_tokens"]) == (ANTHROPIC, 20)


def test_a_model_that_chooses_its_depth_itself_gets_a_budget_as_an_effort(
    world: ChatWorld, caller: httpx.Client
) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2048}
    answer = asks(caller, model="anthropic/claude-opus-4-8", thinking=thinking, max_tokens=9000)
    assert answer.status_code == 200, answer.text
    body = sent(world)
    assert (body["thinking"]["type"], body["output_config"]) == ("adaptive", {"effort": "medium"})


def test_the_next_of_a_chain_takes_over_in_its_own_words(world: ChatWorld, client: anthropic.Anthropic) -> None:
    world.stand_in.fault("status", provider="anthropic", status=529, times=9)
    raw = client.messages.with_raw_response.create(model=f"{ANTHROPIC},{OPENAI}", max_tokens=100, messages=HELLO)
    assert (raw.parse().model, raw.headers["x-llm-attempts"]) == (OPENAI, "3")


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_that_the_provider_repeats_reaches_nobody(world: ChatWorld, caller: httpx.Client, stream: bool) -> None:
    key = "sk-stand-in-anthropic"
    echo = EVERY_EVENT.replace("Hm ", key) if stream else json.dumps(_message(f"your key: {key}"))
    answers(world, "anthropic", echo, streams=stream)
    answer = asks(caller, stream=stream)
    assert answer.status_code == 200
    assert key not in answer.text
    assert "message_stop" in answer.text or not stream


def test_a_message_stop_that_never_comes_leaves_the_stream_whole(world: ChatWorld, caller: httpx.Client) -> None:
    without = EVERY_EVENT[: EVERY_EVENT.index("event: message_stop")]
    answers(world, "anthropic", without, streams=True)
    assert asks(caller, stream=True).content == without.encode()
    assert world.rows()[0].settlement.reason is None


def _message(text: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
