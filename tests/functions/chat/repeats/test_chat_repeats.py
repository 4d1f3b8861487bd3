"""Calls that a client repeats by itself: carried out and billed once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from functions.chat.idempotency import REPLAYED
from functions.chat.repeats import MARKED_KEPT_FOR, RETRY_COUNT, SESSION_KEPT_FOR
from testing.chat_world import OPENAI, ChatWorld, asking, served
from testing.fakes.runtime import IdempotencyInMemory
from testing.stand_in.server import StandIn

SLOW_MS = 450  # so that a call is noted before it ends
PATIENCE_S = 8.0
FIRST, AGAIN = {RETRY_COUNT: "0"}, {RETRY_COUNT: "1"}
SESSION = {"session-id": "s-1", "x-client-request-id": "s-1"}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        served_world.provider_key("openai")
        stand_in.fault("slow", ms=SLOW_MS)
        yield served_world


def asks(caller: httpx.Client, headers: dict[str, str], **more: Any) -> httpx.Response:
    return caller.post("/chat/completions", json=asking(OPENAI, **more), headers=headers)


def calls(world: ChatWorld) -> tuple[int, int]:
    """Return how many calls the provider had, and how many rows the ledger."""
    return len(world.stand_in.seen()), len(world.rows())


def noted(world: ChatWorld) -> None:
    """Wait until a call under way is noted."""
    store, until = world.ports.idempotency, time.monotonic() + PATIENCE_S
    assert isinstance(store, IdempotencyInMemory)
    while not store.records:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_repeat_of_a_call_that_still_runs_waits_for_its_answer(
    world: ChatWorld, caller: httpx.Client, is_stream: bool
) -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(asks, caller, FIRST, stream=is_stream)
        noted(world)
        again = asks(caller, AGAIN, stream=is_stream)
    assert (again.status_code, again.headers[REPLAYED]) == (200, "true")
    assert again.content == first.result().content
    assert calls(world) == (1, 1)


def test_a_repeat_of_a_call_that_just_ended_gets_its_answer_and_a_later_one_another(
    world: ChatWorld, caller: httpx.Client
) -> None:
    first, again = asks(caller, FIRST), asks(caller, AGAIN)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert again.headers["x-llm-call-id"] == first.headers["x-llm-call-id"]
    assert calls(world) == (1, 1)
    world.clock.now += MARKED_KEPT_FOR
    assert REPLAYED not in asks(caller, AGAIN).headers
    assert calls(world) == (2, 2)


@pytest.mark.parametrize("headers", [{}, FIRST, {"x-client-request-id": "the-same"}])
def test_the_same_words_without_a_mark_are_another_call(
    world: ChatWorld, caller: httpx.Client, headers: dict[str, str]
) -> None:
    for _ in range(2):
        assert REPLAYED not in asks(caller, headers).headers
    assert calls(world) == (2, 2)


def test_other_words_and_another_service_key_are_another_call(world: ChatWorld, caller: httpx.Client) -> None:
    asks(caller, FIRST)
    assert REPLAYED not in asks(caller, AGAIN, temperature=0.5).headers
    with world.client() as other:
        assert REPLAYED not in asks(other, AGAIN).headers
    assert calls(world) == (3, 3)


def test_an_agents_session_says_nothing_twice_within_seconds(world: ChatWorld, caller: httpx.Client) -> None:
    first, again = asks(caller, SESSION), asks(caller, SESSION)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert calls(world) == (1, 1)
    world.clock.now += SESSION_KEPT_FOR
    asks(caller, SESSION)
    assert calls(world) == (2, 2)


@pytest.mark.parametrize("headers", [FIRST, SESSION])
def test_what_failed_is_carried_out_again(world: ChatWorld, caller: httpx.Client, headers: dict[str, str]) -> None:
    world.stand_in.behave()
    world.stand_in.fault("status", status=503, times=2)
    assert asks(caller, headers).status_code == 503
    assert asks(caller, {**headers, **AGAIN}).status_code == 200


def test_a_stream_that_broke_is_carried_out_again(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.behave()
    world.stand_in.fault("cut", times=1, after=3)
    assert "[DONE]" not in asks(caller, SESSION, stream=True).text
    assert asks(caller, SESSION, stream=True).text.endswith("data: [DONE]\n\n")


def test_a_store_that_is_down_keeps_nobody_from_an_answer(
    world: ChatWorld, caller: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_down(*_: object, **__: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(world.ports.idempotency, "begin", is_down)
    assert [asks(caller, headers).status_code for headers in (FIRST, AGAIN, SESSION)] == [200, 200, 200]
    assert calls(world) == (3, 3)


def test_a_call_that_ends_at_once_is_not_noted(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.behave()
    assert asks(caller, FIRST).status_code == 200
    store = world.ports.idempotency
    assert isinstance(store, IdempotencyInMemory)
    assert store.records == {}
