"""OpenAI's requests as Gemini's generateContent takes them, and what of them is left out or refused."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.gemini.gemini_world import (
    BY_BUDGET,
    BY_LEVEL,
    GEMMA,
    GOOGLE,
    MINIMAL,
    OLD,
    PICTURES,
    PRO,
    SOUND,
    config,
    dropped,
    function,
    refused,
    request,
    target,
    user,
)

SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
AS_SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}


def test_the_least_request_has_contents_alone() -> None:
    wire = request()
    assert wire.path == "models/gemini-3.8-flash:generateContent"
    assert wire.body == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    assert (wire.headers, wire.dropped) == ({}, ())


def test_a_stream_is_another_method_with_server_sent_events() -> None:
    assert request(stream=True).path == "models/gemini-3.8-flash:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../v1/models/x?key=1", "models/..%2Fv1%2Fmodels%2Fx%3Fkey%3D1:generateContent"),
        ("a:b#c d", "models/a%3Ab%23c%20d:generateContent"),
        ("models/gemini-2.5-flash", "models/gemini-2.5-flash:generateContent"),
    ],
)
def test_a_models_name_cannot_leave_its_place_in_the_path(name: str, path: str) -> None:
    assert request(Target(GOOGLE, name)).path == path


def test_numbers_go_to_the_generation_config() -> None:
    asked = {"temperature": 0.2, "top_p": 0.9, "top_k": 40, "seed": 7, "n": 2, "stop": ["a", ""]}
    assert config(BY_BUDGET, max_completion_tokens=100, **asked) == {
        "temperature": 0.2,
        "topP": 0.9,
        "topK": 40,
        "seed": 7,
        "candidateCount": 2,
        "stopSequences": ["a"],
        "maxOutputTokens": 100,
    }
    assert config(stop="END") == {"stopSequences": ["END"]}


def test_null_is_the_same_as_nothing() -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ["temperature", "n", "stop", "tools", "tool_choice", "logprobs", "made_up", "safety_settings"]
    )
    assert request(**nothing) == request()
    assert request(n=1, logprobs=False, logit_bias={}, store=False, temperature=1, presence_penalty=0) == request()


def test_a_limit_beyond_the_models_own_is_the_models_own() -> None:
    most = target().max_output_tokens
    assert most is not None
    assert dropped(max_completion_tokens=most) == ()
    assert config(max_completion_tokens=most + 1) == {"maxOutputTokens": most}
    assert dropped(max_completion_tokens=most + 1) == ("max_completion_tokens",)


def test_sampling_is_left_out_by_name_where_it_does_nothing() -> None:
    asked = {"temperature": 0.2, "top_p": 0.9, "top_k": 40}
    assert config("gemini-3.5-flash", **asked) == {"temperature": 0.2, "topP": 0.9, "topK": 40}
    assert config("gemini-3.6-flash", **asked) == {}
    assert dropped("gemini-3.6-flash", **asked) == ("temperature", "top_p", "top_k")


def test_penalties_are_left_out_by_name_where_they_are_a_400() -> None:
    asked = {"presence_penalty": 0.5, "frequency_penalty": -0.5}
    assert config(OLD, **asked) == {"presencePenalty": 0.5, "frequencyPenalty": -0.5}
    assert config(BY_BUDGET, **asked) == {}
    assert dropped(BY_BUDGET, **asked) == ("presence_penalty", "frequency_penalty")


def test_what_google_has_nothing_like_is_left_out_by_name() -> None:
    asked: dict[str, Any] = {
        "user": "u",
        "metadata": {"a": "b"},
        "store": True,
        "logit_bias": {"1": 2},
        "made_up": 1,
        "thinking": {},
    }
    assert dropped(**asked) == tuple(asked)
    assert request(**asked).body == request().body


# What is refused


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (BY_LEVEL, {"n": 2}),
        (BY_BUDGET, {"n": 9}),
        (PICTURES, {"n": 2}),
        (BY_BUDGET, {"logprobs": True}),
        (BY_LEVEL, {"functions": [{"name": "f"}]}),
        (BY_LEVEL, {"function_call": "auto"}),
        (BY_LEVEL, {"stop": list("abcdef")}),
        (BY_LEVEL, {"messages": [user(), {"role": "assistant", "content": "I"}]}),
        (BY_LEVEL, {"modalities": ["text", "audio"]}),
        (BY_LEVEL, {"modalities": ["text", "image"]}),
        (SOUND, {"modalities": ["text", "audio"], "audio": {"voice": "Kore", "format": "mp3"}}),
        (BY_BUDGET, {"response_format": AS_SCHEMA, "tools": [function()]}),
        (BY_BUDGET, {"response_format": AS_SCHEMA, "web_search_options": {}}),
        (BY_LEVEL, {"tools": [function()], "web_search_options": {}}),
        (GEMMA, {"web_search_options": {}}),
    ],
)
def test_what_a_model_cannot_give_is_refused_before_and_while_asking(
    model: str | Target, fields: dict[str, Any]
) -> None:
    refusal = refused(model, **fields)
    assert refusal is not None
    assert refusal.field in {"messages", *fields}
    with pytest.raises(ProviderFailure) as failure:
        request(model, **fields)
    assert failure.value.kind is FailureKind.UNSUPPORTED
    assert (failure.value.param, failure.value.message) == refusal


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (BY_LEVEL, {"n": 1}),
        (BY_BUDGET, {"n": 8}),
        (OLD, {"logprobs": True, "top_logprobs": 2}),
        (BY_LEVEL, {"stop": list("abcde")}),
        (BY_BUDGET, {"messages": [user(), {"role": "assistant", "content": "I"}]}),
        (SOUND, {"modalities": ["text", "audio"], "audio": {"voice": "Kore", "format": "pcm16"}}),
        (PICTURES, {"modalities": ["text", "image"]}),
        (BY_LEVEL, {"modalities": ["text"]}),
        (BY_LEVEL, {"response_format": AS_SCHEMA, "tools": [function()]}),
        (BY_BUDGET, {"response_format": AS_SCHEMA, "tools": [function()], "tool_choice": "required"}),
        (BY_BUDGET, {"response_format": AS_SCHEMA, "tools": [function()], "tool_choice": "none"}),
        (BY_LEVEL, {"web_search_options": {}}),
        (BY_LEVEL, {"tool_choice": "made up", "tools": [function()]}),  # said when the request is made
    ],
)
def test_what_a_model_can_give_is_not_refused(model: str | Target, fields: dict[str, Any]) -> None:
    assert refused(model, **fields) is None


def test_probabilities_are_asked_for_where_they_are_told() -> None:
    assert config(OLD, logprobs=True, top_logprobs=2) == {"responseLogprobs": True, "logprobs": 2}


# Formats


def test_json_is_asked_for_by_its_media_type_and_a_schema_as_it_is() -> None:
    assert config(response_format={"type": "json_object"}) == {"responseMimeType": "application/json"}
    assert config(response_format=AS_SCHEMA) == {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
    assert config(response_format={"type": "text"}) == {}
    bare = {"type": "json_schema", "json_schema": {"name": "anything"}}
    assert config(response_format=bare) == {"responseMimeType": "application/json"}


def test_a_format_goes_with_tools_only_where_both_are_taken() -> None:
    both: dict[str, Any] = {"response_format": AS_SCHEMA, "tools": [function()]}
    assert config(BY_LEVEL, **both)["responseMimeType"] == "application/json"
    forced = request(BY_LEVEL, **both, tool_choice="required").body
    assert ("generationConfig" in forced, "tools" in forced) == (False, True)
    closed = request(BY_BUDGET, **both, tool_choice="none").body
    assert ("generationConfig" in closed, "tools" in closed, "toolConfig" in closed) == (True, False, False)


def test_a_search_of_the_web_is_googles_own_tool() -> None:
    wire = request(web_search_options={"search_context_size": "low"})
    assert wire.body["tools"] == [{"googleSearch": {}}]
    assert wire.dropped == ("web_search_options",)
    assert dropped(web_search_options={}) == ()


# Thinking


@pytest.mark.parametrize(
    ("model", "effort", "thinking", "is_dropped"),
    [
        (BY_BUDGET, "none", {"thinkingBudget": 0}, False),
        (BY_BUDGET, "minimal", {"thinkingBudget": 1_024, "includeThoughts": True}, False),
        (BY_BUDGET, "low", {"thinkingBudget": 1_024, "includeThoughts": True}, False),
        (BY_BUDGET, "medium", {"thinkingBudget": 8_192, "includeThoughts": True}, False),
        (BY_BUDGET, "high", {"thinkingBudget": 24_576, "includeThoughts": True}, False),
        (PRO, "none", {"thinkingBudget": 128}, True),
        (MINIMAL, "none", {"thinkingLevel": "minimal", "includeThoughts": False}, False),
        (MINIMAL, "medium", {"thinkingLevel": "medium", "includeThoughts": True}, False),
        ("gemini-3.5-flash-lite", "minimal", {"thinkingLevel": "minimal", "includeThoughts": True}, False),
        ("gemini-3.6-flash", "minimal", {"thinkingLevel": "minimal", "includeThoughts": True}, False),
        ("gemini-3.7-flash", "minimal", {"thinkingLevel": "low", "includeThoughts": True}, True),
        ("gemini-3.1-pro-preview", "none", {"thinkingLevel": "low", "includeThoughts": False}, True),
        ("gemini-flash-latest", "minimal", {"thinkingLevel": "low", "includeThoughts": True}, True),
        ("gemini-4-argon", "high", {"thinkingLevel": "high", "includeThoughts": True}, False),
        (BY_LEVEL, "max", {"thinkingLevel": "high", "includeThoughts": True}, False),
        (GEMMA, "low", {"thinkingLevel": "high", "includeThoughts": True}, False),
        (GEMMA, "none", {"thinkingLevel": "minimal", "includeThoughts": False}, False),
        (OLD, "high", None, True),
        (PICTURES, "high", None, True),
        (OLD, "none", None, False),
    ],
)
def test_effort_is_a_budget_before_gemini_3_and_a_level_since(
    model: str | Target, effort: str, thinking: Any, is_dropped: bool
) -> None:
    wire = request(model, reasoning_effort=effort)
    assert wire.body.get("generationConfig", {}).get("thinkingConfig") == thinking
    assert ("reasoning_effort" in wire.dropped) is is_dropped


def test_of_a_budget_a_quarter_of_the_limit_is_left_for_the_answer() -> None:
    def budget(limit: int, model: str = BY_BUDGET) -> Any:
        asked = config(model, reasoning_effort="high", max_completion_tokens=limit)
        return asked["thinkingConfig"]["thinkingBudget"]

    assert (budget(1_000), budget(32_768), budget(40_000)) == (750, 24_576, 24_576)
    assert (budget(100, PRO), budget(100, "gemini-2.5-flash-lite")) == (128, 512)


def test_a_word_that_is_no_effort_is_named() -> None:
    with pytest.raises(InvalidRequest, match="reasoning_effort"):
        request(reasoning_effort="very")


def test_a_callers_own_thinking_goes_before_openais_word_for_it() -> None:
    own = {"extra_body": {"google": {"thinking_config": {"thinking_budget": 5}}}}
    assert config(BY_BUDGET, reasoning_effort="high", **own) == {"thinkingConfig": {"thinking_budget": 5}}
    assert dropped(BY_BUDGET, reasoning_effort="high", **own) == ("reasoning_effort",)
    only_shown = {"thinking_config": {"includeThoughts": False}}
    asked = config(BY_LEVEL, reasoning_effort="high", **only_shown)
    assert asked == {"thinkingConfig": {"thinkingLevel": "high", "includeThoughts": False}}


# What comes out


def test_sound_is_asked_for_alone_and_in_a_voice() -> None:
    asked = config(SOUND, modalities=["text", "audio"], audio={"voice": "Kore", "format": "pcm16"})
    voice = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
    assert asked == {"responseModalities": ["AUDIO"], "speechConfig": voice}


def test_pictures_are_asked_for_with_or_without_text() -> None:
    assert config(PICTURES, modalities=["text", "image"]) == {"responseModalities": ["TEXT", "IMAGE"]}
    assert config(PICTURES, modalities=["image"]) == {"responseModalities": ["IMAGE"]}
    assert config(PICTURES, modalities=["text"]) == {}


@pytest.mark.parametrize(
    ("tier", "theirs"),
    [("auto", None), ("default", "standard"), ("flex", "flex"), ("priority", "priority"), ("scale", "standard")],
)
def test_service_tiers_are_googles(tier: str, theirs: str | None) -> None:
    wire = request(service_tier=tier)
    assert (wire.body.get("serviceTier"), wire.dropped) == (theirs, ())


def test_a_tier_that_google_does_not_have_is_left_out_by_name() -> None:
    wire = request(service_tier="turbo")
    assert ("serviceTier" in wire.body, wire.dropped) == (False, ("service_tier",))


# Native fields


SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"safety_settings": SAFETY, "cachedContent": "cachedContents/1", "image_config": {"aspectRatio": "1:1"}},
        {"safetySettings": SAFETY, "cached_content": "cachedContents/1", "imageConfig": {"aspectRatio": "1:1"}},
        {
            "google": {"safety_settings": SAFETY},
            "extra_body": {
                "google": {"cached_content": "cachedContents/1", "image_config": {"aspectRatio": "1:1"}},
            },
        },
        {
            "safetySettings": SAFETY,
            "cachedContent": "cachedContents/1",
            "generationConfig": {"image_config": {"aspectRatio": "1:1"}},
        },
    ],
)
def test_native_fields_pass_from_wherever_they_are_said(fields: dict[str, Any]) -> None:
    wire = request(**fields)
    assert wire.body["safetySettings"] == SAFETY
    assert wire.body["cachedContent"] == "cachedContents/1"
    assert wire.body["generationConfig"] == {"imageConfig": {"aspectRatio": "1:1"}}
    assert wire.dropped == ()


def test_native_fields_may_say_what_openais_cannot() -> None:
    own = {"extra_body": {"google": {"generation_config": {"presence_penalty": 0.5, "temperature": 0.1}}}}
    assert config(BY_LEVEL, **own) == {"presencePenalty": 0.5, "temperature": 0.1}


@pytest.mark.parametrize("name", ["maxOutputTokens", "max_output_tokens", "candidateCount", "made_up"])
def test_nothing_native_changes_what_a_call_may_cost(name: str) -> None:
    wire = request(max_completion_tokens=10, generationConfig={name: 8})
    assert wire.body["generationConfig"] == {"maxOutputTokens": 10}
    assert wire.dropped == (f"generationConfig.{name}",)


@pytest.mark.parametrize("name", ["service_tier", "contents", "systemInstruction", "tools", "thought_tag_marker"])
def test_nothing_native_replaces_what_the_request_says(name: str) -> None:
    wire = request(extra_body={"google": {name: "priority"}, "openai": {}})
    assert wire.body == request().body
    assert wire.dropped == ("extra_body.openai", f"extra_body.google.{name}")


@pytest.mark.parametrize("fields", [{"google": 1}, {"extra_body": []}, {"extra_body": {"google": 1}}])
def test_a_holder_of_native_fields_has_to_be_an_object(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        request(**fields)


def test_a_native_tool_config_is_kept_beside_the_choice_of_a_function() -> None:
    own = {"retrievalConfig": {"languageCode": "de"}}
    wire = request(tools=[function()], tool_choice="required", tool_config=own)
    assert wire.body["toolConfig"] == {**own, "functionCallingConfig": {"mode": "ANY"}}
