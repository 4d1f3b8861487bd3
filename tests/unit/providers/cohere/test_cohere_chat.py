"""OpenAI's requests as Cohere's second version takes them, and Cohere's answers as OpenAI's."""

import json
import struct
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.cohere.dialect import CohereChat
from atom_llm.adapters.providers.dialect import MalformedEvent, StreamReader
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import ServerSentEvent, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

dialect = CohereChat()
COHERE = PROVIDER_BY_ID["cohere"]
PLAIN = Target(COHERE, "command-a-03-2025", frozenset({"function_calling", "tool_choice"}), 8_000)
THINKING = Target(
    COHERE,
    "command-a-plus-05-2026",
    frozenset({"function_calling", "reasoning", "response_schema", "tool_choice", "vision"}),
    64_000,
)
OLD = Target(COHERE, "command-r-08-2024", frozenset({"function_calling"}), 4_096)
EMBED = Target(COHERE, "embed-v4.0")
HELLO = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
PICTURE = "data:image/png;base64,iVBORw0KGgo="


def request(target: Target = PLAIN, *, stream: bool = False, **fields: Any) -> WireRequest:
    return dialect.chat(target, {"messages": HELLO} | fields, stream=stream)


def sent(*messages: dict[str, Any], target: Target = PLAIN) -> Any:
    return request(target, messages=list(messages)).body["messages"]


def function(name: str, parameters: Any = SCHEMA, **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters} | fields}


def call(identity: str, name: str, arguments: Any) -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


# --- requests


def test_the_least_request_has_a_model_and_messages() -> None:
    wire = request()
    assert wire.path == "chat"
    assert wire.body == {"model": "command-a-03-2025", "messages": HELLO, "stream": False}
    assert (wire.headers, wire.dropped) == ({}, ())
    assert request(stream=True).body["stream"] is True


def test_fields_have_coheres_names() -> None:
    wire = request(max_completion_tokens=100, temperature=0.5, top_p=0.9, top_k=40, seed=7, stop=["END"], logprobs=True)
    assert wire.body == {
        "model": "command-a-03-2025",
        "messages": HELLO,
        "stream": False,
        "max_tokens": 100,
        "temperature": 0.5,
        "p": 0.9,
        "k": 40,
        "seed": 7,
        "stop_sequences": ["END"],
        "logprobs": True,
    }
    assert wire.dropped == ()


def test_coheres_own_fields_pass_and_nulls_do_not() -> None:
    body = request(safety_mode="STRICT", documents=["a"], citation_options={"mode": "FAST"}, temperature=None).body
    assert body["safety_mode"] == "STRICT"
    assert body["documents"] == ["a"]
    assert body["citation_options"] == {"mode": "FAST"}
    assert "temperature" not in body


def test_hints_that_cohere_does_not_know_are_named_and_left_out() -> None:
    wire = request(user="u", metadata={"a": "b"}, store=True, service_tier="flex", logit_bias={"1": 5})
    assert set(wire.dropped) == {"user", "metadata", "store", "service_tier", "logit_bias"}
    assert wire.body.keys() == {"model", "messages", "stream"}
    assert request(metadata={}, store=False, service_tier="auto", logit_bias={}).dropped == ()


@pytest.mark.parametrize(("top_p", "p"), [(0, 0.01), (0.01, 0.01), (0.5, 0.5), (0.99, 0.99), (1, 0.99), (1.0, 0.99)])
def test_top_p_is_kept_within_coheres_ends(top_p: float, p: float) -> None:
    assert request(top_p=top_p).body["p"] == p


@pytest.mark.parametrize(
    ("asked", "given", "dropped"),
    [
        ({"frequency_penalty": 0.5}, {"frequency_penalty": 0.5}, ()),
        ({"presence_penalty": 1}, {"presence_penalty": 1}, ()),
        ({"presence_penalty": 1.5}, {"presence_penalty": 1}, ("presence_penalty",)),
        ({"frequency_penalty": -1}, {}, ("frequency_penalty",)),
        ({"frequency_penalty": 0, "presence_penalty": 0.5}, {"presence_penalty": 0.5}, ()),
        ({"frequency_penalty": 0.5, "presence_penalty": 0.5}, {"frequency_penalty": 0.5}, ("presence_penalty",)),
    ],
)
def test_there_is_one_penalty_from_0_to_1(asked: Any, given: Any, dropped: tuple[str, ...]) -> None:
    wire = request(**asked)
    assert {name: value for name, value in wire.body.items() if "penalty" in name} == given
    assert wire.dropped == dropped


