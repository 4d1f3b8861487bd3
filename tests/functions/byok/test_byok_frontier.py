"""Re-costing at any model at least as good: the frontier of a tenant's own calls, as JSON and as a picture."""

import re
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.functions.byok.byok_world import THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import chat, data_of, prices

pytestmark = pytest.mark.anyio

PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}


@pytest.fixture
def byok() -> ByokWorld:
    world = ByokWorld()
    world.puts_in_force(
        prices(
            **{
                "gpt-4o": chat("openai", 2.5e-06, 1e-05, supports_vision=True, supports_function_calling=True),
                "gpt-5.1": chat("openai", 1.25e-06, 5e-06, supports_function_calling=True, max_input_tokens=400_000),
                "gpt-5.2": chat("openai", 2e-06, 8e-06, supports_vision=True, supports_function_calling=True),
            }
        )
    )
    for _ in range(3):
        world.called("openai/gpt-4o")
    return world


async def ask(byok: ByokWorld, path: str = "/usage/reprice", **wanted: Any) -> httpx.Response:
    body = {**PERIOD, "at_least_as_good": wanted.pop("at_least_as_good", {}), **wanted}
    return await byok.ask("POST", path, json=body)


async def frontier(byok: ByokWorld, **alternatives: Any) -> dict[str, Any]:
    found: dict[str, Any] = data_of(await ask(byok, at_least_as_good=alternatives))["frontier"]
    return found


async def test_the_best_move_of_a_model_is_the_cheapest_that_is_at_least_as_good(byok: ByokWorld) -> None:
    found = await frontier(byok)
    (move,) = found["moves"]
    assert (move["model"], move["calls"], found["calls"]) == ("openai/gpt-4o", 3, 3)
    assert move["to"]["model"] == "openai/gpt-5.1"
    assert move["to"]["quality"] >= move["quality"]
    assert Decimal(move["to"]["would_cost_usd"]) == Decimal(move["actual_usd"]) / 2
    assert Decimal(found["saves_usd"]) == Decimal(move["to"]["saves_usd"]) == Decimal(move["actual_usd"]) / 2


async def test_what_moving_loses_is_said(byok: ByokWorld) -> None:
    (move,) = (await frontier(byok))["moves"]
    assert move["loses_capabilities"] == ["vision"]
    assert move["loses_quality"] <= 0


async def test_a_capability_that_is_asked_for_is_not_lost(byok: ByokWorld) -> None:
    (move,) = (await frontier(byok, capabilities=["vision"]))["moves"]
    assert (move["to"]["model"], move["loses_capabilities"]) == ("openai/gpt-5.2", [])


async def test_a_window_that_is_asked_for_is_published(byok: ByokWorld) -> None:
    found = await frontier(byok, min_context=200_000)
    assert {each["model"] for each in found["frontier"]} == {"openai/gpt-5.1"}


async def test_models_without_a_key_say_so_and_can_be_left_out(byok: ByokWorld) -> None:
    assert not (await frontier(byok))["moves"][0]["to"]["has_key"]
    assert (await frontier(byok, only_with_key=True))["models_considered"] == 0
    key = {"provider": "openai", "api_key": "sk-proj-0123456789-ours"}
    assert (await byok.ask("POST", "/keys", json=key)).status_code == 201
    (move,) = (await frontier(byok, only_with_key=True))["moves"]
    assert move["to"]["has_key"]


async def test_a_model_that_costs_nothing_is_a_move_only_where_it_is_asked_for(byok: ByokWorld) -> None:
    free = {"gpt-5.2": chat("openai", 0.0, 0.0, supports_vision=True, supports_function_calling=True)}
    byok.puts_in_force(prices(**free, **{"gpt-4o": chat("openai", 2.5e-06, 1e-05, supports_vision=True)}))
    assert (await frontier(byok))["moves"][0]["to"] is None
    assert (await frontier(byok, free=True))["moves"][0]["to"]["model"] == "openai/gpt-5.2"


async def test_nothing_on_the_frontier_is_beaten_in_both(byok: ByokWorld) -> None:
    best = (await frontier(byok))["frontier"]
    assert best == sorted(best, key=lambda each: Decimal(each["would_cost_usd"]))
    qualities = [each["quality"] for each in best]
    assert qualities == sorted(set(qualities))


async def test_it_is_drawn_with_the_tenants_own_place(byok: ByokWorld) -> None:
    answer = await ask(byok, "/usage/reprice?format=svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    words = set(re.findall(r"<text[^>]*>([^<]*)</text>", answer.text))
    assert {"as it was", "USD for these calls", "openai/gpt-5.1"} <= words
    assert "LMArena" in answer.text


async def test_own_prices_decide_and_list_prices_do_where_they_are_asked_for(byok: ByokWorld) -> None:
    own = {"models": "openai/gpt-5.2", "discount_percent": "90"}
    assert (await byok.ask("POST", "/prices", json=own)).status_code == 201
    for wanted, best in (("own", "openai/gpt-5.2"), ("list", "openai/gpt-5.1")):
        found = data_of(await ask(byok, prices=wanted))["frontier"]
        assert found["moves"][0]["to"]["model"] == best


async def test_embeddings_and_others_calls_are_none_of_it(byok: ByokWorld) -> None:
    byok.called("openai/text-embedding-3-small")
    byok.called("openai/gpt-4o", tenant=THEIRS)
    found = await frontier(byok)
    assert (found["calls"], found["calls_left_out"]) == (3, 1)


async def test_a_period_without_calls_has_nothing_to_move(byok: ByokWorld) -> None:
    body = {"from": "2026-10-01T00:00:00Z", "to": "2026-10-02T00:00:00Z", "at_least_as_good": {}}
    found = data_of(await byok.ask("POST", "/usage/reprice", json=body))["frontier"]
    assert (found["calls"], found["frontier"], found["moves"], found["quality"]) == (0, [], [], None)
    picture = await byok.ask("POST", "/usage/reprice?format=svg", json=body)
    assert "No model with a price can be called." in picture.text


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"at_least_as_good": {"capabilities": ["telepathy"]}}, "capabilities"),
        ({"models": ["gpt-4o"]}, "at_least_as_good"),
        ({"at": "2026-11-20T00:00:00Z"}, "at_least_as_good"),
        ({"at_least_as_good": {"may_lose": 21}}, "may_lose"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_its_name(byok: ByokWorld, wanted: dict[str, Any], field: str) -> None:
    answer = await ask(byok, **wanted)
    assert answer.status_code == 422
    assert field in answer.text


async def test_a_picture_is_of_the_frontier_alone(byok: ByokWorld) -> None:
    answer = await byok.ask("POST", "/usage/reprice?format=svg", json=PERIOD)
    assert (answer.status_code, "format" in answer.text) == (422, True)
