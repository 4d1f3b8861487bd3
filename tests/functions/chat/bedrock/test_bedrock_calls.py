"""Bedrock is called by the function's own role: whole and streamed, costed by the row of its region and profile."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from testing.bedrock.wire import CACHED, SIGNATURE, THOUGHT, WRITTEN, WRITTEN_1H
from testing.chat_world import OPENAI, OURS, Bedrock, ChatWorld, asking, served, stream
from testing.stand_in.said import PIECES, PROMPT_TOKENS, WORD
from testing.stand_in.server import StandIn
from tests.functions.chat.bedrock.conftest import StandInOfBedrock

SONNET = "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
NOVA = "bedrock/eu.amazon.nova-pro-v1:0"
PIXEL = "data:image/png;base64,iVBORw0KGgo="
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def asked(bedrock: StandInOfBedrock) -> Any:
    [one] = bedrock.asked()
    return one["body"]


def test_a_call_is_signed_and_charged_at_the_profiles_rates(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock
) -> None:
    answer = caller.post("/chat/completions", json=asking(NOVA))
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == WORD * PIECES
    [one] = bedrock.asked()
    assert (one["model"], one["key"]) == ("eu.amazon.nova-pro-v1:0", "AKIASTANDIN")
    [row] = world.rows()
    expected = PROMPT_TOKENS * Decimal("0.00000105") + PIECES * Decimal("0.0000042")  # eu.: 1.05 and 4.20 $/M
    assert row.settlement.cost == expected
    assert (row.attempt.provider, row.attempt.provider_key) == ("bedrock", "operator-bedrock")


def test_a_stream_is_read_from_its_binary_frames_and_costs_the_same(world: ChatWorld, caller: httpx.Client) -> None:
    answered = stream(caller, NOVA)
    assert (answered.error, answered.is_done, answered.finish) == (None, True, "stop")
    assert answered.text == WORD * PIECES
    [row] = world.rows()
    assert row.settlement.cost == PROMPT_TOKENS * Decimal("0.00000105") + PIECES * Decimal("0.0000042")


@pytest.mark.parametrize("is_stream", [False, True])
def test_every_class_of_a_cached_prompt_is_charged_at_its_own_rate(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, is_stream: bool
) -> None:
    marked = [{"type": "text", "text": "Say hello", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    body = {"model": SONNET, "messages": [{"role": "user", "content": marked}], "stream": is_stream}
    answer = caller.post("/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    assert asked(bedrock)["messages"][0]["content"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}
    [row] = world.rows()
    million = Decimal(1_000_000)
    assert (
        row.settlement.cost
        == (
            PROMPT_TOKENS * Decimal("3.30")
            + CACHED * Decimal("0.33")
            + (WRITTEN - WRITTEN_1H) * Decimal("4.125")
            + WRITTEN_1H * Decimal("6.60")
            + PIECES * Decimal("16.50")
        )
        / million
    )


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_tool_is_called_and_its_result_goes_back(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, is_stream: bool
) -> None:
    first: dict[str, Any] = {"model": SONNET, "messages": [{"role": "user", "content": "parallel"}], "tools": [TOOL]}
    if is_stream:
        answered = stream(caller, SONNET, tools=[TOOL], tool_choice="required")
        assert (answered.finish, answered.error) == ("tool_calls", None)
        spelt = [
            call["function"].get("arguments", "")
            for chunk in answered.chunks
            for choice in chunk["choices"]
            for call in choice["delta"].get("tool_calls") or ()
        ]
        assert "".join(spelt) == '{"city": "text"}'
        return
    message = caller.post("/chat/completions", json=first).json()["choices"][0]["message"]
    assert [call["function"]["arguments"] for call in message["tool_calls"]] == ['{"city": "text"}'] * 2
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "21 degrees", "is_error": place == 1}
        for place, call in enumerate(message["tool_calls"])
    ]
    bedrock.behave()
    followed = {**first, "messages": [*first["messages"], message, *results, {"role": "user", "content": "And?"}]}
    answer = caller.post("/chat/completions", json=followed)
    assert answer.status_code == 200, answer.text
    last = asked(bedrock)["messages"][-1]["content"]
    assert [next(iter(block)) for block in last] == ["toolResult", "toolResult", "text"]
    assert last[1]["toolResult"]["status"] == "error"


@pytest.mark.parametrize("is_stream", [False, True])
def test_thinking_comes_with_its_signature_and_goes_back_with_it(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, is_stream: bool
) -> None:
    body = asking(SONNET, reasoning_effort="high", max_tokens=9_000)
    if is_stream:
        answered = stream(caller, SONNET, reasoning_effort="high", max_tokens=9_000)
        deltas = [choice["delta"] for chunk in answered.chunks for choice in chunk["choices"]]
        assert "".join(each.get("reasoning_content") or "" for each in deltas) == THOUGHT
        blocks = [block for each in deltas for block in each.get("thinking_blocks") or ()]
    else:
        message = caller.post("/chat/completions", json=body).json()["choices"][0]["message"]
        assert message["reasoning_content"] == THOUGHT
        blocks = message["thinking_blocks"]
    assert [block["type"] for block in blocks] == ["thinking", "redacted_thinking"]
    assert blocks[0]["signature"] == SIGNATURE
    assert asked(bedrock)["additionalModelRequestFields"]["thinking"] == {"type": "enabled", "budget_tokens": 4_096}
    bedrock.behave()
    said = {"role": "assistant", "content": "Hello", "thinking_blocks": blocks}
    again = {**body, "messages": [*body["messages"], said, {"role": "user", "content": "And?"}]}
    assert caller.post("/chat/completions", json=again).status_code == 200
    kinds = [next(iter(block)) for block in asked(bedrock)["messages"][1]["content"]]
    assert kinds == ["reasoningContent", "reasoningContent", "text"]


def test_pictures_and_documents_are_sent_along(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock
) -> None:
    pdf = {"type": "file", "file": {"filename": "a_report.v2.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}
    content = [{"type": "image_url", "image_url": {"url": PIXEL}}, pdf, pdf]
    answer = caller.post(
        "/chat/completions", json={"model": SONNET, "messages": [{"role": "user", "content": content}]}
    )
    assert answer.status_code == 200, answer.text
    blocks = asked(bedrock)["messages"][0]["content"]
    assert [next(iter(block)) for block in blocks] == ["image", "document", "document", "text"]
    assert [block["document"]["name"] for block in blocks[1:3]] == ["a-report-v2", "a-report-v2 2"]


def test_an_answer_by_a_schema_keeps_to_it(world: ChatWorld, caller: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    for model in (SONNET, NOVA):
        answer = caller.post("/chat/completions", json=asking(model, response_format=form))
        assert answer.json()["choices"][0]["message"]["content"] == '{"n": 7}', answer.text


def test_a_guardrail_is_a_refusal(world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock) -> None:
    bedrock.behave(stop="guardrail_intervened")
    choice = caller.post("/chat/completions", json=asking(NOVA)).json()["choices"][0]
    assert choice["finish_reason"] == "content_filter"
    assert choice["message"]["refusal"]
    assert stream(caller, NOVA).finish == "content_filter"


@pytest.mark.parametrize(
    ("field", "value"),
    [("promptVariables", {"name": {"text": "x"}}), ("performanceConfig", {"latency": "optimized"})],
)
def test_what_no_price_is_known_of_is_refused_by_its_name(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, field: str, value: object
) -> None:
    answer = caller.post("/chat/completions", json=asking(NOVA, **{field: value}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "capability_missing")
    assert field in answer.json()["error"]["message"]
    assert world.rows() == []


def test_the_standard_latency_may_be_named(world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock) -> None:
    answer = caller.post("/chat/completions", json=asking(NOVA, performanceConfig={"latency": "standard"}))
    assert answer.status_code == 200, answer.text
    assert asked(bedrock)["performanceConfig"] == {"latency": "standard"}


def test_a_service_tier_is_asked_for_and_charged(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock
) -> None:
    answer = caller.post("/chat/completions", json=asking(NOVA, service_tier="flex"))
    assert answer.status_code == 200, answer.text
    assert asked(bedrock)["serviceTier"] == {"type": "flex"}
    assert answer.json()["service_tier"] == "flex"
    [row] = world.rows()
    assert row.settlement.cost == PROMPT_TOKENS * Decimal("0.000000525") + PIECES * Decimal("0.0000021")


@pytest.mark.parametrize(
    ("status", "kind", "seen"),
    [
        (429, "ThrottlingException", 429),
        (429, "ModelNotReadyException", 429),
        (408, "ModelTimeoutException", 502),
        (424, "ModelErrorException", 502),
        (500, "InternalServerException", 502),
        (503, "ServiceUnavailableException", 503),
        (400, "ValidationException", 400),
    ],
)
def test_a_failure_is_told_as_what_it_is(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, status: int, kind: str, seen: int
) -> None:
    bedrock.behave(status=status, type=kind)
    assert caller.post("/chat/completions", json=asking(NOVA)).status_code == seen


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (400, "ValidationException", "Invocation of model ID x with on-demand throughput isn't supported."),
        (403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
        (404, "ResourceNotFoundException", "This model version has reached the end of its life."),
        (429, "ThrottlingException", "Too many tokens, please wait before trying again."),
        (424, "ModelErrorException", "The model failed."),
    ],
)
def test_a_chain_goes_on_where_a_model_cannot_be_called(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock, status: int, kind: str, message: str
) -> None:
    world.provider_key("openai")
    bedrock.behave(status=status, type=kind, message=message)
    answer = caller.post("/chat/completions", json=asking(f"{NOVA},{OPENAI}"))
    assert (answer.status_code, answer.headers.get("x-llm-provider")) == (200, "openai")


def test_an_exception_amid_a_stream_is_told_in_it(
    world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock
) -> None:
    bedrock.behave(breaks_at=5, exception="throttlingException")
    answered = stream(caller, NOVA)
    assert answered.error is not None
    assert not answered.is_done


def test_models_of_its_region_are_listed_and_no_others(world: ChatWorld, caller: httpx.Client) -> None:
    listed = {each["id"] for each in caller.get("/models").json()["data"]}
    assert {SONNET, NOVA, "bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0"} <= listed
    assert not any(each.startswith(("bedrock/us.", "bedrock/apac.", "bedrock_converse/")) for each in listed)


def test_auto_calls_it_where_it_is_all_there_is(world: ChatWorld, caller: httpx.Client) -> None:
    answer = caller.post("/chat/completions", json=asking("auto"))
    assert answer.headers.get("x-llm-provider") == "bedrock", answer.text


def test_tenants_bring_roles_of_their_own_where_it_is_not_shared(stand_in: StandIn, bedrock: StandInOfBedrock) -> None:
    with served(ChatWorld(stand_in, bedrock=Bedrock(bedrock.url, is_shared=False))) as world, world.client() as caller:
        assert caller.post("/chat/completions", json=asking(NOVA)).status_code >= 400
        key = world.provider_key("bedrock", "arn:aws:iam::123456789012:role/atom-llm-bedrock")
        [held] = world.container.tenancy.provider_key_ring.keys_for(OURS, "bedrock", NOVA)
    assert held.key.key_id == key.key_id
    assert held.plaintext.reveal().endswith(":role/atom-llm-bedrock atom-llm:dev:tenant-a")
    assert bedrock.asked() == []


def test_a_tenants_own_role_goes_before_ours(world: ChatWorld, caller: httpx.Client, bedrock: StandInOfBedrock) -> None:
    world.provider_key("bedrock", "arn:aws:iam::123456789012:role/some-other-role")
    world.container.tenancy.provider_key_ring.forget(OURS)
    assert caller.post("/chat/completions", json=asking(NOVA)).status_code >= 400
    assert bedrock.asked() == []  # no role for us, and nobody else pays instead
