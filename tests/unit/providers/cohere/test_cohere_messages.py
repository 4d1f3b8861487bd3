"""A conversation's messages as Cohere takes them: no word is lost, and what has no place is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import JUNK, PLAIN, THINKING, call, dialect, request, sent

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def test_every_role_is_coheres_and_stays_in_its_place() -> None:
    said = [{"role": role, "content": role} for role in ("developer", "user", "assistant", "system", "user")]
    assert [(turn["role"], turn["content"]) for turn in sent(*said)] == [
        ("system", "developer"),
        ("user", "user"),
        ("assistant", "assistant"),
        ("system", "system"),
        ("user", "user"),
    ]


def test_parts_of_text_and_pictures_are_blocks() -> None:
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "original"}},
    ]
    (turn,) = sent({"role": "user", "content": parts}, target=THINKING)
    assert turn["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]


def test_one_part_of_text_is_a_text() -> None:
    (turn,) = sent(
        {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}
    )
    assert turn == {"role": "user", "content": "Hi"}


@pytest.mark.parametrize("kind", ["input_audio", "file", "video_url"])
def test_other_media_are_unsupported(kind: str) -> None:
    with pytest.raises(ProviderFailure) as failed:
        sent({"role": "user", "content": [{"type": kind, kind: {}}]})
    assert failed.value.kind is FailureKind.UNSUPPORTED
    assert failed.value.param == "messages.0.content.0"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "function", "content": "x"}, "messages.0.role"),
        ({"role": "tool", "content": "x"}, "messages.0.tool_call_id"),
        ({"role": "user", "content": [3]}, "messages.0.content.0"),
        ({"role": "user", "content": [{}]}, "messages.0.content.0.type"),
        ({"role": "user", "content": [{"type": "text"}]}, "messages.0.content.0.text"),
        ({"role": "user", "content": [{"type": "image_url"}]}, "messages.0.content.0.image_url.url"),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": "ftp://x"}]},
            "messages.0.content.0.image_url.url",
        ),
        ({"role": "assistant", "tool_calls": {}} | {"tool_calls": "x"}, "messages.0.tool_calls"),
        ({"role": "assistant", "tool_calls": [{"id": "1"}]}, "messages.0.tool_calls.0.function"),
        ({"role": "assistant", "tool_calls": [call("", "f", "")]}, "messages.0.tool_calls.0.id"),
        ({"role": "assistant", "tool_calls": [call("1", "", "")]}, "messages.0.tool_calls.0.function.name"),
    ],
)
def test_a_message_that_is_wrong_by_itself_is_named(message: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        sent(message)
    assert wrong.value.details["field"] == field


def test_a_turn_of_tools_goes_there_and_back() -> None:
    turns = sent(
        {"role": "user", "content": "Weather in Paris and Rome?"},
        {
            "role": "assistant",
            "content": "I will look.",
            "tool_calls": [call("a", "weather", '{"city":"Paris"}'), call("b", "weather", "")],
        },
        {"role": "tool", "tool_call_id": "a", "content": '{"degrees": 20}'},
        {
            "role": "tool",
            "tool_call_id": "b",
            "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}],
        },
    )
    assert turns[1] == {
        "role": "assistant",
        "tool_plan": "I will look.",
        "tool_calls": [call("a", "weather", '{"city":"Paris"}'), call("b", "weather", "{}")],
    }
    assert turns[2] == {"role": "tool", "tool_call_id": "a", "content": '{"degrees": 20}'}
    assert turns[3]["content"] == [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]


def test_documents_in_a_result_pass() -> None:
    document = {"type": "document", "document": {"id": "1", "data": {"text": "x"}}}
    assert sent({"role": "tool", "tool_call_id": "a", "content": [document]})[0]["content"] == [document]


def test_pictures_in_a_result_are_unsupported() -> None:
    with pytest.raises(ProviderFailure):
        sent({"role": "tool", "tool_call_id": "a", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]})


def test_thoughts_go_back_to_a_model_that_thinks_and_to_no_other() -> None:
    turn = {"role": "assistant", "content": "4", "reasoning_content": "2 + 2"}
    (back,) = sent(turn, target=THINKING)
    assert back["content"] == [{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4"}]
    assert sent(turn, target=PLAIN) == [{"role": "assistant", "content": "4"}]
    (back,) = sent({**turn, "tool_calls": [call("a", "f", "{}")]}, target=THINKING)
    assert (back["tool_plan"], back["content"]) == ("4", [{"type": "thinking", "thinking": "2 + 2"}])


def test_names_of_authors_are_left_out_and_named() -> None:
    wire = request(messages=[{"role": "user", "name": "Ada", "content": "Hi"}])
    assert (wire.body["messages"], wire.dropped) == ([{"role": "user", "content": "Hi"}], ("messages.name",))


def test_marks_of_a_prompt_cache_are_left_out_and_named() -> None:
    parts = [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]
    assert request(messages=[{"role": "user", "content": parts}]).dropped == ("messages.content.cache_control",)


TEXT = st.text(max_size=20)
PARTS = st.lists(
    TEXT.map(lambda text: {"type": "text", "text": text})
    | st.just({"type": "image_url", "image_url": {"url": PICTURE}}),
    max_size=3,
)
MESSAGES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": st.sampled_from(["system", "developer", "user"]), "content": TEXT | PARTS}),
        st.fixed_dictionaries(
            {
                "role": st.just("assistant"),
                "content": st.none() | TEXT,
                "tool_calls": st.lists(TEXT.map(lambda text: call("id", "f", json.dumps({"a": text}))), max_size=2),
            }
        ),
        st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": st.just("id"), "content": TEXT}),
    ),
    min_size=1,
    max_size=6,
)


def texts(turn: dict[str, Any]) -> str:
    """All that a turn says, of either dialect."""
    content = turn.get("content") or ""
    parts = [content] if isinstance(content, str) else [str(part.get("text", "")) for part in content]
    calls = [each["function"]["arguments"] for each in turn.get("tool_calls") or ()]
    return "".join([*parts, turn.get("tool_plan", ""), *calls])


@given(MESSAGES)
def test_no_word_of_a_conversation_is_lost_or_moved(messages: list[dict[str, Any]]) -> None:
    turns = sent(*messages)
    assert [texts(turn) for turn in turns] == [texts(message) for message in messages]
    assert json.dumps(turns).count(PICTURE) == json.dumps(messages).count(PICTURE)


@given(st.sampled_from(["user", "assistant", "tool", "system"]), JUNK, JUNK, JUNK)
def test_whatever_is_sent_is_translated_or_named(role: str, content: Any, calls: Any, choice: Any) -> None:
    message = {"role": role, "content": content, "tool_calls": calls, "tool_call_id": "a"}
    try:
        json.dumps(dialect.chat(PLAIN, {"messages": [message], "tool_choice": choice}, stream=False).body)
    except (InvalidRequest, ProviderFailure):
        return
