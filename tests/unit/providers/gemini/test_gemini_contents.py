"""Conversations of OpenAI's as Gemini's contents: roles, media, calls with their signatures, and results."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.gemini.contents import MOST_EXACT, NO_SIGNATURE, OPENING
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.gemini.gemini_world import (
    BY_BUDGET,
    GEMMA,
    OLD,
    PICTURE,
    answered,
    call,
    called,
    candidate,
    chunks,
    contents,
    dialect,
    request,
    result,
    signed,
    target,
    user,
)


def part(content: dict[str, Any]) -> Any:
    """Return a part of a user's message, translated."""
    return contents(user([content]))[0]["parts"][0]


def sent_call(message: dict[str, Any], model: str = "gemini-3.8-flash") -> Any:
    """Return an assistant's turn, translated, once its result is there."""
    identity = message["tool_calls"][0]["id"]
    return contents(user(), message, result(identity, "done"), model=model)[1]["parts"]


def sent_result(content: Any, model: Any = "gemini-3.8-flash", **fields: Any) -> Any:
    """Return a tool's result, translated."""
    turns = contents(user(), called(call("c", "f")), result("c", content, **fields), model=model)
    return turns[2]["parts"][0]["functionResponse"]


# --- roles


def test_instructions_stand_by_themselves_wherever_they_came() -> None:
    system = {"role": "system", "content": "Be brief."}
    developer = {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]}
    wire = request(messages=[system, user(), developer]).body
    assert wire["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]}
    assert wire["contents"] == [{"role": "user", "parts": [{"text": "Hello"}]}]


def test_instructions_alone_are_what_there_is_to_answer() -> None:
    wire = request(messages=[{"role": "system", "content": "Tell a joke."}]).body
    assert wire == {"contents": [{"role": "user", "parts": [{"text": "Tell a joke."}]}]}


def test_a_model_without_instructions_reads_them_first() -> None:
    messages = [{"role": "system", "content": "Be brief."}, user()]
    assert "systemInstruction" in request(GEMMA, messages=messages).body
    wire = request(target("gemma-3-27b-it"), messages=messages).body
    assert wire == {"contents": [{"role": "user", "parts": [{"text": "Be brief."}, {"text": "Hello"}]}]}


def test_instructions_are_text() -> None:
    picture = {"type": "image_url", "image_url": {"url": PICTURE}}
    with pytest.raises(ProviderFailure) as failure:
        request(messages=[{"role": "system", "content": [picture]}, user()])
    assert (failure.value.kind, failure.value.param) == (FailureKind.UNSUPPORTED, "messages.0.content")


def test_a_conversation_that_begins_with_a_greeting_gets_an_opening() -> None:
    greeting = {"role": "assistant", "content": "Hi, how can I help?"}
    assert contents(greeting, user())[0] == {"role": "user", "parts": [{"text": OPENING}]}


def test_a_refusal_is_what_the_model_said() -> None:
    refusal = {"role": "assistant", "content": None, "refusal": "No."}
    assert contents(user(), refusal, user("Why?"))[1] == {"role": "model", "parts": [{"text": "No."}]}


def test_names_of_authors_are_left_out_by_name() -> None:
    assert request(messages=[user() | {"name": "Ann"}]).dropped == ("messages.name",)


def test_marks_of_a_prompt_cache_are_left_out_by_name() -> None:
    marker = {"cache_control": {"type": "ephemeral"}}
    parts = [{"type": "text", "text": "Hi", **marker}]
    assert request(messages=[{"role": "user", "content": parts}]).dropped == ("messages.content.cache_control",)
    assert request(messages=[user() | marker]).dropped == ("messages.cache_control",)


@pytest.mark.parametrize("content", ["", [], [{"type": "text", "text": ""}]])
def test_a_request_without_content_is_refused(content: Any) -> None:
    with pytest.raises(InvalidRequest, match="messages"):
        request(messages=[user(content)])


@pytest.mark.parametrize("role", ["function", "tool_result", None])
def test_another_role_is_named(role: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"messages\.1\.role"):
        request(messages=[user(), {"role": role, "content": "x"}])


_said = st.sampled_from(["user", "assistant", "system"])


@given(st.lists(st.tuples(_said, st.text(min_size=1, max_size=3)), max_size=12), st.text(min_size=1, max_size=3))
def test_turns_alternate_and_keep_every_text_in_its_order(said: list[tuple[str, str]], last: str) -> None:
    messages = [{"role": role, "content": text} for role, text in [*said, ("user", last)]]
    turns = contents(*messages)
    roles = [turn["role"] for turn in turns]
    assert roles[0] == "user"
    assert all(one != other for one, other in pairwise(roles))
    kept = [part["text"] for turn in turns for part in turn["parts"]]
    spoken = [message["content"] for message in messages if message["role"] != "system"]
    assert kept in (spoken, [OPENING, *spoken])


# --- parts


def test_text_and_media_are_parts_in_their_order() -> None:
    wav = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    pdf = {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}
    said = user([{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": PICTURE}}, wav, pdf])
    assert contents(said)[0]["parts"] == [
        {"text": "What?"},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}},
    ]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/jpg;base64,AA=="}}, "image/jpeg"),
        ({"type": "image_url", "image_url": "data:image/webp;base64,AA=="}, "image/webp"),
        ({"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}}, "audio/mp3"),
        ({"type": "file", "file": {"file_data": "AA=="}}, "application/pdf"),
        ({"type": "file", "file": {"file_data": "AA==", "filename": "notes.TXT"}}, "text/plain"),
        ({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AA=="}}, "video/mp4"),
    ],
)
def test_data_within_the_request_has_its_media_type(content: dict[str, Any], media_type: str) -> None:
    assert part(content) == {"inlineData": {"mimeType": media_type, "data": "AA=="}}


def test_data_that_is_not_in_base64_is_put_into_it() -> None:
    found = part({"type": "file", "file": {"file_data": "data:text/plain,a%20b"}})
    assert found == {"inlineData": {"mimeType": "text/plain", "data": "YSBi"}}


@pytest.mark.parametrize(
    ("content", "address", "media_type"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a.io/b.PNG?c=d"}}, "https://a.io/b.PNG?c=d", "image/png"),
        ({"type": "image_url", "image_url": {"url": "https://a.io/b"}}, "https://a.io/b", "image/jpeg"),
        (
            {"type": "image_url", "image_url": {"url": "https://a.io/b", "format": "image/webp"}},
            "https://a.io/b",
            "image/webp",
        ),
        ({"type": "file", "file": {"file_url": "https://a.io/b"}}, "https://a.io/b", "application/pdf"),
        (
            {"type": "video_url", "video_url": {"url": "https://youtu.be/9hE5-98ZeCg"}},
            "https://youtu.be/9hE5-98ZeCg",
            None,
        ),
        (
            {"type": "file", "file": {"file_id": "files/abc"}},
            "https://generativelanguage.googleapis.com/v1beta/files/abc",
            None,
        ),
    ],
)
def test_an_address_goes_to_google_which_fetches_it(
    content: dict[str, Any], address: str, media_type: str | None
) -> None:
    named = {} if media_type is None else {"mimeType": media_type}
    assert part(content) == {"fileData": {"fileUri": address} | named}


def test_a_model_that_fetches_nothing_is_not_asked_to() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://a.io/b.png"}}
    assert contents(user([picture]), model=BY_BUDGET)
    with pytest.raises(ProviderFailure) as failure:
        contents(user([picture]), model=OLD)
    assert failure.value.kind is FailureKind.UNSUPPORTED
    assert failure.value.param == "messages.0.content.0.image_url.url"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"type": "image_url", "image_url": {"url": "ftp://a.io/b.png"}}, "messages.0.content.0.image_url.url"),
        ({"type": "image_url"}, "messages.0.content.0.image_url.url"),
        ({"type": "image_url", "image_url": {"url": "data:image/png"}}, "messages.0.content.0.image_url.url"),
        ({"type": "input_audio", "input_audio": {"format": "wav"}}, "messages.0.content.0.input_audio.data"),
        ({"type": "input_audio", "input_audio": {"data": "AA=="}}, "messages.0.content.0.input_audio.format"),
        ({"type": "file", "file": {}}, "messages.0.content.0.file.file_data"),
        ({"type": "text"}, "messages.0.content.0.text"),
        ({}, "messages.0.content.0.type"),
    ],
)
def test_a_part_that_is_wrong_is_named(content: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        part(content)
    assert error.value.field == field


@pytest.mark.parametrize(
    "content", [{"type": "file", "file": {"file_id": "file-abc123"}}, {"type": "thinking", "thinking": "…"}]
)
def test_what_another_provider_holds_or_knows_is_not_for_this_one(content: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as failure:
        part(content)
    assert failure.value.kind is FailureKind.UNSUPPORTED


def test_cache_markers_are_of_no_use() -> None:
    marked = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
    assert part(marked) == {"text": "Hello"}


# --- calls


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


# --- results


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