def test_the_output_limit_is_kept_within_the_models() -> None:
    assert request(max_completion_tokens=8_000).dropped == ()
    wire = request(max_completion_tokens=8_001)
    assert (wire.body["max_tokens"], wire.dropped) == (8_000, ("max_completion_tokens",))


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"top_logprobs": 3},
        {"audio": {"voice": "alloy"}},
        {"modalities": ["text", "audio"]},
        {"functions": [{"name": "f"}]},
        {"web_search_options": {"user_location": None}},
        {"stop": ["a", "b", "c", "d", "e", "f"]},
        {"tools": [function("f")], "response_format": {"type": "json_object"}},
    ],
)
def test_what_cohere_cannot_do_is_refused_before_it_is_asked(fields: dict[str, Any]) -> None:
    assert dialect.refuses(PLAIN, {"messages": HELLO} | fields)
    with pytest.raises(ProviderFailure) as failed:
        request(**fields)
    assert failed.value.kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"n": 1},
        {"top_logprobs": 0},
        {"modalities": ["text"]},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"stop": "a"},
        {"tools": [function("f")], "response_format": {"type": "text"}},
        {"tools": [function("f")], "tool_choice": "required", "response_format": {"type": "json_object"}},
        {"tools": [], "response_format": {"type": "json_object"}},
    ],
)
def test_the_rest_is_not(fields: dict[str, Any]) -> None:
    assert dialect.refuses(PLAIN, {"messages": HELLO} | fields) is None
    request(**fields)


def test_a_model_that_cannot_be_forced_is_not() -> None:
    body = {"messages": HELLO, "tools": [function("f")], "tool_choice": "required"}
    assert dialect.refuses(OLD, body) == "command-r-08-2024 cannot be forced to use a tool"
    assert dialect.refuses(OLD, body | {"tool_choice": "auto"}) is None


# --- thinking


def test_a_model_that_thinks_is_told_how_long() -> None:
    assert request(THINKING, reasoning_effort="none").body["thinking"] == {"type": "disabled"}
    assert request(THINKING, reasoning_effort="low").body["thinking"] == {"type": "enabled", "token_budget": 1_024}
    assert request(THINKING, reasoning_effort="high").body["thinking"] == {"type": "enabled"}
    assert "thinking" not in request(THINKING).body


def test_a_quarter_of_the_output_is_left_for_the_answer() -> None:
    body = request(THINKING, reasoning_effort="medium", max_completion_tokens=1_000).body
    assert body["thinking"]["token_budget"] == 750
    body = request(THINKING, reasoning_effort="low", max_completion_tokens=1).body
    assert body["thinking"]["token_budget"] == 1


def test_the_callers_own_thinking_goes_before() -> None:
    own = {"type": "enabled", "token_budget": 9}
    wire = request(THINKING, thinking=own, reasoning_effort="high")
    assert (wire.body["thinking"], wire.dropped) == (own, ("reasoning_effort",))


def test_a_model_that_does_not_think_is_told_nothing() -> None:
    wire = request(PLAIN, reasoning_effort="high")
    assert ("thinking" in wire.body, wire.dropped) == (False, ("reasoning_effort",))
    assert request(PLAIN, reasoning_effort="none").dropped == ()


@pytest.mark.parametrize("effort", ["much", 3, ["low"]])
def test_what_is_no_effort_is_the_callers_mistake(effort: Any) -> None:
    with pytest.raises(InvalidRequest):
        request(THINKING, reasoning_effort=effort)


# --- formats and tools


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"type": "json_object"}, {"type": "json_object"}),
        ({"type": "json_object", "schema": SCHEMA}, {"type": "json_object", "schema": SCHEMA}),
        (
            {"type": "json_schema", "json_schema": {"name": "b", "schema": SCHEMA}},
            {"type": "json_object", "schema": SCHEMA},
        ),
        ({"type": "json_schema", "json_schema": {"name": "b"}}, {"type": "json_object"}),
    ],
)
def test_a_format_is_coheres(asked: Any, given: Any) -> None:
    assert request(response_format=asked).body["response_format"] == given


def test_a_format_of_text_is_none() -> None:
    assert "response_format" not in request(response_format={"type": "text"}).body


def test_tools_that_may_not_be_used_make_room_for_a_format() -> None:
    body = request(tools=[function("f")], tool_choice="none", response_format={"type": "json_object"}).body
    assert body["response_format"] == {"type": "json_object"}
    assert not {"tools", "tool_choice"} & body.keys()


def test_a_call_that_has_to_be_needs_no_format() -> None:
    body = request(tools=[function("f")], tool_choice="required", response_format={"type": "json_object"}).body
    assert "response_format" not in body
    assert body["tool_choice"] == "REQUIRED"


