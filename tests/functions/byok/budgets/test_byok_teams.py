"""Teams over HTTP: set, shown, deleted, and the budgets that are of them."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger.end_users import EndUser
from testing.money_world import usd
from tests.functions.byok.byok_world import OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio


async def test_a_team_is_set_shown_and_deleted_with_an_entry_each(byok: ByokWorld) -> None:
    body = {"name": "Platform", "people": ["ann", "bob"]}
    made = data_of(await byok.ask("PUT", "/teams/platform", json=body))
    assert made == {"team_id": "platform", "name": "Platform", "service_keys": [], "people": ["ann", "bob"]}
    assert (await byok.read("/teams"))["items"] == [made]
    assert data_of(await byok.ask("DELETE", "/teams/platform")) == {"team_id": "platform"}
    assert (await byok.read("/teams"))["items"] == []
    assert (await byok.ask("DELETE", "/teams/platform")).status_code == 404


async def test_a_team_s_budget_holds_its_people_and_nobody_else(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/teams/platform", json={"name": "Platform", "people": ["ann"]})
    budget = {"scope": "team:platform", "window": "day", "limit_usd": "0.005"}
    assert (await byok.ask("PUT", "/budgets", json=budget)).status_code == 200
    money = byok.money
    money.start_over()
    with pytest.raises(BudgetExceeded) as refused:
        money.spending.hold(money.attempt(usd("0.01"), tenant=OURS, end_user=EndUser("ann")))
    assert refused.value.details["scope"] == "team:platform"
    money.spending.hold(money.attempt(usd("0.01"), tenant=OURS, end_user=EndUser("bob")))
    assert (await byok.ask("DELETE", "/teams/platform")).status_code == 409


async def test_a_team_that_has_an_allow_list_is_deleted_once_the_list_is_cleared(byok: ByokWorld) -> None:
    """The list stayed, and bound a later team of the same id, or whoever came with a token of it."""
    await byok.ask("PUT", "/teams/platform", json={"name": "Platform", "people": ["ann"]})
    listed = {"scope": "team:platform", "models": ["openai/*"]}
    assert (await byok.ask("PUT", "/allow-lists", json=listed)).status_code == 200
    refused = await byok.ask("DELETE", "/teams/platform")
    assert (refused.status_code, refused.json()["error"]["details"]["scope"]) == (409, "team:platform")
    assert "allow-list" in refused.json()["error"]["message"]
    assert len((await byok.read("/teams"))["items"]) == 1
    assert (await byok.ask("PUT", "/allow-lists", json={**listed, "models": None})).status_code == 200
    assert (await byok.ask("DELETE", "/teams/platform")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/teams/Platform", {"name": "x"}, 422),
        ("/teams/x", {}, 422),
        ("/teams/x", {"name": "x", "service_keys": ["nobodysKey12"]}, 404),
        ("/teams/x", {"name": "x", "people": [""]}, 422),
    ],
)
async def test_what_is_no_team_is_refused(byok: ByokWorld, path: str, body: dict[str, Any], status: int) -> None:
    assert (await byok.ask("PUT", path, json=body)).status_code == status
    assert (await byok.read("/teams"))["items"] == []


async def test_a_team_has_its_tenant_s_own_keys_alone(byok: ByokWorld) -> None:
    (ours, _), (theirs, _) = await byok.issued(OURS), await byok.issued(THEIRS)
    asked = {"name": "Platform", "service_keys": [ours, theirs]}
    assert (await byok.ask("PUT", "/teams/platform", json=asked)).status_code == 404
    assert (await byok.read("/teams"))["items"] == []
    made = data_of(await byok.ask("PUT", "/teams/platform", json=asked | {"service_keys": [ours]}))
    assert made["service_keys"] == [ours]


async def test_another_tenant_s_team_is_as_unknown_as_none(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/teams/data", tenant=THEIRS, json={"name": "Data"})
    assert (await byok.ask("DELETE", "/teams/data")).status_code == 404
    body = {"scope": "team:data", "window": "day", "limit_usd": "1"}
    assert (await byok.ask("PUT", "/budgets", json=body)).status_code == 404
