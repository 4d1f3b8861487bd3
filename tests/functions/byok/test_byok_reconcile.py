"""Reconciliation over HTTP: a provider's bill beside the ledger, differences explained, corrections drafted."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.ledger.rows import AttemptStatus, Settlement
from atom_llm.domain.pricing.units import Unit
from local.front_door import FrontDoor
from testing.bills import anthropic_cost, anthropic_pages, openai_cost, openai_pages, openai_usage
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, ByokWorld
from tests.functions.pricing.pricing_world import DAY, chat, data_of, prices

pytestmark = pytest.mark.anyio

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
FOR_OURS = {"tenant": str(OURS)}


async def reconciled(
    byok: ByokWorld, bill: dict[str, Any], tenant: TenantId = OPERATOR, params: dict[str, str] | None = None
) -> dict[str, Any]:
    """The answer to an upload, through the front door: by the operator, about our tenant."""
    door = FrontDoor({PREFIX: byok.app}, byok.app)
    headers = {"authorization": f"Bearer {byok.key(tenant)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://door", headers=headers) as door_:
        asked = FOR_OURS if params is None else params
        return data_of(await door_.post(f"{PREFIX}/usage/reconcile", json=bill, params=asked))


def explanations(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Day, model or wording, cause and amount of every explanation."""
    return [
        (group["day"], group["model"], each["cause"], each["amount_usd"])
        for group in found["differences"]
        for each in group["explanations"]
    ]


def a_bill_with_three_differences(byok: ByokWorld) -> dict[str, Any]:
    """Two days of calls, and OpenAI's bill of them: a call that failed here, a price that rose, and a tax."""
    byok.called("openai/gpt-4o")
    byok.called("openai/gpt-4o", input_tokens=2000, cache_read_tokens=1000, output_tokens=50)
    byok.called("openai/gpt-4o-mini")
    lost = byok.money.spending.hold(byok.money.attempt(usd("0.01")))
    byok.money.spending.settle(lost, Settlement(AttemptStatus.FAILED, byok.clock()))
    byok.money.roll_up.run()
    byok.clock.now += DAY
    byok.called("openai/gpt-4o")
    byok.clock.now += timedelta(hours=8)
    byok.puts_in_force(prices(**{"gpt-4o": chat("openai", 3e-06, 1.2e-05)}), byok.clock.now)
    byok.clock.now += 4 * DAY
    return {
        "provider": "openai",
        "costs": {
            "pages": openai_pages(
                {
                    MONDAY: [
                        openai_cost("gpt-4o-2024-08-06, input", 0.005, 2000),
                        openai_cost("gpt-4o-2024-08-06, cached input", 0.00125, 1000),
                        openai_cost("gpt-4o-2024-08-06, output", 0.0015, 150),
                        openai_cost("gpt-4o-mini-2024-07-18, input", 0.0003, 2000),
                        openai_cost("gpt-4o-mini-2024-07-18, output", 0.00012, 200),
                    ],
                    TUESDAY: [
                        openai_cost("gpt-4o-2024-08-06, input", 0.003, 1000),
                        openai_cost("gpt-4o-2024-08-06, output", 0.0012, 100),
                        openai_cost("Sales tax", 0.01),
                    ],
                }
            )
        },
        "usage": {
            "pages": openai_pages(
                {
                    MONDAY: [
                        openai_usage("gpt-4o-2024-08-06", 2, (3000, 150), cached=1000),
                        openai_usage("gpt-4o-mini-2024-07-18", 2, (2000, 200)),
                    ],
                    TUESDAY: [openai_usage("gpt-4o-2024-08-06", 1, (1000, 100))],
                }
            )
        },
    }


