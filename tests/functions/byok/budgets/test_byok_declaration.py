"""Documents that declare tenants: a plan, the change, nothing the second time, and nothing of one with a fault."""

from copy import deepcopy
from typing import Any

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.ledger.end_users import EndUser
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

ACME: dict[str, Any] = {
    "name": "Acme",
    "time_zone": "Europe/Berlin",
    "teams": {"research": {"name": "Research", "people": ["ann"]}},
    "budgets": [
        {"window": "month", "limit_usd": "500"},
        {"scope": "person:*", "window": "day", "limit_usd": 20, "near": [{"at": 80, "do": "prefer_cheaper"}]},
        {"scope": "team:research", "window": "day", "limit_usd": "0.005"},
    ],
    "allow_lists": [{"scope": "team:research", "models": ["openai/*"]}],
    "prices": [{"models": "openai/gpt-4o", "discount_percent": "10"}],
    "price_alerts": {"threshold_usd": "5"},
}
MADE = [
    ("create", "tenant", "acme"),
    ("create", "team", "research"),
    ("create", "budget", "tenant month"),
    ("create", "budget", "person:* day"),
    ("create", "budget", "team:research day"),
    ("create", "allow_list", "team:research"),
    ("create", "price", "openai/gpt-4o"),
    ("create", "price_alerts", ""),
]


async def declared(byok: ByokWorld, tenants: dict[str, Any], *, dry_run: bool = False) -> list[tuple[str, str, str]]:
    answer = await byok.ask("POST", "/declaration", tenant=OPERATOR, json={"tenants": tenants, "dry_run": dry_run})
    return [(each["how"], each["what"], each["subject"]) for each in data_of(answer)["changes"]]


async def test_a_plan_changes_nothing_and_the_change_is_the_plan_and_then_there_is_none(byok: ByokWorld) -> None:
    assert await declared(byok, {"acme": ACME}, dry_run=True) == MADE
    assert (await byok.ask("GET", "/tenants/acme", tenant=OPERATOR)).status_code == 404
    assert await declared(byok, {"acme": ACME}) == MADE
    assert await declared(byok, {"acme": ACME}) == []
    assert await declared(byok, {"acme": ACME}, dry_run=True) == []


async def test_what_is_declared_binds_calls(byok: ByokWorld) -> None:
    await declared(byok, {str(OURS): {"teams": ACME["teams"], "budgets": ACME["budgets"]}})
    byok.money.start_over()
    with pytest.raises(BudgetExceeded) as refused:
        byok.money.spending.hold(byok.money.attempt(usd("0.01"), tenant=OURS, end_user=EndUser("ann")))
    assert refused.value.details["scope"] == "team:research"


async def test_a_list_that_is_given_is_all_there_is_and_what_is_left_out_stays(byok: ByokWorld) -> None:
    await declared(byok, {"acme": ACME})
    byok.clock.pass_s(1)
    less = {"teams": {}, "budgets": [{"window": "month", "limit_usd": "600"}], "allow_lists": [], "prices": []}
    assert await declared(byok, {"acme": less}) == [
        ("remove", "budget", "person:* day"),
        ("remove", "budget", "team:research day"),
        ("change", "budget", "tenant month"),
        ("remove", "allow_list", "team:research"),
        ("remove", "price", "openai/gpt-4o"),
        ("remove", "team", "research"),
    ]
    assert await declared(byok, {"acme": {"name": "Acme"}}) == []
    assert await declared(byok, {"acme": less}) == []


def faulty(**more: Any) -> dict[str, Any]:
    return {**deepcopy(ACME), **more}


