"""Idempotency-Key: the same key and body give the same answer once, also under concurrency."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from atom_llm.domain.tenancy.rate_limit import RateLimit
from testing.chat_world import HELLO, OPENAI, THEIRS, ChatWorld, asking, served
from testing.stand_in.server import StandIn

KEY = {"idempotency-key": "order-4711"}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        served_world.provider_key("openai")
        yield served_world


def asks(caller: httpx.Client, headers: dict[str, str] = KEY, **more: object) -> httpx.Response:
    return caller.post("/chat/completions", json=asking(OPENAI, **more), headers=headers)


def test_a_repeat_gets_the_first_answer_and_costs_nothing(world: ChatWorld, caller: httpx.Client) -> None:
    first, second = asks(caller), asks(caller)
    assert (second.status_code, second.content) == (200, first.content)
    assert second.headers["x-llm-call-id"] == first.headers["x-llm-call-id"]
    assert (first.headers.get("x-llm-idempotent-replay"), second.headers["x-llm-idempotent-replay"]) == (None, "true")
    assert (len(world.stand_in.calls), len(world.rows())) == (1, 1)


@pytest.mark.parametrize("path", ["/chat/completions", "/messages", "/responses"])
def test_a_repeat_says_nothing_of_the_rate_limits_that_the_first_met(stand_in: StandIn, path: str) -> None:
    stand_in.behave()
    said = {"input": "hello"} if path == "/responses" else {"messages": HELLO, "max_tokens": 9}
    with served(ChatWorld(stand_in, key_limit=RateLimit(requests=100))) as limited, limited.client() as caller:
        limited.provider_key("openai")
        first, second = (caller.post(path, json={"model": OPENAI, **said}, headers=KEY) for _ in range(2))
    told = [{name for name in each.headers if "ratelimit-" in name} for each in (first, second)]
    assert (bool(told[0]), told[1], second.headers["x-llm-idempotent-replay"]) == (True, set(), "true")


def test_ten_at_once_are_one_call(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("slow", ms=200)
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: asks(caller), range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (len(world.stand_in.calls), len(world.rows())) == (1, 1)


def test_a_stream_is_repeated_as_it_was(world: ChatWorld, caller: httpx.Client) -> None:
    first, second = asks(caller, stream=True), asks(caller, stream=True)
    assert first.text.endswith("data: [DONE]\n\n")
    assert (second.text, second.headers["content-type"]) == (first.text, first.headers["content-type"])
    assert len(world.stand_in.calls) == 1


def test_a_request_that_failed_is_carried_out_again(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("status", status=503, times=2)
    assert (asks(caller).status_code, asks(caller).status_code) == (503, 200)


def test_a_stream_that_broke_is_carried_out_again(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("cut", times=1, after=3)
    assert "[DONE]" not in asks(caller, stream=True).text
    assert asks(caller, stream=True).text.endswith("data: [DONE]\n\n")


def test_another_body_with_the_same_key_is_refused(world: ChatWorld, caller: httpx.Client) -> None:
    assert asks(caller).status_code == 200
    refused = asks(caller, temperature=0)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert len(world.stand_in.calls) == 1


def test_another_tenants_key_of_the_same_name_is_another_key(world: ChatWorld, caller: httpx.Client) -> None:
    world.provider_key("openai", tenant=THEIRS)
    asks(caller)
    with world.client(world.service_key(THEIRS)) as other:
        answer = asks(other)
    assert "x-llm-idempotent-replay" not in answer.headers
    assert (len(world.stand_in.calls), len(world.rows(THEIRS))) == (2, 1)


@pytest.mark.parametrize("key", ["x" * 256, "with\ttab"])
def test_a_key_that_is_none_is_named(caller: httpx.Client, key: str) -> None:
    answer = asks(caller, {"idempotency-key": key})
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "Idempotency-Key")
