"""Narrowed holds over HTTP: the operator lists what was billed above its hold, looks, and acknowledges."""

import pytest

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Scope
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

MODEL = "openai/gpt-4o-mini"


def billed(byok: ByokWorld, cost: str, tenant: TenantId = OURS) -> str:
    """A call with a hold of a cent; returns its id."""
    attempt = byok.money.attempt(usd("0.01"), tenant=tenant)
    byok.money.spending.settle(byok.money.spending.hold(attempt), byok.money.settlement(usd(cost)))
    return attempt.call_id


async def test_the_operator_sees_each_model_with_the_calls_that_lead_to_what_is_missing(byok: ByokWorld) -> None:
    ours, theirs = billed(byok, "0.05"), billed(byok, "0.021", THEIRS)
    [found] = (await byok.read("/holds/narrowed", tenant=OPERATOR))["items"]
    assert (found["model"], found["times"]) == (MODEL, "3")
    assert [
        (each["tenant"], each["call_id"], each["held_usd"], each["cost_usd"], each["times"]) for each in found["bills"]
    ] == [(OURS, ours, "0.01", "0.05", "5"), (THEIRS, theirs, "0.01", "0.021", "3")]
    asked = await byok.ask("GET", f"/usage/calls/{ours}", tenant=OPERATOR, params={"tenant": OURS})
    assert data_of(asked)["attempts"][0]["cost_usd"] == "0.05"


async def test_an_acknowledgement_ends_it_and_stands_in_the_operators_audit_log_once(byok: ByokWorld) -> None:
    billed(byok, "0.05")
    [seen] = (await byok.read("/holds/narrowed", tenant=OPERATOR))["items"]
    body = {"model": MODEL, "revision": seen["revision"]}
    answers = [await byok.ask("POST", "/holds/narrowed/acknowledge", tenant=OPERATOR, json=body) for _ in range(2)]
    assert [data_of(answer) for answer in answers] == [
        {"model": MODEL, "was_narrowed": True},
        {"model": MODEL, "was_narrowed": False},
    ]
    assert (await byok.read("/holds/narrowed", tenant=OPERATOR))["items"] == []
    told = [(each.tenant, each.action, each.subject, each.origin) for each in byok.audit.all]
    assert told == [(OPERATOR, "narrowing.acknowledged", MODEL, "203.0.113.9")]


async def test_what_was_billed_again_since_it_was_looked_at_is_a_409_and_changes_nothing(byok: ByokWorld) -> None:
    billed(byok, "0.05")
    [seen] = (await byok.read("/holds/narrowed", tenant=OPERATOR))["items"]
    billed(byok, "0.05", THEIRS)
    body = {"model": MODEL, "revision": seen["revision"]}
    refused = await byok.ask("POST", "/holds/narrowed/acknowledge", tenant=OPERATOR, json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert (len((await byok.read("/holds/narrowed", tenant=OPERATOR))["items"]), byok.audit.all) == (1, [])


@pytest.mark.parametrize("scopes", [(), (Scope.ADMIN,), (Scope.USAGE_READ,)])
async def test_a_tenant_neither_sees_nor_ends_it(byok: ByokWorld, scopes: tuple[Scope, ...]) -> None:
    billed(byok, "0.05")
    listed = await byok.ask("GET", "/holds/narrowed", scopes=scopes)
    ended = await byok.ask("POST", "/holds/narrowed/acknowledge", scopes=scopes, json={"model": MODEL})
    assert (listed.status_code, ended.status_code) == (403, 403)
    assert len((await byok.read("/holds/narrowed", tenant=OPERATOR))["items"]) == 1


@pytest.mark.parametrize("body", [{}, {"model": ""}, {"model": MODEL, "revision": ""}, {"model": MODEL, "times": 1}])
async def test_a_wrong_body_is_a_422_that_names_the_field(byok: ByokWorld, body: dict[str, object]) -> None:
    refused = await byok.ask("POST", "/holds/narrowed/acknowledge", tenant=OPERATOR, json=body)
    assert refused.status_code == 422
