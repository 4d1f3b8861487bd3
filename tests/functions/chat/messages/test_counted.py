"""Counts of a prompt's tokens: the provider's own, or an estimate, and the header says which."""

import json

import anthropic
import httpx
from anthropic.types import MessageParam

from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld

HELLO: list[MessageParam] = [{"role": "user", "content": "Say hello"}]


def test_anthropics_models_count_by_themselves(world: ChatWorld, client: anthropic.Anthropic) -> None:
    raw = client.messages.with_raw_response.count_tokens(model=ANTHROPIC, messages=HELLO, system="Be brief.")
    (asked,) = world.stand_in.calls
    assert asked.body == {"model": "claude-haiku-4-5", "messages": HELLO, "system": "Be brief."}
    assert raw.parse().input_tokens == len(json.dumps(HELLO))  # what the stand-in counts
    assert (raw.headers["x-llm-token-count"], raw.headers["x-llm-model"]) == ("provider", ANTHROPIC)
    assert (world.rows(), world.open_attempts()) == ([], 0)


def test_others_are_estimated_and_no_provider_is_asked(world: ChatWorld, client: anthropic.Anthropic) -> None:
    raw = client.messages.with_raw_response.count_tokens(model=OPENAI, messages=HELLO)
    assert 3 <= raw.parse().input_tokens <= 20
    assert (raw.headers["x-llm-token-count"], raw.headers["x-llm-model"]) == ("estimate", OPENAI)
    assert world.stand_in.calls == []


def test_a_count_that_fails_is_an_estimate(world: ChatWorld, client: anthropic.Anthropic) -> None:
    world.stand_in.fault("status", provider="anthropic", status=529)
    raw = client.messages.with_raw_response.count_tokens(model=ANTHROPIC, messages=HELLO)
    assert raw.headers["x-llm-token-count"] == "estimate"
    assert world.rows() == []


def test_a_wrong_field_is_named_and_an_unknown_model_is_not_found(caller: httpx.Client) -> None:
    wrong = caller.post("/messages/count_tokens?beta=true", json={"model": OPENAI, "messages": "Hello", "tools": []})
    assert (wrong.status_code, wrong.json()["error"]["type"]) == (400, "invalid_request_error")
    assert wrong.json()["error"]["message"].startswith("messages ")
    unknown = caller.post("/messages/count_tokens", json={"model": "claude-nothing-9", "messages": HELLO})
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")
