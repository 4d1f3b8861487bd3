"""Conversations that another provider began go on, with all fields that their callers know."""

import json
from typing import Any, Final

import httpx
import pytest

from testing.chat_world import ChatWorld
from tests.functions.chat.conversations.odd_answers import FUNCTION, QUESTION, answers, asks

MISTRAL, GROQ, HAIKU = "mistral/mistral-medium-3-5", "groq/openai/gpt-oss-120b", "anthropic/claude-haiku-4-5"
THOUGHT: Final = {"role": "assistant", "content": "a", "reasoning_content": "hm", "refusal": None}


def calling(identity: str, arguments: str = "{}") -> tuple[dict[str, Any], dict[str, Any]]:
    """A turn with a call, and its result."""
    call = {"id": identity, "type": "function", "function": {"name": "f", "arguments": arguments}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    return turn, {"role": "tool", "tool_call_id": identity, "content": "1"}


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
