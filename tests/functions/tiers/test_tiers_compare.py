"""The tiers side by side: for a request of the caller's, and for a usual one of each tier."""

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.registry.frontier import PricedQuality, frontier
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import TIERS, Tier
from atom_llm.http.files.frontier_svg import drawn
from atom_llm.services.catalogue.own_prices import WantedPrice
from functions.tiers.main import GROUP
from testing.audit import an_entry
from testing.chat_world import OURS, THEIRS, ChatWorld
from testing.group_app import GroupApp
from testing.money_world import KEY
from testing.stand_in.server import StandIn
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio
PREFIX = "/api/cognitive-tiers"


class World:
    """The tiers function over a tenant with keys of some providers."""

    def __init__(self) -> None:
        self.chat = ChatWorld(StandIn(1))  # nobody is called
        for provider in ("openai", "anthropic", "google"):
            self.chat.provider_key(provider)
        app = GroupApp(lambda: self.chat.container, GROUP)
        self.transport = httpx.ASGITransport(app)

    async def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {key or self.chat.service_key()}"}
        async with httpx.AsyncClient(transport=self.transport, base_url="http://t", headers=headers) as client:
            return await client.request(method, PREFIX + path, **more)

    async def estimated(self, **body: Any) -> dict[str, Any]:
        return data_of(await self.ask("POST", "/estimate-cost", json=body))


@pytest.fixture
def world() -> World:
    return World()


def by_tier(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["tier"]: each for each in data["tiers"]}


async def test_each_tier_is_priced_with_the_model_that_would_really_be_chosen(world: World) -> None:
    data = await world.estimated(prompt="Thank you, good night!")
    assert (data["recommended_tier"], data["classified_tier"], list(by_tier(data))) == ("micro", "micro", list(TIERS))
    for tier, each in by_tier(data).items():
        answer = await world.ask("POST", "/estimate-cost", json={"prompt": "Thank you, good night!"})
        assert each["chosen"] == by_tier(data_of(answer))[tier]["chosen"]
        assert each["chosen"]["quality"] >= each["minimum_quality"]
        assert 0 < Decimal(each["chosen"]["expected_cost_usd"]) < Decimal(each["chosen"]["most_cost_usd"])
    costs = [Decimal(each["chosen"]["expected_cost_usd"]) for each in data["tiers"]]
    assert costs == sorted(costs)


async def test_the_route_of_a_call_chooses_what_the_estimate_names(world: World) -> None:
    data = by_tier(await world.estimated(messages=[{"role": "user", "content": "Hello"}]))
    planner = world.chat.container.routing.planner
    from atom_llm.domain.routing.chat_request import chat_request

    for tier in TIERS:
        request = chat_request({"model": f"tier/{tier}", "messages": [{"role": "user", "content": "Hello"}]})
        assert planner.plan(planner.chat(OURS, request)).candidates[0].id == data[tier]["chosen"]["model"]


async def test_tokens_alone_can_be_priced_with_an_answer_of_a_given_length(world: World) -> None:
    short = by_tier(await world.estimated(estimated_tokens=1_000, expected_output_tokens=0))["versatile"]["chosen"]
    long = by_tier(await world.estimated(estimated_tokens=1_000, expected_output_tokens=1_000))["versatile"]["chosen"]
    assert Decimal(short["expected_cost_usd"]) < Decimal(long["expected_cost_usd"])
    data = await world.estimated(estimated_tokens=3_000)
    assert (data["recommended_tier"], data["classified_tier"]) == ("heavy", None)


