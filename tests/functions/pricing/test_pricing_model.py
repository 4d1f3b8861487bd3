"""GET /api/ai/pricing/model/{model}: a price under any of its names, now and at an instant, or near names."""

from datetime import timedelta

import pytest

from testing.fakes.service_keys import NOON
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import DAY, PricingWorld, chat, leaves, prices

pytestmark = pytest.mark.anyio


async def test_a_model_is_shown_with_its_rates_limits_and_origin(priced: PricingWorld) -> None:
    data = await priced.read("/model/gpt-4o")
    assert (data["id"], data["provider"], data["source"], data["match"]) == (
        "openai/gpt-4o",
        "openai",
        "litellm",
        "exact",
    )
    assert (data["input_usd_per_token"], data["output_usd_per_token"]) == ("0.0000025", "0.00001")
    assert data["rates"]["cache_read_input_token_cost"] == "0.00000125"
    assert data["rates"]["input_cost_per_token_batches"] == "0.00000125"
    assert data["limits"]["max_input_tokens"] == 128000
    assert data["capabilities"] == ["function_calling", "vision"]
    assert (data["first_party"], data["listed"], data["deprecated"], data["priced"]) == (True, True, False, True)
    assert data["fetched_at"] == data["believed_since"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    ("name", "found", "match"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", "exact"),
        ("azure/gpt-4o", "azure/gpt-4o", "exact"),
        ("GPT-4o", "openai/gpt-4o", "alias"),
        ("claude-4.5-sonnet", "anthropic/claude-sonnet-4-5", "alias"),
        ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5", "alias"),
        ("gpt-3.5-turbo", "openai/gpt-3.5-turbo-0301", "dated"),
    ],
)
async def test_a_model_is_known_by_its_spellings(priced: PricingWorld, name: str, found: str, match: str) -> None:
    data = await priced.read(f"/model/{name}")
    assert (data["id"], data["match"]) == (found, match)


async def test_the_slash_of_an_id_may_be_escaped(priced: PricingWorld) -> None:
    assert (await priced.read("/model/azure%2Fgpt-4o"))["id"] == "azure/gpt-4o"


async def test_other_hosts_of_the_same_model_are_named(priced: PricingWorld) -> None:
    assert (await priced.read("/model/Gpt_4o"))["also_sold_as"] == ["azure/gpt-4o"]


async def test_an_unknown_model_is_a_404_with_up_to_five_near_names(pricing: PricingWorld) -> None:
    answer = await pricing.get("/model/gpt-4oo")
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (404, "model_not_found")
    assert error["details"]["model"] == "gpt-4oo"
    assert 1 <= len(error["details"]["near"]) <= 5
    assert "openai/gpt-4o" in error["details"]["near"]


@pytest.mark.parametrize("name", ["gpt-4", "gpt", "a", "-", "openai/", "%20"])
async def test_a_part_of_a_name_is_no_name(priced: PricingWorld, name: str) -> None:
    answer = await priced.get(f"/model/{name}")
    assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("path", ["/model", "/history", "/provider", "/model/", "/history/"])
