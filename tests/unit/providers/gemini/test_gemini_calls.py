"""Calls of tools and their results in a conversation, as Gemini takes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.gemini.contents import MOST_EXACT, NO_SIGNATURE
from atom_llm.domain.core.errors import InvalidRequest
from tests.unit.providers.gemini.gemini_world import (
    BY_BUDGET,
    PICTURE,
    answered,
    call,
    called,
    candidate,
    chunks,
    contents,
    dialect,
    result,
    signed,
    target,
    user,
)


def sent_call(message: dict[str, Any], model: str = "gemini-3.8-flash") -> Any:
    """Return an assistant's turn, translated, once its result is there."""
    identity = message["tool_calls"][0]["id"]
    return contents(user(), message, result(identity, "done"), model=model)[1]["parts"]


def sent_result(content: Any, model: Any = "gemini-3.8-flash", **fields: Any) -> Any:
    """Return a tool's result, translated."""
    turns = contents(user(), called(call("c", "f")), result("c", content, **fields), model=model)
    return turns[2]["parts"][0]["functionResponse"]


def test_calls_are_parts_with_their_arguments_as_objects() -> None:
    message = called(call("a", "f", '{"x": 1}'), call("b", "g", ""), content="Let me see.")
    assert sent_call(message, BY_BUDGET) == [
        {"text": "Let me see."},
        {"functionCall": {"id": "a", "name": "f", "args": {"x": 1}}},
        {"functionCall": {"id": "b", "name": "g", "args": {}}},
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("{", {"raw": "{"}),
        ("[1]", {"raw": "[1]"}),
        ("null", {}),
        ("NaN", {"raw": "NaN"}),
        ('{"x": NaN}', {"raw": '{"x": NaN}'}),
        ('{"x": "\t"}', {"raw": '{"x": "\t"}'}),
        (7, {"raw": "7"}),
    ],
)
def test_arguments_that_are_no_object_in_json_go_on_as_a_raw_text(arguments: Any, expected: Any) -> None:
    message = called(call("a", "f", arguments))
    assert sent_call(message, BY_BUDGET)[-1]["functionCall"]["args"] == expected


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"id": "a"}, "messages.1.tool_calls.0.function"),
        ({"function": {"name": "f"}}, "messages.1.tool_calls.0.id"),
        ({"id": "a", "function": {"arguments": "{}"}}, "messages.1.tool_calls.0.function.name"),
    ],
)
def test_a_call_without_its_parts_is_named(broken: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        contents(user(), called(broken), user())
    assert error.value.field == field


def test_a_signature_comes_back_with_its_call() -> None:
    message = called(call("a", "f", extra_content=signed("c2ln")), call("b", "g"))
    first, second = sent_call(message)
    assert (first["thoughtSignature"], "thoughtSignature" in second) == ("c2ln", False)


def test_a_call_that_nobody_signed_is_excused_where_a_signature_is_wanted() -> None:
    message = called(call("a", "f"), call("b", "g"))
    first, second = sent_call(message)
    assert (first["thoughtSignature"], "thoughtSignature" in second) == (NO_SIGNATURE, False)
    assert all("thoughtSignature" not in each for each in sent_call(message, BY_BUDGET))


def test_a_signature_of_a_text_comes_back_with_the_text() -> None:
    message = {"role": "assistant", "content": "4", "extra_content": signed("c2ln")}
    assert contents(user(), message, user())[1]["parts"] == [{"text": "4", "thoughtSignature": "c2ln"}]


def test_pictures_of_an_answer_come_back_with_their_signatures() -> None:
    image = {"type": "image_url", "image_url": {"url": PICTURE}, "index": 0, "extra_content": signed("c2ln")}
    message = {"role": "assistant", "content": "Here.", "images": [image]}
    assert contents(user(), message, user("Bluer."))[1]["parts"] == [
        {"text": "Here."},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}, "thoughtSignature": "c2ln"},
    ]


RECORDED: list[dict[str, Any]] = [  # gemini-3-pro-preview, 2026; the signature is shortened
    {
        "functionCall": {"name": "weather", "args": {"location": "San Francisco"}},
        "thoughtSignature": "EpEgCo4gAb4+9vvW",
    },
    {"functionCall": {"name": "weather", "args": {"location": "Rome"}}},
]


