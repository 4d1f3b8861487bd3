"""Carrying over and pools by the API, and declared."""

import pytest

from atom_llm.domain.ledger.end_users import EndUser
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

POOL = {"scope": "pool:shared", "window": "month", "limit_usd": "5"}
ANN = {"scope": "person:ann", "window": "day", "limit_usd": "1", "overflow": "shared"}


async def test_what_is_carried_is_shown_beside_the_limit(byok: ByokWorld) -> None:
    body = {"window": "day", "limit_usd": "1", "carry_over": {"at_most": "0.4"}}
    made = data_of(await byok.ask("PUT", "/budgets", json=body))["budget"]
    assert (made["carry_over"], made["carried_usd"]) == ({"at_most": "0.4"}, "0")
    byok.clock.pass_s(86_400)
    byok.money.spend(usd("0.01"), tenant=OURS)
    (shown,) = (await byok.read("/budgets"))["items"]
    assert (shown["limit_usd"], shown["carried_usd"], shown["remaining_usd"]) == ("1", "0.4", "1.39")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"window": "day", "limit_usd": "1", "carry_over": {"at_most": "2"}}, "carry_over"),
        ({"window": "total", "limit_usd": "1", "carry_over": {"at_most": "1"}}, "carry_over"),
        ({"window": "day", "unit": "calls", "limit": "9", "carry_over": {"at_most": "0.5"}}, "carry_over"),
        ({"window": "day", "limit_usd": "1", "carry_over": {"at_most": "0"}}, "carry_over.at_most"),
        ({**ANN, "overflow": "nobody's"}, "overflow"),
        ({**POOL, "near": [{"at": 50, "do": "prefer_cheaper"}]}, "near"),
    ],
    ids=range(6),
)
async def test_what_cannot_be_is_named_by_its_field(byok: ByokWorld, body: dict[str, object], field: str) -> None:
    answer = await byok.ask("PUT", "/budgets", json=body)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["error"]["details"]["fields"]] == [field]


async def test_a_pool_is_declared_before_what_draws_on_it_in_whatever_order_they_stand(byok: ByokWorld) -> None:
    document = {"tenants": {str(OURS): {"budgets": [ANN, POOL]}}}
    made = data_of(await byok.ask("POST", "/declaration", tenant=OPERATOR, json=document))["changes"]
    assert [each["subject"] for each in made] == ["pool:shared month", "person:ann day"]
    assert data_of(await byok.ask("POST", "/declaration", tenant=OPERATOR, json=document))["changes"] == []
    byok.money.start_over()
    for _ in range(2):
        byok.money.spend(usd("0.8"), tenant=OURS, end_user=EndUser("ann"))
    spent = {each["scope"]: each["spent_usd"] for each in (await byok.read("/budgets"))["items"]}
    assert spent == {"person:ann": "0.8", "pool:shared": "0.8"}
    calls = (await byok.read("/usage/calls"))["items"]
    told = [str(await byok.read(f"/usage/calls/{call['call_id']}")) for call in calls]
    assert sorted("pool:shared month" in each for each in told) == [False, True]


async def test_a_declaration_whose_pool_is_none_is_refused_by_its_place(byok: ByokWorld) -> None:
    document = {"tenants": {str(OURS): {"budgets": [ANN]}}}
    answer = await byok.ask("POST", "/declaration", tenant=OPERATOR, json=document)
    assert answer.status_code == 422
    assert f"tenants.{OURS}.budgets.0.overflow" in answer.text
