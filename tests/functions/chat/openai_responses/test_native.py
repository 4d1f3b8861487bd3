"""Responses that OpenAI answers: the request goes out as it came, and the answer comes back byte for byte."""

import json
from decimal import Decimal
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from atom_llm.domain.pricing.units import Unit
from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld
from testing.recorded_answers import answers, recorded_streams, recorded_whole, sent
from testing.stand_in.responses import CIPHER
from testing.stand_in.said import WORD
from tests.functions.chat.openai_responses.test_streamed import events

EVENT: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
REASONING = "openai/gpt-5"
STREAMS = recorded_streams("openai", "responses")
WHOLE = recorded_whole("openai", "responses", "object")


def asks(caller: httpx.Client, **more: Any) -> httpx.Response:
    return caller.post("/responses", json={"model": OPENAI, "input": "Say hello", "store": False, **more})


def response(**more: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": None}
    return {**head, "model": "gpt-4o-mini-2024-07-18", "output": [], "usage": None, **more}


def stream_of(*contents: dict[str, Any]) -> str:
    """A stream with these events, spelt as no writer of ours would."""
    spelt = [json.dumps({**content, "sequence_number": place}) for place, content in enumerate(contents)]
    names = [content["type"] for content in contents]
    return "".join(f"event: {name}\ndata: {data}\n\n" for name, data in zip(names, spelt, strict=True))


@pytest.mark.parametrize(("name", "recorded"), WHOLE, ids=[name for name, _ in WHOLE])
def test_a_recorded_response_comes_back_byte_for_byte(
    world: ChatWorld, caller: httpx.Client, name: str, recorded: dict[str, Any]
) -> None:
    body = json.dumps(recorded, indent=1)
    answers(world, "openai", body)
    answer = asks(caller)
    assert answer.content == body.encode()
    assert (answer.headers["x-llm-model"], len(world.rows())) == (OPENAI, 1)
    assert world.rows()[0].settlement.raw_usage is not None


@pytest.mark.parametrize(("name", "recorded"), STREAMS, ids=[name for name, _ in STREAMS])
def test_a_recorded_stream_comes_back_byte_for_byte(
    world: ChatWorld, caller: httpx.Client, name: str, recorded: str
) -> None:
    answers(world, "openai", recorded, streams=True)
    assert asks(caller, stream=True).content == recorded.encode()
    assert world.rows()[0].settlement.raw_usage is not None


def test_every_kind_of_event_passes_as_it_came_and_is_billed_by_its_usage(
    world: ChatWorld, caller: httpx.Client
) -> None:
    usage = {
        "input_tokens": 1_000,
        "input_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 100},
        "output_tokens": 70,
        "output_tokens_details": {"reasoning_tokens": 50},
        "total_tokens": 1_070,
    }
    kinds = [type_of(each) for each in EVENT.json_schema()["$defs"].values() if type_of(each)]
    others = [{"type": kind, "item_id": "i"} for kind in kinds if kind not in ("error", "response.failed")]
    between = [each for each in others if each["type"] not in ("response.completed", "response.incomplete")]
    assert len(between) > 50
    ended = {"type": "response.completed", "response": response(usage=usage)}
    body = ": a comment\n\n" + stream_of(*between, {"type": "response.something_new", "field": "é"}, ended)
    answers(world, "openai", body, streams=True)
    assert asks(caller, stream=True, model=REASONING).content == body.encode()
    (row,) = world.rows()
    assert {unit.value: int(count) for unit, count in row.settlement.usage.items()} == {
        "input": 300,
        "cache_read": 600,
        "cache_write_5m": 100,
        "output": 20,
        "reasoning": 50,
    }


def type_of(schema: dict[str, Any]) -> str:
    kind = schema.get("properties", {}).get("type", {}).get("const", "")
    return kind if kind == "error" or kind.startswith("response.") else ""


@pytest.mark.parametrize("asked", [{}, {"include": ["reasoning.encrypted_content"]}])
def test_the_sdks_own_types_read_every_event(world: ChatWorld, caller: httpx.Client, asked: dict[str, Any]) -> None:
    tool = {"type": "function", "name": "place", "parameters": {"type": "object"}, "strict": False}
    for more in ({}, {"tools": [tool, {"type": "custom", "name": "patch"}], "input": "parallel"}):
        told = events(asks(caller, model=REASONING, stream=True, **asked, **more).text)
        assert told[-1]["type"] == "response.completed"
        assert told[-1]["response"]["usage"]["output_tokens_details"]["reasoning_tokens"] == 5
        item = told[-1]["response"]["output"][0]
        assert (item["type"], item.get("encrypted_content", "")[: len(CIPHER)]) == (
            "reasoning",
            CIPHER if asked else "",
        )


def test_the_sdk_puts_a_stream_and_a_whole_answer_together(world: ChatWorld, client: openai.OpenAI) -> None:
    with client.responses.stream(model=OPENAI, input="?") as stream:
        assert stream.get_final_response().output_text == WORD * 20
    raw = client.responses.with_raw_response.create(model=OPENAI, input="?")
    assert raw.parse().output_text == WORD * 20
    assert (raw.parse().model, raw.headers["x-llm-model"]) == ("gpt-4o-mini-2025-01-01", OPENAI)
    assert Decimal(raw.headers["x-llm-cost-usd"]) == world.rows()[-1].settlement.cost > 0


def test_a_coding_agents_request_goes_out_as_it_came_but_for_what_a_budget_needs(
    world: ChatWorld, caller: httpx.Client
) -> None:
    call = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c1", "name": "apply_patch", "input": "*** Begin"}
    given: dict[str, Any] = {
        "stream": True,
        "input": [
            {"type": "message", "id": "msg_1", "role": "developer", "content": [{"type": "input_text", "text": "a"}]},
            {"type": "message", "id": "msg_2", "role": "user", "content": [{"type": "input_text", "text": "b"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": f"{CIPHER}1=="},
            call,
            {"type": "custom_tool_call_output", "id": "ctco_1", "call_id": "c1", "output": "done"},
        ],
        "tools": [
            {"type": "function", "name": "shell", "parameters": {"type": "object"}, "strict": False},
            {
                "type": "custom",
                "name": "apply_patch",
                "format": {"type": "grammar", "syntax": "lark", "definition": "a"},
            },
            {"type": "tool_search", "execution": "client", "description": "d", "parameters": {"type": "object"}},
            {"type": "namespace", "name": "n", "description": "d", "tools": [{"type": "function", "name": "f"}]},
            {"type": "web_search", "external_web_access": False, "search_content_types": ["text"]},
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "01990f8e-0000-7000-8000-000000000000",
        "text": {"verbosity": "low"},
        "client_metadata": {"session_id": "s"},
    }
    answer = caller.post("/responses", json={"model": REASONING, **given})
    assert (answer.status_code, "x-llm-warnings" in answer.headers) == (200, False), answer.text
    set_here = {"model": "gpt-5", "max_tool_calls": 5, "max_output_tokens": 32_768}
    assert sent(world) == {**given, **set_here}
    assert "authorization" in world.stand_in.calls[-1].headers


def test_a_field_that_is_null_is_one_that_is_not_there(world: ChatWorld, caller: httpx.Client) -> None:
    unset = dict.fromkeys(("user", "safety_identifier", "prompt_cache_key", "tools", "reasoning", "instructions"))
    answer = asks(caller, **unset)
    assert (answer.status_code, "x-llm-warnings" in answer.headers) == (200, False), answer.text
    assert world.stand_in.calls[-1].path == "responses"
    assert not unset.keys() & sent(world).keys()


def test_the_callers_own_bounds_stand(world: ChatWorld, caller: httpx.Client) -> None:
    tools = [{"type": "web_search"}]
    answer = asks(caller, model=REASONING, tools=tools, max_tool_calls=2, max_output_tokens=64)
    assert answer.status_code == 200, answer.text
    assert (sent(world)["max_tool_calls"], sent(world)["max_output_tokens"]) == (2, 64)


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]},
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
        {"tools": [{"type": "image_generation"}]},
        {"tools": [{"type": "quantum"}]},
        {"prompt": {"id": "pmpt_1"}},
    ],
)
def test_what_nothing_bounds_is_refused_by_its_field_under_a_hard_budget(
    world: ChatWorld, caller: httpx.Client, more: dict[str, Any]
) -> None:
    world.budget("100")
    refused = asks(caller, model=REASONING, **more)
    assert (refused.status_code, refused.json()["error"]["type"]) == (402, "insufficient_quota")
    assert ("tools.0.type" if "tools" in more else "prompt") in refused.json()["error"]["message"]
    assert world.stand_in.calls == []


def test_searches_are_held_for_and_billed_each(world: ChatWorld, caller: httpx.Client) -> None:
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "q"},
    }
    opened = {**search, "id": "ws_2", "action": {"type": "open_page", "url": "https://example.com"}}
    usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    answers(world, "openai", json.dumps(response(output=[search, search, opened], usage=usage)))
    asks(caller, model=REASONING, tools=[{"type": "web_search"}])
    (row,) = world.rows()
    assert row.settlement.usage[Unit.WEB_SEARCHES] == 2
    assert row.settlement.cost == 2 * Decimal("0.01") + 100 * Decimal("0.00000125") + 10 * Decimal("0.00001")
    assert row.attempt.hold > 5 * Decimal("0.01")