def test_what_an_answer_said_comes_back_as_it_was() -> None:
    message = dialect.answer(target(), answered(candidate(*RECORDED))).body["choices"][0]["message"]
    first, second = message["tool_calls"]
    turns = contents(user(), message, result(first["id"], "18"), result(second["id"], "24"))
    for sent, received in zip(turns[1]["parts"], RECORDED, strict=True):
        assert sent.get("thoughtSignature") == received.get("thoughtSignature")
        assert {name: sent["functionCall"][name] for name in ("name", "args")} == received["functionCall"]
    assert [each["functionResponse"]["id"] for each in turns[2]["parts"]] == [first["id"], second["id"]]


def test_what_a_stream_said_comes_back_as_it_was() -> None:
    stream = [answered(candidate(each, reason=None)) for each in RECORDED]
    message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": []}
    for chunk in chunks(stream):
        message["tool_calls"] += chunk["choices"][0]["delta"]["tool_calls"]
    assert [each.get("thoughtSignature") for each in sent_call(message)] == ["EpEgCo4gAb4+9vvW", None]


def test_results_of_one_turn_are_one_content_of_their_own() -> None:
    turns = contents(user(), called(call("a", "f"), call("b", "g")), result("b", "2"), result("a", "1"), user("Thanks"))
    assert [turn["role"] for turn in turns] == ["user", "model", "user", "user"]
    assert turns[2]["parts"] == [
        {"functionResponse": {"id": "b", "name": "g", "response": {"output": "2"}}},
        {"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}},
    ]
    assert turns[3]["parts"] == [{"text": "Thanks"}]


def test_the_same_id_in_a_later_turn_is_the_later_call() -> None:
    turns = contents(user(), called(call("a", "f")), result("a", "1"), called(call("a", "g")), result("a", "2"))
    assert [turns[place]["parts"][0]["functionResponse"]["name"] for place in (2, 4)] == ["f", "g"]


@pytest.mark.parametrize("identity", ["b", None, 3])
def test_a_result_that_answers_no_call_is_named(identity: Any) -> None:
    with pytest.raises(InvalidRequest) as error:
        contents(user(), called(call("a", "f")), result(identity, "1"))
    assert error.value.field == "messages.2.tool_call_id"


@pytest.mark.parametrize(
    ("content", "response"),
    [
        ('{"celsius": 21.5, "ok": true}', {"celsius": 21.5, "ok": True}),
        (' {"celsius": 21}', {"celsius": 21}),
        ("sunny", {"output": "sunny"}),
        ("[1, 2]", {"output": "[1, 2]"}),
        ("{broken", {"output": "{broken"}),
        ("", {"output": ""}),
        ([{"type": "text", "text": '{"a"'}, {"type": "text", "text": ": 1}"}], {"a": 1}),
        ('{"a": NaN}', {"output": '{"a": NaN}'}),
        ('{"a": 1e999}', {"output": '{"a": 1e999}'}),
        ('{"items": {"$ref": "#/$defs/A"}}', {"output": '{"items": {"$ref": "#/$defs/A"}}'}),
        (f'{{"id": {MOST_EXACT}}}', {"id": MOST_EXACT}),
        (f'{{"id": {MOST_EXACT + 1}}}', {"output": f'{{"id": {MOST_EXACT + 1}}}'}),
    ],
)
def test_a_result_is_the_object_that_it_is_or_else_an_output(content: Any, response: Any) -> None:
    assert sent_result(content)["response"] == response


def test_a_result_that_is_an_error_says_so() -> None:
    assert sent_result("no such city", is_error=True)["response"] == {"error": "no such city"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_whatever_a_tool_gave_goes_as_valid_json(value: Any) -> None:
    response = sent_result(json.dumps({"value": value}))["response"]
    json.dumps(response, allow_nan=False)


SEEN = [{"type": "text", "text": "seen"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
INLINE = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}


def test_pictures_in_a_result_are_inside_of_it_since_gemini_3() -> None:
    found = sent_result(SEEN)
    assert (found["response"], found["parts"]) == ({"output": "seen"}, [INLINE])


def test_pictures_in_a_result_stand_behind_it_before() -> None:
    history = (user(), called(call("a", "f"), call("b", "f")), result("a", SEEN), result("b", "x"))
    turns = contents(*history, model=BY_BUDGET)
    assert [len(turn["parts"]) for turn in turns] == [1, 2, 2, 1]
    assert turns[3] == {"role": "user", "parts": [INLINE]}
    turns = contents(*history, user("And?"), model=BY_BUDGET)
    assert turns[3] == {"role": "user", "parts": [INLINE, {"text": "And?"}]}
