"""Requests of OpenAI's callers to Anthropic, in the words of the model that is asked."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.anthropic.request import DEFAULT_OUTPUT_TOKENS, VERSION
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.anthropic.anthropic_world import (
    ALWAYS,
    BETWEEN,
    BY_BUDGET,
    NO_SAMPLING,
    UNASKED,
    call,
    dialect,
    request,
    target,
)

USER = {"role": "user", "content": "Hello"}
ADAPTIVE = {"type": "adaptive", "display": "summarized"}


def body(model: str = BETWEEN, **fields: Any) -> dict[str, Any]:
    return dict(request(model, **fields).body)


def test_a_plain_request_is_no_more_than_that() -> None:
    asked = request(BETWEEN, max_completion_tokens=100)

    assert asked.path == "messages"
    assert asked.headers == {"anthropic-version": VERSION}
    assert asked.body == {"model": BETWEEN, "max_tokens": 100, "messages": [USER]}
    assert asked.dropped == ()


def test_a_stream_says_so_and_a_whole_answer_does_not() -> None:
    assert request(stream=True).body["stream"] is True
    assert "stream" not in request().body


# Limits and ends


def test_the_limit_is_the_callers_else_the_models_else_one_that_every_model_takes() -> None:
    most = target(BY_BUDGET).max_output_tokens
    assert most == 64_000

    assert body(BY_BUDGET, max_completion_tokens=most)["max_tokens"] == most
    assert body(BY_BUDGET)["max_tokens"] == most
    unknown = replace(target(BY_BUDGET), max_output_tokens=None)
    assert request(unknown).body["max_tokens"] == DEFAULT_OUTPUT_TOKENS


def test_a_limit_beyond_the_models_own_becomes_that_and_is_told() -> None:
    asked = request(BY_BUDGET, max_completion_tokens=64_001)

    assert asked.body["max_tokens"] == 64_000
    assert asked.dropped == ("max_completion_tokens",)


@pytest.mark.parametrize(("stop", "sent"), [("END", ["END"]), (["a", "b"], ["a", "b"])])
def test_stops(stop: Any, sent: list[str]) -> None:
    assert body(stop=stop)["stop_sequences"] == sent
    assert "stop_sequences" not in body(stop=None)


# Sampling


def test_a_temperature_above_anthropics_range_becomes_its_highest_and_is_told() -> None:
    assert body(BETWEEN, temperature=1)["temperature"] == 1
    assert request(BETWEEN, temperature=1).dropped == ()
    asked = request(BETWEEN, temperature=1.01)
    assert asked.body["temperature"] == 1
    assert asked.dropped == ("temperature",)


def test_of_temperature_and_top_p_only_one_is_sent() -> None:
    asked = request(BETWEEN, temperature=0.2, top_p=0.9)
    assert "top_p" not in asked.body
    assert asked.dropped == ("top_p",)

    default = request(BETWEEN, temperature=1, top_p=0.9)
    assert default.body["top_p"] == 0.9
    assert "temperature" not in default.body
    assert default.dropped == ()


@pytest.mark.parametrize("model", [NO_SAMPLING, UNASKED, ALWAYS])
def test_models_that_sample_no_more_are_sent_no_sampling(model: str) -> None:
    asked = request(model, temperature=0, top_p=0.9, top_k=40)

    assert not asked.body.keys() & {"temperature", "top_p", "top_k"}
    assert set(asked.dropped) == {"temperature", "top_p", "top_k"}
    assert request(model, temperature=1, top_p=1).dropped == ()


def test_thinking_leaves_little_of_sampling() -> None:
    asked = request(BY_BUDGET, reasoning_effort="low", temperature=0.2, top_p=0.94, top_k=40)
    assert not asked.body.keys() & {"temperature", "top_p", "top_k"}
    assert set(asked.dropped) == {"temperature", "top_p", "top_k"}

    assert body(BY_BUDGET, reasoning_effort="low", top_p=0.95)["top_p"] == 0.95


# Thinking


@pytest.mark.parametrize(
    ("effort", "budget"),
    [("minimal", 1024), ("low", 1024), ("medium", 2048), ("high", 4096), ("xhigh", 8192), ("max", 16_384)],
)
def test_effort_is_a_budget_where_the_model_takes_a_number(effort: str, budget: int) -> None:
    asked = request(BY_BUDGET, reasoning_effort=effort)

    assert asked.body["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert "output_config" not in asked.body
    assert asked.dropped == ()


@pytest.mark.parametrize(("limit", "budget"), [(1365, None), (1366, 1024), (5_000, 3_750), (5_462, 4_096)])
def test_a_budget_leaves_a_quarter_to_the_answer_or_is_none(limit: int, budget: int | None) -> None:
    asked = request(BY_BUDGET, reasoning_effort="high", max_completion_tokens=limit)

    assert asked.body.get("thinking", {}).get("budget_tokens") == budget
    assert asked.dropped == (() if budget else ("reasoning_effort",))


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        (BETWEEN, "minimal", "low"),
        (BETWEEN, "medium", "medium"),
        (BETWEEN, "high", "high"),
        (BETWEEN, "xhigh", "high"),  # which it has not
        (BETWEEN, "max", "max"),
        (NO_SAMPLING, "xhigh", "xhigh"),
        (ALWAYS, "max", "max"),
    ],
)
def test_effort_is_a_word_where_the_model_takes_one(model: str, effort: str, sent: str) -> None:
    asked = request(model, reasoning_effort=effort)

    assert asked.body["thinking"] == ADAPTIVE
    assert asked.body["output_config"] == {"effort": sent}


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (BY_BUDGET, {}),
        (BETWEEN, {}),
        (NO_SAMPLING, {}),
        ("claude-opus-4-7-20260416", {}),
        (UNASKED, {"thinking": {"type": "disabled"}}),
        (ALWAYS, {"output_config": {"effort": "low"}}),
        ("claude-fable-5", {"output_config": {"effort": "low"}}),
    ],
)
def test_no_effort_is_as_little_as_the_model_can(model: str, fields: dict[str, Any]) -> None:
    wire = body(model, reasoning_effort="none")

    assert {name: wire[name] for name in ("thinking", "output_config") if name in wire} == fields


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    asked = request(target(BY_BUDGET, "reasoning"), reasoning_effort="high")

    assert "thinking" not in asked.body
    assert asked.dropped == ("reasoning_effort",)


def test_an_effort_of_no_kind_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        request(BETWEEN, reasoning_effort="huge")

    assert caught.value.field == "reasoning_effort"


def test_a_tool_that_must_be_used_goes_before_a_budget_and_together_with_adaptive_thinking() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    asked = request(BY_BUDGET, reasoning_effort="high", tools=tools, tool_choice="required")
    assert "thinking" not in asked.body
    assert asked.dropped == ("reasoning_effort",)

    assert body(BETWEEN, reasoning_effort="high", tools=tools, tool_choice="required")["thinking"] == ADAPTIVE


def test_a_turn_whose_thoughts_were_not_kept_goes_on_without_a_budget() -> None:
    called = {"role": "assistant", "content": None, "tool_calls": [call("a", "f", "{}")]}
    result = {"role": "tool", "tool_call_id": "a", "content": "1"}
    signed = {"type": "thinking", "thinking": "Hm.", "signature": "EuYB"}
    kept = {**called, "thinking_blocks": [signed]}

    lost = request(BY_BUDGET, reasoning_effort="high", messages=[USER, called, result])
    assert "thinking" not in lost.body
    assert lost.dropped == ("reasoning_effort",)
    assert "thinking" in request(BY_BUDGET, reasoning_effort="high", messages=[USER, kept, result]).body
    over = [USER, called, result, {"role": "assistant", "content": "Done."}, USER]
    assert "thinking" in request(BY_BUDGET, reasoning_effort="high", messages=over).body
    assert "thinking" in request(BETWEEN, reasoning_effort="high", messages=[USER, called, result]).body


def test_thinking_in_anthropics_own_words_goes_before_openais() -> None:
    own = {"type": "enabled", "budget_tokens": 3_000}
    asked = request(BETWEEN, thinking=own, reasoning_effort="low", output_config={"effort": "max"})

    assert asked.body["thinking"] == own
    assert asked.body["output_config"] == {"effort": "max"}
    assert asked.dropped == ("reasoning_effort",)


# Who, and on which terms


def test_the_user_is_told_by_an_id_that_is_no_address() -> None:
    assert body(user="u-1")["metadata"] == {"user_id": "u-1"}
    assert body(user="u-1", safety_identifier="hash")["metadata"] == {"user_id": "hash"}
    mail = request(user="ada@example.com")
    assert "metadata" not in mail.body
    assert mail.dropped == ("user",)


def test_of_metadata_only_the_users_id_is_anthropics() -> None:
    asked = request(metadata={"user_id": "u-1", "team": "a"}, user="u-2")

    assert asked.body["metadata"] == {"user_id": "u-1"}
    assert asked.dropped == ("metadata",)
    assert request(metadata={"user_id": "u-1"}).dropped == ()


@pytest.mark.parametrize(
    ("tier", "sent"),
    [
        ("auto", "auto"),
        ("default", "standard_only"),
        ("flex", "standard_only"),
        ("priority", "auto"),
        ("standard_only", "standard_only"),
    ],
)
def test_a_service_tier_never_costs_more_than_the_one_that_was_asked_for_at_list_price(tier: str, sent: str) -> None:
    asked = request(service_tier=tier)

    assert asked.body["service_tier"] == sent
    assert asked.dropped == (("service_tier",) if tier == "flex" else ())


# What passes, and what does not


def test_anthropics_own_fields_and_unknown_ones_pass() -> None:
    own: dict[str, Any] = {"top_k": 40, "cache_control": {"type": "ephemeral"}, "inference_geo": "us", "tomorrows": [1]}

    assert body(**own).items() >= own.items()
    assert "tomorrows" not in body(tomorrows=None)


def test_betas_become_a_header_with_those_that_a_field_needs() -> None:
    asked = request(betas=["interleaved-thinking-2025-05-14"], context_management={"edits": []}, speed="fast")

    assert asked.headers["anthropic-beta"] == (
        "interleaved-thinking-2025-05-14,context-management-2025-06-27,fast-mode-2026-02-01"
    )
    assert "betas" not in asked.body


@pytest.mark.parametrize("betas", ["files-api", ["a\r\nx-api-key: b"], [1], [""]])
def test_betas_that_are_no_names_are_refused(betas: Any) -> None:
    with pytest.raises(InvalidRequest):
        request(betas=betas)


def test_what_anthropic_knows_nothing_like_is_left_out_and_told() -> None:
    asked = request(
        seed=1, frequency_penalty=0.5, presence_penalty=-1, logit_bias={"1": 2}, store=True, verbosity="low"
    )

    assert set(asked.body) == {"model", "max_tokens", "messages"}
    assert asked.dropped == ("seed", "frequency_penalty", "presence_penalty", "logit_bias", "store", "verbosity")


def test_what_asks_for_nothing_is_not_told() -> None:
    asked = request(
        n=1, seed=None, frequency_penalty=0, presence_penalty=0.0, logit_bias={}, logprobs=False, modalities=["text"]
    )

    assert set(asked.body) == {"model", "max_tokens", "messages"}
    assert asked.dropped == ()


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (BETWEEN, {"n": 2}),
        (BETWEEN, {"logprobs": True}),
        (BETWEEN, {"top_logprobs": 1}),
        (BETWEEN, {"modalities": ["text", "audio"]}),
        (BETWEEN, {"audio": {"voice": "alloy"}}),
        (BETWEEN, {"functions": [{"name": "f"}]}),
        (BETWEEN, {"stop": "\n"}),
        (BETWEEN, {"stop": ["END", " "]}),
        (BETWEEN, {"messages": [USER, {"role": "assistant", "content": "It is"}]}),
        (ALWAYS, {"tools": [], "tool_choice": "required"}),
        (ALWAYS, {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
        ("claude-haiku-4-5", {"web_search_options": {}}),
    ],
)
def test_what_a_model_cannot_do_keeps_it_off_the_list_and_is_not_asked(model: str, fields: dict[str, Any]) -> None:
    asked = {"messages": [USER]} | fields

    refused = dialect.refuses(target(model), asked)
    assert refused is not None
    assert refused.field in asked
    with pytest.raises(ProviderFailure) as caught:
        request(model, **fields)
    assert caught.value.kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (BETWEEN, {"n": 1, "logprobs": False, "top_logprobs": 0, "stop": "END", "modalities": ["text"]}),
        (BETWEEN, {"tool_choice": "required"}),
        (ALWAYS, {"tool_choice": "auto"}),
        (BY_BUDGET, {"messages": [USER, {"role": "assistant", "content": "It is"}]}),
        (BETWEEN, {"web_search_options": {}}),
        (BETWEEN, {"tool_choice": "sometimes"}),  # wrong, but not beyond the model
    ],
)
def test_what_a_model_can_do_is_not_refused(model: str, fields: dict[str, Any]) -> None:
    assert dialect.refuses(target(model), {"messages": [USER]} | fields) is None


def test_of_a_model_that_the_catalogue_does_not_know_the_provider_decides() -> None:
    unknown = replace(target(BETWEEN), model="claude-next", capabilities=frozenset())
    prefilled = [USER, {"role": "assistant", "content": "It is"}]

    assert request(unknown, messages=prefilled, temperature=0.5).body["temperature"] == 0.5


# Fields that a request is checked for before it comes here are not among them.
FIELDS = (
    *("tool_choice", "parallel_tool_calls", "web_search_options", "stop", "temperature", "top_p", "top_k", "betas"),
    *("reasoning_effort", "thinking", "output_config", "user", "safety_identifier", "metadata", "service_tier"),
    *("n", "logprobs", "modalities", "audio", "logit_bias", "seed"),
)
WORDS = (
    *("type", "function", "name", "properties", "items", "$ref", "enum", "anyOf", "format", "minimum", "strict"),
    *("mode", "tools", "allowed_tools", "user_location", "approximate", "url", "file_data", "thinking", "text"),
)
KINDS = st.sampled_from(["text", "image_url", "file", "object", "array", "function", "thinking", "enabled"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner | KINDS, max_size=4),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": VALUES},
    optional=dict.fromkeys(("tool_calls", "tool_call_id", "thinking_blocks", "refusal"), VALUES),
)
FUNCTIONS = st.fixed_dictionaries({"name": st.just("f"), "parameters": VALUES, "strict": st.booleans()})
TOOLS = st.fixed_dictionaries({"type": st.just("function"), "function": VALUES | FUNCTIONS})
SCHEMAS = st.fixed_dictionaries({"schema": VALUES, "strict": VALUES})
FORMATS = st.none() | st.fixed_dictionaries({"type": st.just("json_schema"), "json_schema": SCHEMAS})


@given(
    st.sampled_from([BY_BUDGET, BETWEEN, UNASKED, ALWAYS]),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
    st.lists(MESSAGES, min_size=1, max_size=3),
    st.lists(TOOLS, max_size=2),
    FORMATS,
)
def test_whatever_a_caller_sends_is_translated_or_refused_in_words(
    model: str, fields: dict[str, Any], messages: list[Any], tools: list[Any], form: Any
) -> None:
    try:
        asked = request(model, messages=messages, tools=tools, response_format=form, **fields)
    except (InvalidRequest, ProviderFailure) as refused:
        told = refused.message
    else:
        told = json.dumps(asked.body)
    assert told


def test_there_are_no_embeddings() -> None:
    with pytest.raises(ProviderFailure) as caught:
        dialect.embeddings(target(), {"input": "x"})

    assert caught.value.kind is FailureKind.UNSUPPORTED
