"""Every line of docs/routing.md, "Failure", seen from both sides: what the caller got, and what the provider saw."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.provider_keys import KeyStatus
from testing.chat_world import ANTHROPIC, HELLO, OPENAI, OURS, ChatWorld, Streamed, asking, served, stream
from testing.fakes.service_keys import NOON
from testing.stand_in.said import WORD
from testing.stand_in.server import StandIn

CHAIN = f"{OPENAI},{ANTHROPIC}"
WHOLE_TEXT = WORD * 20


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


class Outcome:
    """The outcome for a caller, streamed or not."""

    def __init__(self, answer: httpx.Response | Streamed) -> None:
        if isinstance(answer, Streamed):
            self.status, self.headers = answer.status, answer.headers
            self.text, self.is_whole, self.error = answer.text, answer.is_done, answer.error or {}
        else:
            self.status, self.headers = answer.status_code, dict(answer.headers)
            body = answer.json()
            self.text = body["choices"][0]["message"]["content"] if "choices" in body else ""
            self.is_whole, self.error = "choices" in body, body.get("error", {})


def whole(caller: httpx.Client, model: str, **more: Any) -> Outcome:
    return Outcome(caller.post("/chat/completions", json=asking(model), **more))


def streamed(caller: httpx.Client, model: str, **more: Any) -> Outcome:
    body = asking(model, stream=True)
    with caller.stream("POST", "/chat/completions", json=body, **more) as answer:
        if answer.headers["content-type"].startswith("application/json"):
            answer.read()
            return Outcome(answer)
        return Outcome(Streamed(answer))


Ask = Callable[..., Outcome]
both_ways = pytest.mark.parametrize("ask", [whole, streamed], ids=["whole", "streamed"])


def attempts(world: ChatWorld) -> list[tuple[str, str, str]]:
    """Each ledger row: label, model, status."""
    return [(row.attempt.label, row.attempt.model, str(row.settlement.status)) for row in world.rows()]


def asked(world: ChatWorld) -> list[str]:
    """Return the providers that were asked, in order."""
    return [call.provider for call in world.stand_in.calls]


def answered_by(outcome: Outcome, model: str) -> None:
    assert (outcome.status, outcome.text, outcome.is_whole) == (200, WHOLE_TEXT, True), outcome.error
    assert outcome.headers["x-llm-model"] == model


# About the request


@both_ways
@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_one_provider_refuses_is_offered_once_to_the_next_provider(
    world: ChatWorld, caller: httpx.Client, ask: Ask, status: int
) -> None:
    world.stand_in.fault("status", provider="openai", status=status)
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]


@both_ways
@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_every_provider_refuses_is_asked_of_each_once(
    world: ChatWorld, caller: httpx.Client, ask: Ask, status: int
) -> None:
    world.stand_in.fault("status", provider="openai", status=status)
    outcome = ask(caller, OPENAI)
    assert (outcome.status, outcome.error["code"]) == (400, "provider_refused")
    assert "Invalid value" in outcome.error["message"]
    assert asked(world) == ["openai"]
    assert attempts(world) == [("1", OPENAI, "failed")]


@pytest.mark.parametrize(
    ("field", "value"), [("stop", ""), ("stop", ["END", " "]), ("n", 2), ("logprobs", True), ("functions", [{}])]
)
def test_the_field_that_asks_for_what_a_provider_cannot_give_is_named(
    world: ChatWorld, caller: httpx.Client, field: str, value: object
) -> None:
    refused = caller.post("/chat/completions", json=asking(ANTHROPIC, **{field: value}))
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, field)
    assert asked(world) == []


@both_ways
def test_a_model_that_the_provider_does_not_serve_is_not_asked_again(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("status", provider="openai", status=404)
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]
    world.stand_in.calls.clear()
    assert ask(caller, OPENAI).status == 404
    assert asked(world) == ["openai"]


@both_ways
def test_a_prompt_that_is_too_long_goes_to_a_larger_window(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("context_length", provider="openai")
    answered_by(ask(caller, CHAIN), ANTHROPIC)  # 128,000 tokens against 200,000
    assert asked(world) == ["openai", "anthropic"]


@both_ways
def test_a_prompt_that_is_too_long_does_not_go_to_a_smaller_window(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("context_length", provider="anthropic")
    outcome = ask(caller, f"{ANTHROPIC},{OPENAI}")
    assert (outcome.status, outcome.error["code"]) == (400, "context_length_exceeded")
    assert asked(world) == ["anthropic"]


@both_ways
def test_a_refusal_by_a_content_filter_is_passed_on_with_its_reason(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("content_filter", provider="openai")
    outcome = ask(caller, CHAIN)
    assert (outcome.status, outcome.error["code"]) == (400, "content_filter")
    assert "refused by the content filter" in outcome.error["message"]
    assert asked(world) == ["openai"]


# About the key


@both_ways
@pytest.mark.parametrize(
    ("fault", "status"), [("invalid_key", KeyStatus.INVALID), ("out_of_credit", KeyStatus.OUT_OF_CREDIT)]
)
def test_a_bad_key_is_marked_and_the_tenants_next_key_serves(
    world: ChatWorld, caller: httpx.Client, ask: Ask, fault: str, status: KeyStatus
) -> None:
    first, second = "sk-stand-in-openai", "sk-the-second-one"
    world.provider_key("openai", second)
    world.stand_in.fault(fault, key=first)
    answered_by(ask(caller, CHAIN), OPENAI)
    assert [call.key for call in world.stand_in.calls] == [first, second]
    listed = {key.last4: (key.status, key.status_reason) for key in world.provider_keys.of(OURS)[0]}
    assert listed["enai"][0] is status
    assert "a call was answered with" in (listed["enai"][1] or "")
    world.stand_in.calls.clear()
    answered_by(ask(caller, CHAIN), OPENAI)
    assert [call.key for call in world.stand_in.calls] == [second]


@both_ways
@pytest.mark.parametrize("fault", ["invalid_key", "out_of_credit"])
def test_without_another_key_the_next_candidate_serves(
    world: ChatWorld, caller: httpx.Client, ask: Ask, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai")
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]


@both_ways
def test_where_no_key_is_left_the_caller_hears_it_and_not_as_a_failure_of_its_own_key(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("invalid_key", provider="openai")
    outcome = ask(caller, OPENAI)
    assert (outcome.status, outcome.error["code"]) == (402, "no_usable_key")
    assert asked(world) == ["openai"]


# About the provider


@both_ways
@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 529])
def test_a_transient_failure_is_retried_once_and_then_the_next_candidate_serves(
    world: ChatWorld, caller: httpx.Client, ask: Ask, status: int
) -> None:
    world.stand_in.fault("status", provider="openai", status=status)
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "openai", "anthropic"]
    assert attempts(world) == [("1", OPENAI, "failed"), ("2", OPENAI, "failed"), ("3", ANTHROPIC, "succeeded")]


@both_ways
def test_one_retry_is_enough_where_the_failure_passes(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("status", provider="openai", status=500, times=1)
    outcome = ask(caller, OPENAI)
    answered_by(outcome, OPENAI)
    assert outcome.headers["x-llm-attempts"] == "2"


@both_ways
def test_a_reset_connection_is_a_transient_failure(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("reset", provider="openai")
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "openai", "anthropic"]


@both_ways
def test_a_provider_that_cannot_be_reached_is_one(stand_in: StandIn, ask: Ask) -> None:
    stand_in.behave()
    world = ChatWorld(stand_in)
    dead = {**stand_in.addresses(), "openai": "http://127.0.0.1:9/v1"}
    world.container.ports.gateway._addresses = OtherAddresses(dead)  # type: ignore[attr-defined]
    with served(world), world.client() as caller:
        for provider in ("openai", "anthropic"):
            world.provider_key(provider)
        answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert [row[1] for row in attempts(world)] == [OPENAI, OPENAI, ANTHROPIC]


@both_ways
@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "30"},
        {"retry-after": format_datetime(NOON + timedelta(minutes=1), usegmt=True)},
        {"retry-after-ms": "30000"},
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s"},
        {},
    ],
    ids=["seconds", "date", "milliseconds", "reset header", "nothing"],
)
def test_a_rate_limit_sends_the_call_to_the_next_candidate_at_once(
    world: ChatWorld, caller: httpx.Client, ask: Ask, headers: dict[str, str]
) -> None:
    world.stand_in.fault("status", provider="openai", status=429, headers=headers)
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]


@both_ways
def test_a_rate_limit_is_waited_for_where_nothing_else_can_serve(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("status", provider="openai", status=429, headers={"retry-after-ms": "300"}, times=1)
    answered_by(ask(caller, OPENAI), OPENAI)
    first, second = world.stand_in.calls
    assert second.at - first.at >= 0.3


@both_ways
def test_a_rate_limit_beyond_the_deadline_is_the_callers_to_wait_for(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("status", provider="openai", status=429, headers={"retry-after": "30"})
    outcome = ask(caller, OPENAI)
    assert (outcome.status, outcome.headers["retry-after"]) == (429, "30")
    assert asked(world) == ["openai"]


@both_ways
@pytest.mark.parametrize("fault", ["silence", "headers_only"])
def test_a_silent_route_is_left_for_the_next_candidate_and_not_asked_twice(
    world: ChatWorld, caller: httpx.Client, ask: Ask, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai")
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]


def test_no_first_token_within_the_limit_is_silence(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("slow_first_token", provider="openai", ms=3_000)
    answered_by(streamed(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "anthropic"]


@both_ways
def test_everything_ends_within_the_deadline(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("silence")
    outcome = ask(caller, CHAIN, headers={"x-llm-timeout-ms": "1000"})
    assert outcome.status == 504
    assert outcome.headers["x-llm-attempts"] in ("1", "2")


# Answers that are none


@both_ways
@pytest.mark.parametrize("fault", ["html", "empty", "error_200"])
def test_a_200_that_is_no_answer_is_a_failed_attempt(
    world: ChatWorld, caller: httpx.Client, ask: Ask, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai")
    answered_by(ask(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "openai", "anthropic"]


@pytest.mark.parametrize("fault", ["truncated", "malformed", "cut", "huge"])
def test_a_whole_answer_that_cannot_be_read_is_a_failed_attempt(
    world: ChatWorld, caller: httpx.Client, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai")
    answered_by(whole(caller, CHAIN), ANTHROPIC)
    assert asked(world) == ["openai", "openai", "anthropic"]


@pytest.mark.parametrize(
    ("fault", "is_charged"), [("cut", True), ("truncated", True), ("empty", False), ("html", False)]
)
def test_a_whole_answer_that_broke_off_is_charged_as_expected_for_its_provider_has_made_it(
    world: ChatWorld, caller: httpx.Client, fault: str, is_charged: bool
) -> None:
    world.stand_in.fault(fault, provider="openai")
    assert whole(caller, OPENAI).status == 502
    rows = world.rows()
    assert {bool(row.settlement.cost) for row in rows} == {is_charged}
    assert all(row.settlement.cost <= row.attempt.estimate for row in rows)


def test_a_redirect_is_not_followed(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("redirect", provider="openai")
    outcome = whole(caller, OPENAI)
    assert outcome.status in (400, 502)
    assert {call.provider for call in world.stand_in.calls} == {"openai"}
    assert all(call.fault == "redirect" for call in world.stand_in.calls)


@both_ways
def test_a_packed_answer_is_understood(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("gzip", provider="openai")
    answered_by(ask(caller, OPENAI), OPENAI)


def test_an_answer_in_small_pieces_is_put_together(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("split", provider="openai")
    answered_by(whole(caller, OPENAI), OPENAI)


# Streams


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("line_end", ["lf", "crlf", "cr"])
def test_a_stream_may_be_cut_into_pieces_anywhere(
    world: ChatWorld, caller: httpx.Client, model: str, line_end: str
) -> None:
    world.stand_in.fault("split", line_end=line_end, size=5)
    answered_by(streamed(caller, model), model)


@pytest.mark.parametrize("fault", ["cut", "end", "stall", "error_event"])
def test_a_stream_that_breaks_before_any_content_is_replaced_invisibly(
    world: ChatWorld, caller: httpx.Client, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai", after=0)
    outcome = streamed(caller, CHAIN)
    answered_by(outcome, ANTHROPIC)
    assert asked(world)[-1] == "anthropic"


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("fault", ["cut", "end", "stall", "error_event"])
def test_a_stream_that_breaks_after_content_ends_with_an_error_and_never_looks_whole(
    world: ChatWorld, caller: httpx.Client, model: str, fault: str
) -> None:
    world.stand_in.fault(fault, after=3)
    outcome = streamed(caller, f"{model},{OPENAI},{ANTHROPIC}")
    assert (outcome.status, outcome.text, outcome.is_whole) == (200, WORD * 3, False)
    assert outcome.error["code"] in ("upstream_failed", "upstream_unavailable")
    assert len(world.stand_in.calls) == 1
    [row] = world.rows()
    assert row.settlement.status is AttemptStatus.FAILED
    assert row.settlement.cost > 0  # what came was charged
    assert world.open_attempts() == 0


@pytest.mark.parametrize("fault", ["cut", "end", "stall", "error_event"])
def test_a_caller_may_have_a_stream_held_back_until_it_is_whole(
    world: ChatWorld, caller: httpx.Client, fault: str
) -> None:
    world.stand_in.fault(fault, provider="openai", after=3)
    answered_by(streamed(caller, CHAIN, headers={"x-llm-stream-guard": "buffer"}), ANTHROPIC)
    assert asked(world)[-1] == "anthropic"


def test_a_malformed_chunk_is_skipped_if_the_rest_is_whole(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("malformed", provider="openai", after=3)
    outcome = streamed(caller, OPENAI)
    assert (outcome.text, outcome.is_whole) == (WORD * 19, True)


def test_a_stream_of_nothing_but_malformed_chunks_is_a_cut(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("garbage", provider="openai")
    answered_by(streamed(caller, CHAIN), ANTHROPIC)


def test_nothing_waits_for_the_sentinel(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("no_done", provider="openai")
    answered_by(streamed(caller, OPENAI), OPENAI)
    [row] = world.rows()
    assert row.settlement.status is AttemptStatus.SUCCEEDED


@both_ways
def test_an_answer_whose_usage_nobody_tells_is_charged_by_an_estimate_that_says_so(
    world: ChatWorld, caller: httpx.Client, ask: Ask
) -> None:
    world.stand_in.fault("no_usage", provider="openai")
    answered_by(ask(caller, OPENAI), OPENAI)
    [row] = world.rows()
    assert (row.settlement.status, row.settlement.cost > 0) == (AttemptStatus.SUCCEEDED, True)
    assert "estimated" in (row.settlement.reason or "")


@both_ways
def test_a_filtered_finish_is_told_as_one(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("filtered_finish", provider="openai")
    answered_by(ask(caller, OPENAI), OPENAI)


# Bounds


@both_ways
def test_no_more_than_three_candidates_and_six_attempts(world: ChatWorld, caller: httpx.Client, ask: Ask) -> None:
    world.stand_in.fault("status", status=503)
    models = f"{OPENAI},{ANTHROPIC},openai/gpt-4o,anthropic/claude-sonnet-4-5"
    outcome = ask(caller, models)
    assert (outcome.status, outcome.headers["x-llm-attempts"]) == (503, "6")
    assert [call.model for call in world.stand_in.calls] == [
        *("gpt-4o-mini", "gpt-4o-mini", "claude-haiku-4-5", "claude-haiku-4-5", "gpt-4o", "gpt-4o")
    ]
    assert len(world.rows()) == 6
    assert world.open_attempts() == 0


def test_the_process_stays_well_after_every_fault(world: ChatWorld, caller: httpx.Client) -> None:
    for fault in ("reset", "cut", "html", "garbage", "end", "empty", "error_event", "huge"):
        world.stand_in.fault(fault, provider="openai", times=2)
        streamed(caller, OPENAI)
        whole(caller, OPENAI)
    world.stand_in.behave()
    world.circuits.stored.clear()
    answered_by(whole(caller, ANTHROPIC), ANTHROPIC)
    assert HELLO[0]["role"] == "user"
    assert stream(caller, ANTHROPIC).is_done
    assert world.open_attempts() == 0
