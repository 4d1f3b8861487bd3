"""OpenAI's requests as Cohere's second version takes them: fields, bounds and thinking."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import COHERE, HELLO, PLAIN, THINKING, dialect, function, request

OLD = Target(COHERE, "command-r-08-2024", frozenset({"function_calling"}), 4_096)


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
    assert dialect.refuses(OLD, body) == ("tool_choice", "command-r-08-2024 cannot be forced to use a tool")
    assert dialect.refuses(OLD, body | {"tool_choice": "auto"}) is None


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
