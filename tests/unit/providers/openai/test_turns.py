"""Conversations in the order that Mistral and a declared server's chat template insist on."""

from typing import Any

import pytest

from atom_llm.adapters.providers.openai.turns import LEAST
from testing.stand_in.schemas import fault_of
from tests.unit.providers.openai.test_messages import calling, texts
from tests.unit.providers.openai.test_messages import translated as sent

CALL, ID = calling("abcDEF123"), "abcDEF123"
RESULT: dict[str, Any] = {"role": "tool", "tool_call_id": ID, "content": "21"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}


def said(role: str, content: Any = "x") -> dict[str, Any]:
    return {"role": role, "content": content}


def told(*messages: dict[str, Any]) -> list[tuple[str, Any]]:
    sent_messages = sent("mistral", *messages).body["messages"]
    assert fault_of("mistral", {"messages": sent_messages}) is None
    return [(message["role"], message["content"]) for message in sent_messages]


def test_between_results_and_the_user_s_words_the_assistant_says_the_least() -> None:
    assert told(said("user"), CALL, RESULT, said("user", "and?"))[2:] == [
        ("tool", "21"),
        ("assistant", LEAST),
        ("user", "and?"),
    ]


def test_a_picture_of_a_result_is_shown_behind_that() -> None:
    shown = told(said("user"), CALL, {**RESULT, "content": [*texts("21"), PICTURE]})
    assert [role for role, _ in shown] == ["user", "assistant", "tool", "assistant", "user"]
    assert shown[-1][1] == [PICTURE]


def test_an_answer_to_results_needs_nothing_between() -> None:
    roles = [role for role, _ in told(said("user"), CALL, RESULT, said("assistant"), said("user"))]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions_amid_a_conversation_join_those_at_the_head(role: str) -> None:
    messages = [said("system", "a"), said("user"), said("assistant"), said(role, texts("b")), said("user")]
    assert told(*messages)[0] == ("system", [*texts("a"), *texts("b")])
    messages[3]["content"] = "b"
    assert told(*messages) == [("system", "a\n\nb"), ("user", "x"), ("assistant", "x"), ("user", "x")]


@pytest.mark.parametrize("provider", ["minimax", "qwen"])
def test_they_do_so_wherever_one_system_message_leads(provider: str) -> None:
    messages = [said("system", "a"), said("developer", "b"), said("user"), said("assistant"), said("system", "c")]
    found = sent(provider, *messages, said("user")).body["messages"]
    assert [message["role"] for message in found] == ["system", "user", "assistant", "user"]
    assert found[0]["content"] == "a\n\nb\n\nc"


@pytest.mark.parametrize("provider", ["openai", "deepseek", "groq", "meta", "zhipu"])
def test_elsewhere_they_stay_where_they_were_said(provider: str) -> None:
    messages = [said("system", "a"), said("user"), said("assistant"), said("system", "c"), said("user")]
    assert sent(provider, *messages).body["messages"] == messages


def test_instructions_behind_results_do_so_too() -> None:
    assert [role for role, _ in told(said("user"), CALL, RESULT, said("system"))] == [
        *("system", "user", "assistant", "tool"),
    ]


ASKED = ["minimax", "mistral", "qwen", "zhipu"]


@pytest.mark.parametrize("provider", ASKED)
def test_instructions_alone_are_what_there_is_to_answer(provider: str) -> None:
    assert sent(provider, said("system", "a")).body["messages"] == [said("user", "a")]


@pytest.mark.parametrize("provider", ASKED)
def test_a_conversation_in_which_nobody_asks_has_the_least_of_a_question(provider: str) -> None:
    messages = sent(provider, said("system", "a"), CALL, RESULT).body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool"]
    assert messages[1]["content"] == LEAST
    assert fault_of(provider, {"messages": messages}) is None


def test_elsewhere_nobody_has_to_ask() -> None:
    messages = [said("system", "a"), CALL, RESULT]
    assert sent("openai", *messages).body["messages"] == messages


def test_an_answer_to_be_continued_is_marked() -> None:
    (_, answer) = sent("mistral", said("user"), said("assistant", "{")).body["messages"]
    assert answer == {"role": "assistant", "content": "{", "prefix": True}
    (_, answer) = sent("groq", said("user"), said("assistant", "{")).body["messages"]
    assert answer == said("assistant", "{")
