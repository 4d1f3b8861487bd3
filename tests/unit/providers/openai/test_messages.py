"""Histories as the OpenAI-like providers take them."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.adapters.providers.openai.message_schemas import MESSAGE_SCHEMAS
from atom_llm.adapters.providers.openai.turns import LEAST
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

LIKE = sorted(OPENAI_LIKE)
OURS: dict[str, Any] = {
    "role": "assistant",
    "content": "a",
    "refusal": None,
    "annotations": [],
    "reasoning_content": "hm",
}
LEAST_QUESTION: dict[str, Any] = {"role": "user", "content": LEAST}
QUESTION: dict[str, Any] = {"role": "user", "content": "q"}
THINKING_BLOCKS = [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}]


def sent(provider: str, *messages: dict[str, Any], **more: Any) -> WireRequest:
    """The request without the question that some providers need, where these messages have none."""
    request = translated(provider, *messages, **more)
    if messages and messages[0] != LEAST_QUESTION and request.body["messages"][0] == LEAST_QUESTION:
        del request.body["messages"][0]
    return request


def translated(
    provider: str, *messages: dict[str, Any], model: str = "m", thinks: bool = True, **more: Any
) -> WireRequest:
    capabilities = frozenset({"reasoning"}) if thinks else frozenset[str]()
    target = Target(PROVIDER_BY_ID[provider], model, capabilities)
    return OPENAI_LIKE[provider].chat(target, {"messages": list(messages), **more}, stream=False)


def calling(identity: str, arguments: object = "{}") -> dict[str, Any]:
    call = {"id": identity, "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize("provider", LIKE)
def test_an_answer_of_ours_that_an_sdk_sends_back_has_only_fields_of_the_provider_s_schema(provider: str) -> None:
    message = sent(provider, {"role": "user", "content": "q"}, OURS, {"role": "user", "content": "q"}).body["messages"][
        1
    ]
    assert message.keys() <= MESSAGE_SCHEMAS[provider].assistant


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("groq", {"role": "assistant", "content": "a", "reasoning": "hm"}),
        ("deepseek", {"role": "assistant", "content": "a", "reasoning_content": "hm"}),
        ("zhipu", {"role": "assistant", "content": "a", "reasoning_content": "hm"}),
        ("minimax", {"role": "assistant", "content": "<think>\nhm\n</think>\n\na"}),
        (
            "mistral",
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "a"},
                ],
            },
        ),
        ("qwen", {"role": "assistant", "content": "a"}),
        ("openai", {"role": "assistant", "content": "a"}),
    ],
)
def test_earlier_thinking_goes_back_in_the_provider_s_own_form_or_not_at_all(
    provider: str, expected: dict[str, Any]
) -> None:
    assert sent(provider, OURS, QUESTION).body["messages"] == [expected, QUESTION]


def test_thinking_of_another_provider_s_blocks_is_thinking_all_the_same() -> None:
    message = {"role": "assistant", "content": "a", "thinking_blocks": THINKING_BLOCKS}
    assert sent("groq", message).body["messages"] == [{"role": "assistant", "content": "a", "reasoning": "hm"}]


def test_nor_is_one_of_groq_which_refuses_the_field() -> None:
    request = sent("groq", OURS, thinks=False)
    assert request.body["messages"] == [{"role": "assistant", "content": "a"}]
    assert "messages.reasoning_content" in request.dropped


def test_a_model_of_mistral_that_does_not_think_is_shown_no_thinking() -> None:
    request = sent("mistral", OURS, QUESTION, thinks=False)
    assert request.body["messages"] == [{"role": "assistant", "content": "a"}, QUESTION]
    assert "messages.reasoning_content" in request.dropped


@pytest.mark.parametrize("provider", LIKE)
def test_a_field_that_said_something_and_is_left_out_is_named_in_the_warning(provider: str) -> None:
    request = sent(provider, {"role": "user", "content": "q", "cache_control": {"type": "ephemeral"}})
    assert "cache_control" not in request.body["messages"][0]
    assert "messages.cache_control" in request.dropped


def test_mistral_takes_no_name_of_a_user_and_openai_does() -> None:
    named = {"role": "user", "content": "q", "name": "Ann"}
    assert sent("mistral", named).body["messages"] == [{"role": "user", "content": "q"}]
    assert sent("openai", named).body["messages"] == [named]


@pytest.mark.parametrize(
    "identity", ["call_PTLP8xhu3uwZk4l3", "c1", "toolu_01A", "functions.search:0", "12345678", "1234567890"]
)
def test_mistral_s_ids_of_calls_are_nine_letters_and_digits_and_the_same_for_call_and_result(identity: str) -> None:
    messages = sent("mistral", calling(identity), {"role": "tool", "tool_call_id": identity, "content": "1"}).body[
        "messages"
    ]
    mapped = messages[0]["tool_calls"][0]["id"]
    assert len(mapped) == 9
    assert mapped.isascii()
    assert mapped.isalnum()
    assert messages[1]["tool_call_id"] == mapped


def test_mistral_s_own_ids_stay_and_different_ids_stay_different() -> None:
    messages = sent("mistral", calling("abcDEF123"), calling("call_1"), calling("call_2")).body["messages"]
    ids = [message["tool_calls"][0]["id"] for message in messages]
    assert ids[0] == "abcDEF123"
    assert len(set(ids)) == 3


@pytest.mark.parametrize("identity", ["call_PTLP8xhu3uwZk4l3", "toolu_01A"])
def test_other_providers_get_ids_as_they_are(identity: str) -> None:
    assert sent("groq", calling(identity)).body["messages"][0]["tool_calls"][0]["id"] == identity


def test_a_thinking_model_of_deepseek_gets_a_thought_at_each_turn_with_calls() -> None:
    assert sent("deepseek", calling("c1")).body["messages"][0]["reasoning_content"]
    assert "reasoning_content" not in sent("deepseek", calling("c1"), thinks=False).body["messages"][0]


@pytest.mark.parametrize("arguments", ['{"a": 1, "b"', "null", '"x"', "[1,2]", '{"a":1}}', '{"a": "\t"}', '{"a": NaN}'])
@pytest.mark.parametrize("provider", sorted(set(LIKE) - {"minimax", "qwen"}))
def test_broken_arguments_of_an_old_call_are_a_text_like_any_other(provider: str, arguments: str) -> None:
    call = sent(provider, calling("abcDEF123", arguments)).body["messages"][0]["tool_calls"][0]
    assert call["function"] == {"name": "f", "arguments": arguments}


@pytest.mark.parametrize("provider", ["minimax", "qwen"])
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"a": 1, "b"', {"raw": '{"a": 1, "b"'}),
        ('{"a": NaN}', {"raw": '{"a": NaN}'}),
        ("[1,2]", {"raw": "[1,2]"}),
        ("", {}),
        ("null", {}),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_they_are_the_text_in_an_object_where_the_provider_reads_them(
    provider: str, arguments: object, expected: dict[str, Any]
) -> None:
    call = sent(provider, calling("c1", arguments)).body["messages"][0]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == expected


@pytest.mark.parametrize("arguments", ['{"b":2, "a":1}', '{"raw": "x"}', "{}"])
def test_an_object_stays_as_it_was_written(arguments: str) -> None:
    call = sent("qwen", calling("c1", arguments)).body["messages"][0]["tool_calls"][0]
    assert call["function"]["arguments"] == arguments


@pytest.mark.parametrize("provider", sorted(set(LIKE) - {"openai"}))
@pytest.mark.parametrize("given", [{}, {"parameters": {}}, {"parameters": None}])
def test_a_function_without_parameters_has_an_empty_schema(provider: str, given: dict[str, Any]) -> None:
    tools = [{"type": "function", "function": {"name": "f", **given}}]
    (tool,) = sent(provider, QUESTION, tools=tools).body["tools"]
    assert tool["function"] == {"name": "f", "parameters": {"type": "object", "properties": {}}}
    assert sent("openai", QUESTION, tools=tools).body["tools"] == tools


def test_arguments_that_are_an_object_are_written_as_json() -> None:
    call = sent("groq", calling("c1", {"a": 1})).body["messages"][0]["tool_calls"][0]
    assert call["function"]["arguments"] == '{"a": 1}'


def test_a_picture_in_anthropic_s_words_is_a_picture() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "aGk="}
    request = sent("openai", {"role": "user", "content": [{"type": "image", "source": source}]})
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    assert request.body["messages"][0]["content"] == [picture]


def test_a_part_that_a_provider_has_nothing_like_leaves_the_call_to_the_next_candidate() -> None:
    recording = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}
    with pytest.raises(ProviderFailure) as refusal:
        sent("deepseek", {"role": "user", "content": [recording]})
    assert refusal.value.kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize(
    "provider", [provider for provider in LIKE if provider not in ("deepseek", "minimax", "zhipu")]
)
def test_fields_of_anthropic_s_own_are_left_out_by_name(provider: str) -> None:
    question = {"role": "user", "content": "q"}
    request = sent(provider, question, thinking={"type": "adaptive"}, output_config={"effort": "low"})
    assert not {"thinking", "output_config"} & request.body.keys()
    assert {"thinking", "output_config"} <= set(request.dropped)


@pytest.mark.parametrize(
    ("provider", "model", "effort", "expected"),
    [
        ("deepseek", "deepseek-v4-pro", "none", {"thinking": {"type": "disabled"}}),
        ("deepseek", "deepseek-v4-pro", "high", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("deepseek", "deepseek-v4-pro", "medium", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("mistral", "mistral-medium-3-5", "none", {"reasoning_effort": "none"}),
        ("mistral", "mistral-medium-3-5", "low", {"reasoning_effort": "high"}),
        ("zhipu", "glm-5.2", "none", {"thinking": {"type": "disabled"}}),
        ("zhipu", "glm-5.2", "high", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("zhipu", "glm-5.1", "high", {"thinking": {"type": "enabled"}}),
        ("qwen", "qwen3-max", "none", {"enable_thinking": False}),
        ("qwen", "qwen3-max", "high", {"enable_thinking": True}),
        ("qwen", "qwen3-max", "low", {"enable_thinking": True, "thinking_budget": 4096}),
        ("minimax", "MiniMax-M3", "none", {"thinking": {"type": "disabled"}}),
        ("minimax", "MiniMax-M3", "high", {"thinking": {"type": "adaptive"}}),
        ("openai", "gpt-5.2", "none", {"reasoning_effort": "none"}),
        ("groq", "openai/gpt-oss-120b", "high", {"reasoning_effort": "high"}),
    ],
)
def test_the_effort_is_asked_in_the_provider_s_own_words(
    provider: str, model: str, effort: str, expected: dict[str, Any]
) -> None:
    request = sent(provider, {"role": "user", "content": "q"}, model=model, reasoning_effort=effort)
    asked = {name: value for name, value in request.body.items() if name not in ("model", "messages")}
    assert asked == expected
    assert "reasoning_effort" not in request.dropped


def test_an_effort_for_which_a_model_has_no_switch_is_left_out_by_name() -> None:
    request = sent(
        "mistral", {"role": "user", "content": "q"}, model="mistral-large-3", thinks=False, reasoning_effort="high"
    )
    assert "reasoning_effort" not in request.body
    assert "reasoning_effort" in request.dropped


def texts(*told: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text} for text in told]


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}


@pytest.mark.parametrize("provider", ["deepseek", "groq", "meta", "minimax", "zhipu"])
def test_an_answer_in_parts_is_one_text_where_nothing_else_is_taken(provider: str) -> None:
    answer = {"role": "assistant", "content": [*texts("a", "b"), {"type": "refusal", "refusal": "c"}]}
    assert sent(provider, answer).body["messages"] == [{"role": "assistant", "content": "abc"}]


def test_parts_stay_where_they_are_taken() -> None:
    answer = {"role": "assistant", "content": [*texts("a"), {"type": "refusal", "refusal": "c"}]}
    assert sent("openai", answer).body["messages"] == [answer]
    assert sent("mistral", answer, QUESTION).body["messages"][0]["content"] == texts("a", "c")
    marked = {"role": "tool", "tool_call_id": "c1", "content": [{**texts("a")[0], "cache_control": {"type": "x"}}]}
    assert sent("qwen", marked).body["messages"] == [marked]


@pytest.mark.parametrize("provider", ["deepseek", "groq", "minimax"])
def test_a_result_in_parts_is_one_text_where_nothing_else_is_taken(provider: str) -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": texts("a", "b")}
    assert sent(provider, calling("c1"), result).body["messages"][1]["content"] == "a\nb"


@pytest.mark.parametrize("provider", sorted(set(LIKE) - {"mistral"}))
def test_a_picture_of_a_tool_s_result_is_shown_behind_the_results(provider: str) -> None:
    first = {"role": "tool", "tool_call_id": "abcDEF123", "content": [*texts("a"), PICTURE]}
    second = {"role": "tool", "tool_call_id": "abcDEF124", "content": [PICTURE]}
    told = sent(provider, calling("abcDEF123"), first, second, {"role": "user", "content": "?"}).body["messages"]
    assert [message["role"] for message in told] == ["assistant", "tool", "tool", "user", "user"]
    assert told[1]["content"] in ("a", texts("a"))
    assert [message["content"] for message in told[2:]] == ["", [PICTURE, PICTURE], "?"]


def test_a_picture_in_an_answer_leaves_the_call_to_the_next_candidate() -> None:
    with pytest.raises(ProviderFailure) as refusal:
        sent("groq", {"role": "assistant", "content": [PICTURE]})
    assert (refusal.value.kind, refusal.value.param) == (FailureKind.UNSUPPORTED, "messages.0.content")


def test_a_call_of_a_custom_tool_goes_back_whole() -> None:
    call = {"id": "c1", "type": "custom", "custom": {"name": "f", "input": "x"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    assert sent("openai", message).body["messages"][0]["tool_calls"] == [call]
