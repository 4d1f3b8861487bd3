"""Streams on their way: callers who leave, callers who read slowly, and what is said while nothing comes."""

import gc
import json
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx
import pytest

from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow
from atom_llm.domain.pricing.units import Unit
from functions.chat import responses as responses
from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld, asking, served, stream
from testing.stand_in.said import WORD
from testing.stand_in.server import StandIn

PATIENCE_S = 5.0


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google", "cohere"):
            served_world.provider_key(provider)
        yield served_world


def settled(world: ChatWorld) -> LedgerRow:
    """The one row that comes of a call whose caller has left."""
    wait_for(lambda: len(world.rows()) == 1 and world.open_attempts() == 0)
    [row] = world.rows()
    return row


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.01)


def leaves_after_a_chunk(caller: httpx.Client, model: str) -> None:
    """A caller who hangs up after the first piece of content."""
    with caller.stream("POST", "/chat/completions", json=asking(model, stream=True)) as answer:
        for line in answer.iter_lines():
            if WORD[:3] in line:
                return


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC, GOOGLE])
def test_a_stream_whose_caller_vanishes_is_read_for_what_it_cost_and_settled_once(
    world: ChatWorld, caller: httpx.Client, model: str
) -> None:
    world.stand_in.fault("slow_chunks", ms=10)  # over 0.2 s in all, within what is still read
    leaves_after_a_chunk(caller, model)
    row = settled(world)
    assert row.settlement.status is AttemptStatus.CANCELLED
    assert {unit.value: int(count) for unit, count in row.settlement.usage.items()} == {"input": 25, "output": 20}
    assert row.settlement.cost > 0
    assert world.rows() == [row]


