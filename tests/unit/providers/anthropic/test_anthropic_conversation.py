"""A conversation of OpenAI's becomes one that Anthropic takes, and nothing of it is lost."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.anthropic.conversation import OPENING, conversation
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target
from tests.unit.providers.anthropic.anthropic_world import BETWEEN, BY_BUDGET, NO_SAMPLING, call, request, said

SYSTEM_FIRST = Target(PROVIDER_BY_ID["anthropic"], "claude-of-before")
SYSTEM_ANYWHERE = replace(SYSTEM_FIRST, capabilities=frozenset({"mid_conversation_system"}))

USER = {"role": "user", "content": "Hello"}
ASSISTANT = {"role": "assistant", "content": "Hi."}
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def system(words: str, **more: Any) -> dict[str, Any]:
    return {"role": "system", "content": words, **more}


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions_at_the_head_are_the_system_prompt(role: str) -> None:
    prompt, turns = said({"role": role, "content": "Be brief."}, USER)

    assert prompt == "Be brief."
    assert turns == [USER]


def test_several_instructions_stay_apart() -> None:
    prompt, _ = said(system("Be brief."), {"role": "developer", "content": [text("Be kind.")]}, USER)

    assert prompt == [text("Be brief."), text("Be kind.")]


def test_a_marked_system_prompt_is_a_marked_block() -> None:
    prompt, _ = said(system("A long prompt.", cache_control=HOUR), USER)

    assert prompt == [text("A long prompt.", cache_control=HOUR)]


def test_instructions_amid_a_conversation_join_the_prompt_of_a_model_that_takes_them_nowhere_else() -> None:
    prompt, turns = said(system("Be brief."), USER, system("In French."), ASSISTANT, USER, model=BETWEEN)

    assert prompt == [text("Be brief."), text("In French.")]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]


def test_instructions_amid_a_conversation_stay_where_the_model_takes_them_so_that_the_cached_prefix_lasts() -> None:
    prompt, turns = said(system("Be brief."), USER, system("In French."), ASSISTANT, USER, model=NO_SAMPLING)

    assert prompt == "Be brief."
    assert [turn["role"] for turn in turns] == ["user", "system", "assistant", "user"]
    assert turns[1]["content"] == [text("In French.")]


def test_an_instruction_after_an_answer_waits_for_the_end_of_the_next_turn() -> None:
    _, turns = said(USER, ASSISTANT, system("In French."), USER, model=NO_SAMPLING)

    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "system"]


def test_an_instruction_between_two_answers_is_a_turn_of_the_user() -> None:
    _, turns = said(USER, ASSISTANT, system("In French."), ASSISTANT, USER, model=NO_SAMPLING)

    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert turns[2]["content"] == [text("In French.")]


@pytest.mark.parametrize("model", [BY_BUDGET, BETWEEN, NO_SAMPLING])
def test_an_instruction_at_the_end_is_answered_rather_than_the_assistant_continued(model: str) -> None:
    prompt, turns = said(USER, ASSISTANT, system("In French."), model=model)

    assert prompt is None
    assert turns[-1] == {"role": "user", "content": [text("In French.")]}


def test_instructions_alone_are_what_there_is_to_answer() -> None:
    assert said(system("Write a haiku.")) == (None, [{"role": "user", "content": [text("Write a haiku.")]}])


def test_neighbours_of_one_role_are_one_turn() -> None:
    _, turns = said(USER, {"role": "user", "content": [text("Again.")]}, ASSISTANT, ASSISTANT, USER)

    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[0]["content"] == [text("Hello"), text("Again.")]
    assert turns[1]["content"] == [text("Hi."), text("Hi.")]


def test_a_conversation_that_begins_with_a_greeting_gets_the_least_of_an_opening() -> None:
    _, turns = said(ASSISTANT, USER)

    assert turns[0] == {"role": "user", "content": OPENING}
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]


def test_blank_texts_are_left_out() -> None:
    _, turns = said(
        USER,
        {"role": "assistant", "content": ""},
        {"role": "user", "content": [text(" \n"), text("Still there?")]},
    )

    assert turns == [{"role": "user", "content": [text("Hello"), text("Still there?")]}]


@pytest.mark.parametrize("content", ["", " \n", [], [text("  ")]])
def test_a_conversation_of_blanks_is_refused(content: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        said({"role": "user", "content": content})

    assert caught.value.field == "messages"


def test_an_answer_to_be_continued_does_not_end_with_white_space() -> None:
    _, turns = said(USER, {"role": "assistant", "content": "The answer is "}, model=BY_BUDGET)

    assert turns[-1]["content"] == [text("The answer is")]


def test_a_marked_message_is_a_marked_block() -> None:
    _, turns = said({"role": "user", "content": "Long.", "cache_control": HOUR}, ASSISTANT, USER)

    assert turns[0]["content"] == [text("Long.", cache_control=HOUR)]


def test_a_mark_on_a_part_stays_on_it() -> None:
    _, turns = said({"role": "user", "content": [text("Long.", cache_control=MARK), text("Short.")]})

    assert turns[0]["content"] == [text("Long.", cache_control=MARK), text("Short.")]


def test_calls_of_tools_are_blocks_with_their_input_as_an_object() -> None:
    _, turns = said(
        USER,
        {
            "role": "assistant",
            "content": "I will look.",
            "tool_calls": [call("toolu_1", "weather", '{"city": "Paris"}'), call("toolu_2", "time", "")],
        },
        {"role": "tool", "tool_call_id": "toolu_1", "content": "12 °C"},
        {"role": "tool", "tool_call_id": "toolu_2", "content": ""},
    )

    assert turns[1]["content"] == [
        text("I will look."),
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}},
        {"type": "tool_use", "id": "toolu_2", "name": "time", "input": {}},
    ]
    assert turns[2] == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 °C"},
            {"type": "tool_result", "tool_use_id": "toolu_2"},
        ],
    }


@pytest.mark.parametrize(
    "arguments", ['{"city": ', "[1]", '"x"', '{"a":1}}', '{"a":1}{"a":2}', '{"a": "\t"}', '{"a": NaN}']
)
def test_arguments_that_are_no_object_in_json_go_on_as_a_raw_text(arguments: str) -> None:
    calls = {"role": "assistant", "content": None, "tool_calls": [call("c", "d", arguments)]}
    turn = conversation([USER, calls], SYSTEM_FIRST).messages[1]
    assert turn["content"][0]["input"] == {"raw": arguments}


@pytest.mark.parametrize("arguments", ["", " ", "null", "{}"])
def test_no_arguments_are_an_empty_object(arguments: str) -> None:
    calls = {"role": "assistant", "content": None, "tool_calls": [call("c", "d", arguments)]}
    turn = conversation([USER, calls], SYSTEM_FIRST).messages[1]
    assert turn["content"][0]["input"] == {}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "tool", "content": "12"}, "messages.1.tool_call_id"),
        ({"role": "function", "name": "f", "content": "12"}, "messages.1.role"),
        ({"role": "assistant", "tool_calls": [{"id": "a"}]}, "messages.1.tool_calls.0.function"),
        ({"role": "assistant", "tool_calls": [call("", "b", "{}")]}, "messages.1.tool_calls.0.id"),
        ({"role": "assistant", "tool_calls": [call("a", "", "{}")]}, "messages.1.tool_calls.0.function.name"),
        ({"role": "user", "content": [{"type": "text", "text": 1}]}, "messages.1.content.0.text"),
        ({"role": "user", "content": [{"text": "no type"}]}, "messages.1.content.0.type"),
        ({"role": "user", "content": 12}, "messages.1.content"),
        ({"role": "assistant", "content": "x", "thinking_blocks": {}}, "messages.1.thinking_blocks"),
    ],
)
def test_what_is_wrong_in_a_message_is_named(message: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        conversation([USER, message], SYSTEM_FIRST)

    assert caught.value.field == field


def test_results_come_before_whatever_else_the_user_says() -> None:
    _, turns = said(
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call("a", "f", "{}"), call("b", "f", "{}")]},
        {"role": "user", "content": "Hurry."},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
    )

    assert [block.get("tool_use_id", block.get("text")) for block in turns[2]["content"]] == ["a", "b", "Hurry."]


def test_a_result_may_be_a_picture_and_carries_the_mark_itself() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}, "cache_control": MARK}
    _, turns = said(
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call("a", "draw", "{}")]},
        {"role": "tool", "tool_call_id": "a", "content": [text("Here:"), picture], "is_error": True},
    )

    source = {"type": "base64", "media_type": "image/png", "data": "aGk="}
    assert turns[2]["content"] == [
        {
            "type": "tool_result",
            "tool_use_id": "a",
            "content": [text("Here:"), {"type": "image", "source": source}],
            "cache_control": MARK,
            "is_error": True,
        }
    ]


def test_another_providers_ids_are_made_to_fit_on_both_sides() -> None:
    _, turns = said(
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call("functions.search:0", "search", "{}")]},
        {"role": "tool", "tool_call_id": "functions.search:0", "content": "x"},
    )

    assert turns[1]["content"][0]["id"] == turns[2]["content"][0]["tool_use_id"] == "functions_search_0"


def test_tools_of_the_history_are_defined_for_a_caller_who_has_them_no_more() -> None:
    wire = request(
        messages=[
            USER,
            {"role": "assistant", "content": None, "tool_calls": [call("a", "f", "{}")]},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
        ]
    ).body

    assert wire["tools"] == [{"name": "f", "input_schema": {"type": "object"}}]
    assert wire["tool_choice"] == {"type": "none"}


def test_signed_thoughts_go_back_before_the_call_that_they_led_to() -> None:
    signed = {"type": "thinking", "thinking": "Let me look.", "signature": "EuYBCkQYAiJA"}
    redacted = {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix"}
    _, turns = said(
        USER,
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "Let me look.",
            "thinking_blocks": [{"index": 0, **signed}, redacted],
            "tool_calls": [call("a", "f", "{}")],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    )

    assert turns[1]["content"][:2] == [signed, redacted]


def test_thoughts_carry_no_mark() -> None:
    signed = {"type": "thinking", "thinking": "Hm.", "signature": "EuYB"}
    _, turns = said(
        USER, {"role": "assistant", "content": None, "thinking_blocks": [signed], "cache_control": MARK}, USER
    )
    assert turns[1]["content"] == [signed]

    _, turns = said(USER, {**ASSISTANT, "thinking_blocks": [signed], "cache_control": MARK}, USER)
    assert turns[1]["content"] == [signed, text("Hi.", cache_control=MARK)]


def test_thoughts_that_nobody_signed_do_not_go_back() -> None:
    _, turns = said(USER, {**ASSISTANT, "thinking_blocks": [{"type": "thinking", "thinking": "Hm."}]}, USER)

    assert turns[1]["content"] == [text("Hi.")]


def test_a_refusal_of_before_is_what_the_assistant_said() -> None:
    _, turns = said(USER, {"role": "assistant", "content": None, "refusal": "I won't."}, USER)

    assert turns[1]["content"] == [text("I won't.")]


def test_blocks_in_anthropics_own_words_pass() -> None:
    block = {"type": "search_result", "source": "https://a.example", "title": "A", "content": [text("B")]}

    assert said({"role": "user", "content": [block, text("And?")]})[1][0]["content"] == [block, text("And?")]


def test_names_of_authors_are_told_to_be_left_out() -> None:
    assert request(messages=[{**USER, "name": "ada"}]).dropped == ("messages.name",)
    assert request(messages=[{**USER, "name": None}]).dropped == ()


# Any order


@st.composite
def _messages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Messages of any roles in any order; every text of them is another one."""
    messages: list[dict[str, Any]] = []
    for place, kind in enumerate(draw(st.lists(st.sampled_from("suatcpb"), min_size=1, max_size=14))):
        words = f"<{place}>"
        kinds: dict[str, dict[str, Any]] = {
            "s": {"role": "system", "content": words},
            "u": {"role": "user", "content": words},
            "p": {"role": "user", "content": [text(words), text(f"{words}'", cache_control=MARK)]},
            "a": {"role": "assistant", "content": words},
            "c": {"role": "assistant", "content": words, "tool_calls": [call("id", "f", json.dumps({"x": words}))]},
            "t": {"role": "tool", "tool_call_id": "id", "content": words},
            "b": {
                "role": draw(st.sampled_from(["user", "assistant"])),
                "content": draw(st.sampled_from(["", " "])),
            },
        }
        messages.append(kinds[kind])
    return messages