async def test_three_planted_differences_are_found_and_explained(byok: ByokWorld) -> None:
    found = await reconciled(byok, a_bill_with_three_differences(byok))
    assert explanations(found) == [
        ("2026-11-23", "gpt-4o-mini", "missing_call", "0.00021"),
        ("2026-11-24", "Sales tax", "tax", "0.01"),
        ("2026-11-24", "gpt-4o", "price_at_that_time", "0.0007"),
    ]
    missing, _, price = found["differences"]
    assert missing["explanations"][0]["calls"] == 1
    assert "1 failed attempts" in missing["explanations"][0]["note"]
    assert "list in force since 2026-11-24 20:00 UTC" in price["explanations"][0]["note"]
    assert (found["matched"], found["rows_complete"]) == (1, True)
    explained = sum(map(Decimal, found["by_cause"].values()))
    assert Decimal(found["billed_usd"]) - Decimal(found["booked_usd"]) == explained


async def test_corrections_that_are_drafted_and_entered_leave_nothing_but_the_tax(byok: ByokWorld) -> None:
    bill = a_bill_with_three_differences(byok)
    for group in (await reconciled(byok, bill))["differences"]:
        for draft in group["corrections"]:
            path = f"/usage/calls/{draft.pop('call_id')}/corrections"
            answer = await byok.ask("POST", path, tenant=OPERATOR, params=FOR_OURS, json=draft)
            assert answer.status_code == 201, answer.text
    assert {each[2] for each in explanations(await reconciled(byok, bill))} == {
        "missing_call",
        "price_at_that_time",
        "tax",
    }
    byok.clock.pass_s(20)
    byok.money.roll_up.run()  # now the sums have the corrections
    again = await reconciled(byok, bill)
    assert [each[2] for each in explanations(again)] == ["tax"]


async def test_a_tenant_sees_its_own_reconciliation_without_drafts(byok: ByokWorld) -> None:
    bill = a_bill_with_three_differences(byok)
    own = await reconciled(byok, bill, OURS, {})
    assert explanations(own) == explanations(await reconciled(byok, bill))
    assert {each["corrections"] for each in own["differences"]} == {None}


async def test_nothing_is_changed_by_a_reconciliation(byok: ByokWorld) -> None:
    bill = a_bill_with_three_differences(byok)
    before = byok.money.rows(OURS), await byok.read("/usage")
    await reconciled(byok, bill)
    assert (byok.money.rows(OURS), await byok.read("/usage")) == before


async def test_a_bill_of_amounts_alone_names_the_price_that_it_was_made_at(byok: ByokWorld) -> None:
    byok.called("anthropic/claude-sonnet-4-5")
    byok.clock.now += timedelta(hours=8)
    byok.puts_in_force(prices(**{"claude-sonnet-4-5": chat("anthropic", 4e-06, 2e-05)}), byok.clock.now)
    byok.clock.now += DAY
    costs = [
        anthropic_cost("0.4", "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5 Usage - Input Tokens"),
        anthropic_cost("0.2", "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5 Usage - Output Tokens"),
    ]
    found = await reconciled(byok, {"provider": "anthropic", "costs": {"pages": anthropic_pages({MONDAY: costs})}})
    assert explanations(found) == [("2026-11-23", "claude-sonnet-4-5", "price_at_that_time", "0.0015")]
    assert "list in force since 2026-11-23 20:00 UTC" in found["differences"][0]["explanations"][0]["note"]


async def test_a_console_csv_is_read_as_the_api_is(byok: ByokWorld) -> None:
    byok.called("anthropic/claude-sonnet-4-5")
    table = (
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n"
        "2026-11-23,Claude Sonnet 4.5,Default,mine,message,≤ 200k,input_no_cache,0.003,0.003,token\n"
        "2026-11-23,Claude Sonnet 4.5,Default,mine,message,≤ 200k,output,0.0015,0.0015,token\n"
        "2026-11-23,Claude Opus 4.5,Default,mine,message,≤ 200k,output,0.30,0.30,token\n"
    )
    found = await reconciled(byok, {"provider": "anthropic", "costs": {"csv": table}})
    assert found["matched"] == 1
    assert explanations(found) == [("2026-11-23", "claude-opus-4-5", "not_through_us", "0.3")]
    assert found["differences"][0]["billed"]["lines"] == ["costs.csv.line_4"]


