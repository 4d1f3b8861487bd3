"""What is charged of answers that nobody can use, and how long a dead process's hold stands."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.calls.possible_usage import MOST_PIECES
from atom_llm.domain.ledger.rows import MAX_AMOUNT
from atom_llm.domain.ledger.sweep import LONGEST_CALL
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.unknown_counters import unknown_counters
from atom_llm.services.calls.attempts import MARGIN
from atom_llm.services.catalogue.own_prices import WantedPrice
from testing.audit import SOMEBODY
from testing.chat_world import ANTHROPIC, LIMITS, OPENAI, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        served_world.provider_key("openai")
        yield served_world


def asks(caller: httpx.Client, **more: Any) -> httpx.Response:
    return caller.post("/chat/completions", json=asking(OPENAI, **more))


def answer(choices: object, produced: int) -> str:
    usage = {"prompt_tokens": 25, "completion_tokens": produced, "total_tokens": 25 + produced}
    return json.dumps({"id": "1", "object": "chat.completion", "model": "m", "choices": choices, "usage": usage})


SAID = [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]


@pytest.mark.parametrize("choices", [[], [{"index": 0}], None])
def test_an_answer_that_counts_its_usage_and_cannot_be_used_is_charged_by_its_count(
    world: ChatWorld, caller: httpx.Client, choices: object
) -> None:
    world.stand_in.fault("body", body=answer(choices, 20))
    failed = asks(caller)
    assert failed.status_code == 502
    assert {row.settlement.cost for row in world.rows()} == {Decimal("0.00001575")}  # 25 × 0.15 $/M and 20 × 0.60 $/M
    assert Decimal(failed.headers["x-llm-cost-usd"]) == sum(row.settlement.cost for row in world.rows())


def test_what_a_call_cost_is_all_that_its_attempts_were_charged(world: ChatWorld, caller: httpx.Client) -> None:
    world.provider_key("anthropic")
    world.stand_in.fault("body", provider="openai", body=answer([], 20))
    answered = caller.post("/chat/completions", json=asking(f"{OPENAI},{ANTHROPIC}"))
    assert answered.headers["x-llm-model"] == ANTHROPIC
    costs = [row.settlement.cost for row in world.rows()]
    assert len(costs) > 1
    assert min(costs) > 0
    assert Decimal(answered.headers["x-llm-cost-usd"]) == sum(costs)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_what_failed_attempts_were_charged_counts_in_the_callers_limit(
    world: ChatWorld, caller: httpx.Client, is_stream: bool
) -> None:
    asked = asking(OPENAI, stream=is_stream, max_tokens=100)
    told = caller.post("/chat/completions", json=asked, headers={"x-llm-max-cost-usd": "0.0000001"})
    held = Decimal(told.json()["error"]["message"].partition("up to ")[2].partition(" USD")[0])
    body, kind = (answer([], 20), "application/json")
    if is_stream:
        body, kind = f"data: {json.dumps(FAILED)}\n\n", "text/event-stream"
    world.stand_in.fault("body", body=body, content_type=kind)
    charged, tries = Decimal("0.00001575"), []
    for most in (held, held + charged, held + 2 * charged):
        before = len(world.rows())
        failed = caller.post("/chat/completions", json=asked, headers={"x-llm-max-cost-usd": str(most)})
        assert is_stream or failed.status_code == 502
        tries.append([row.settlement.cost for row in world.rows()[before:]])
    assert tries == [[charged], [charged] * 2, [charged] * 2]  # and then no more are tried


@pytest.mark.parametrize("fault", ["silence", "stall", "drip"])
def test_a_whole_call_that_is_given_up_is_charged_as_it_was_expected_to_be(
    world: ChatWorld, caller: httpx.Client, fault: str
) -> None:
    world.stand_in.fault(fault)
    assert asks(caller).status_code == 504
    [row] = world.rows()
    assert row.settlement.cost == row.attempt.estimate > 0
    assert "estimated" in str(row.settlement.reason)


USAGE = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
FAILED = {"error": {"message": "The server had an error", "type": "server_error"}, "usage": USAGE}


def test_an_error_in_a_success_is_charged_for_the_usage_that_it_carries(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("body", body=json.dumps(FAILED))
    assert asks(caller).status_code >= 500
    assert {row.settlement.cost for row in world.rows()} == {Decimal("0.00001575")}


def test_an_error_in_a_stream_is_charged_for_the_usage_that_it_carries(world: ChatWorld, caller: httpx.Client) -> None:
    events = f"data: {json.dumps(FAILED)}\n\n"
    world.stand_in.fault("body", body=events, content_type="text/event-stream")
    stream(caller, OPENAI)
    assert {row.settlement.cost for row in world.rows()} == {Decimal("0.00001575")}


def test_an_error_in_a_success_without_usage_is_not_charged(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("error_200")
    failed = asks(caller)
    assert failed.status_code >= 500
    assert {row.settlement.cost for row in world.rows()} == {Decimal(0)}
    assert "x-llm-cost-usd" not in failed.headers


def test_a_call_that_nobody_can_have_seen_is_not_charged(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("reset")
    assert asks(caller).status_code == 502
    assert {row.settlement.cost for row in world.rows()} == {Decimal(0)}


def test_an_absurd_count_is_bounded_kept_raw_marked_and_told_to_operators(
    world: ChatWorld, caller: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    world.budget("10")
    world.stand_in.fault("body", body=answer(SAID, 10**12), times=1)
    assert asks(caller, max_tokens=100).status_code == 200
    [row] = world.rows()
    assert 0 < row.settlement.cost < Decimal("0.1")
    assert "bounded" in str(row.settlement.reason)
    assert row.settlement.raw_usage is not None
    assert row.settlement.raw_usage["completion_tokens"] == 10**12
    assert "UsageBeyondBounds" in capsys.readouterr().out
    assert asks(caller).status_code == 200


def an_answer_with_searches(searches: int) -> str:
    told = {"input_tokens": 25, "output_tokens": 20, "server_tool_use": {"web_search_requests": searches}}
    said = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello"}]}
    return json.dumps({"id": "msg_1", "model": "m", "stop_reason": "end_turn", "usage": told, **said})


def test_more_searches_than_any_call_makes_are_bounded_and_the_row_is_written(
    world: ChatWorld, caller: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    world.provider_key("anthropic")
    world.budget("10")
    world.stand_in.fault("body", body=an_answer_with_searches(10**12), times=1)
    answered = caller.post("/chat/completions", json=asking(ANTHROPIC))
    [row] = world.rows()
    assert (answered.status_code, world.open_attempts()) == (200, 0)
    assert row.settlement.usage[Unit.WEB_SEARCHES] == MOST_PIECES
    assert "bounded" in str(row.settlement.reason)
    assert "UsageBeyondBounds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "heard"), [("192153584141.16", 4_000), ("4000", 4_000), ("4000.5", 4_000), ("3999.5", "3999.5")]
)
def test_a_recording_is_no_longer_than_a_second_a_byte(
    world: ChatWorld, caller: httpx.Client, told: str, heard: object
) -> None:
    world.stand_in.fault("body", body=f'{{"text": "Hello", "duration": {told}}}', times=1)
    recording = {"file": ("a.opus", b"x" * 4_000)}
    assert caller.post("/audio/transcriptions", data={"model": "whisper-1"}, files=recording).status_code == 200
    [row] = world.rows()
    assert row.settlement.usage == {Unit.AUDIO_SECONDS: Decimal(str(heard))}
    assert ("bounded" in str(row.settlement.reason)) is (Decimal(told) > 4_000)


@pytest.mark.parametrize(("told", "spoken"), [(10**12, 10), (10, 10), (11, 10), (7, 7)])
def test_a_character_that_is_spoken_is_billed_as_two_at_most(
    world: ChatWorld, caller: httpx.Client, told: int, spoken: int
) -> None:
    world.provider_key("minimax")
    body = json.dumps({"data": {"audio": "00ff"}, "extra_info": {"usage_characters": told}})
    world.stand_in.fault("body", body=body, times=1)
    asked = {"model": "minimax/speech-02-turbo", "input": "hello", "voice": "Wise_Woman"}
    assert caller.post("/audio/speech", json=asked).status_code == 200
    assert world.rows()[0].settlement.usage == {Unit.CHARACTERS: spoken}


def test_a_model_whose_worst_case_no_ledger_has_room_for_is_refused_before_it_is_called(
    world: ChatWorld, caller: httpx.Client
) -> None:
    rates = {"output_cost_per_token": "1000000"}
    world.container.catalogue.own_price_setter.set(WantedPrice(OPENAI, rates=rates), SOMEBODY, confirmed=True)
    refused = asks(caller, max_tokens=1_001)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "max_cost_exceeded")
    assert world.stand_in.calls == []
    world.stand_in.fault("body", body=answer(SAID, 16_384), times=1)
    assert asks(caller, max_tokens=900).status_code == 200
    [row] = world.rows()
    assert (row.settlement.cost, world.open_attempts()) == (MAX_AMOUNT, 0)
    assert "the most that an attempt can cost" in str(row.settlement.reason)


@pytest.mark.parametrize("form", ["whole", "stream", "stream that broke"])
def test_an_answer_that_nobody_counts_is_charged_for_no_more_tokens_than_were_allowed(
    world: ChatWorld, caller: httpx.Client, form: str
) -> None:
    text = "It is so. " * 40
    if form == "whole":
        uncounted = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
        world.stand_in.fault("body", body=json.dumps(uncounted))
        asks(caller, max_tokens=9)
    else:
        ended = None if form == "stream that broke" else "stop"
        chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": ended}]})
        world.stand_in.fault("body", body=f"data: {chunk}\n\n", content_type="text/event-stream")
        stream(caller, OPENAI, max_tokens=9)
    ended_rows = [row.settlement for row in world.rows()]
    assert ended_rows
    assert {settled.usage[Unit.OUTPUT] for settled in ended_rows} == {9}
    assert all(row.settlement.cost <= row.attempt.hold for row in world.rows())


def test_a_stream_that_broke_is_marked_as_bounded_too(
    world: ChatWorld, caller: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = {"prompt_tokens": 25, "completion_tokens": 10**12, "total_tokens": 10**12 + 25}
    chunk = {"choices": [{"index": 0, "delta": {"content": "Hello"}}], "usage": usage}
    events = f"data: {json.dumps(chunk)}\n\n"
    world.stand_in.fault("body", body=events, content_type="text/event-stream")
    stream(caller, OPENAI)
    reasons = str([row.settlement.reason for row in world.rows()])
    assert "not counted to its end" in reasons
    assert "bounded" in reasons
    assert "UsageBeyondBounds" in capsys.readouterr().out


@pytest.mark.parametrize("padding", [0, 3_000], ids=["a usual object", "one that is too long for a row"])
def test_a_counter_that_nobody_knows_is_kept_raw_marked_and_told_to_operators(
    world: ChatWorld, caller: httpx.Client, capsys: pytest.CaptureFixture[str], padding: int
) -> None:
    body = json.loads(answer(SAID, 20))
    body["usage"] |= {"prompt_tokens_details": {"cached_tokens": 0, "hologram_tokens": 7, "said": "x" * padding}}
    world.stand_in.fault("body", body=json.dumps(body), times=1)
    assert asks(caller).status_code == 200
    [row] = world.rows()
    assert row.settlement.cost == Decimal("0.00001575")
    assert "prompt_tokens_details.hologram_tokens" in str(row.settlement.reason)
    assert unknown_counters(row.settlement.raw_usage or {}) == {"prompt_tokens_details.hologram_tokens": 7}
    assert "UnknownUsageCounters" in capsys.readouterr().out
    asks(caller)
    assert (world.rows()[-1].settlement.reason, "UnknownUsageCounters" in capsys.readouterr().out) == (None, False)


def test_more_than_the_request_allowed_that_the_model_can_say_is_charged_as_it_is(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("body", body=answer(SAID, 16_384))  # the model's own limit
    asks(caller, max_tokens=100)
    [row] = world.rows()
    assert row.settlement.reason is None
    assert row.settlement.cost == Decimal("0.00983415")


def test_the_hold_of_a_whole_call_stands_as_long_as_the_call_may_live_and_a_streams_as_long_as_a_process(
    world: ChatWorld, caller: httpx.Client
) -> None:
    asks(caller)
    stream(caller, OPENAI)
    lives = [row.attempt.deadline - row.attempt.opened_at for row in world.rows()]
    assert lives == [timedelta(seconds=LIMITS.deadline_s) + MARGIN, LONGEST_CALL]


def test_every_attempt_names_the_process_that_made_it_and_short_calls_cost_no_word_of_its_life(
    world: ChatWorld, caller: httpx.Client
) -> None:
    asks(caller)
    stream(caller, OPENAI)
    [maker] = {row.attempt.maker for row in world.rows()}
    assert maker
    assert world.money.ledger.known_to_live([maker]) == {}
