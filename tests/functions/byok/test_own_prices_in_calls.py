"""Own prices in calls: what is called, in which order, what is held and charged, and what another tenant sees of it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.catalogue.catalogue import TokenLimits
from atom_llm.domain.catalogue.own_prices import AddedModel
from atom_llm.domain.core.money import EXACT
from atom_llm.services.catalogue.own_prices import KNOWN_FOR, WantedPrice
from testing.audit import SOMEBODY
from testing.chat_world import OPENAI, OURS, THEIRS, ChatWorld, asking, served
from testing.stand_in.server import StandIn

LLAMA = "meta/Llama-3.3-8B-Instruct"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google", "mistral", "meta"):
            served_world.provider_key(provider)
        yield served_world


def agreed(world: ChatWorld, models: str, *, confirmed: bool = False, **more: Any) -> str:
    """Set a price of our tenant's; returns its id."""
    by = SOMEBODY.__class__(OURS, SOMEBODY.key_id)
    return world.container.catalogue.own_price_setter.set(WantedPrice(models, **more), by, confirmed=confirmed).id


def planned(caller: httpx.Client, model: str = "auto") -> dict[str, Any]:
    answer = caller.post("/route", json=asking(model))
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def test_a_negotiated_price_changes_the_winner_of_auto(world: ChatWorld, caller: httpx.Client) -> None:
    before = planned(caller)["candidates"]
    winner, other = (next(each for each in before if each["provider"] != before[0]["provider"]), before[0])
    price = agreed(world, f"{winner['provider']}/*", confirmed=True, factor=Decimal("0.001"))
    after = planned(caller)["candidates"]
    assert after[0]["provider"] == winner["provider"] != other["provider"]
    answer = caller.post("/chat/completions", json=asking("auto"))
    assert answer.status_code == 200, answer.text
    [row] = world.rows()
    assert (row.attempt.provider, row.attempt.own_price) == (winner["provider"], price)


def test_holds_and_charges_are_of_the_own_price(world: ChatWorld, caller: httpx.Client) -> None:
    caller.post("/chat/completions", json=asking(OPENAI))
    agreed(world, "openai/*", factor=Decimal("0.8"))
    caller.post("/chat/completions", json=asking(OPENAI))
    listed, own = world.rows()
    assert own.attempt.hold == EXACT.multiply(listed.attempt.hold, Decimal("0.8"))
    assert own.settlement.cost == EXACT.multiply(listed.settlement.cost, Decimal("0.8")) > 0
    assert (listed.attempt.own_price is None, own.attempt.own_price is None) == (True, False)
    assert sum(line.amount for line in own.settlement.lines) == own.settlement.cost


def test_a_budget_that_is_too_small_for_the_list_takes_a_call_at_the_own_price(
    world: ChatWorld, caller: httpx.Client
) -> None:
    [candidate] = planned(caller, OPENAI)["candidates"]
    world.budget(str(Decimal(candidate["most_cost_usd"]) / 2))
    assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 402
    agreed(world, OPENAI, factor=Decimal("0.4"))
    assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 200


def test_a_model_without_a_published_price_is_called_by_an_own_one(world: ChatWorld, caller: httpx.Client) -> None:
    refused = caller.post("/chat/completions", json=asking(LLAMA))
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "model_unpriced")
    agreed(world, LLAMA, rates={"input_cost_per_token": "0.0000002", "output_cost_per_token": "0.0000006"})
    assert caller.post("/chat/completions", json=asking(LLAMA)).status_code == 200
    assert world.rows()[-1].settlement.cost > 0
    assert LLAMA in [each["id"] for each in caller.get("/models").json()["data"]]


def test_a_model_that_no_list_has_is_added_for_its_tenant_alone(world: ChatWorld, caller: httpx.Client) -> None:
    name = "openai/gpt-of-our-own"
    world.provider_key("openai", tenant=THEIRS)
    assert caller.post("/chat/completions", json=asking(name)).status_code == 404
    rates = {"input_cost_per_token": "0.000001", "output_cost_per_token": "0.000002"}
    agreed(world, name, rates=rates, adds=AddedModel("chat", TokenLimits(8_000, 1_000)))
    assert caller.post("/chat/completions", json=asking(name)).status_code == 200
    assert caller.post("/chat/completions", json=asking("gpt-of-our-own")).status_code == 200
    assert name in [each["id"] for each in caller.get("/models").json()["data"]]
    with world.client(world.service_key(THEIRS)) as stranger:
        assert stranger.post("/chat/completions", json=asking(name)).status_code == 404
        assert name not in [each["id"] for each in stranger.get("/models").json()["data"]]


def test_calls_read_own_prices_once_in_half_a_minute(world: ChatWorld, caller: httpx.Client) -> None:
    reads = world.ports.own_prices
    for _ in range(3):
        assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 200
    assert getattr(reads, "reads") == 1  # noqa: B009
    assert timedelta(seconds=30) >= KNOWN_FOR
