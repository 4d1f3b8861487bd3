"""No half of a surrogate pair reaches a caller, whole or streamed, and none that a caller sends ends a conversation."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.readable import ReadableDeltas, readable, readable_json
from atom_llm.http.body import check_body, readable_body
from testing.chat_world import OPENAI, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn

HIGH, LOW, SMILE, NONE = "\ud83d", "\ude00", "\U0001f600", "\ufffd"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        served_world.provider_key("openai")
        yield served_world


def said(*pieces: dict[str, Any]) -> str:
    """A stream of OpenAI's with deltas as they are given, its bytes as a provider sends them."""
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": piece}]} for piece in pieces]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


def test_a_half_in_a_whole_answer_is_replaced(world: ChatWorld, caller: httpx.Client) -> None:
    body = (
        '{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",'
        '"content":"a \\ud83d"},"finish_reason":"stop"}],'
        '"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
    )
    world.stand_in.fault("body", provider="openai", body=body)
    answer = caller.post("/chat/completions", json=asking(OPENAI))
    assert (answer.status_code, answer.json()["choices"][0]["message"]["content"]) == (200, f"a {NONE}")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("a ", HIGH, LOW, " b"), f"a {SMILE} b"),
        (("a ", HIGH, " b"), f"a {NONE} b"),
        (("a ", HIGH), f"a {NONE}"),
        ((LOW, "b"), f"{NONE}b"),
    ],
    ids=["a_pair_over_two_deltas", "a_half_in_the_middle", "a_half_at_the_end", "a_low_half_first"],
)
def test_halves_in_a_stream_are_joined_or_replaced(
    world: ChatWorld, caller: httpx.Client, pieces: tuple[str, ...], text: str
) -> None:
    sent = said(*({"content": piece} for piece in pieces))
    world.stand_in.fault("body", provider="openai", body=sent, content_type="text/event-stream")
    outcome = stream(caller, OPENAI)
    assert (outcome.status, outcome.text, outcome.is_done) == (200, text, True)


def test_a_half_that_a_caller_sends_is_replaced_and_goes_on(world: ChatWorld, caller: httpx.Client) -> None:
    body = json.dumps({"model": OPENAI, "messages": [{"role": "user", "content": f"a {HIGH} {SMILE}"}]})
    answer = caller.post("/chat/completions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert world.stand_in.calls[0].body["messages"][0]["content"] == f"a {NONE} {SMILE}"


@pytest.mark.parametrize("name", ["content", "reasoning_content", "refusal"])
def test_each_text_of_a_delta_has_its_own_half(name: str) -> None:
    deltas = ReadableDeltas()
    chunks = [{"choices": [{"delta": {name: HIGH}}]}, {"choices": [{"delta": {"role": "assistant"}}]}]
    chunks.append({"choices": [{"delta": {name: LOW}}]})
    for chunk in chunks:
        deltas.read([chunk])
    assert [chunk["choices"][0]["delta"].get(name) for chunk in chunks] == ["", None, SMILE]


def test_arguments_of_calls_are_joined_by_call_and_a_last_half_is_not_lost() -> None:
    def call(place: int, text: str) -> dict[str, Any]:
        return {"choices": [{"delta": {"tool_calls": [{"index": place, "function": {"arguments": text}}]}}]}

    deltas, last = ReadableDeltas(), {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}
    chunks = [call(0, HIGH), call(1, HIGH), call(0, LOW), last]
    deltas.read(chunks)
    told = [each["choices"][0]["delta"]["tool_calls"][0] for each in chunks]
    assert [(each["index"], each["function"]["arguments"]) for each in told] == [
        (0, ""),
        (1, ""),
        (0, SMILE),
        (1, NONE),
    ]


any_text = st.text(st.characters(codec=None, categories=None) | st.sampled_from([HIGH, LOW]))


@given(any_text)
def test_whatever_a_text_holds_it_can_be_sent_and_what_could_be_sent_is_as_it_was(text: str) -> None:
    assert readable(text).encode().decode() == readable(text)
    assert readable_json({text: [text, 1, None]}) == {readable(text): [readable(text), 1, None]}
    try:
        text.encode()
    except UnicodeEncodeError:
        assert NONE in readable(text) or SMILE in readable(text) or len(readable(text)) < len(text)
    else:
        assert readable(text) == text


@given(st.recursive(any_text, lambda inner: st.lists(inner) | st.dictionaries(any_text, inner)))
def test_any_body_becomes_one_that_can_be_read(content: Any) -> None:
    body = readable_body(json.dumps([content]).encode())
    check_body(body)
    assert json.loads(body) == readable_json(json.loads(json.dumps([content])))
