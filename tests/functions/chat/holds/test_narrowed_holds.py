"""Narrowed holds through calls: billed above its hold, a model is held for more at its next call, in every process."""

import json
from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

import httpx
import pytest

from atom_llm.composition import Container
from atom_llm.services.ledger.budgets.narrowed_holds import KNOWN_FOR
from testing.audit import SOMEBODY
from testing.chat_world import HELLO, OURS, THEIRS, ChatWorld, served
from testing.packaged_prices import PackagedPricesReader
from testing.stand_in.server import StandIn

SEARCHED: Final = {  # a thousand searches where five were allowed: $10
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 5, "server_tool_use": {"web_search_requests": 1_000}},
}
HAIKU: Final = "anthropic/claude-haiku-4-5-20251001"
BODY: Final = {"model": HAIKU, "messages": HELLO, "max_tokens": 100, "web_search_options": {}}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for tenant in (OURS, THEIRS):
            served_world.provider_key("anthropic", tenant=tenant)
        yield served_world


@pytest.fixture
def stranger(world: ChatWorld) -> Iterator[httpx.Client]:
    with world.client(world.service_key(THEIRS)) as client:
        yield client


def overcharged(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("body", provider="anthropic", times=1, body=json.dumps(SEARCHED))
    assert caller.post("/chat/completions", json=BODY).status_code == 200


def holds(world: ChatWorld, caller: httpx.Client) -> Decimal:
    """What the plan of the same call says that it may cost at most."""
    answer = caller.post("/route", json=BODY)
    return Decimal(answer.json()["candidates"][0]["most_cost_usd"])


def test_the_next_call_of_the_model_is_held_for_as_many_times_as_it_was_billed(
    world: ChatWorld, caller: httpx.Client
) -> None:
    overcharged(world, caller)
    assert caller.post("/chat/completions", json=BODY).status_code == 200
    first, second = world.rows()
    assert first.settlement.cost > first.attempt.hold
    times = Decimal(ceil(first.settlement.cost / first.attempt.hold))
    assert (second.attempt.hold, second.attempt.hold_factor) == (first.attempt.hold * times, times)
    assert second.settlement.cost < first.attempt.hold


def test_a_budget_and_a_cost_limit_that_had_room_before_refuse_now(world: ChatWorld, caller: httpx.Client) -> None:
    most = str(holds(world, caller) * 2)
    limited = {"x-llm-max-cost-usd": most}
    assert caller.post("/chat/completions", json=BODY, headers=limited).status_code == 200
    overcharged(world, caller)
    refused = caller.post("/chat/completions", json=BODY, headers=limited)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "max_cost_exceeded")


def test_another_process_hears_of_it_and_of_the_word_of_a_person(world: ChatWorld, caller: httpx.Client) -> None:
    before = holds(world, caller)
    overcharged(world, caller)
    elsewhere = Container(world.ports)
    elsewhere.catalogue.reader = PackagedPricesReader(world.ports.price_book, world.clock)
    [narrowing] = elsewhere.ledger.narrowed_holds.listed()
    assert elsewhere.ledger.narrowed_holds.of(None)[HAIKU].factor(OURS) > 1
    elsewhere.ledger.narrowed_holds.acknowledge(narrowing.model, narrowing.revision, SOMEBODY)
    world.clock.pass_s(KNOWN_FOR.total_seconds() + 1)
    assert holds(world, caller) == before


def test_what_one_tenant_was_billed_changes_no_answer_of_another(
    world: ChatWorld, caller: httpx.Client, stranger: httpx.Client
) -> None:
    before = holds(world, stranger)
    overcharged(world, caller)
    assert holds(world, stranger) == before
    overcharged(world, stranger)
    assert holds(world, stranger) > before
