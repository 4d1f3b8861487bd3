"""Chunks of OpenAI-like servers that are not quite OpenAI's: how they end, and what is no delta."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

LIKE = sorted(OPENAI_LIKE)
BEGUN = {"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}


def read(provider: str, *chunks: dict[str, Any]) -> list[Json]:
    reader = OPENAI_LIKE[provider].reader(Target(PROVIDER_BY_ID[provider], "m"), {})
    return [choice for each in chunks for chunk in reader.read(event(each)) for choice in chunk["choices"]]


def event(content: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(None, json.dumps(content))


@pytest.mark.parametrize("provider", LIKE)
@pytest.mark.parametrize(
    "last",
    [
        {"error": {"code": 502, "message": "gone"}, "choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]},
        {"error": {"code": 502, "message": "gone"}, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"error": {"code": 502, "message": "gone"}, "choices": []},
        {"error": {"code": 502, "message": "gone"}, "choices": None},
        {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]},
        {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "abort"}]},
    ],
)
def test_a_stream_that_its_server_broke_off_is_not_a_whole_answer(provider: str, last: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as broken:
        read(provider, {"choices": [BEGUN]}, last)
    assert broken.value.kind is FailureKind.TRANSIENT


@pytest.mark.parametrize("reason", ["error", "abort"])
def test_nor_is_a_whole_one_that_says_so(reason: str) -> None:
    content = {"choices": [{"index": 0, "message": {"content": "Hel"}, "finish_reason": reason}]}
    with pytest.raises(ProviderFailure):
        OPENAI_LIKE["qwen"].answer(Target(PROVIDER_BY_ID["qwen"], "m"), content)


def test_an_error_that_is_null_is_none() -> None:
    assert read("qwen", {"error": None, "choices": [BEGUN]}) == [BEGUN]


@pytest.mark.parametrize("provider", LIKE)
def test_a_reason_that_is_empty_is_none_yet(provider: str) -> None:
    choices = read(provider, {"choices": [{**BEGUN, "finish_reason": ""}]})
    assert [choice["finish_reason"] for choice in choices] == [None]


@pytest.mark.parametrize("provider", LIKE)
@pytest.mark.parametrize("last", [{"delta": None}, {}, {"message": {"role": "assistant", "content": "Hello"}}])
def test_a_choice_always_has_a_delta_and_the_text_is_not_told_twice(provider: str, last: dict[str, Any]) -> None:
    choices = read(provider, {"choices": [BEGUN]}, {"choices": [{"index": 0, "finish_reason": "stop", **last}]})
    assert [choice["delta"] for choice in choices] == [{"content": "Hel"}, {}]


def test_a_message_that_comes_in_place_of_every_delta_is_the_answer() -> None:
    message = {"role": "assistant", "content": "Hello"}
    (choice,) = read("qwen", {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert (choice["delta"], choice["finish_reason"]) == (message, "stop")
