"""GET /api/ai/pricing/changes: what happened to prices, newest first, each event once however it is paged."""

from datetime import timedelta
from typing import Any

import pytest

from testing.fakes.service_keys import NOON
from tests.functions.http.sample_app import error_of
from tests.functions.http.test_paging import forged
from tests.functions.pricing.pricing_world import DAY, PricingWorld, chat, leaves, prices

pytestmark = pytest.mark.anyio


@pytest.fixture
async def eventful(pricing: PricingWorld) -> PricingWorld:
    """Three days: first prices; a change, a deprecation and a newcomer; a leaver and a mistake."""
    pricing.puts_in_force({})
    cheaper = {
        "gpt-4o": chat("openai", 2e-06, 8e-06),
        "gpt-4o-mini": prices()["gpt-4o-mini"] | {"deprecation_date": "2027-01-01"},
    }
    new = {"new": chat("acme", 1e-6, 1e-6)}
    for file in (
        prices(),
        prices(**cheaper, **new),
        prices(**cheaper, new=None, **{"azure/gpt-4o": chat("azure", 0.00275, 0.011)}),
    ):
        pricing.says(file)
        await pricing.refreshed(force=True)
        pricing.clock.pass_s(DAY.total_seconds())
    return pricing


def told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["kind"], each["model"]) for each in events]


async def test_events_come_newest_first_with_before_and_after(eventful: PricingWorld) -> None:
    events = await eventful.items("/changes")
    assert sorted(told(events[:2])) == [("quarantined", "azure/gpt-4o"), ("removed", "acme/new")]
    assert sorted(told(events[2:5])) == [
        ("added", "acme/new"),
        ("deprecation", "openai/gpt-4o-mini"),
        ("price", "openai/gpt-4o"),
    ]
    assert {kind for kind, _ in told(events[5:])} == {"added"}
    assert len(events) == 5 + len(prices())
    change = next(each for each in events if each["kind"] == "price")
    assert (change["before"]["input_cost_per_token"], change["after"]["input_cost_per_token"]) == (
        "0.0000025",
        "0.000002",
    )
    assert (change["at"], change["source"]) == ("2026-11-24T12:00:00Z", "litellm")
    assert not [each for each in leaves(events) if isinstance(each, float)]


async def test_what_was_quarantined_says_why(eventful: PricingWorld) -> None:
    (event,) = await eventful.items("/changes", kind="quarantined")
    assert "1,000 a million" in event["reason"]
    assert (event["before"]["input_cost_per_token"], event["after"]["input_cost_per_token"]) == (
        "0.00000275",
        "0.00275",
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
async def test_pages_hold_every_event_once(eventful: PricingWorld, limit: int) -> None:
    pages = await eventful.pages("/changes", limit=limit)
    events = [each for page in pages for each in page["items"]]
    assert events == await eventful.items("/changes", limit=200)
    assert all(len(page["items"]) == limit for page in pages[:-1])


@pytest.mark.parametrize("limit", [1, 200])
async def test_filters_are_applied_before_the_page_is_cut(eventful: PricingWorld, limit: int) -> None:
    events = await eventful.items("/changes", limit=limit, provider="openai", kind="added")
    assert {each["provider"] for each in events} == {"openai"}
    assert len(events) == 6


@pytest.mark.parametrize("kind", ["added", "removed", "price", "deprecation", "quarantined"])
async def test_a_kind_is_asked_for_alone(eventful: PricingWorld, kind: str) -> None:
    events = await eventful.items("/changes", kind=kind)
    assert {each["kind"] for each in events} == {kind}


async def test_a_model_is_asked_for_by_any_spelling(eventful: PricingWorld) -> None:
    by_id, by_name = [await eventful.items("/changes", model=name) for name in ("openai/gpt-4o", "GPT_4o")]
    assert told(by_id) == told(by_name) == [("price", "openai/gpt-4o"), ("added", "openai/gpt-4o")]


async def test_a_provider_is_asked_for_by_the_price_files_name_too(pricing: PricingWorld) -> None:
    pricing.puts_in_force({})
    pricing.says(prices(**{"gemini/g": chat("gemini", 1e-6, 1e-6)}))
    await pricing.refreshed()
    assert told(await pricing.items("/changes", provider="gemini")) == [("added", "google/g")]


@pytest.mark.parametrize(("seconds", "count"), [(0, 5), (1, 2)])
async def test_since_includes_its_instant(eventful: PricingWorld, seconds: int, count: int) -> None:
    since = NOON + DAY + timedelta(seconds=seconds)
    assert len(await eventful.items("/changes", since=since.isoformat())) == count


async def test_a_model_that_is_gone_for_good_still_has_its_events(pricing: PricingWorld) -> None:
    """`openai/o-2025-01-31` once meant the undated `openai/o` as soon as it had left, and showed that one's events."""
    pricing.puts_in_force({})
    gone = prices(**{"o": chat("openai", 1e-6, 1e-6), "o-2025-01-31": chat("openai", 2e-6, 2e-6)})
    for file in (gone, *[prices(o=chat("openai", 1e-6, 1e-6))] * 5):
        pricing.says(file)
        await pricing.refreshed(force=True)
    events = await pricing.items("/changes", model="openai/o-2025-01-31")
    assert ("removed", "openai/o-2025-01-31") in told(events)
    assert ("added", "openai/o-2025-01-31") in told(events)
    spans = await pricing.read("/history/openai/o-2025-01-31")
    assert (spans["model"], spans["match"]) == ("openai/o-2025-01-31", "exact")
    assert [each["rates"]["input_cost_per_token"] for each in spans["items"]] == ["0.000002"]


async def test_nothing_happened_is_an_empty_page(pricing: PricingWorld) -> None:
    assert await pricing.read("/changes") == {"items": [], "next_cursor": None}
    assert await pricing.read("/changes", provider="openai", model="gpt-4o") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"kind": "changed"}, "kind"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-23T12:00:00"}, "since"),
        ({"model": "x" * 257}, "model"),
        ({"provider": "x" * 65}, "provider"),
        ({"limit": 201}, "limit"),
        ({"cursor": forged({"sequence": "2", "event": 0})}, "cursor"),
        ({"cursor": forged({"sequence": 2, "event": -1})}, "cursor"),
        ({"cursor": forged({"sequence": -2, "event": 0})}, "cursor"),
        ({"cursor": forged({"sequence": 10**12, "event": 0})}, "cursor"),
        ({"cursor": forged({"sequence": 2})}, "cursor"),
        ({"cursor": forged({"from_span": 2})}, "cursor"),
    ],
)
async def test_a_wrong_parameter_is_named(eventful: PricingWorld, params: dict[str, Any], field: str) -> None:
    answer = await eventful.get("/changes", **params)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, field)
