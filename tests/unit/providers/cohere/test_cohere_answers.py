"""Cohere's whole answers, as recorded from its API in 2025 and 2026, as chat completions."""

from typing import Any

import pytest

from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import CITATION, PLAIN, THINKING, call, dialect, finished, reader, sent

USAGE = {
    "billed_units": {"input_tokens": 119, "output_tokens": 52},
    "tokens": {"input_tokens": 1549, "output_tokens": 103},
}
THOUGHT = {
    "id": "53bcb235-5179-4a91-a578-cb372b5430bc",
    "message": {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Okay, so I need"}, {"type": "text", "text": "2 + 2 = 4"}],
    },
    "finish_reason": "COMPLETE",
    "usage": {
        "billed_units": {"input_tokens": 8, "output_tokens": 578},
        "tokens": {"input_tokens": 1394, "output_tokens": 582},
        "cached_tokens": 1344,
    },
}
CALLED = {
    "id": "f201af17-e24a-4396-8f6a-98e8bf9c3432",
    "message": {
        "role": "assistant",
        "tool_plan": "I will use the weather tool.",
        "tool_calls": [
            call("weather_dqgshstja6p9", "weather", '{"location":"San Francisco"}'),
            call("currentTime_tf4dywn8wgnk", "currentTime", "null"),
        ],
    },
    "finish_reason": "TOOL_CALL",
    "usage": USAGE,
}


def test_a_whole_answer_is_a_chat_completion() -> None:
    answer = dialect.answer(THINKING, THOUGHT)
    (choice,) = answer.body["choices"]
    assert answer.body["object"] == "chat.completion"
    assert answer.body["model"] == "command-a-plus-05-2026"
    assert choice["finish_reason"] == "stop"
    assert choice["message"] == {
        "role": "assistant",
        "content": "2 + 2 = 4",
        "refusal": None,
        "reasoning_content": "Okay, so I need",
    }


def test_usage_is_what_is_billed() -> None:
    answer = dialect.answer(PLAIN, CALLED)
    assert answer.reported is not None
    assert answer.reported.usage.counts == {Unit.INPUT: 119, Unit.OUTPUT: 52}
    assert answer.reported.raw == USAGE
    usage = answer.body["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (119, 52, 171)


def test_an_answer_without_usage_says_none() -> None:
    answer = dialect.answer(PLAIN, {**CALLED, "usage": None})
    assert answer.reported is None
    assert "usage" not in answer.body


def test_calls_come_with_their_plan_as_content() -> None:
    (choice,) = dialect.answer(PLAIN, CALLED).body["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "I will use the weather tool."
    assert choice["message"]["tool_calls"] == [
        call("weather_dqgshstja6p9", "weather", '{"location":"San Francisco"}'),
        call("currentTime_tf4dywn8wgnk", "currentTime", "{}"),
    ]


def test_the_plan_is_coheres_again_in_the_next_turn() -> None:
    message = dialect.answer(PLAIN, CALLED).body["choices"][0]["message"]
    (turn,) = sent(message)
    assert turn["tool_plan"] == "I will use the weather tool."
    assert "content" not in turn


def test_a_plan_stands_before_what_else_is_said() -> None:
    message = {"role": "assistant", "tool_plan": "I will look.", "content": [{"type": "text", "text": " Wait."}]}
    (choice,) = dialect.answer(PLAIN, {**CALLED, "message": message}).body["choices"]
    assert choice["message"]["content"] == "I will look. Wait."


def test_calls_without_a_plan_have_no_content() -> None:
    message = {name: value for name, value in CALLED["message"].items() if name != "tool_plan"}  # type: ignore[attr-defined]
    (choice,) = dialect.answer(PLAIN, {**CALLED, "message": message}).body["choices"]
    assert choice["message"]["content"] is None


def test_citations_pass() -> None:
    message = {"role": "assistant", "content": [{"type": "text", "text": "…"}], "citations": [CITATION]}
    (choice,) = dialect.answer(PLAIN, {**THOUGHT, "message": message}).body["choices"]
    assert choice["message"]["citations"] == [CITATION]


def test_probabilities_are_openais() -> None:
    items = [
        {"text": "OK", "token_ids": [9], "logprobs": [-0.25]},
        {"text": " then", "token_ids": [1, 2], "logprobs": [-0.5, -1]},
    ]
    (choice,) = dialect.answer(PLAIN, {**THOUGHT, "logprobs": items}).body["choices"]
    assert choice["logprobs"]["content"] == [
        {"token": "OK", "logprob": -0.25, "bytes": [79, 75], "top_logprobs": []},
        {"token": " then", "logprob": -1.5, "bytes": [32, 116, 104, 101, 110], "top_logprobs": []},
    ]
    assert dialect.answer(PLAIN, THOUGHT).body["choices"][0]["logprobs"] is None


REASONS = {
    **dict.fromkeys(("COMPLETE", "STOP_SEQUENCE", "NEW"), "stop"),
    **dict.fromkeys(("MAX_TOKENS", "ERROR_LIMIT"), "length"),
    "TOOL_CALL": "stop",  # of an answer without a call
    "ERROR_TOXIC": "content_filter",
}


@pytest.mark.parametrize(("theirs", "ours"), REASONS.items())
def test_a_reason_is_openais_word(theirs: str, ours: str) -> None:
    assert dialect.answer(PLAIN, {**THOUGHT, "finish_reason": theirs}).body["choices"][0]["finish_reason"] == ours
    assert finished(reader(), theirs)[-1]["choices"][0]["finish_reason"] == ours


@pytest.mark.parametrize("reason", ["ERROR", "TIMEOUT"])
def test_an_answer_that_was_broken_off_is_a_failure(reason: str) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.answer(PLAIN, {**THOUGHT, "finish_reason": reason})
    assert failed.value.kind is FailureKind.TRANSIENT
    open_reader = reader()
    with pytest.raises(ProviderFailure):
        finished(open_reader, reason)
    assert not open_reader.is_finished


@pytest.mark.parametrize(
    "content", [{}, {"message": None}, {"message": {"content": []}}, {"id": "1", "finish_reason": "COMPLETE"}]
)
def test_what_is_no_answer_may_be_asked_again(content: Any) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.answer(PLAIN, content)
    assert failed.value.kind is FailureKind.TRANSIENT


def test_an_error_with_200_is_what_it_says() -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.answer(PLAIN, {"id": "1", "message": "too many tokens: total number of tokens in the prompt"})
    assert failed.value.kind is FailureKind.CONTEXT_LENGTH