STORED = ProviderKeyId("01M844DZG0AD5WNQ0VF9ZREJAS")


async def test_a_bill_by_key_is_compared_by_key_and_other_keys_traffic_is_not_ours(byok: ByokWorld) -> None:
    attempt = replace(byok.money.attempt(usd("0.01"), model="openai/gpt-4o"), provider_key=STORED)
    settled = replace(byok.money.settlement(usd("0.0025")), usage={Unit.INPUT: 1000})
    byok.money.spending.settle(byok.money.spending.hold(attempt), settled)
    byok.money.roll_up.run()
    usage = [
        openai_usage("gpt-4o-2024-08-06", 1, (1000, 0), api_key_id="key_1"),
        openai_usage("gpt-4o-2024-08-06", 7, (9000, 0), api_key_id="key_2"),
    ]
    bill = {"provider": "openai", "usage": {"pages": openai_pages({MONDAY: usage})}, "keys": {"key_1": str(STORED)}}
    found = await reconciled(byok, bill)
    assert found["matched"] == 1
    assert [each[:3] for each in explanations(found)] == [("2026-11-23", "gpt-4o", "not_through_us")]
    assert (found["differences"][0]["key"], found["differences"][0]["explanations"][0]["calls"]) == ("key_2", 7)
    usage[0]["api_key_id"] = None
    answer = await byok.ask("POST", "/usage/reconcile", json=bill)
    assert (answer.status_code, "results.0.api_key_id" in answer.text) == (422, True)


async def test_a_call_over_midnight_is_late_on_both_days_and_nothing_to_correct(byok: ByokWorld) -> None:
    byok.called("openai/gpt-4o")
    byok.clock.now += timedelta(hours=11, minutes=59, seconds=50)
    held = byok.money.spending.hold(byok.money.attempt(usd("0.01"), model="openai/gpt-4o"))
    byok.clock.pass_s(20)
    byok.money.spending.settle(held, replace(byok.money.settlement(usd("0.0025")), usage={Unit.INPUT: 1000}))
    byok.money.roll_up.run()
    days = {
        MONDAY: [openai_usage("gpt-4o-2024-08-06", 1, (1000, 100))],
        TUESDAY: [openai_usage("gpt-4o-2024-08-06", 1, (1000, 0))],
    }
    found = await reconciled(byok, {"provider": "openai", "usage": {"pages": openai_pages(days)}})
    assert explanations(found) == [
        ("2026-11-23", "gpt-4o", "late_settlement", "-0.0025"),
        ("2026-11-24", "gpt-4o", "late_settlement", "0.0025"),
    ]
    assert [each["corrections"] for each in found["differences"]] == [[], []]


async def test_batches_are_told_from_calls_also_where_amounts_hold_both(byok: ByokWorld) -> None:
    byok.called("openai/gpt-4o")
    costs = [
        openai_cost("gpt-4o-2024-08-06, input", "0.00375", 2000),  # 1,000 of a call, and as many at half the price
        openai_cost("gpt-4o-2024-08-06, output", "0.0015", 200),
    ]
    usage = [
        openai_usage("gpt-4o-2024-08-06", 1, (1000, 100)),
        openai_usage("gpt-4o-2024-08-06", 3, (1000, 100), batch=True),
    ]
    pages = {"costs": {"pages": openai_pages({MONDAY: costs})}, "usage": {"pages": openai_pages({MONDAY: usage})}}
    found = await reconciled(byok, {"provider": "openai", **pages})
    assert explanations(found) == [("2026-11-23", "gpt-4o", "not_through_us", "0.00175")]
    assert found["differences"][0]["explanations"][0]["calls"] == 3
    assert found["differences"][0]["corrections"] == []