def test_tools_whose_fees_no_usage_object_counts_are_named_in_the_row(world: ChatWorld, caller: httpx.Client) -> None:
    found = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["q"]}
    usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    answers(world, "openai", json.dumps(response(output=[found], usage=usage)))
    asks(caller, model=REASONING, tools=[{"type": "file_search", "vector_store_ids": ["vs_1"]}])
    assert "file_search_calls" in str(world.rows()[0].settlement.reason)


def test_a_search_that_has_no_price_is_left_out_with_a_warning(world: ChatWorld, caller: httpx.Client) -> None:
    answer = asks(caller, model="openai/gpt-4o", tools=[{"type": "web_search"}])
    assert (answer.status_code, answer.headers["x-llm-warnings"]) == (200, "left out: tools.web_search")
    assert world.stand_in.calls[-1].path == "chat/completions"


def test_thoughts_of_other_providers_models_do_not_go_to_openai(world: ChatWorld, caller: httpx.Client) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "atom-llm.1.eyJ0Ijp7fX0="}
    ours = {**thought, "encrypted_content": "atom-llm.1.eyJyZWFzb25pbmdfY29udGVudCI6ICJIbSJ9"}
    asked = {"role": "user", "content": "?"}
    answer = asks(caller, model=REASONING, input=[asked, ours, {"role": "assistant", "content": "Yes"}, asked])
    assert answer.status_code == 200, answer.text
    assert [each.get("type") for each in sent(world)["input"]] == [None, None, None]


