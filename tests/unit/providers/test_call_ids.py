"""Histories that repeat the id of a call, for the providers that refuse it."""

from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.conversation import conversation as anthropic
from atom_llm.adapters.providers.bedrock.conversation import conversation as bedrock
from atom_llm.adapters.providers.gemini.contents import conversation as gemini
from tests.unit.providers.anthropic.anthropic_world import target
from tests.unit.providers.gemini.gemini_world import target as gemini_target

QUESTION: dict[str, Any] = {"role": "user", "content": "q"}


def turn(*identities: str) -> dict[str, Any]:
    calls = [{"id": each, "type": "function", "function": {"name": "f", "arguments": "{}"}} for each in identities]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(identity: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": text}


def calls_of_anthropic(messages: list[dict[str, Any]]) -> tuple[list[str], list[tuple[str, str]]]:
    blocks = [block for each in anthropic(messages, target()).messages for block in each["content"]]
    uses = [block["id"] for block in blocks if isinstance(block, dict) and block["type"] == "tool_use"]
    results = [block for block in blocks if isinstance(block, dict) and block["type"] == "tool_result"]
    return uses, [(block["tool_use_id"], block["content"]) for block in results]


def calls_of_bedrock(messages: list[dict[str, Any]]) -> tuple[list[str], list[tuple[str, str]]]:
    blocks = [block for each in bedrock(messages, caches=False).messages for block in each["content"]]
    uses = [block["toolUse"]["toolUseId"] for block in blocks if "toolUse" in block]
    results = [block["toolResult"] for block in blocks if "toolResult" in block]
    return uses, [(each["toolUseId"], each["content"][0]["text"]) for each in results]


def calls_of_gemini(messages: list[dict[str, Any]]) -> tuple[list[str], list[tuple[str, str]]]:
    parts = [part for each in gemini(messages, gemini_target()).contents for part in each["parts"]]
    uses = [part["functionCall"]["id"] for part in parts if "functionCall" in part]
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    return uses, [(each["id"], each["response"]["output"]) for each in results]


@pytest.mark.parametrize("calls_of", [calls_of_anthropic, calls_of_bedrock, calls_of_gemini])
@pytest.mark.parametrize(
    "messages",
    [
        [turn("call_0"), result("call_0", "first"), turn("call_0"), result("call_0", "second")],
        [turn("f", "f"), result("f", "first"), result("f", "second")],
        [turn("a.b|", "a.b?"), result("a.b|", "first"), result("a.b?", "second")],
        [turn("x" * 80), result("x" * 80, "first"), turn("x" * 80), result("x" * 80, "second")],
    ],
)
def test_each_call_has_an_id_of_its_own_and_its_result_with_it(calls_of: Any, messages: list[dict[str, Any]]) -> None:
    uses, results = calls_of([QUESTION, *messages])
    assert len(set(uses)) == 2
    assert results == [(uses[0], "first"), (uses[1], "second")]


def test_a_result_has_the_name_of_the_call_that_it_answers() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "q"},
        turn("x", "x"),
        result("x", "first"),
        result("x", "second"),
    ]
    messages[1]["tool_calls"][1]["function"]["name"] = "g"
    parts = [part for each in gemini(messages, gemini_target()).contents for part in each["parts"]]
    assert [part["functionResponse"]["name"] for part in parts if "functionResponse" in part] == ["f", "g"]


@pytest.mark.parametrize("calls_of", [calls_of_anthropic, calls_of_bedrock, calls_of_gemini])
def test_ids_that_differ_stay_as_they_are(calls_of: Any) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "q"},
        turn("c1", "c2"),
        result("c2", "b"),
        result("c1", "a"),
    ]
    uses, results = calls_of(messages)
    assert uses == ["c1", "c2"]
    assert dict(results) == {"c1": "a", "c2": "b"}