async def test_pictures_transcripts_tiers_and_batches_are_compared_with_their_own_line_items(byok: ByokWorld) -> None:
    drawn = chat("openai", 5e-06, 0, mode="image_generation", output_cost_per_image_token=4e-05)
    heard = {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 0.0001}
    free = {"litellm_provider": "openai", "mode": "moderation", "input_cost_per_token": 0, "output_cost_per_token": 0}
    more = {"gpt-image-1": drawn, "whisper-1": heard, "omni-moderation-latest": free}
    byok.puts_in_force(prices(**more))
    byok.called("openai/gpt-image-1", input_tokens=12, output_tokens=1056, output_image_tokens=1056)
    byok.called("openai/whisper-1", audio_seconds=4)
    byok.called("openai/omni-moderation-latest", input_tokens=1)
    byok.called("openai/gpt-4o")
    costs = [
        openai_cost("gpt-image-1 text, input", "0.00006", 12),
        openai_cost("gpt-image-1 image, output", "0.04224", 1056),
        openai_cost("whisper", "0.0004", 4, quantity_unit="duration_seconds"),
        openai_cost("priority | gpt-4o-2024-08-06, input", "0.0025", 1000),
        openai_cost("gpt-4o-2024-08-06, output, long context", "0.001", 100),
        openai_cost("batch api | gpt-4o-2024-08-06, input", "0.5", 400000),
    ]
    found = await reconciled(byok, {"provider": "openai", "costs": {"pages": openai_pages({MONDAY: costs})}})
    assert explanations(found) == [("2026-11-23", "gpt-4o", "not_through_us", "0.5")]
    assert found["matched"] == 4


async def test_searches_that_a_bill_has_apart_are_compared_apart(byok: ByokWorld) -> None:
    searched = chat("anthropic", 3e-06, 1.5e-05, search_context_cost_per_query={"search_context_size_medium": 0.01})
    byok.puts_in_force(prices(**{"claude-sonnet-4-5": searched}))
    byok.called("anthropic/claude-sonnet-4-5", input_tokens=1000, output_tokens=100, web_searches=2)
    costs = [
        anthropic_cost("0.45", "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5 Usage"),
        anthropic_cost("3.00", None, "Web Search Usage", cost_type="web_search"),
    ]
    found = await reconciled(byok, {"provider": "anthropic", "costs": {"pages": anthropic_pages({MONDAY: costs})}})
    assert found["matched"] == 1
    (group,) = found["differences"]
    assert (group["model"], group["difference_usd"]) == ("web searches", "0.01")


@pytest.mark.parametrize(
    ("bill", "field"),
    [
        ({"costs": {"csv": "usage_date_utc,model,token_type,cost_usd\n2026-11-23,x,output,much\n"}}, "line_2.cost_usd"),
        ({"costs": {"csv": "usage_date_utc,model,cost_usd\n"}}, "costs.csv.line_1"),
        ({"usage": {"pages": [{"data": [], "has_more": True}]}}, "usage.pages.0.has_more"),
        ({"usage": {"pages": anthropic_pages({MONDAY: [{"model": None}]})}}, "usage.pages.0.data.0.results.0.model"),
    ],
)
async def test_a_line_that_cannot_be_read_is_named_with_its_field(
    byok: ByokWorld, bill: dict[str, Any], field: str
) -> None:
    answer = await byok.ask("POST", "/usage/reconcile", json={"provider": "anthropic"} | bill)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "openai"},
        {"provider": "mistral", "usage": {"csv": "x"}},
        {"provider": "openai", "usage": {"csv": "x", "pages": [{}]}},
        {"provider": "openai", "usage": {"csv": "x"}, "keys": {"a": "not an id"}},
    ],
)
async def test_an_upload_of_another_shape_is_refused(byok: ByokWorld, body: dict[str, Any]) -> None:
    assert (await byok.ask("POST", "/usage/reconcile", json=body)).status_code == 422
