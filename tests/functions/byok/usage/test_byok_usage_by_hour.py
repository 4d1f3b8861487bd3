"""Usage by hour and by tier, from the ledger's rows: the same sums, in finer groups."""

from datetime import timedelta
from decimal import Decimal

import pytest

from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.services.ledger.reports import read_usage
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, ByokWorld
from tests.functions.pricing.pricing_world import DAY

pytestmark = pytest.mark.anyio

OF_GPT_4O = usd("0.0035")  # 1,000 x 2.5e-06 + 100 x 1e-05


async def test_hours_and_tiers_come_to_what_days_come_to_whatever_stands_beside_them(byok: ByokWorld) -> None:
    for number in range(9):
        user = EndUser("ann" if number % 2 else None, f"s-{number}")
        byok.called(("openai/gpt-4o", "openai/gpt-4o-mini")[number % 2], end_user=user)
        byok.clock.now += timedelta(hours=5)
    total = (await byok.read("/usage"))["total"]
    for group_by in (["hour"], ["tier", "day"], ["hour", "user", "provider_key"], ["tier", "model", "session", "key"]):
        found = await byok.read("/usage", group_by=group_by)
        assert found["total"] == total
        assert sum(Decimal(each["cost_usd"]) for each in found["series"]) == Decimal(total["cost_usd"])
        assert sum(each["calls"] for each in found["series"]) == 9
    of_ann = await byok.read("/usage", group_by=["hour"], user="ann")
    assert (of_ann["total"]["calls"], len(of_ann["series"])) == (4, 4)
    one_day = await byok.read("/usage", group_by=["hour"], from_="2026-11-24", to="2026-11-24")
    assert {each["group"]["hour"][:10] for each in one_day["series"]} == {"2026-11-24"}


async def test_a_correction_stands_at_the_hour_of_its_call(byok: ByokWorld) -> None:
    path = f"/usage/calls/{byok.called().attempt.call_id}/corrections"
    byok.clock.now += 2 * DAY
    body = {"amount_usd": "-0.001", "reason": "the provider credited it", "correction_id": "ticket-7"}
    answer = await byok.ask("POST", path, tenant=OPERATOR, params={"tenant": OURS}, json=body)
    assert answer.status_code == 201
    [group] = (await byok.read("/usage", group_by=["hour"]))["series"]
    assert (group["group"]["hour"], group["calls"], group["corrections"]) == ("2026-11-23T12", 1, 1)
    assert Decimal(group["cost_usd"]) == OF_GPT_4O - usd("0.001")


async def test_hours_of_more_rows_than_are_read_at_once_are_refused_and_the_period_is_named(
    byok: ByokWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_usage, "MAX_ROWS", 2)
    for calls, status in ((2, 200), (1, 422)):
        for _ in range(calls):
            byok.called()
        answer = await byok.ask("GET", "/usage", params={"group_by": "hour"})
        assert answer.status_code == status
    assert "from names a period of more than 2 ledger rows" in answer.json()["error"]["message"]