@pytest.mark.parametrize("as_response", [False, True])
def test_a_stream_that_breaks_after_its_first_content_ends_as_a_response_that_failed(
    world: ChatWorld, caller: httpx.Client, as_response: bool
) -> None:
    world.stand_in.fault("error_event", provider="openai", after=3, as_response=as_response)
    told = events(asks(caller, stream=True).text)
    failed = told[-1]["response"]
    assert (told[-1]["type"], failed["status"], failed["error"]["code"]) == (
        "response.failed",
        "failed",
        "server_error",
    )
    assert failed["id"] == told[0]["response"]["id"]
    assert world.rows()[-1].settlement.cost > 0


@pytest.mark.parametrize(
    ("fault", "more"), [("cut", {}), ("error_event", {}), ("error_event", {"as_response": True}), ("status", {})]
)
def test_one_that_breaks_before_it_is_replaced_unseen(
    world: ChatWorld, caller: httpx.Client, fault: str, more: dict[str, Any]
) -> None:
    world.stand_in.fault(fault, provider="openai", after=0, **more)
    told = events(asks(caller, stream=True, model=f"{OPENAI},{ANTHROPIC}").text)
    assert (told[-1]["type"], told[-1]["response"]["model"]) == ("response.completed", ANTHROPIC)
    assert told[0]["response"]["id"] == told[-1]["response"]["id"]


def test_a_response_that_failed_is_no_answer(world: ChatWorld, caller: httpx.Client) -> None:
    failed = response(status="failed", error={"code": "server_error", "message": "The model failed"})
    answers(world, "openai", json.dumps(failed))
    assert asks(caller).status_code == 502


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_that_the_provider_repeats_reaches_nobody(world: ChatWorld, caller: httpx.Client, stream: bool) -> None:
    key = "sk-stand-in-openai"
    delta = {"type": "response.output_text.delta", "delta": f"your key: {key}"}
    ended = {"type": "response.completed", "response": response()}
    body = stream_of(delta, ended) if stream else json.dumps(response(instructions=key))
    answers(world, "openai", body, streams=stream)
    answer = asks(caller, stream=stream)
    assert (answer.status_code, key in answer.text) == (200, False)


def test_a_prompt_is_counted_by_openai_itself(world: ChatWorld, client: openai.OpenAI) -> None:
    raw = client.responses.input_tokens.with_raw_response.count(model=OPENAI, input="Say hello")
    assert (raw.parse().input_tokens, raw.headers["x-llm-token-count"]) == (len('"Say hello"'), "provider")
    assert world.rows() == []


def test_a_request_for_a_websocket_is_answered_at_once(world: ChatWorld, caller: httpx.Client) -> None:
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    wanted = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": key}
    answer = caller.get("/responses", headers=wanted, timeout=5)
    assert (answer.status_code, "POST" in answer.json()["error"]["message"]) == (404, True)
