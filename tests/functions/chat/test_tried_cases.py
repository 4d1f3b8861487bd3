"""Histories, answers and limits that once came out wrong, each with its siblings, through the front door.

The stand-ins refuse what the providers' published schemas refuse; what was sent is what they saw.
"""

import base64
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from testing.chat_world import ChatWorld, Streamed, served
from testing.stand_in.server import StandIn

QUESTION: Final = {"role": "user", "content": "q"}
FUNCTION: Final = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
CALL: Final = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PROVIDERS: Final = (
    "openai",
    "anthropic",
    "google",
    "mistral",
    "groq",
    "deepseek",
    "zhipu",
    "qwen",
    "minimax",
    "cohere",
)
MISTRAL, GROQ, HAIKU = "mistral/mistral-medium-3-5", "groq/openai/gpt-oss-120b", "anthropic/claude-haiku-4-5"
THOUGHT: Final = {"role": "assistant", "content": "a", "reasoning_content": "hm", "refusal": None}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in PROVIDERS:
            served_world.provider_key(provider)
        yield served_world


def asks(caller: httpx.Client, model: str, *messages: dict[str, Any], **more: Any) -> httpx.Response:
    """Ask for a whole answer."""
    body = {"model": model, "messages": list(messages) or [QUESTION], **more}
    return caller.post("/chat/completions", json=body)


def streams(caller: httpx.Client, model: str, *messages: dict[str, Any], **more: Any) -> Streamed:
    """Ask for a stream and read it to its end."""
    body = {"model": model, "messages": list(messages) or [QUESTION], "stream": True, **more}
    with caller.stream("POST", "/chat/completions", json=body) as response:
        return Streamed(response)


