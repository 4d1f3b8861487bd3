"""Whole responses, whichever provider answers: translated both ways, through OpenAI's own SDK."""

import json
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response
from pydantic import BaseModel

from functions.chat.openai_responses.request import responses_request
from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld
from testing.stand_in.said import WORD
from testing.stand_in.schemas import SIGNATURE
from tests.functions.chat.openai_responses.conftest import TRANSLATED
from tests.functions.chat.openai_responses.said import WEATHER, asked, says


class Count(BaseModel):
    n: int


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC, GOOGLE])
def test_a_text_is_answered_with_its_model_usage_and_cost(world: ChatWorld, client: openai.OpenAI, model: str) -> None:
    raw = client.responses.with_raw_response.create(include=TRANSLATED, model=model, input="Say hello")
    found = Response.model_validate(raw.http_response.json())  # strictly, every field by its type
    assert found.output_text == WORD * 20
    assert (found.model, found.status, [item.type for item in found.output]) == (model, "completed", ["message"])
    assert found.id == f"resp_{raw.headers['x-llm-call-id']}"
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens, found.usage.total_tokens) == (25, 20, 45)
    assert raw.http_response.json()["store"] is False
    assert "x-llm-warnings" not in raw.headers
    assert float(raw.headers["x-llm-cost-usd"]) > 0
    assert len(world.rows()) == 1


def test_instructions_items_and_options_reach_the_provider_in_its_own_words(
    world: ChatWorld, client: openai.OpenAI
) -> None:
    found = client.responses.create(
        include=TRANSLATED,
        model=OPENAI,
        instructions="Be brief.",
        input=[
            {"role": "developer", "content": "Be kind."},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "low"},
                ],
            },
            {"role": "assistant", "content": "A picture."},
            {"role": "user", "content": [{"type": "input_text", "text": "Sure?"}]},
        ],
        max_output_tokens=100,
        temperature=0.5,
        top_p=0.9,
        user="person-7",
        metadata={"order": "7"},
        store=False,
        parallel_tool_calls=True,
    )
    body = asked(world)
    assert body.pop("messages") == [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": "A picture."},
        {"role": "user", "content": "Sure?"},
    ]
    assert body == {
        "model": "gpt-4o-mini",
        "max_completion_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "user": "person-7",
    }
    assert (found.metadata, found.instructions, found.max_output_tokens) == ({"order": "7"}, "Be brief.", 100)


@pytest.mark.parametrize("model", [GOOGLE, ANTHROPIC, "openai/gpt-4o"])
def test_pictures_and_files_reach_every_provider_also_out_of_a_tools_output(
    world: ChatWorld, client: openai.OpenAI, model: str
) -> None:
    pdf: Any = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}
    picture = {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "auto"}
    items: list[Any] = [
        {"role": "user", "content": [pdf, {"type": "input_text", "text": "?"}]},
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
        {"type": "function_call", "call_id": "call_2", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": [picture]},
        {"type": "function_call_output", "call_id": "call_2", "output": "nothing"},
    ]
    client.responses.create(include=TRANSLATED, model=model, input=items)
    sent = json.dumps(asked(world))
    assert sent.count("aGk=") == 2
    assert ("application/pdf" in sent, "image/png" in sent) == (True, True)


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC, GOOGLE])
def test_an_answer_keeps_to_a_schema_and_the_sdk_parses_it(world: ChatWorld, client: openai.OpenAI, model: str) -> None:
    found = client.responses.parse(include=TRANSLATED, model=model, input="How many?", text_format=Count)
    assert found.output_parsed == Count(n=7)


def test_an_effort_and_a_verbosity_are_asked_for() -> None:
    given = {
        "model": "auto",
        "input": "?",
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "low"},
    }
    chat = responses_request(given, 100).chat
    assert (chat.body["reasoning_effort"], chat.body["verbosity"]) == ("low", "low")
    assert chat.native is not None
    assert chat.native.left_out == ()


