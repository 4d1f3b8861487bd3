"""Conversations of OpenAI's as Gemini's contents: roles, media, calls with their signatures, and results."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.gemini.contents import OPENING
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.gemini.gemini_world import (
    BY_BUDGET,
    GEMMA,
    OLD,
    PICTURE,
    contents,
    request,
    target,
    user,
)


def part(content: dict[str, Any]) -> Any:
    """Return a part of a user's message, translated."""
    return contents(user([content]))[0]["parts"][0]


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
