"""Failures in Anthropic's shape: typed by its SDK, naming the field, and spending nothing."""

import gzip
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.types import MessageParam

from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import Scope
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld, served
from testing.stand_in.server import StandIn
from tests.functions.chat.messages.conftest import sdk

HELLO: list[MessageParam] = [{"role": "user", "content": "Say hello"}]
ASKED: dict[str, Any] = {"model": OPENAI, "max_tokens": 9, "messages": HELLO}


def says(content: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"model": None}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [*HELLO, {"role": "assistant", "content": ["x"]}]}, "messages.1.content.0"),
        (says([{"text": "x"}]), "messages.0.content.0.type"),
        (says([{"type": "text"}]), "messages.0.content.0.text"),
        (says([{"type": "image"}]), "messages.0.content.0.source"),
        (says([{"type": "tool_result", "content": "x"}]), "messages.0.content.0.tool_use_id"),
        ({"system": [{"type": "image"}]}, "system.0.type"),
        ({"tools": [{"name": "f"}]}, "tools.0.input_schema"),
        ({"tools": [{"name": "", "input_schema": {}}]}, "tools.0.name"),
        ({"tools": [{"name": "f", "input_schema": {}}], "tool_choice": {"type": "all"}}, "tool_choice.type"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"temperature": 1.5}, "temperature"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort"),
        ({"metadata": {"user_id": 7}}, "metadata.user_id"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"stream": "yes"}, "stream"),
    ],
)
@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
def test_a_wrong_field_is_named_and_nothing_is_spent(
    world: ChatWorld, caller: httpx.Client, wrong: dict[str, Any], field: str, model: str
) -> None:
    answer = caller.post("/messages", json={**ASKED, "model": model, **wrong})
    told = answer.json()
    assert (answer.status_code, told["type"], told["error"]["type"]) == (400, "error", "invalid_request_error")
    assert told["error"]["message"].startswith(f"{field} ")
    assert told["request_id"] == answer.headers["request-id"]
    assert (world.stand_in.calls, world.rows()) == ([], [])


def test_a_full_budget_is_a_billing_error_that_is_not_to_be_tried_again(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    world.budget("0.000001")
    for stream in (False, True):
        with pytest.raises(anthropic.APIStatusError) as error:
            client.messages.create(model=OPENAI, max_tokens=100, messages=HELLO, stream=stream)
        answer = error.value.response
        assert (answer.status_code, answer.headers["x-should-retry"]) == (402, "false")
        told = answer.json()
        assert (told["type"], told["error"]["type"]) == ("error", "billing_error")
        assert "budget" in told["error"]["message"]
    assert world.stand_in.calls == []


def test_a_full_budgets_details_reach_the_callers_of_the_sdk_as_they_do_in_openais_dialect(
    world: ChatWorld, client: anthropic.Anthropic, caller: httpx.Client
) -> None:
    world.budget("0.000001")
    asked = {"model": OPENAI, "max_tokens": 100, "messages": HELLO}
    of_openai = caller.post("/chat/completions", json=asked).json()["error"]["details"]
    for stream in (False, True):
        with pytest.raises(anthropic.APIStatusError) as error:
            client.messages.create(**ASKED, stream=stream)
        details = error.value.details
        assert (error.value.error_code, details is not None) == ("budget_exceeded", True)
        told = details.to_dict() if details is not None else {}
        assert told.keys() == {"error_code", *of_openai}
        assert (told["scope"], told["limit_usd"], told["resets_at"]) == ("tenant", "0.000001", of_openai["resets_at"])


def test_a_key_that_opens_nothing_and_one_without_the_scope(world: ChatWorld) -> None:
    with sdk(world, "none") as stranger, pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(model=OPENAI, max_tokens=9, messages=HELLO)
    with sdk(world, world.service_key(OURS, Scope.USAGE_READ)) as other, pytest.raises(anthropic.PermissionDeniedError):
        other.messages.create(model=OPENAI, max_tokens=9, messages=HELLO)


def test_a_model_that_nobody_knows_is_not_found(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as error:
        client.messages.create(model="claude-nothing-9", max_tokens=9, messages=HELLO)
    assert error.value.type == "not_found_error"


def test_malformed_json_and_another_media_type_are_told_in_the_same_shape(caller: httpx.Client) -> None:
    malformed = caller.post("/messages", content=b"{", headers={"content-type": "application/json"})
    assert (malformed.status_code, malformed.json()["error"]["type"]) == (400, "invalid_request_error")
    other = caller.post("/messages", content=b"{}", headers={"content-type": "text/plain"})
    assert (other.status_code, other.json()["error"]["type"]) == (415, "invalid_request_error")


@pytest.mark.parametrize(
    "path", ["/messages", "/messages/count_tokens", "/responses", "/chat/completions", "/audio/transcriptions"]
)
def test_a_compressed_body_is_refused_by_its_header_at_every_route(caller: httpx.Client, path: str) -> None:
    kind = "multipart/form-data; boundary=x" if path.startswith("/audio") else "application/json"
    headers = {"content-type": kind, "content-encoding": "gzip"}
    refused = caller.post(path, content=gzip.compress(b"{}"), headers=headers)
    assert (refused.status_code, refused.json()["error"]["type"]) == (415, "invalid_request_error")
    assert "content-encoding must be identity" in refused.json()["error"]["message"]


def test_a_query_parameter_that_is_none_is_refused_and_beta_is_one(caller: httpx.Client) -> None:
    assert caller.post("/messages?gamma=true", json=ASKED).status_code == 400
    assert caller.post("/messages?beta=true", json=ASKED).status_code == 200


def test_limits_of_the_service_key_stand_in_anthropics_headers(stand_in: StandIn) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, key_limit=RateLimit(requests=1, tokens=None))) as world:
        world.provider_key("openai")
        with sdk(world, world.service_key()) as client:
            raw = client.messages.with_raw_response.create(model=OPENAI, max_tokens=9, messages=HELLO)
            assert raw.headers["anthropic-ratelimit-requests-limit"] == "1"
            assert raw.headers["anthropic-ratelimit-requests-remaining"] == "0"
            assert raw.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
            with pytest.raises(anthropic.RateLimitError) as error:
                client.messages.create(model=OPENAI, max_tokens=9, messages=HELLO)
    assert int(error.value.response.headers["retry-after"]) > 0


def test_a_failure_of_the_provider_is_told_with_its_status(world: ChatWorld, client: anthropic.Anthropic) -> None:
    world.stand_in.fault("status", provider="openai", status=500, times=9)
    with pytest.raises(anthropic.InternalServerError) as error:
        client.messages.create(model=OPENAI, max_tokens=9, messages=HELLO)
    assert error.value.type == "api_error"


@pytest.mark.parametrize("thread", [{"type": "create"}, {"type": "continue", "previous_message_id": "msg_1"}])
def test_a_thread_is_refused_in_the_words_after_which_the_sdks_send_the_whole_conversation(
    world: ChatWorld, caller: httpx.Client, thread: dict[str, str]
) -> None:
    answer = caller.post("/messages", json={**ASKED, "model": ANTHROPIC, "thread": thread})
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "type": "invalid_request_error",
        "message": "thread is not served: send the whole conversation",
        "details": {"error_code": "thread_unsupported_request", "unsupported": ["thread"]},
    }
    assert (world.stand_in.calls, world.rows()) == ([], [])