async def test_a_path_without_a_name_is_no_server_error(priced: PricingWorld, path: str) -> None:
    assert (await priced.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/model", "/history", "/provider"])
@pytest.mark.parametrize(("length", "status"), [(256, 404), (257, 422)])
async def test_a_name_has_a_length_beyond_which_nothing_looks_at_it(
    priced: PricingWorld, path: str, length: int, status: int
) -> None:
    """A name of 10 KB of `-high` once cost a second of regular expressions, one of 64 KB half a minute."""
    answer = await priced.get(f"{path}/{'x' * length}")
    assert answer.status_code == status


async def test_a_price_is_what_was_believed_at_an_instant(priced: PricingWorld) -> None:
    priced.puts_in_force(prices(**{"gpt-4o": chat("openai", 2e-06, 8e-06)}), at=NOON - timedelta(hours=1))
    expected = [
        (NOON - timedelta(hours=1, seconds=1), "0.0000025"),
        (NOON - timedelta(hours=1), "0.000002"),
        (NOON + DAY, "0.000002"),
    ]
    for instant, price in expected:
        assert (await priced.read("/model/gpt-4o", at=instant.isoformat()))["input_usd_per_token"] == price


async def test_an_instant_may_be_given_in_any_zone(priced: PricingWorld) -> None:
    same = [await priced.read("/model/gpt-4o", at=at) for at in ("2026-11-22T12:00:00Z", "2026-11-22T14:00:00+02:00")]
    assert same[0] == same[1]
    assert same[0]["believed_since"] == "2026-11-22T12:00:00Z"


async def test_before_the_first_snapshot_there_is_no_price(priced: PricingWorld) -> None:
    answer = await priced.get("/model/gpt-4o", at="2020-01-01T00:00:00Z")
    assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize(("at", "status"), [("2026-11-11T23:59:59Z", 404), ("2026-11-12T00:00:00Z", 200)])
async def test_the_packaged_prices_are_believed_from_their_day_on(pricing: PricingWorld, at: str, status: int) -> None:
    assert (await pricing.get("/model/gpt-4o", at=at)).status_code == status


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-11-22T12:00:00", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-23:59", ""]
)
async def test_an_instant_that_is_none_is_named(priced: PricingWorld, at: str) -> None:
    answer = await priced.get("/model/gpt-4o", at=at)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "at")


async def test_an_unpriced_model_is_said_to_be_that(priced: PricingWorld) -> None:
    data = await priced.read("/model/gpt-unpriced")
    assert (data["priced"], data["input_usd_per_token"], data["rates"]) == (False, None, {})


async def test_a_deprecated_model_is_said_to_be_that(priced: PricingWorld) -> None:
    data = await priced.read("/model/gpt-3.5-turbo-0301")
    assert (data["deprecated"], data["deprecation_date"]) == (True, "2024-06-01")


async def test_rates_are_decimal_strings_however_deep_they_stand(pricing: PricingWorld) -> None:
    ladder = [
        {"range": [0, 32000], "input_cost_per_token": 1e-07},
        {"range": [32000, 128000], "input_cost_per_token": 3e-07},
    ]
    pricing.puts_in_force(prices(deep=chat("acme", "1e-10", 1e-6, tiered_pricing=ladder)))
    data = await pricing.read("/model/deep")
    assert data["rates"]["input_cost_per_token"] == "0.0000000001"
    assert data["rates"]["tiered_pricing"][1] == {"range": ["32000", "128000"], "input_cost_per_token": "0.0000003"}
    assert not [each for each in leaves(data["rates"]) if isinstance(each, float)]


async def test_what_is_not_understood_is_shown_as_it_was_published(pricing: PricingWorld) -> None:
    words = {"input_cost_per_handshake": "0930", "output_cost_per_wink": "NaN", "input_cost_per_nod": "1_0"}
    pricing.puts_in_force(prices(odd=chat("acme", 1e-6, 1e-6, **words)))
    data = await pricing.read("/model/odd")
    assert data["unread_cost_keys"] == words
    assert words.keys().isdisjoint(data["rates"])


async def test_a_number_that_would_fill_the_memory_is_shown_as_it_was_published(pricing: PricingWorld) -> None:
    """A price list said 1e999999999 under a key of its own; written out that is a gigabyte."""
    file = prices(vast=chat("acme", 1e-6, 1e-6, input_cost_per_handshake="1e999999999"))
    pricing.puts_in_force(file)
    assert (await pricing.read("/model/vast"))["unread_cost_keys"] == {"input_cost_per_handshake": "1e999999999"}


async def test_every_packaged_model_can_be_shown(pricing: PricingWorld) -> None:
    for provider in (each["provider"] for each in (await pricing.read(""))["provider_comparison"]):
        listed = await pricing.read(f"/provider/{provider}", limit=1, include_deprecated=True)
        shown = await pricing.read(f"/model/{listed['items'][0]['id']}")
        assert shown["id"] == listed["items"][0]["id"]
        assert not [each for each in leaves(shown) if isinstance(each, float)]