def test_a_tool_without_parameters_has_an_empty_schema() -> None:
    tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    (translated,) = request(tools=[tool]).body["tools"]
    empty = {"type": "object", "properties": {}}
    assert translated == {
        "type": "function",
        "function": {"name": "now", "description": "The time", "parameters": empty},
    }


@pytest.mark.parametrize(("choice", "word"), [("auto", None), (None, None), ("none", "NONE"), ("required", "REQUIRED")])
def test_a_choice_is_coheres_word(choice: Any, word: str | None) -> None:
    assert request(tools=[function("f")], tool_choice=choice).body.get("tool_choice") == word


def test_a_named_function_is_offered_alone() -> None:
    chosen = {"type": "function", "function": {"name": "g"}}
    body = request(tools=[function("f"), function("g")], tool_choice=chosen).body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert body["tool_choice"] == "REQUIRED"


def test_allowed_tools_are_offered_alone() -> None:
    allowed = {"mode": "auto", "tools": [{"type": "function", "function": {"name": "g"}}]}
    body = request(
        tools=[function("f"), function("g")], tool_choice={"type": "allowed_tools", "allowed_tools": allowed}
    ).body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert "tool_choice" not in body


@pytest.mark.parametrize(
    "choice",
    ["sometimes", 3, {"type": "function"}, {"type": "x"}, {"type": "function", "function": {"name": "unknown"}}],
)
def test_what_is_no_choice_is_the_callers_mistake(choice: Any) -> None:
    with pytest.raises(InvalidRequest):
        request(tools=[function("f")], tool_choice=choice)


def test_strictness_is_of_all_tools_that_have_something_required() -> None:
    strict = function("f", strict=True)
    wire = request(tools=[strict, function("g")])
    assert wire.body["strict_tools"] is True
    assert "strict" not in wire.body["tools"][0]["function"]
    wire = request(tools=[strict, function("g", {"type": "object", "properties": {}})])
    assert ("strict_tools" in wire.body, wire.dropped) == (False, ("tools.function.strict",))
    assert "strict_tools" not in request(tools=[function("f")]).body


def test_one_call_at_a_time_cannot_be_had() -> None:
    assert request(tools=[function("f")], parallel_tool_calls=False).dropped == ("parallel_tool_calls",)
    assert request(tools=[function("f")], parallel_tool_calls=True).dropped == ()


def test_tools_that_are_no_functions_are_unsupported() -> None:
    with pytest.raises(ProviderFailure) as failed:
        request(tools=[{"type": "custom", "custom": {"name": "f"}}])
    assert failed.value.kind is FailureKind.UNSUPPORTED


# --- messages


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


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url", "detail", "function", "id", "name", "arguments"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["user", "assistant", "tool", "system"]), JUNK, JUNK, JUNK)
def test_whatever_is_sent_is_translated_or_named(role: str, content: Any, calls: Any, choice: Any) -> None:
    message = {"role": role, "content": content, "tool_calls": calls, "tool_call_id": "a"}
    try:
        json.dumps(dialect.chat(PLAIN, {"messages": [message], "tool_choice": choice}, stream=False).body)
    except (InvalidRequest, ProviderFailure):
        return