def _words(given: Any) -> list[str]:
    return re.findall(r"<\d+>", json.dumps(given))


@given(_messages(), st.sampled_from([SYSTEM_FIRST, SYSTEM_ANYWHERE]))
def test_any_order_of_roles_alternates_and_loses_nothing(messages: list[dict[str, Any]], model: Target) -> None:
    if not _words(messages):
        with pytest.raises(InvalidRequest):
            conversation(messages, model)
        return
    result = conversation(messages, model)
    roles = [turn["role"] for turn in result.messages]
    assert roles[0] == "user"
    for place, role in enumerate(roles):
        assert role not in roles[place + 1 : place + 2]
        if role == "system":
            assert model is SYSTEM_ANYWHERE
            assert roles[place - 1] == "user"
            assert roles[place + 1 : place + 2] in ([], ["assistant"])
    assert sorted(_words([result.system, result.messages])) == sorted(_words(messages))
    for turn in result.messages:
        assert turn["content"]
        if isinstance(turn["content"], list):
            kinds = [block["type"] == "tool_result" for block in turn["content"]]
            assert kinds == sorted(kinds, reverse=True)


@given(_messages())
def test_what_was_said_keeps_its_order(messages: list[dict[str, Any]]) -> None:
    spoken = [message for message in messages if message["role"] in ("user", "assistant")]
    if not _words(spoken):
        return
    result = conversation(messages, SYSTEM_FIRST)
    aside = {word for message in messages if message["role"] in ("system", "tool") for word in _words(message)}
    assert [word for word in _words(result.messages) if word not in aside] == _words(spoken)
