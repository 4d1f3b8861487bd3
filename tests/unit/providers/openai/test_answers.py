"""Answers of OpenAI-like providers that are not quite OpenAI's."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.adapters.providers.well_formed import are_well_formed, well_formed_answer
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import ServerSentEvent, Target

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ANSWER = "<think>\nhm, 2 < 3\n</think>\n\nThree."


def answered(provider: str, message: dict[str, Any], finish: str) -> dict[str, Any]:
    target = Target(PROVIDER_BY_ID[provider], "m")
    content = {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    choice: dict[str, Any] = OPENAI_LIKE[provider].answer(target, content).body["choices"][0]
    return choice


def streamed(provider: str, *deltas: dict[str, Any], finish: str) -> tuple[dict[str, Any], str | None]:
    """Return the texts of a stream, joined by field, and its finish reason."""
    target = Target(PROVIDER_BY_ID[provider], "m")
    reader = OPENAI_LIKE[provider].reader(target, {})
    joined: dict[str, Any] = {}
    reason = None
    for place, delta in enumerate(deltas):
        choice = {"index": 0, "delta": delta, "finish_reason": finish if place == len(deltas) - 1 else None}
        for chunk in reader.read(ServerSentEvent(None, json.dumps({"choices": [choice]}))):
            for name, value in chunk["choices"][0]["delta"].items():
                joined[name] = joined.get(name, "") + value if isinstance(value, str) else value
            reason = chunk["choices"][0]["finish_reason"] or reason
    return joined, reason


@pytest.mark.parametrize("provider", sorted(OPENAI_LIKE))
def test_an_answer_without_calls_never_ends_with_tool_calls(provider: str) -> None:
    assert answered(provider, {"content": "a"}, "tool_calls")["finish_reason"] == "stop"
    assert streamed(provider, {"content": "a"}, {}, finish="tool_calls")[1] == "stop"


@pytest.mark.parametrize("provider", sorted(set(OPENAI_LIKE) - {"openai"}))
def test_an_answer_with_calls_ends_with_tool_calls(provider: str) -> None:
    assert answered(provider, {"content": None, "tool_calls": [CALL]}, "stop")["finish_reason"] == "tool_calls"
    assert streamed(provider, {"tool_calls": [CALL]}, {}, finish="stop")[1] == "tool_calls"


def test_openai_itself_says_stop_where_a_call_was_forced() -> None:
    assert answered("openai", {"content": None, "tool_calls": [CALL]}, "stop")["finish_reason"] == "stop"


def test_a_place_that_is_told_as_null_is_the_one_that_it_stands_at() -> None:
    target, nowhere = Target(PROVIDER_BY_ID["mistral"], "m"), {**CALL, "index": None}
    dialect = OPENAI_LIKE["mistral"]
    delta = {"index": None, "delta": {"tool_calls": [nowhere]}, "finish_reason": None}
    (chunk,) = dialect.reader(target, {}).read(ServerSentEvent(None, json.dumps({"choices": [delta]})))
    assert (chunk["choices"][0]["index"], chunk["choices"][0]["delta"]["tool_calls"][0]["index"]) == (0, 0)
    assert are_well_formed([chunk])
    whole: Any = {"choices": [{"index": None, "message": {"tool_calls": [nowhere]}, "finish_reason": "stop"}]}
    answer = well_formed_answer(lambda: dialect.answer(target, whole))
    assert answer.body["choices"][0]["index"] == 0
    assert "index" not in answer.body["choices"][0]["message"]["tool_calls"][0]


def test_thoughts_in_the_content_of_minimax_are_thoughts() -> None:
    message = answered("minimax", {"content": ANSWER}, "stop")["message"]
    assert (message["reasoning_content"], message["content"]) == ("hm, 2 < 3", "Three.")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, len(ANSWER)])
def test_thoughts_are_found_however_their_tags_are_cut(size: int) -> None:
    pieces = [{"content": ANSWER[start : start + size]} for start in range(0, len(ANSWER), size)]
    joined, _ = streamed("minimax", *pieces, {"content": ""}, finish="stop")
    assert joined["reasoning_content"].strip() == "hm, 2 < 3"
    assert joined["content"].strip() == "Three."


@pytest.mark.parametrize("text", ["Three.", "<thin air>", "a <think> b", "<thi", "</think>"])
def test_a_text_without_thoughts_is_a_text(text: str) -> None:
    joined, _ = streamed("minimax", *({"content": letter} for letter in text), {}, finish="stop")
    assert joined["content"] == text
    assert "reasoning_content" not in joined