# --- answers, as recorded from the API between 2025 and 2026; prose is shortened

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
CITATION = {
    "start": 52,
    "end": 71,
    "text": "Automation of tasks",
    "sources": [{"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "benefits.txt"}}],
    "type": "TEXT_CONTENT",
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


# --- streams


def reader() -> StreamReader:
    return dialect.reader(PLAIN, {"messages": HELLO})


def read(open_reader: StreamReader, lines: Iterable[str]) -> list[dict[str, Any]]:
    return [chunk for line in lines for chunk in open_reader.read(ServerSentEvent(None, line))]


def finished(open_reader: StreamReader, reason: str) -> list[dict[str, Any]]:
    return read(open_reader, [START, json.dumps({"type": "message-end", "delta": {"finish_reason": reason}})])


def told(chunks: Iterable[dict[str, Any]], name: str) -> str:
    return "".join(chunk["choices"][0]["delta"].get(name) or "" for chunk in chunks)


START = (
    '{"id":"2941521a-b87a-45f6-9b0d-235fd66c3025","type":"message-start","delta":{"message":{"role":"assistant",'
    '"content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}'
)
THINKING_STREAM = [
    START,
    '{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}',
    '{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"The"}}}}',
    '{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":" user"}}}}',
    '{"type":"content-end","index":0}',
    '{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}',
    '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"The"}}}}',
    '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":" answer"}}}}',
    '{"type":"content-end","index":1}',
    '{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":8,'
    '"output_tokens":50},"tokens":{"input_tokens":1394,"output_tokens":54},"cached_tokens":1360}}}',
]
TOOL_STREAM = [
    START,
    '{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I"}}}',
    '{"type":"tool-plan-delta","delta":{"message":{"tool_plan":" will"}}}',
    '{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"weather_e8p4pn45zt0t",'
    '"type":"function","function":{"name":"weather","arguments":""}}}}}',
    '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\\""}}}}}',
    '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"city\\": 1}"}}}}}',
    '{"type":"tool-call-end","index":0}',
    '{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"currentTime_y46ar19t5gvw",'
    '"type":"function","function":{"name":"currentTime","arguments":""}}}}}',
    '{"type":"tool-call-end","index":1}',
    '{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":46,'
    '"output_tokens":14},"tokens":{"input_tokens":1445,"output_tokens":43},"cached_tokens":704}}}',
]


def test_a_stream_of_thoughts_and_text_becomes_chunks() -> None:
    open_reader = reader()
    chunks = read(open_reader, THINKING_STREAM)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert told(chunks, "reasoning_content") == "The user"
    assert told(chunks, "content") == "The answer"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 5 + ["stop"]
    assert open_reader.is_finished
    assert open_reader.reported is not None
    assert open_reader.reported.usage.counts[Unit.OUTPUT] == 50


def test_a_stream_is_not_finished_before_its_end() -> None:
    open_reader = reader()
    read(open_reader, THINKING_STREAM[:-1])
    assert not open_reader.is_finished
    assert open_reader.reported is None


def test_a_stream_of_calls_becomes_chunks() -> None:
    chunks = read(reader(), TOOL_STREAM)
    assert told(chunks, "content") == "I will"
    calls = [each for chunk in chunks for each in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert [(each["index"], each.get("id"), each["function"].get("name")) for each in calls] == [
        (0, "weather_e8p4pn45zt0t", "weather"),
        (0, None, None),
        (0, None, None),
        (1, "currentTime_y46ar19t5gvw", "currentTime"),
        (1, None, None),
    ]
    arguments = ["".join(each["function"]["arguments"] for each in calls if each["index"] == index) for index in (0, 1)]
    assert [json.loads(each) for each in arguments] == [{"city": 1}, {}]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_calls_are_counted_from_zero_whatever_stands_before_them() -> None:
    later = [line.replace('"index":0', '"index":1') for line in TOOL_STREAM[3:7]]
    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in read(reader(), later)]
    assert {each["index"] for each in calls} == {0}


def test_citations_come_with_the_last_chunk() -> None:
    start = {"type": "citation-start", "index": 0, "delta": {"message": {"citations": CITATION}}}
    lines = [*THINKING_STREAM[:-1], json.dumps(start), '{"type":"citation-end","index":0}', THINKING_STREAM[-1]]
    chunks = read(reader(), lines)
    assert chunks[-1]["choices"][0]["delta"] == {"citations": [CITATION]}
    assert not any("citations" in chunk["choices"][0]["delta"] for chunk in chunks[:-1])


def test_probabilities_stream() -> None:
    delta = {"message": {"content": {"text": "OK"}}}
    line = {"type": "content-delta", "index": 0, "delta": delta, "logprobs": {"text": "OK", "logprobs": [-0.25]}}
    (chunk,) = read(reader(), [json.dumps(line)])
    assert chunk["choices"][0]["logprobs"]["content"][0]["logprob"] == -0.25


def test_an_error_at_the_end_of_a_stream_is_a_failure() -> None:
    delta = {"finish_reason": "ERROR", "error": "the model is overloaded"}
    with pytest.raises(ProviderFailure) as failed:
        read(reader(), [START, json.dumps({"type": "message-end", "delta": delta})])
    assert (failed.value.kind, failed.value.message) == (FailureKind.TRANSIENT, "the model is overloaded")


def test_an_error_amid_a_stream_is_a_failure() -> None:
    with pytest.raises(ProviderFailure) as failed:
        read(reader(), [START, '{"message":"internal server error"}'])
    assert failed.value.message == "internal server error"


def test_new_kinds_of_events_are_passed_over() -> None:
    assert (
        read(reader(), ['{"type":"debug","prompt":"x"}', '{"type":"from-the-future","delta":{}}', '{"id":"1"}']) == []
    )


@pytest.mark.parametrize(
    "line",
    [
        *("", "{", "[]", "null", "3", "[" * 100_000, '{"type": {}}', '{"type":"content-delta"}'),
        '{"type":"content-delta","delta":{"message":{"content":"x"}}}',
        '{"type":"content-delta","delta":{"message":{"content":{"text":3}}}}',
        '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"x"}}}}}',
        '{"type":"message-end","delta":{}}',
        '{"type":"message-end","delta":{"finish_reason":{}}}',
    ],
)
def test_what_cannot_be_read_is_malformed(line: str) -> None:
    open_reader = reader()
    with pytest.raises(MalformedEvent):
        read(open_reader, [line])
    assert not open_reader.is_finished


@given(JUNK, st.sampled_from(["content-start", "content-delta", "tool-call-start", "message-end", "citation-start"]))
def test_nothing_else_is_raised_for_an_event(junk: Any, kind: str) -> None:
    for data in (junk, {"type": kind, "index": 0, "delta": junk}, {"type": kind, "delta": {"message": junk}}):
        try:
            read(reader(), [json.dumps(data)])
        except (MalformedEvent, ProviderFailure):
            continue


# --- embeddings

VECTORS = {
    "id": "f5aa3e7b-f011-4c5c-a825-f94669f760e5",
    "texts": ["sunny day at the beach", "rainy day in the city"],
    "embeddings": {"float": [[0.03302002, 0.020904541, 1], [-0.04660034, 0.00037765503, -0.061157227]]},
    "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 10}},
    "response_type": "embeddings_by_type",
}
TWO: dict[str, Any] = {"input": VECTORS["texts"]}


def test_a_request_for_embeddings_is_coheres() -> None:
    wire = dialect.embeddings(EMBED, {"input": "hello", "dimensions": 256, "encoding_format": "base64", "user": "u"})
    assert wire.path == "embed"
    assert wire.body == {
        "model": "embed-v4.0",
        "input_type": "search_document",
        "texts": ["hello"],
        "embedding_types": ["float"],
        "output_dimension": 256,
    }
    assert wire.dropped == ("user",)


def test_the_callers_own_kind_of_input_passes() -> None:
    wire = dialect.embeddings(EMBED, TWO | {"input_type": "search_query", "truncate": "END"})
    assert (wire.body["input_type"], wire.body["truncate"]) == ("search_query", "END")
    assert wire.body["texts"] == TWO["input"]


@pytest.mark.parametrize(
    "body",
    [{"input": [1, 2]}, {"input": [[1], [2]]}, {"input": ["x"] * 97}, {"input": "x", "embedding_types": ["int8"]}],
)
def test_what_cohere_does_not_embed_is_unsupported(body: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.embeddings(EMBED, body)
    assert failed.value.kind is FailureKind.UNSUPPORTED


def test_as_many_texts_as_a_call_takes_are_embedded() -> None:
    assert len(dialect.embeddings(EMBED, {"input": ["x"] * 96}).body["texts"]) == 96


def test_embeddings_are_openais_list() -> None:
    answer = dialect.embedded(EMBED, TWO, VECTORS, {})
    assert answer.body == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.03302002, 0.020904541, 1]},
            {"object": "embedding", "index": 1, "embedding": [-0.04660034, 0.00037765503, -0.061157227]},
        ],
        "model": "embed-v4.0",
        "usage": {"prompt_tokens": 10, "total_tokens": 10},
    }
    assert answer.reported is not None
    assert answer.reported.usage.counts == {Unit.INPUT: 10}


