"""GET /api/ai/pricing: what is in force, how old it is, and where it comes from."""

from datetime import timedelta
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import PricingWorld, chat, leaves, lent, prices

pytestmark = pytest.mark.anyio


async def test_before_the_first_refresh_the_packaged_prices_say_what_they_are(pricing: PricingWorld) -> None:
    answer = await pricing.get("")
    data = answer.json()["data"]
    assert answer.json()["message"] == "seed, of 2026-11-12: nothing was fetched yet"
    assert (data["origin"], data["cache_valid"], data["sources"]) == ("seed", False, [])
    assert data["last_updated"] == "2026-11-12T00:00:00Z"
    assert data["model_count"] > 4000


async def test_after_a_refresh_it_says_when_and_from_where(pricing: PricingWorld) -> None:
    pricing.puts_in_force(prices())
    pricing.says(prices())
    pricing.lends(lent("acme/only-there"))
    await pricing.refreshed()
    pricing.clock.pass_s(90)
    answer = await pricing.get("")
    data = answer.json()["data"]
    assert answer.json()["message"] is None
    assert (data["origin"], data["cache_valid"], data["age_seconds"]) == ("snapshot", True, 90)
    assert data["last_updated"] == "2026-11-23T12:00:00Z"
    assert data["model_count"] == len(prices()) + 1
    assert [(each["name"], each["state"], each["models"]) for each in data["sources"]] == [
        ("litellm", "fresh", len(prices())),
        ("openrouter", "fresh", 1),
    ]


@pytest.mark.parametrize(("hours", "valid"), [(25, True), (25.1, False)])
async def test_prices_are_valid_for_a_day_and_an_hour(pricing: PricingWorld, hours: float, valid: bool) -> None:
    pricing.puts_in_force(prices())
    pricing.says(prices())
    await pricing.refreshed()
    pricing.clock.pass_s(timedelta(hours=hours).total_seconds())
    assert (await pricing.read(""))["cache_valid"] is valid


async def test_a_dead_source_is_shown_with_its_reason(pricing: PricingWorld) -> None:
    pricing.puts_in_force(prices())
    pricing.says(prices())
    await pricing.refreshed()
    shown = {each["name"]: each for each in (await pricing.read(""))["sources"]}
    assert shown["litellm"]["failing_since"] is None
    assert shown["openrouter"]["state"] == "unavailable"
    assert shown["openrouter"]["failing_since"] == "2026-11-23T12:00:00Z"
    assert shown["openrouter"]["detail"]


async def test_the_cheapest_are_chat_models_that_cost_something_and_are_still_sold(pricing: PricingWorld) -> None:
    given_away = {"free": chat("acme", 0, 0), "half-free": chat("acme", 0, 1e-9)}
    pricing.puts_in_force(prices(**given_away))
    cheapest = (await pricing.read(""))["cheapest_models"]
    assert [each["model"] for each in cheapest] == [
        "openai/gpt-4o-mini",
        "deepseek/deepseek-chat",
        "openai/gpt-4o",
        "azure/gpt-4o",
        "anthropic/claude-sonnet-4-5",
    ]
    blended = [Decimal(each["blended_usd_per_token"]) for each in cheapest]
    assert blended == sorted(blended)
    assert blended[0] == Decimal("0.00000015") * 3 / 4 + Decimal("0.0000006") / 4


async def test_providers_stand_side_by_side(priced: PricingWorld) -> None:
    data = await priced.read("")
    compared = {each["provider"]: each for each in data["provider_comparison"]}
    assert sorted(compared) == ["anthropic", "azure", "deepseek", "openai"]
    openai = compared["openai"]
    assert (openai["models"], openai["priced_chat_models"]) == (6, 2)
    assert openai["cheapest_model"] == "openai/gpt-4o-mini"
    assert sum(each["models"] for each in compared.values()) == data["model_count"]


async def test_a_provider_without_a_priced_chat_model_has_no_lowest_price(pricing: PricingWorld) -> None:
    pricing.puts_in_force(prices(**{"acme/mute": {"litellm_provider": "acme", "mode": "chat"}}))
    compared = {each["provider"]: each for each in (await pricing.read(""))["provider_comparison"]}
    assert compared["acme"]["lowest_blended_usd_per_token"] is None
    assert compared["acme"]["cheapest_model"] is None


async def test_cost_keys_that_nobody_understands_are_counted(pricing: PricingWorld) -> None:
    strange = {"input_cost_per_handshake": 0.5}
    pricing.puts_in_force(prices(one=chat("acme", 1e-6, 1e-6, **strange), two=chat("acme", 1e-6, 1e-6, **strange)))
    assert (await pricing.read(""))["unread_cost_keys"] == {"input_cost_per_handshake": 2}


async def test_no_number_is_a_binary_fraction_and_no_decimal_has_an_exponent(pricing: PricingWorld) -> None:
    answer = await pricing.get("")  # the packaged catalogue: every price there is
    values = list(leaves(answer.json()["data"]))
    assert not [each for each in values if isinstance(each, float)]
    prices_shown = [each["input_usd_per_token"] for each in answer.json()["data"]["cheapest_models"]]
    assert len(prices_shown) == 10
    assert all(set(each) <= set("0123456789.") for each in prices_shown)


async def test_a_refresh_elsewhere_is_seen_within_a_minute(priced: PricingWorld) -> None:
    assert (await priced.read(""))["model_count"] == len(prices())
    newer = PricingWorld()
    newer.book = priced.book  # another process on the same table
    newer.uses()
    newer.puts_in_force(prices(**{"gpt-9": chat("openai", 1e-06, 1e-06)}))
    priced.clock.pass_s(59.9)
    assert (await priced.read(""))["model_count"] == len(prices())
    priced.clock.pass_s(0.1)
    assert (await priced.read(""))["model_count"] == len(prices()) + 1


async def test_a_book_that_cannot_be_read_is_a_503_without_its_insides(pricing: PricingWorld) -> None:
    pricing.book.fails_with = StoreUnavailable("catalogue-table: Query: Throttling")
    answer = await pricing.get("")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "store_unavailable")
    assert "catalogue-table" not in answer.text
    assert int(answer.headers["retry-after"]) >= 1