def test_thoughts_calls_and_cached_tokens_stand_where_openais_stand(world: ChatWorld, client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    says(
        world,
        {"content": "So:", "reasoning_content": "Hm.", "tool_calls": [call]},
        "tool_calls",
        prompt_tokens=100,
        completion_tokens=30,
        total_tokens=130,
        prompt_tokens_details={"cached_tokens": 60},
        completion_tokens_details={"reasoning_tokens": 10},
    )
    found = client.responses.create(include=TRANSLATED, model=OPENAI, input="?")
    thought, said, called = found.output
    assert thought.type == "reasoning"
    assert [part.text for part in thought.summary] == ["Hm."]
    assert (said.type, found.output_text, called.type) == ("message", "So:", "function_call")
    usage = found.usage
    assert usage is not None
    assert (usage.input_tokens, usage.input_tokens_details.cached_tokens) == (100, 60)
    assert (usage.output_tokens, usage.output_tokens_details.reasoning_tokens) == (30, 10)


def test_a_thought_goes_back_to_a_provider_that_wants_it_with_the_call_it_led_to(
    world: ChatWorld, client: openai.OpenAI
) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    says(world, {"content": None, "reasoning_content": "Hm.", "tool_calls": [call]}, "tool_calls")
    first = client.responses.create(include=TRANSLATED, model=OPENAI, input="?")
    thought = first.output[0].model_dump() | {"summary": [], "content": None}  # as Codex sends it back
    result: Any = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
    items: list[Any] = [{"role": "user", "content": "?"}, thought, first.output[1].model_dump(), result]
    world.provider_key("deepseek")
    client.responses.create(include=TRANSLATED, model="deepseek/deepseek-reasoner", input=items)
    assert asked(world)["messages"][1]["reasoning_content"] == "Hm."


@pytest.mark.parametrize(
    ("finish", "status", "reason"),
    [
        ("stop", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
    ],
)
def test_each_finish_reason_is_a_status(
    world: ChatWorld, client: openai.OpenAI, finish: str, status: str, reason: str | None
) -> None:
    says(world, {"content": "So"}, finish)
    found = client.responses.create(include=TRANSLATED, model=OPENAI, input="?")
    assert found.status == status
    assert (found.incomplete_details and found.incomplete_details.reason) == reason
    assert found.output[0].type == "message"
    assert found.output[0].status == status


def test_refusals_and_citations_are_parts_of_the_message(world: ChatWorld, client: openai.OpenAI) -> None:
    cited = {"start_index": 0, "end_index": 2, "url": "https://example.com", "title": "t"}
    annotation = {"type": "url_citation", "url_citation": cited}
    says(world, {"content": "So", "refusal": "No.", "annotations": [annotation]})
    (message,) = client.responses.create(include=TRANSLATED, model=OPENAI, input="?").output
    assert message.type == "message"
    text, refusal = message.content
    assert text.type == "output_text"
    assert text.annotations[0].model_dump() == {"type": "url_citation", **cited}
    assert (refusal.type, refusal.model_dump()["refusal"]) == ("refusal", "No.")


def test_what_a_translation_leaves_out_is_a_warning(world: ChatWorld, caller: httpx.Client) -> None:
    more = {
        "store": True,
        "truncation": "auto",
        "max_tool_calls": 3,
        "reasoning": {"summary": "detailed"},
        "tools": [{"type": "web_search", "external_web_access": False}, {"type": "tool_search", "execution": "client"}],
        "tool_choice": "auto",
        "include": ["reasoning.encrypted_content", "web_search_call.action.sources"],
        "client_metadata": {"session_id": "s"},
    }
    answer = caller.post("/responses", json={"model": OPENAI, "input": "?", **more})
    assert answer.status_code == 200, answer.text
    assert asked(world).keys() == {"model", "messages"}
    assert answer.headers["x-llm-warnings"].removeprefix("left out: ").split(", ") == [
        *("tools.web_search", "tools.tool_search", "reasoning.summary", "include", "store", "truncation"),
        "max_tool_calls",
    ]
    assert world.rows()[0].attempt.end_user.session == "s"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"conversation": "conv_1"}, "conversation"),
        ({"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}, "tools.0"),
        ({"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"tools": [{"type": "web_search"}], "tool_choice": "required"}, "tool_choice"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input.0"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]},
            "input.0.content.0.file_id",
        ),
    ],
)
def test_what_nobody_can_be_asked_for_is_a_named_reason_and_nothing_is_spent(
    world: ChatWorld, caller: httpx.Client, more: dict[str, Any], field: str
) -> None:
    body = {"model": ANTHROPIC, "input": "?", **more}
    (excluded,) = caller.post("/route", json=body).json()["excluded"]
    assert (excluded["reason"], excluded["field"]) == ("not_expressible", field)
    answer = caller.post("/responses", json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert field in answer.json()["error"]["message"]
    assert (world.stand_in.calls, world.rows()) == ([], [])


def test_who_names_an_item_by_its_id_is_told_how_to_send_it(caller: httpx.Client) -> None:
    items = [{"role": "user", "content": "?"}, {"type": "item_reference", "id": "msg_1"}]
    told = caller.post("/responses", json={"model": ANTHROPIC, "input": items}).json()["error"]["message"]
    assert "store: false" in told


def test_an_answer_with_an_idempotency_key_is_given_once(world: ChatWorld, client: openai.OpenAI) -> None:
    asking = client.responses.with_raw_response
    first, second = (
        asking.create(model=OPENAI, input="?", extra_headers={"idempotency-key": "order-7"}) for _ in range(2)
    )
    assert (second.http_response.text, second.headers["x-llm-idempotent-replay"]) == (first.http_response.text, "true")
    assert len(world.rows()) == 1


def test_auto_and_tiers_answer_and_say_which_tier_it_was(world: ChatWorld, client: openai.OpenAI) -> None:
    for model in ("auto", "tier/standard"):
        raw = client.responses.with_raw_response.create(
            include=TRANSLATED, model=model, input="Say hello", extra_headers={"x-llm-tags": "team=blue"}
        )
        assert raw.headers["x-llm-tier"] == ("micro" if model == "auto" else "standard")
        assert raw.parse().status == "completed"
    assert [row.attempt.tags for row in world.rows()] == [{"team": "blue"}] * 2


def test_a_prompt_is_counted_by_estimate_and_no_provider_is_asked(world: ChatWorld, client: openai.OpenAI) -> None:
    raw = client.responses.input_tokens.with_raw_response.count(model=ANTHROPIC, input="Say hello")
    assert 3 <= raw.parse().input_tokens <= 20
    assert (raw.headers["x-llm-token-count"], raw.headers["x-llm-model"]) == ("estimate", ANTHROPIC)
    assert (world.stand_in.calls, world.rows()) == ([], [])


def test_a_signed_thought_comes_back_to_its_provider_as_it_was_signed(world: ChatWorld, client: openai.OpenAI) -> None:
    thought = {"type": "thinking", "thinking": "Hm é.", "signature": SIGNATURE}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [thought, {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Rome"}}],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 20},
    }
    world.stand_in.fault("body", provider="anthropic", times=1, status=200, body=json.dumps(message))
    asking: Any = {"model": ANTHROPIC, "tools": [WEATHER], "reasoning": {"effort": "low"}, "max_output_tokens": 4000}
    first = client.responses.create(include=TRANSLATED, input="The weather?", **asking)
    assert [item.type for item in first.output] == ["reasoning", "function_call"]
    items: list[Any] = [{"role": "user", "content": "The weather?"}]
    items += [item.model_dump(exclude_none=True) for item in first.output]
    items.append({"type": "function_call_output", "call_id": "toolu_1", "output": "sunny"})
    client.responses.create(include=TRANSLATED, input=items, **asking)
    assert asked(world)["messages"][1]["content"][0] == thought
