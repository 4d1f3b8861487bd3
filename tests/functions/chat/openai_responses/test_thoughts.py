"""Google's signatures go through the Responses API: they come back with the conversation, on what they signed."""

import json
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response

from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld
from testing.recorded_answers import sent
from testing.stand_in.gemini_wire import SIGNED
from tests.functions.chat.openai_responses.conftest import TRANSLATED

GEMINI = "google/gemini-3-flash-preview"
QUESTION: Any = {"role": "user", "content": "Where, in parallel?"}
PLACE: Any = {
    "type": "function",
    "name": "place",
    "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}},
    "strict": False,
}


def answered(client: openai.OpenAI, items: list[Any], *, streams: bool, model: str = GEMINI, **more: Any) -> Response:
    asked: dict[str, Any] = {"model": model, "input": items, "include": TRANSLATED, "store": False, **more}
    if not streams:
        whole: Response = client.responses.create(**asked)
        return whole
    with client.responses.stream(**asked) as stream:
        return stream.get_final_response()


def next_items(response: Response) -> list[Any]:
    """The conversation as an agent goes on with it."""
    results = [
        {"type": "function_call_output", "call_id": item.call_id, "output": "7"}
        for item in response.output
        if item.type == "function_call"
    ]
    return [QUESTION, *(item.model_dump(exclude_none=True) for item in response.output), *results]


@pytest.mark.parametrize("streams", [False, True])
def test_a_signature_comes_back_on_the_call_that_it_signed(
    world: ChatWorld, client: openai.OpenAI, streams: bool
) -> None:
    first = answered(client, [QUESTION], streams=streams, tools=[PLACE])
    assert [item.type for item in first.output] == ["reasoning", "function_call", "function_call"]
    answered(client, next_items(first), streams=streams, tools=[PLACE])
    turn = sent(world)["contents"][1]["parts"]
    assert [part["functionCall"]["name"] for part in turn] == ["place"] * 2
    assert turn[0]["thoughtSignature"].startswith(SIGNED)
    assert "thoughtSignature" not in turn[1]


@pytest.mark.parametrize("streams", [False, True])
def test_a_signature_comes_back_on_its_text(world: ChatWorld, client: openai.OpenAI, streams: bool) -> None:
    first = answered(client, [QUESTION], streams=streams)
    assert sorted(item.type for item in first.output) == ["message", "reasoning"]
    assert first.status == "completed"
    answered(client, [*next_items(first), QUESTION], streams=streams)
    (part,) = sent(world)["contents"][1]["parts"]
    assert part["thoughtSignature"].startswith(SIGNED)


@pytest.mark.parametrize("other", [ANTHROPIC, OPENAI])
def test_no_other_provider_is_sent_it(world: ChatWorld, client: openai.OpenAI, other: str) -> None:
    first = answered(client, [QUESTION], streams=False, tools=[PLACE])
    answered(client, next_items(first), streams=False, tools=[PLACE], model=other)
    told = json.dumps(sent(world))
    assert "place" in told
    assert "atom-llm.1." not in told
    assert SIGNED not in told


def test_a_cipher_goes_through_chat_completions_too(world: ChatWorld, caller: httpx.Client) -> None:
    asked = {"model": "openai/gpt-5-pro", "tools": [{"type": "function", "function": {"name": "place"}}]}
    first = caller.post("/chat/completions", json={**asked, "messages": [QUESTION]}).json()["choices"][0]["message"]
    assert [block["type"] for block in first["thinking_blocks"]] == ["redacted_thinking"]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "7"} for call in first["tool_calls"]]
    again = caller.post("/chat/completions", json={**asked, "messages": [QUESTION, first, *results]})
    assert (again.status_code, again.headers.get("x-llm-warnings")) == (200, None)
    assert [item.get("type", "message") for item in sent(world)["input"]][:3] == [
        *("message", "reasoning", "function_call"),
    ]
