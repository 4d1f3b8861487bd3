"""GET /api/ai/pricing/quarantine: what the sources say and nobody believes yet."""

from datetime import timedelta

import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from tests.functions.http.sample_app import error_of
from tests.functions.http.test_paging import forged
from tests.functions.pricing.pricing_world import PricingWorld, chat, lent, prices

pytestmark = pytest.mark.anyio

# Mistakes of a thousand times: USD per thousand tokens written where USD per token belongs.
WRONG = {
    "azure/gpt-4o": chat("azure", 0.00275, 0.011),
    "gpt-4o": chat("openai", 0.0025, 0.01),
    "gpt-4o-mini": chat("openai", 0.00015, 0.0006),
}


@pytest.fixture
async def doubtful(pricing: PricingWorld) -> PricingWorld:
    """A function whose sources have just begun to say something impossible."""
    pricing.puts_in_force({})
    pricing.lends(lent("acme/only-there"))
    for file in (prices(), prices(**WRONG)):
        pricing.says(file)
        await pricing.refreshed(force=True)
    return pricing


async def test_what_is_held_is_shown_with_its_reason_and_first_sighting(doubtful: PricingWorld) -> None:
    held = (await doubtful.read("/quarantine"))["items"]
    assert [each["subject"] for each in held] == ["azure/gpt-4o", "openai/gpt-4o", "openai/gpt-4o-mini"]
    assert held[1]["proposed_rates"]["input_cost_per_token"] == "0.0025"
    assert "1,000 a million" in held[1]["reason"]
    assert (held[1]["source"], held[1]["first_seen"]) == ("litellm", "2026-11-23T12:00:00Z")
    assert (await doubtful.read(""))["quarantined"] == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_pages_hold_every_subject_once(doubtful: PricingWorld, limit: int) -> None:
    held = await doubtful.items("/quarantine", limit=limit)
    assert [each["subject"] for each in held] == ["azure/gpt-4o", "openai/gpt-4o", "openai/gpt-4o-mini"]


async def test_the_same_word_after_a_day_is_believed(doubtful: PricingWorld) -> None:
    doubtful.clock.pass_s(timedelta(hours=24).total_seconds())
    data = await doubtful.refreshed(force=True)
    assert (data["changed"], data["held_in_quarantine"]) == (3, 0)
    assert (await doubtful.read("/quarantine"))["items"] == []


async def test_a_mistake_that_is_taken_back_is_forgotten(doubtful: PricingWorld) -> None:
    doubtful.says(prices())
    await doubtful.refreshed(force=True)
    assert (await doubtful.read("/quarantine"))["items"] == []
    assert (await doubtful.read("/model/gpt-4o"))["input_usd_per_token"] == "0.0000025"


async def test_a_whole_fetch_that_collapsed_is_held_as_one(doubtful: PricingWorld) -> None:
    doubtful.says({"gpt-4o": prices()["gpt-4o"]})
    await doubtful.refreshed(force=True)
    held = {each["subject"]: each for each in await doubtful.items("/quarantine")}
    assert held["fetch:litellm"]["proposed_rates"] is None
    assert (await doubtful.read(""))["model_count"] == len(prices()) + 1


async def test_an_admins_word_covers_what_was_held_when_it_was_given(doubtful: PricingWorld) -> None:
    doubtful.says({"gpt-4o": prices()["gpt-4o"]})
    await doubtful.refreshed(force=True)
    accepted = await doubtful.refreshed(Scope.ADMIN, accept="*")  # the fetch; its collapsed provider is news
    assert accepted["held_in_quarantine"] == 5
    assert (await doubtful.refreshed(Scope.ADMIN, accept="*"))["models"] == 2


async def test_nothing_held_is_an_empty_page(pricing: PricingWorld) -> None:
    assert await pricing.read("/quarantine") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("position", [{"subject": 1}, {"id": "a"}, {}])
async def test_a_cursor_that_this_list_did_not_give_out_is_refused(
    doubtful: PricingWorld, position: dict[str, object]
) -> None:
    answer = await doubtful.get("/quarantine", cursor=forged(position))
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "cursor")