def test_base64_is_little_endian_floats_of_32_bits() -> None:
    answer = dialect.embedded(EMBED, TWO | {"encoding_format": "base64"}, VECTORS, {})
    packed = b64decode(answer.body["data"][0]["embedding"])
    assert packed[8:] == bytes.fromhex("0000803f")  # 1.0
    assert struct.unpack("<3f", packed) == pytest.approx([0.03302002, 0.020904541, 1])


@pytest.mark.parametrize(
    "embeddings",
    [
        None,
        {},
        {"float": None},
        {"float": []},
        {"float": [[0.1]]},
        {"float": [[0.1], []]},
        {"float": [[0.1], ["x"]]},
        {"float": [[0.1], None]},
    ],
)
def test_less_than_all_embeddings_may_be_asked_again(embeddings: Any) -> None:
    with pytest.raises(ProviderFailure) as failed:
        dialect.embedded(EMBED, TWO, {**VECTORS, "embeddings": embeddings}, {})
    assert failed.value.kind is FailureKind.TRANSIENT


def test_a_number_beyond_a_float_is_no_embedding() -> None:
    with pytest.raises(ProviderFailure):
        dialect.embedded(EMBED, {"input": "x", "encoding_format": "base64"}, {"embeddings": {"float": [[1e300]]}}, {})
