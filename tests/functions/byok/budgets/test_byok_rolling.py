"""Budgets of rolling windows by the API."""

import pytest

from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, ByokWorld

pytestmark = pytest.mark.anyio


async def test_a_rolling_budget_shows_what_is_free_again_next_instead_of_a_reset(byok: ByokWorld) -> None:
    answer = await byok.ask("PUT", "/budgets", json={"window": "rolling-day", "limit_usd": "10"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["budget"]["next_free"] is None
    byok.money.spend(usd("0.5"), tenant=OURS)
    (shown,) = (await byok.read("/budgets"))["items"]
    assert (shown["window"], shown["resets_at"], shown["spent_usd"]) == ("rolling-day", None, "0.5")
    assert shown["next_free"] == {"at": "2026-11-24T13:00:00Z", "amount": "0.5"}
    cleared = await byok.ask("PUT", "/budgets", json={"window": "rolling-day", "limit_usd": None})
    assert cleared.json()["data"]["cleared"] is True


async def test_a_window_that_cannot_be_is_named(byok: ByokWorld) -> None:
    answer = await byok.ask("PUT", "/budgets", json={"window": "rolling-total", "limit_usd": "10"})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]["fields"]] == ["window"]


async def test_a_rolling_budget_is_declared_beside_a_calendar_one_and_the_same_again_changes_nothing(
    byok: ByokWorld,
) -> None:
    budgets = [{"window": "month", "limit_usd": "500"}, {"window": "rolling-week", "limit_usd": "200"}]
    document = {"tenants": {str(OURS): {"budgets": budgets}}}
    made = (await byok.ask("POST", "/declaration", tenant=OPERATOR, json=document)).json()["data"]["changes"]
    assert [each["subject"] for each in made] == ["tenant month", "tenant rolling-week"]
    assert (await byok.ask("POST", "/declaration", tenant=OPERATOR, json=document)).json()["data"]["changes"] == []
