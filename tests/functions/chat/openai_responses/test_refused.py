"""Failures of the Responses dialect: typed by OpenAI's SDK, naming the field, and spending nothing."""

from typing import Any

import httpx
import openai
import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld
from tests.functions.chat.openai_responses.conftest import sdk


def says(*parts: object) -> dict[str, Any]:
    return {"input": [{"role": "user", "content": list(parts)}]}


def has(**item: object) -> dict[str, Any]:
    return {"input": [item]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"model": None}, "model"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": ["x"]}, "input.0"),
        ({"input": [{}]}, "input.0.type"),
        (has(role="tool", content="x"), "input.0.role"),
        (has(role="user"), "input.0.content"),
        (says({"text": "x"}), "input.0.content.0.type"),
        (says({"type": "input_text"}), "input.0.content.0.text"),
        (says({"type": "input_image"}), "input.0.content.0.image_url"),
        (says({"type": "input_file"}), "input.0.content.0.file_data"),
        (has(type="function_call", call_id="a", name="f"), "input.0.arguments"),
        (has(type="function_call", name="f", arguments="{}"), "input.0.call_id"),
        (has(type="function_call_output", call_id="a"), "input.0.output"),
        (has(type="custom_tool_call", call_id="a", name="f"), "input.0.input"),
        (has(type="reasoning", summary="x"), "input.0.summary"),
        (has(type="reasoning", summary=[], encrypted_content="atom-llm.1.x"), "input.0.encrypted_content"),
        ({"instructions": 7}, "instructions"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"name": "f"}]}, "tools.0.type"),
        ({"tools": [{"type": "function", "name": ""}]}, "tools.0.name"),
        ({"tools": [{"type": "function", "name": "f", "parameters": []}]}, "tools.0.parameters"),
        ({"tool_choice": "all"}, "tool_choice"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        ({"text": {"verbosity": "loud"}}, "text.verbosity"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"include": "x"}, "include"),
        ({"metadata": []}, "metadata"),
        ({"truncation": "some"}, "truncation"),
        ({"store": "no"}, "store"),
        ({"background": True}, "background"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"previous_response_id": 7}, "previous_response_id"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_spent(
    world: ChatWorld, caller: httpx.Client, wrong: dict[str, Any], field: str
) -> None:
    answer = caller.post("/responses", json={"model": OPENAI, "input": "Say hello", **wrong})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", field)
    assert field in error["message"]
    assert (world.stand_in.calls, world.rows()) == ([], [])


def test_a_full_budget_is_402_and_not_to_be_tried_again(world: ChatWorld, client: openai.OpenAI) -> None:
    world.budget("0.000001")
    for stream in (False, True):
        with pytest.raises(openai.APIStatusError) as error:
            client.responses.create(model=OPENAI, input="Say hello", stream=stream)
        answer = error.value.response
        assert (answer.status_code, answer.headers["x-should-retry"]) == (402, "false")
        assert (error.value.type, error.value.code) == ("insufficient_quota", "budget_exceeded")
        assert "budget" in answer.json()["error"]["message"]
    assert world.stand_in.calls == []


def test_a_key_that_opens_nothing_and_one_without_the_scope(world: ChatWorld) -> None:
    with sdk(world, "none") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.responses.create(model=OPENAI, input="?")
    with sdk(world, world.service_key(OURS, Scope.USAGE_READ)) as other, pytest.raises(openai.PermissionDeniedError):
        other.responses.create(model=OPENAI, input="?")


def test_a_model_that_nobody_knows_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="gpt-nothing-9", input="?")


def test_what_was_never_stored_is_not_found_at_once(world: ChatWorld, client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_1")
    assert world.stand_in.calls == []


def test_a_failure_of_the_provider_is_told_with_its_status(world: ChatWorld, client: openai.OpenAI) -> None:
    world.stand_in.fault("status", provider="openai", status=500, times=9)
    with pytest.raises(openai.InternalServerError) as error:
        client.responses.create(model=OPENAI, input="?")
    assert error.value.response.status_code == 502


def test_another_model_of_the_chain_answers_where_the_first_one_fails(world: ChatWorld, client: openai.OpenAI) -> None:
    world.stand_in.fault("status", provider="openai", status=500, times=9)
    assert client.responses.create(model=f"{OPENAI},{ANTHROPIC}", input="?").model == ANTHROPIC
