"""Answers that contradict themselves, and models that answer only as streams."""

import json
from typing import Any, Final

import httpx
import pytest

from testing.chat_world import ChatWorld, Streamed
from tests.functions.chat.conversations.odd_answers import FUNCTION, QUESTION, answers, asks

CALL: Final = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
MISTRAL, GROQ, HAIKU = "mistral/mistral-medium-3-5", "groq/openai/gpt-oss-120b", "anthropic/claude-haiku-4-5"


def streams(caller: httpx.Client, model: str, *messages: dict[str, Any], **more: Any) -> Streamed:
    """Ask for a stream and read it to its end."""
    body = {"model": model, "messages": list(messages) or [QUESTION], "stream": True, **more}
    with caller.stream("POST", "/chat/completions", json=body) as response:
        return Streamed(response)


CALLS_WITHOUT_A_CALL: Final[dict[str, dict[str, Any]]] = {
    HAIKU: {
        "id": "m",
        "type": "message",
        "content": [{"type": "text", "text": "a"}],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 5, "output_tokens": 2},
    },
    "cohere/command-r7b-12-2024": {
        "id": "m",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "a"}]},
        "finish_reason": "TOOL_CALL",
        "usage": {"tokens": {"input_tokens": 5, "output_tokens": 2}},
    },
    "deepseek/deepseek-v4-pro": {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "tool_calls"}]
    },
    "google/gemini-2.5-flash": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": "STOP"}]
    },
}


@pytest.mark.parametrize("model", CALLS_WITHOUT_A_CALL)
def test_no_provider_s_answer_without_a_call_says_tool_calls(
    world: ChatWorld, caller: httpx.Client, model: str
) -> None:
    answers(world, model.partition("/")[0], CALLS_WITHOUT_A_CALL[model])
    assert asks(caller, model, tools=[FUNCTION]).json()["choices"][0]["finish_reason"] == "stop"


def test_an_answer_that_ends_for_a_call_and_has_nothing_in_it_is_none(world: ChatWorld, caller: httpx.Client) -> None:
    empty = {"id": "m", "type": "message", "content": [], "stop_reason": "tool_use"}
    answers(world, "anthropic", {**empty, "usage": {"input_tokens": 5, "output_tokens": 2}})
    answer = asks(caller, f"{HAIKU},openai/gpt-4o-mini", tools=[FUNCTION])
    assert answer.json()["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "model",
    ["zhipu/glm-5.2", GROQ, "qwen/qwen3-max", MISTRAL, "minimax/MiniMax-M3", "deepseek/deepseek-v4-pro"],
)
def test_an_answer_with_calls_says_tool_calls_whatever_its_provider_says(
    world: ChatWorld, caller: httpx.Client, model: str
) -> None:
    provider = model.partition("/")[0]
    message = {"role": "assistant", "tool_calls": [CALL]}
    answers(world, provider, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert asks(caller, model, tools=[FUNCTION]).json()["choices"][0]["finish_reason"] == "tool_calls"
    world.stand_in.faults.clear()
    pieces = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **CALL}]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
    ]
    sent = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    world.stand_in.fault("body", provider=provider, body=sent, content_type="text/event-stream")
    assert streams(caller, model, tools=[FUNCTION]).finish == "tool_calls"


HALVES: Final[dict[str, tuple[str, str]]] = {
    "openai/gpt-4o-mini": (
        "openai",
        '{"choices":[{"index":0,"message":{"role":"assistant","content":"a \\ud83d"},"finish_reason":"stop"}],'
        '"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    ),
    "deepseek/deepseek-v4-pro": (
        "deepseek",
        '{"choices":[{"index":0,"message":{"role":"assistant","content":"a","reasoning_content":"\\ud83d"},'
        '"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    ),
    HAIKU: (
        "anthropic",
        '{"id":"m","type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":"\\ud83d"}}],'
        '"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}',
    ),
    "google/gemini-2.5-flash": (
        "google",
        '{"candidates":[{"content":{"role":"model","parts":[{"text":"a \\ud83d"}]},"finishReason":"STOP"}],'
        '"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}',
    ),
}


@pytest.mark.parametrize("model", HALVES)
def test_half_a_character_anywhere_in_an_answer_is_an_answer(
    world: ChatWorld, caller: httpx.Client, model: str
) -> None:
    provider, body = HALVES[model]
    answers(world, provider, body)
    answer = asks(caller, model, tools=[FUNCTION])
    assert answer.status_code == 200
    assert "\\ud83d" not in answer.text.lower()
    assert world.rows()[-1].settlement.cost > 0


EVERYBODY: Final = (
    "openai/gpt-4o-mini",
    HAIKU,
    "google/gemini-2.5-flash",
    "cohere/command-r7b-12-2024",
    "qwen/qwen3-max",
    MISTRAL,
    GROQ,
    "deepseek/deepseek-v4-pro",
    "zhipu/glm-5.2",
    "minimax/MiniMax-M3",
)


@pytest.mark.parametrize("options", [{}, {"tools": [FUNCTION]}], ids=["a_text", "a_call"])
@pytest.mark.parametrize("model", EVERYBODY)
def test_a_model_that_answers_only_as_a_stream_gives_whole_answers_all_the_same(
    world: ChatWorld, caller: httpx.Client, model: str, options: dict[str, Any]
) -> None:
    usual = asks(caller, model, **options)
    world.stand_in.fault("only_streams")
    answer = asks(caller, model, **options)
    assert (answer.status_code, answer.headers["x-llm-attempts"]) == (200, "1")
    of_usual, of_stream = usual.json()["choices"][0], answer.json()["choices"][0]
    assert of_stream["finish_reason"] == of_usual["finish_reason"]
    for name in ("role", "tool_calls" if options else "content"):  # words beside a call are not in every stream
        assert (of_stream["message"].get(name) or None) == (of_usual["message"].get(name) or None)
    assert answer.headers["x-llm-cost-usd"] == usual.headers["x-llm-cost-usd"]
    assert answer.json()["usage"]["total_tokens"] == usual.json()["usage"]["total_tokens"]


def test_a_model_that_answers_only_as_a_stream_is_asked_for_one_at_once_from_then_on(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("only_streams")
    for _ in range(2):
        assert asks(caller, "qwen/qwen3-max").status_code == 200
    assert [call.stream for call in world.stand_in.calls] == [False, True, True]
    assert len(world.rows()) == 2


def test_a_stream_that_breaks_under_a_whole_answer_leads_to_the_next_candidate(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("only_streams", times=1)
    world.stand_in.fault("cut", provider="qwen")
    answer = asks(caller, "qwen/qwen3-max,openai/gpt-4o-mini")
    assert (answer.status_code, answer.headers["x-llm-model"]) == (200, "openai/gpt-4o-mini")


def test_other_words_about_a_request_are_no_reason_to_ask_for_a_stream(world: ChatWorld, caller: httpx.Client) -> None:
    said = {"error": {"message": "temperature must be between 0 and 2", "code": "invalid_value"}}
    world.stand_in.fault("body", status=400, body=json.dumps(said))
    assert asks(caller, "openai/gpt-4o-mini").status_code == 400
    assert len(world.stand_in.calls) == 1