def calling(identity: str, arguments: str = "{}") -> tuple[dict[str, Any], dict[str, Any]]:
    """A turn with a call, and its result."""
    call = {"id": identity, "type": "function", "function": {"name": "f", "arguments": arguments}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    return turn, {"role": "tool", "tool_call_id": identity, "content": "1"}


def answers(world: ChatWorld, provider: str, body: object) -> None:
    """Let a provider answer with exactly this body."""
    world.stand_in.fault("body", provider=provider, body=body if isinstance(body, str) else json.dumps(body))


# ---------------------------------------------------------------- histories

VARIANTS: Final[dict[str, list[dict[str, Any]]]] = {
    "reasoning_content": [THOUGHT],
    "thinking_blocks": [{**THOUGHT, "thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}]}],
    "refusal": [{"role": "assistant", "content": "a", "refusal": None}],
    "annotations": [{"role": "assistant", "content": "a", "annotations": []}],
    "audio": [{"role": "assistant", "content": "a", "audio": None}],
    "extra_content": [
        {"role": "assistant", "content": "a", "extra_content": {"google": {"thought_signature": "c2ln"}}}
    ],
    "a_name": [{"role": "user", "content": "q", "name": "Ann"}],
    "a_marked_part": [
        {"role": "user", "content": [{"type": "text", "text": "q", "cache_control": {"type": "ephemeral"}}]}
    ],
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("model", [MISTRAL, GROQ])
def test_fields_that_a_closed_schema_does_not_know_do_not_end_a_conversation(
    world: ChatWorld, caller: httpx.Client, model: str, variant: str
) -> None:
    assert asks(caller, model, QUESTION, *VARIANTS[variant], QUESTION).status_code == 200


@pytest.mark.parametrize("model", [MISTRAL, GROQ, "deepseek/deepseek-v4-pro", "minimax/MiniMax-M3", "zhipu/glm-5.2"])
def test_a_provider_s_own_thinking_answer_goes_back_to_it(world: ChatWorld, caller: httpx.Client, model: str) -> None:
    provider = model.partition("/")[0]
    thoughts: dict[str, Any] = {
        "mistral": {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "a"},
            ]
        },
        "groq": {"content": "a", "reasoning": "hm"},
        "minimax": {"content": "<think>\nhm\n</think>\n\na"},
    }
    message = {"role": "assistant", **thoughts.get(provider, {"content": "a", "reasoning_content": "hm"})}
    answers(world, provider, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    said = asks(caller, model).json()["choices"][0]["message"]
    assert (said["content"], said["reasoning_content"]) == ("a", "hm")
    world.stand_in.faults.clear()
    assert asks(caller, model, QUESTION, said, QUESTION).status_code == 200
    assert "hm" in json.dumps(world.stand_in.calls[-1].body["messages"])


@pytest.mark.parametrize("identity", ["call_PTLP8xhu3uwZk4l3", "toolu_01A", "functions.f:0"])
def test_mistral_takes_the_ids_of_other_providers_calls(world: ChatWorld, caller: httpx.Client, identity: str) -> None:
    assert asks(caller, MISTRAL, QUESTION, *calling(identity), tools=[FUNCTION]).status_code == 200
    turn, result = world.stand_in.calls[-1].body["messages"][1:]
    assert turn["tool_calls"][0]["id"] == result["tool_call_id"]


@pytest.mark.parametrize(
    "arguments", ['{"a": 1, "b"', "null", '"x"', "[1,2]", '{"a":1}}', '{"a":1}{"a":2}', '{"a": "\t"}', '{"a": NaN}']
)
@pytest.mark.parametrize(
    "model", [HAIKU, "google/gemini-2.5-flash", "cohere/command-r7b-12-2024", "openai/gpt-4o-mini"]
)
def test_broken_arguments_of_an_old_call_end_no_conversation(
    world: ChatWorld, caller: httpx.Client, model: str, arguments: str
) -> None:
    answer = asks(caller, model, QUESTION, *calling("c1", arguments), tools=[FUNCTION])
    assert answer.status_code == 200
    assert answer.headers["x-llm-model"] == model


# ---------------------------------------------------------------- fields

EFFORTS: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("deepseek/deepseek-v4-pro", "none", {"thinking": {"type": "disabled"}}),
    ("deepseek/deepseek-v4-pro", "high", {"reasoning_effort": "high"}),
    (MISTRAL, "none", {"reasoning_effort": "none"}),
    (MISTRAL, "high", {"reasoning_effort": "high"}),
    ("zhipu/glm-5.2", "none", {"thinking": {"type": "disabled"}}),
    ("zhipu/glm-5.2", "high", {"reasoning_effort": "high"}),
    ("qwen/qwen3-max", "none", {"enable_thinking": False}),
    ("qwen/qwen3-max", "high", {"enable_thinking": True}),
    ("minimax/MiniMax-M3", "none", {"thinking": {"type": "disabled"}}),
    ("minimax/MiniMax-M3", "high", {"thinking": {"type": "adaptive"}}),
]


@pytest.mark.parametrize(
    ("model", "effort", "expected"), EFFORTS, ids=[f"{model} {effort}" for model, effort, _ in EFFORTS]
)
def test_an_effort_reaches_each_provider_in_its_own_switch(
    world: ChatWorld, caller: httpx.Client, model: str, effort: str, expected: dict[str, Any]
) -> None:
    answer = asks(caller, model, reasoning_effort=effort)
    assert answer.status_code == 200
    assert expected.items() <= world.stand_in.calls[-1].body.items()
    assert "reasoning_effort" not in answer.headers.get("x-llm-warnings", "")


def test_fields_of_anthropic_s_own_do_not_end_the_chain_behind_it(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("status", provider="anthropic", status=529)
    chain = "anthropic/claude-sonnet-5,openai/gpt-4o-mini,google/gemini-3.5-flash"
    answer = asks(caller, chain, thinking={"type": "adaptive"}, output_config={"effort": "low"})
    assert (answer.status_code, answer.headers["x-llm-model"]) == (200, "openai/gpt-4o-mini")
    assert not {"thinking", "output_config"} & world.stand_in.calls[-1].body.keys()


def test_what_a_provider_calls_unknown_leads_to_the_next_one(world: ChatWorld, caller: httpx.Client) -> None:
    said = {"error": {"message": "Unknown parameter: 'output_config'.", "code": "unknown_parameter"}}
    world.stand_in.fault("body", provider="openai", status=400, body=json.dumps(said))
    answer = asks(caller, "openai/gpt-4o-mini,google/gemini-3.5-flash")
    assert (answer.status_code, answer.headers["x-llm-model"]) == (200, "google/gemini-3.5-flash")


# ---------------------------------------------------------------- answers


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


# ---------------------------------------------------------------- money


def messages_answer(**usage: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": "ok"}]
    return {"id": "m", "type": "message", "content": content, "stop_reason": "end_turn", "usage": usage}


def run(kind: str, prompt: int, output: int, model: str | None = None) -> dict[str, Any]:
    of_model = {} if model is None else {"model": model}
    return {"type": kind, "input_tokens": prompt, "output_tokens": output, **of_model}


COSTS: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any], str]]] = {
    "an_advisor": (
        "anthropic/claude-sonnet-5",
        {
            "tools": [{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}],
            "betas": ["advisor-tool-2026-03-01"],
        },
        {
            "input_tokens": 1610,
            "output_tokens": 350,
            "iterations": [
                run("message", 10, 50),
                run("advisor_message", 20_000, 1500, "claude-opus-5"),
                run("message", 1600, 300),
            ],
        },
        "0.14422",
    ),
    "a_dearer_model_serves": (
        HAIKU,
        {"fallbacks": [{"model": "claude-opus-5"}], "betas": ["server-side-fallback-2026-06-01"]},
        {
            "input_tokens": 412,
            "output_tokens": 264,
            "iterations": [
                run("message", 412, 0, "claude-haiku-4-5"),
                run("fallback_message", 412, 264, "claude-opus-5"),
            ],
        },
        "0.00866",
    ),
    "a_cheaper_model_serves": (
        "anthropic/claude-opus-5-5",
        {"fallbacks": [{"model": "claude-sonnet-5"}], "betas": ["server-side-fallback-2026-06-01"]},
        {
            "input_tokens": 1300,
            "output_tokens": 200,
            "iterations": [
                run("message", 1000, 299, "claude-opus-5-5"),
                run("fallback_message", 1300, 200, "claude-sonnet-5"),
            ],
        },
        "0.01458",
    ),
    "searches": (
        "anthropic/claude-haiku-4-5-20251001",
        {"web_search_options": {}},
        {"input_tokens": 1000, "output_tokens": 100, "server_tool_use": {"web_search_requests": 3}},
        "0.0315",
    ),
}


@pytest.mark.parametrize("case", COSTS)
def test_what_other_models_and_tools_did_for_an_answer_is_in_its_cost(
    world: ChatWorld, caller: httpx.Client, case: str
) -> None:
    model, options, usage, cost = COSTS[case]
    answers(world, "anthropic", messages_answer(**usage))
    answer = asks(caller, model, **options)
    assert answer.status_code == 200
    assert Decimal(answer.headers["x-llm-cost-usd"]) == Decimal(cost)
    assert world.rows()[-1].settlement.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("kind", "media_type"), [("image", "image/png"), ("document", "application/pdf")], ids=["image", "document"]
)
def test_a_picture_in_anthropic_s_words_takes_no_more_of_the_window_than_one_in_openai_s(
    world: ChatWorld, caller: httpx.Client, kind: str, media_type: str
) -> None:
    data = base64.b64encode(bytes(1_900_000)).decode()
    native = {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}
    answer = asks(caller, HAIKU, {"role": "user", "content": [{"type": "text", "text": "hi"}, native]}, max_tokens=100)
    assert answer.status_code == 200
    assert world.rows()[-1].attempt.estimate < Decimal("0.01")


# ---------------------------------------------------------------- models that answer only as streams

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
