"""One budget: set, shown, changed, cleared, and refused by the field."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.end_users import EndUser
from testing.money_world import usd
from tests.functions.byok.byok_world import OURS, THEIRS, ByokWorld

pytestmark = pytest.mark.anyio


async def test_a_budget_is_set_shown_changed_and_cleared(byok: ByokWorld) -> None:
    answer = await byok.ask("PUT", "/budgets", json={"window": "month", "limit_usd": "10"})
    made = answer.json()["data"]["budget"]
    assert (made["limit_usd"], made["mode"], made["alert_at"]) == ("10", "hard", [50, 80, 100])
    byok.called()
    byok.money.spending.hold(byok.money.attempt(usd("0.5")))
    (shown,) = (await byok.read("/budgets"))["items"]
    assert (shown["spent_usd"], shown["held_usd"], shown["open_holds"]) == ("0.0035", "0.5", 1)
    assert (shown["remaining_usd"], shown["resets_at"]) == ("9.4965", "2026-12-01T00:00:00Z")
    byok.clock.pass_s(1)
    await byok.ask("PUT", "/budgets", json={"window": "month", "limit_usd": "5", "mode": "soft", "alert_at": [90, 10]})
    (changed,) = (await byok.read("/budgets"))["items"]
    assert (changed["remaining_usd"], changed["mode"], changed["alert_at"]) == ("4.4965", "soft", [10, 90])
    byok.clock.pass_s(1)
    cleared = await byok.ask("PUT", "/budgets", json={"window": "month", "limit_usd": None})
    assert cleared.json()["data"]["cleared"] is True
    assert (await byok.read("/budgets"))["items"] == []


async def test_a_budget_says_when_it_runs_out(byok: ByokWorld) -> None:
    byok.called()
    await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "0.005"})
    (shown,) = (await byok.read("/budgets"))["items"]
    assert shown["runs_out_at"].startswith("2026-11-23T17:08")  # 0.0035 in twelve hours: the rest in five more


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ("person:*", {"end_user": EndUser("*")}),
        ("session:*", {"end_user": EndUser(None, "*")}),
        ("tag:feature=*", {"tags": {"feature": "*"}}),
    ],
    ids=["person", "session", "tag"],
)
async def test_a_default_is_listed_without_what_a_member_named_like_it_spent(
    byok: ByokWorld, scope: str, named: dict[str, Any]
) -> None:
    """A member's budget of the default binds it as any other; what it spent is not what all of them did."""
    await byok.ask("PUT", "/budgets", json={"scope": scope, "window": "day", "limit_usd": "0.015"})
    byok.money.start_over()
    byok.money.spend(usd("0.01"), tenant=OURS, **named)
    with pytest.raises(BudgetExceeded):
        byok.money.spend(usd("0.01"), tenant=OURS, **named)
    (shown,) = (await byok.read("/budgets"))["items"]
    told = (shown["spent_usd"], shown["remaining_usd"], shown["refused_since"], shown["runs_out_at"])
    assert told == ("0", "0.015", None, None)


async def test_a_budget_of_a_service_key_is_for_a_key_of_ones_own(byok: ByokWorld) -> None:
    own, _ = await byok.issued()
    theirs, _ = await byok.issued(THEIRS)
    for key, status in ((own, 200), (theirs, 404), (ServiceKeyId("nobodysKey12"), 404)):
        body = {"scope": f"service-key:{key}", "window": "day", "limit_usd": "1"}
        assert (await byok.ask("PUT", "/budgets", json=body)).status_code == status


@pytest.mark.parametrize(
    ("scope", "fault"),
    [
        ("model:openai/gpt4o-minii", "no model is known as 'openai/gpt4o-minii'"),
        ("model:openai/GPT-4o-mini", "another spelling of model:openai/gpt-4o-mini"),
        ("model:openai", "PROVIDER/MODEL"),
        ("provider:openai/gpt-4o-mini", "without a model"),
    ],
)
async def test_a_budget_is_not_set_for_a_model_or_a_provider_in_words_that_no_call_has(
    byok: ByokWorld, scope: str, fault: str
) -> None:
    answer = await byok.ask("PUT", "/budgets", json={"scope": scope, "window": "day", "limit_usd": "0"})
    assert (answer.status_code, answer.json()["error"]["details"]) == (422, {"fields": [{"field": "scope"}]})
    assert fault in answer.json()["message"]
    assert (await byok.read("/budgets"))["items"] == []
    cleared = await byok.ask("PUT", "/budgets", json={"scope": scope, "window": "day", "limit_usd": None})
    assert cleared.json()["data"]["cleared"] is False


async def test_a_budget_is_set_for_a_model_of_the_list_or_for_one_that_the_tenant_added(byok: ByokWorld) -> None:
    added = {"models": "openai/our-own", "rates": {"input_cost_per_token": "0.001"}, "model": {}, "confirm": True}
    made = await byok.ask("POST", "/prices", json=added)
    assert made.status_code == 201, made.json()
    for scope in ("model:openai/gpt-4o-mini", "model:openai/our-own"):
        answer = await byok.ask("PUT", "/budgets", json={"scope": scope, "window": "day", "limit_usd": "0"})
        assert (answer.status_code, scope) == (200, scope), answer.json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit_usd": "-1"}, "limit_usd"),
        ({"limit_usd": "1e400"}, "limit_usd"),
        ({"limit_usd": "NaN"}, "limit_usd"),
        ({"limit_usd": "0.0000000000001"}, "limit_usd"),
        ({"window": "year"}, "window"),
        ({"scope": "nobody"}, "scope"),
        ({"mode": "rigid"}, "mode"),
        ({"alert_at": [0]}, "alert_at.0"),
        ({"alert_at": list(range(1, 12))}, "alert_at"),
        ({}, "limit_usd"),
    ],
)
async def test_a_wrong_field_of_a_budget_is_named(byok: ByokWorld, body: dict[str, Any], field: str) -> None:
    given = {"window": "day"} | ({"limit_usd": "1"} if body else {}) | body
    answer = await byok.ask("PUT", "/budgets", json=given)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field
