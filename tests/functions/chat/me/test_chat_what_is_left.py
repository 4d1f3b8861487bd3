"""What an answer's headers say of budgets and of the run, in each dialect."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.ledger.budgets import WindowRef
from testing.chat_world import HELLO, OPENAI, OURS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn

LEFT, RUN_COST, COST = "x-llm-budget-remaining-usd", "x-llm-run-cost-usd", "x-llm-cost-usd"
OF_RUN = {"x-llm-run-id": "run-1"}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def amount(answer: httpx.Response, name: str) -> Decimal:
    assert answer.status_code == 200, answer.text
    return Decimal(answer.headers[name])


def said(number: int) -> dict[str, Any]:
    return asking(OPENAI, messages=[{"role": "user", "content": f"Say {number}"}])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/completions", asking(OPENAI)),
        ("/responses", {"model": OPENAI, "input": "hello"}),
        ("/messages", {"model": OPENAI, "messages": HELLO, "max_tokens": 5}),
        ("/embeddings", {"model": "text-embedding-3-small", "input": "hello"}),
    ],
    ids=["chat", "responses", "messages", "embeddings"],
)
def test_a_whole_answer_says_what_the_fullest_budget_has_left_and_what_the_run_came_to(
    world: ChatWorld, caller: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    world.budget("5")
    world.budget("2", "provider:openai")
    answer = caller.post(path, json=body, headers=OF_RUN)
    cost = amount(answer, COST)
    assert amount(answer, LEFT) == 2 - cost
    assert amount(answer, RUN_COST) == cost


def test_without_a_hard_budget_and_a_run_neither_is_said(world: ChatWorld, caller: httpx.Client) -> None:
    answer = caller.post("/chat/completions", json=asking(OPENAI), headers={"x-session-id": "s-1"})
    assert answer.status_code == 200
    assert not {LEFT, RUN_COST} & set(answer.headers)
    (row,) = world.rows()
    assert row.attempt.windows == ()


def test_a_run_s_sum_grows_by_each_call_and_is_another_run_s_not_at_all(world: ChatWorld, caller: httpx.Client) -> None:
    costs = [Decimal(0)]
    for number in range(3):
        answer = caller.post("/chat/completions", json=said(number), headers=OF_RUN)
        costs.append(amount(answer, COST))
        assert amount(answer, RUN_COST) == sum(costs)
    other = caller.post("/chat/completions", json=said(9), headers={"x-llm-run-id": "run-2"})
    assert amount(other, RUN_COST) == amount(other, COST)


def test_a_stream_says_what_is_left_after_its_hold_and_what_the_run_came_to_before_it(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.budget("5")
    before = amount(caller.post("/chat/completions", json=said(1), headers=OF_RUN), COST)
    with caller.stream("POST", "/chat/completions", json={**said(2), "stream": True}, headers=OF_RUN) as streamed:
        streamed.read()
    assert Decimal(streamed.headers[RUN_COST]) == before
    hold = world.rows()[-1].attempt.hold
    assert Decimal(streamed.headers[LEFT]) == 5 - before - hold
    after = caller.post("/chat/completions", json=said(3), headers=OF_RUN)
    assert amount(after, RUN_COST) == sum(row.settlement.cost for row in world.rows())
    assert stream(caller, OPENAI).headers[LEFT]


def test_many_calls_of_a_run_at_once_lose_nothing_of_its_sum(world: ChatWorld, caller: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda number: caller.post("/chat/completions", json=said(number), headers=OF_RUN), range(24))
        )
    costs = [amount(answer, COST) for answer in answers]
    world.money.roll_up.run()
    ref = WindowRef("session:run-1", "run")
    state = world.money.windows.states([(OURS, ref)])[OURS, ref]
    assert (state.spent, state.held) == (sum(costs, Decimal(0)), Decimal(0))
    assert max(amount(answer, RUN_COST) for answer in answers) <= sum(costs)
    assert world.money.sums.posted(OURS, ref) == 0


def test_an_answer_that_is_kept_is_given_again_without_what_was_left_then(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.budget("5")
    same = {"Idempotency-Key": "once", **OF_RUN}
    first, second = (caller.post("/chat/completions", json=asking(OPENAI), headers=same) for _ in range(2))
    assert second.headers["x-llm-idempotent-replay"] == "true"
    assert {LEFT, RUN_COST} <= set(first.headers)
    assert not {LEFT, RUN_COST} & set(second.headers)


def test_a_run_s_sum_is_shown_to_the_digit_before_any_roll_up(world: ChatWorld, caller: httpx.Client) -> None:
    assert caller.get("/me", headers=OF_RUN).json()["session"]["run_cost_usd"] is None
    costs = [amount(caller.post("/chat/completions", json=said(number), headers=OF_RUN), COST) for number in range(2)]
    session = caller.get("/me", headers=OF_RUN).json()["session"]
    assert (session["id"], session["calls"], Decimal(session["run_cost_usd"])) == ("run-1", 0, sum(costs))
