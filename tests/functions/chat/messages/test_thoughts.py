"""Thoughts that their provider alone can read go through Messages: they come back with the conversation, and no other
provider is sent them.
"""

import json
from typing import Any

import anthropic
import pytest
from anthropic.types import Message, MessageParam, RedactedThinkingBlock, ToolParam, ToolUseBlock

from atom_llm.domain.providers.held_thoughts import OPENAI as OPENAI_ITEM
from atom_llm.domain.providers.held_thoughts import held
from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld
from testing.recorded_answers import sent
from testing.stand_in.gemini_wire import SIGNED
from testing.stand_in.responses import CIPHER

GEMINI = "google/gemini-3-flash-preview"
PRO = "openai/gpt-5-pro"
QUESTION: MessageParam = {"role": "user", "content": "How is the weather in parallel cities?"}
WEATHER: ToolParam = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def answered(client: anthropic.Anthropic, model: str, turns: list[Any], *, streams: bool) -> Message:
    asked: dict[str, Any] = {"model": model, "max_tokens": 500, "tools": [WEATHER], "messages": turns}
    if not streams:
        whole: Message = client.messages.create(**asked)
        return whole
    with client.messages.stream(**asked) as stream:
        return stream.get_final_message()


def next_turns(message: Message) -> list[Any]:
    uses = [block for block in message.content if isinstance(block, ToolUseBlock)]
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "sunny"} for use in uses]
    return [QUESTION, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


@pytest.mark.parametrize("streams", [False, True])
def test_a_signature_of_geminis_comes_back_on_the_call_that_it_signed(
    world: ChatWorld, client: anthropic.Anthropic, streams: bool
) -> None:
    first = answered(client, GEMINI, [QUESTION], streams=streams)
    assert [block.type for block in first.content] == ["redacted_thinking", "tool_use", "tool_use"]
    answered(client, GEMINI, next_turns(first), streams=streams)
    turn = sent(world)["contents"][1]["parts"]
    assert [part["functionCall"]["name"] for part in turn] == ["get_weather"] * 2
    assert turn[0]["thoughtSignature"].startswith(SIGNED)
    assert "thoughtSignature" not in turn[1]


def test_a_signature_of_geminis_comes_back_on_its_text(world: ChatWorld, client: anthropic.Anthropic) -> None:
    hello: MessageParam = {"role": "user", "content": "Hello"}
    asked: dict[str, Any] = {"model": GEMINI, "max_tokens": 500}
    first = client.messages.create(messages=[hello], **asked)
    assert [block.type for block in first.content] == ["redacted_thinking", "text"]
    client.messages.create(messages=[hello, {"role": "assistant", "content": first.content}, hello], **asked)
    (part,) = sent(world)["contents"][1]["parts"]
    assert part["thoughtSignature"].startswith(SIGNED)


def test_nothing_stands_behind_the_text_that_an_answer_ends_with(world: ChatWorld, client: anthropic.Anthropic) -> None:
    hello: MessageParam = {"role": "user", "content": "Hello"}
    with client.messages.stream(model=GEMINI, max_tokens=500, messages=[hello]) as stream:
        answer = stream.get_final_message()
    assert [block.type for block in answer.content] == ["text"], "Claude Code shows the last block as its result"
    assert answer.stop_reason == "end_turn"


@pytest.mark.parametrize("streams", [False, True])
def test_a_cipher_of_a_model_that_responses_alone_has_comes_back_before_its_calls(
    world: ChatWorld, client: anthropic.Anthropic, streams: bool
) -> None:
    first = answered(client, PRO, [QUESTION], streams=streams)
    assert [type(block) for block in first.content if block.type != "tool_use"] == [RedactedThinkingBlock]
    answered(client, PRO, next_turns(first), streams=streams)
    items = sent(world)["input"]
    assert [item.get("type", "message") for item in items] == [
        *("message", "reasoning", "function_call", "function_call"),
        *("function_call_output", "function_call_output"),
    ]
    assert items[1]["encrypted_content"].startswith(CIPHER)


@pytest.mark.parametrize("model", [GEMINI, PRO])
@pytest.mark.parametrize("other", [ANTHROPIC, OPENAI])
def test_no_other_provider_is_sent_them(world: ChatWorld, client: anthropic.Anthropic, model: str, other: str) -> None:
    first = answered(client, model, [QUESTION], streams=False)
    answered(client, other, next_turns(first), streams=False)
    told = json.dumps(sent(world))
    assert "get_weather" in told
    for secret in ("atom-llm.1.", SIGNED, CIPHER, "redacted_thinking", "reasoning_content"):
        assert secret not in told


@pytest.mark.parametrize("streams", [False, True])
def test_a_cipher_that_the_provider_cannot_open_is_left_out_and_named(
    world: ChatWorld, client: anthropic.Anthropic, streams: bool
) -> None:
    first = answered(client, PRO, [QUESTION], streams=False)
    turns = next_turns(first)
    unknown = held({OPENAI_ITEM: {"id": "rs_1", "encrypted_content": "of another organisation"}})
    turns[1]["content"] = [{"type": "redacted_thinking", "data": unknown}, *turns[1]["content"][1:]]
    asked: dict[str, Any] = {"model": PRO, "max_tokens": 500, "tools": [WEATHER], "messages": turns, "stream": streams}
    raw = client.messages.with_raw_response.create(**asked)
    assert (raw.status_code, raw.headers["x-llm-warnings"]) == (200, "left out: thinking_blocks")
    raw.read() if streams else raw.parse()
    assert [item.get("type", "message") for item in sent(world)["input"]][:2] == ["message", "function_call"]
    assert len(world.rows()) == 2


def test_thoughts_that_were_changed_are_left_out(world: ChatWorld, client: anthropic.Anthropic) -> None:
    first = answered(client, GEMINI, [QUESTION], streams=False)
    turns = next_turns(first)
    turns[1]["content"] = [{"type": "redacted_thinking", "data": "atom-llm.1.x"}, *turns[1]["content"][1:]]
    answered(client, GEMINI, turns, streams=False)
    assert sent(world)["contents"][1]["parts"][0]["thoughtSignature"] == "skip_thought_signature_validator"