async def test_why_a_tier_has_no_model_is_said(world: World) -> None:
    world.chat.preferences.replace(OURS, Preferences(max_tier=Tier.HEAVY), an_entry())
    data = by_tier(await world.estimated(prompt="Hello"))
    assert (data["complex"]["chosen"], data["heavy"]["why_none"]) == (None, None)
    assert data["complex"]["why_none"] == "the preferences allow micro to heavy; it would be heavy"
    nobody = await world.ask("POST", "/estimate-cost", world.chat.service_key(THEIRS), json={"prompt": "Hello"})
    for each in data_of(nobody)["tiers"]:
        assert each["chosen"] is None
        assert "no_key" in each["why_none"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": "a", "estimated_tokens": 1}, "prompt"),
        ({"estimated_tokens": -1}, "estimated_tokens"),
        ({"prompt": "a", "expected_output_tokens": 1.5}, "expected_output_tokens"),
        ({"messages": [{"role": "nobody", "content": "a"}]}, "messages.0.role"),
        ({"messages": []}, "messages"),
        ({"prompt": "a", "more": 1}, "more"),
    ],
)
async def test_what_cannot_be_priced_is_named(world: World, body: dict[str, Any], field: str) -> None:
    answer = await world.ask("POST", "/estimate-cost", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


async def test_the_tiers_stand_side_by_side_with_ranges_and_their_best_models(world: World) -> None:
    data = data_of(await world.ask("GET", "/compare"))
    for each in data["tiers"]:
        assert each["models"] >= len(each["best"]) > 0
        assert each["minimum_quality"] <= each["lowest_quality"] <= each["chosen"]["quality"] <= each["highest_quality"]
        assert Decimal(each["lowest_cost_usd"]) <= Decimal(each["chosen"]["expected_cost_usd"])
    models = [each["models"] for each in data["tiers"]]
    assert models == sorted(models, reverse=True)


async def test_the_frontier_gets_better_as_it_gets_dearer(world: World) -> None:
    best = data_of(await world.ask("GET", "/compare"))["frontier"]
    prices = [Decimal(each["blended_usd_per_token"]) for each in best]
    qualities = [each["quality"] for each in best]
    assert len(best) > 3
    assert prices == sorted(prices)
    assert qualities == sorted(set(qualities))
    assert {each["model"].partition("/")[0] for each in best} <= {"openai", "anthropic", "google"}


async def test_the_frontier_is_by_the_tenants_own_prices(world: World) -> None:
    dearest = data_of(await world.ask("GET", "/compare"))["frontier"][-1]
    setter = world.chat.container.catalogue.own_price_setter
    setter.set(WantedPrice(dearest["model"], factor=Decimal("0.5")), Actor(OURS, KEY, None), confirmed=False)
    found = {each["model"]: each for each in data_of(await world.ask("GET", "/compare"))["frontier"]}
    assert Decimal(found[dearest["model"]]["blended_usd_per_token"]) * 2 == Decimal(dearest["blended_usd_per_token"])


async def test_the_frontier_is_a_picture_too(world: World) -> None:
    answer = await world.ask("GET", "/compare", params={"format": "svg"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    picture = ElementTree.fromstring(answer.text)  # noqa: S314 - our own picture
    titles = {title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")}
    best = data_of(await world.ask("GET", "/compare"))["frontier"]
    assert {each["model"] for each in best if each["quality"] >= 50 and each["blended_usd_per_token"] != "0"} <= titles
    assert "LMArena (lmarena.ai), CC BY 4.0" in answer.text
    assert len(answer.content) < 100_000
    assert (await world.ask("GET", "/compare", params={"format": "png"})).status_code == 422


def test_the_frontier_is_what_nothing_beats_in_both() -> None:
    def worth(model: str, quality: float, price: str) -> PricedQuality:
        return PricedQuality(model, quality, Decimal(price))

    cheap, good, best = worth("cheap", 70, "1"), worth("good", 80, "2"), worth("best", 90, "9")
    beaten = [worth("dear", 79, "3"), worth("same", 80, "2.5"), worth("twin", 70, "1"), worth("bad", 60, "1")]
    assert frontier([best, *beaten, good, cheap]) == [cheap, good, best]


def test_a_picture_without_models_says_so_and_names_cannot_break_it() -> None:
    assert "No model with a price" in drawn([], "nobody")
    two = [PricedQuality('<&">', 90, Decimal("0.000001")), PricedQuality("b", 95, Decimal("0.1"))]
    ElementTree.fromstring(drawn(two, "<credit>"))  # noqa: S314 - our own picture