@pytest.mark.parametrize(
    ("tenants", "status", "place"),
    [
        ({"acme": faulty(), "Other!": {}}, 422, "Other!"),
        ({"acme": faulty(name=None)}, 422, "tenants.acme.name"),
        ({"acme": faulty(time_zone="Mars/Olympus")}, 422, "time_zone"),
        ({"acme": faulty(budgets=[{"scope": "team:none", "window": "day", "limit_usd": "1"}])}, 404, "budgets.0"),
        ({"acme": faulty(budgets=[{"window": "day", "limit_usd": None}])}, 422, "tenants.acme.budgets.0.limit_usd"),
        ({"acme": faulty(budgets=[{"window": "fortnight", "limit_usd": "1"}])}, 422, "budgets.0.window"),
        (
            {"acme": faulty(budgets=[{"window": "day", "limit_usd": "1"}, {"window": "day", "limit_usd": "2"}])},
            422,
            "tenants.acme.budgets.1.scope",
        ),
        ({"acme": faulty(teams={}, budgets=ACME["budgets"])}, 404, "budgets.2"),
        ({"acme": faulty(allow_lists=[{"scope": "tenant", "models": ["no-such"]}])}, 422, "allow_lists.0.models.0"),
        (
            {"acme": faulty(allow_lists=[{"scope": "tenant", "models": [each]} for each in ("openai/*", "*")])},
            422,
            "tenants.acme.allow_lists.1.scope",
        ),
        ({"acme": faulty(prices=[{"models": "openai/none", "discount_percent": "1"}])}, 422, "prices.0.models"),
        (
            {"acme": faulty(prices=[{"models": "openai/*", "discount_percent": "95"}])},
            422,
            "tenants.acme.prices.0.models",
        ),
        ({"acme": faulty(teams={"x": {"name": "X", "service_keys": ["nobodysKey12"]}})}, 404, "teams.x.service_keys.0"),
    ],
    ids=range(13),
)
async def test_a_fault_names_its_place_and_nothing_is_changed(
    byok: ByokWorld, tenants: dict[str, Any], status: int, place: str
) -> None:
    answer = await byok.ask("POST", "/declaration", tenant=OPERATOR, json={"tenants": tenants})
    assert answer.status_code == status, answer.text
    assert place in str(answer.json()["error"])
    assert (await byok.ask("GET", "/tenants/acme", tenant=OPERATOR)).status_code == 404


@pytest.mark.parametrize(
    ("more", "has"),
    [
        ({}, "budgets"),
        ({"budgets": []}, "an allow-list"),
        ({"budgets": [], "allow_lists": [{"scope": "team:research", "models": ["openai/*"]}]}, "an allow-list"),
    ],
    ids=["a budget that stays", "a list that stays", "a list that is declared"],
)
async def test_a_team_is_not_left_out_while_something_is_of_it(byok: ByokWorld, more: dict[str, Any], has: str) -> None:
    await declared(byok, {"acme": ACME})
    byok.clock.pass_s(1)
    asked = {"tenants": {"acme": {"teams": {}, **more}}}
    answer = await byok.ask("POST", "/declaration", tenant=OPERATOR, json=asked)
    assert (answer.status_code, f"leaves out research, which has {has}" in answer.text) == (422, True)
    assert await declared(byok, {"acme": ACME}) == []


async def test_a_limit_below_what_is_spent_is_refused_before_anything_is_changed(byok: ByokWorld) -> None:
    byok.money.budget("1", tenant=OURS)
    byok.money.spend(usd("0.6"), tenant=OURS)
    budgets = [{"window": "day", "limit_usd": "0.5"}, {"scope": "person:*", "window": "day", "limit_usd": "1"}]
    asked = {"tenants": {str(OURS): {"name": "New name", "budgets": budgets}}}
    answer = await byok.ask("POST", "/declaration", tenant=OPERATOR, json=asked)
    assert answer.status_code == 422
    assert f"tenants.{OURS}.budgets.0.limit_usd is below the 0.6" in answer.json()["error"]["message"]
    assert [each["scope"] for each in (await byok.read("/budgets"))["items"]] == ["tenant"]


async def test_an_admin_of_a_tenant_declares_that_one_and_no_other(byok: ByokWorld) -> None:
    mine = {"tenants": {str(OURS): {"budgets": [{"window": "day", "limit_usd": "3"}]}}}
    assert len(data_of(await byok.ask("POST", "/declaration", json=mine))["changes"]) == 1
    for other in (str(THEIRS), "nobody"):
        asked = {"tenants": {**mine["tenants"], other: {"name": "Mine now", "budgets": []}}}
        assert (await byok.ask("POST", "/declaration", json=asked)).status_code == 404