def test_a_stream_that_goes_on_too_long_after_that_is_closed_and_settled_by_an_estimate(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("slow_chunks", ms=150)  # 3 s in all, of which 0.8 are read
    leaves_after_a_chunk(caller, OPENAI)
    row = settled(world)
    assert row.settlement.status is AttemptStatus.CANCELLED
    assert Decimal(0) < row.settlement.cost < row.attempt.hold
    assert "estimate" in str(row.settlement.reason)
    wait_for(lambda: world.stand_in.calls[0].left_after is not None)
    left_after = world.stand_in.calls[0].left_after
    assert left_after is not None
    assert left_after < 20


def thinks(world: ChatWorld, caller: httpx.Client, tokens: int) -> None:
    """A call whose provider counts so many tokens of thoughts that nobody heard."""
    told = {"prompt_tokens": 25, "completion_tokens": tokens + 20, "total_tokens": tokens + 45}
    usage = told | {"completion_tokens_details": {"reasoning_tokens": tokens}}
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    answer = {"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
    world.stand_in.fault("body", body=json.dumps(answer), times=1)
    assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 200


def test_a_stream_that_is_left_is_charged_for_the_thoughts_that_its_model_usually_has_out_of_sight(
    world: ChatWorld, caller: httpx.Client
) -> None:
    thinks(world, caller, 900)
    world.stand_in.fault("slow_chunks", ms=150)
    for _ in range(2):  # and what was estimated teaches nothing
        leaves_after_a_chunk(caller, OPENAI)
        wait_for(lambda: world.open_attempts() == 0 and world.rows()[-1].settlement.status is AttemptStatus.CANCELLED)
        left = world.rows()[-1].settlement
        assert "estimate" in str(left.reason)
        assert left.usage[Unit.REASONING] == 900
        assert left.cost > Decimal("0.00054")  # 900 × 0.60 $/M


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_for_a_caller_who_left_before_an_answer_no_further_attempt_is_paid(world: ChatWorld, is_stream: bool) -> None:
    body = asking(f"{ANTHROPIC},{OPENAI}", stream=is_stream)
    world.stand_in.fault("silence", provider="anthropic")
    with world.client() as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/chat/completions", json=body, timeout=0.2)
    wait_for(lambda: len(world.rows()) == 1 and world.open_attempts() == 0)
    assert [call.provider for call in world.stand_in.calls] == ["anthropic"]
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.FAILED]


def test_for_a_caller_of_embeddings_who_left_no_further_attempt_is_paid(world: ChatWorld) -> None:
    world.provider_key("mistral")
    world.stand_in.fault("silence", provider="openai")
    body = {"model": "openai/text-embedding-3-small,mistral/mistral-embed", "input": "Hello"}
    with world.client() as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/embeddings", json=body, timeout=0.2)
    wait_for(lambda: len(world.rows()) == 1 and world.open_attempts() == 0)
    assert [call.provider for call in world.stand_in.calls] == ["openai"]


def test_the_budget_is_given_back_what_a_vanished_caller_did_not_use(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("10")
    world.stand_in.fault("slow_chunks", ms=10)
    leaves_after_a_chunk(caller, OPENAI)
    row = settled(world)
    place = (row.attempt.tenant, row.attempt.windows[0])
    wait_for(lambda: not world.money.windows.states([place])[place].held)
    assert world.money.windows.states([place])[place].spent == row.settlement.cost


def test_usage_is_always_asked_for_and_passed_on_only_to_who_wants_it(world: ChatWorld, caller: httpx.Client) -> None:
    silent = stream(caller, OPENAI)
    assert all("usage" not in chunk for chunk in silent.chunks)
    told = stream(caller, OPENAI, stream_options={"include_usage": True})
    assert told.chunks[-1]["usage"]["total_tokens"] == 45
    assert [call.body["stream_options"]["include_usage"] for call in world.stand_in.calls] == [True, True]
    assert [int(sum(row.settlement.usage.values())) for row in world.rows()] == [45, 45]


@pytest.mark.parametrize("fault", ["slow_first_token", "status"])
def test_a_caller_who_waited_hears_the_calls_id_at_once_and_the_rest_as_comments(
    world: ChatWorld, caller: httpx.Client, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(responses, "PING_EVERY_S", 0.05)
    world.stand_in.fault(fault, ms=300, status=500)
    with caller.stream("POST", "/chat/completions", json=asking(OPENAI, stream=True)) as answer:
        lines = list(answer.iter_lines())
    told = dict(line[2:].split(": ", 1) for line in lines if line.startswith(": x-"))
    assert answer.headers["x-llm-call-id"] == told["x-llm-call-id"] == world.rows()[0].attempt.call_id
    assert told["x-llm-attempts"] == ("2" if fault == "status" else "1")
    assert told.get("x-llm-model") == (None if fault == "status" else OPENAI)


def test_a_caller_who_waits_is_sent_comments_until_the_model_speaks(
    world: ChatWorld, caller: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "PING_EVERY_S", 0.1)
    world.stand_in.fault("slow_first_token", ms=500)
    with caller.stream("POST", "/chat/completions", json=asking(OPENAI, stream=True)) as answer:
        lines = [line for line in answer.iter_lines() if line]
    pings = [line for line in lines if line.startswith(":")]
    assert 2 <= len([ping for ping in pings if "waiting" in ping]) <= 6
    assert lines[: len(pings)] == pings
    assert lines[-1] == "data: [DONE]"


def test_an_error_after_the_first_comment_comes_as_an_event(
    world: ChatWorld, caller: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "PING_EVERY_S", 0.1)
    world.stand_in.fault("silence")
    streamed = stream(caller, OPENAI)
    assert (streamed.status, streamed.is_done, streamed.chunks) == (200, False, [])
    assert streamed.error is not None
    assert streamed.error["code"] == "upstream_timeout"


def test_a_caller_who_does_not_read_holds_the_provider_back(world: ChatWorld) -> None:
    world.stand_in.fault("wordy", provider="openai", repeat=20_000)  # 100 MB
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        asks(connection, world, asking(OPENAI, stream=True))
        assert connection.recv(1024)
        sent = _once_nothing_moves(lambda: world.stand_in.calls[0].sent)
    assert 0 < sent < 16 * 1024 * 1024  # what the buffers of the sockets in between hold
    settled(world)


@pytest.mark.parametrize("headers", [{}, {"x-stainless-retry-count": "0"}, {"idempotency-key": "order-4711"}], ids=str)
@pytest.mark.parametrize("path", ["/chat/completions", "/messages"])
def test_a_stream_that_has_begun_keeps_nothing_of_its_prompt(
    world: ChatWorld, path: str, headers: dict[str, str]
) -> None:
    model = ANTHROPIC if path == "/messages" else OPENAI
    large = [{"role": "user", "content": "hello " * 100_000}]
    world.stand_in.fault("slow_chunks", ms=100)
    ours = [tracemalloc.Filter(inclusive=True, filename_pattern=each) for each in ("*/atom_llm/*", "*/starlette/*")]
    with socket.socket() as connection:
        tracemalloc.start()
        try:
            asks(connection, world, asking(model, stream=True, messages=large, max_tokens=100), path, headers)
            came = b""
            while WORD[:3].encode() not in came:
                came += connection.recv(1024)
            gc.collect()
            kept = tracemalloc.take_snapshot().filter_traces(ours)
        finally:
            tracemalloc.stop()
    assert max(each.size for each in kept.traces) < 100_000
    settled(world)


def asks(
    connection: socket.socket,
    world: ChatWorld,
    content: object,
    path: str = "/chat/completions",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Send a request over a connection of one's own."""
    body = json.dumps(content).encode()
    shown = {
        "host": "x",
        "authorization": f"Bearer {world.service_key()}",
        "content-type": "application/json",
        "content-length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in shown.items())
    connection.connect((str(urlsplit(world.url).hostname), int(urlsplit(world.url).port or 0)))
    connection.sendall(f"POST /v1{path} HTTP/1.1\r\n{head}\r\n".encode() + body)


def _once_nothing_moves(figure: Callable[[], int]) -> int:
    """A figure that has not changed for half a second."""
    since, last = time.monotonic(), -1
    until = since + PATIENCE_S
    while time.monotonic() < min(until, since + 0.5):
        now = figure()
        if now != last:
            since, last = time.monotonic(), now
        time.sleep(0.02)
    return last
