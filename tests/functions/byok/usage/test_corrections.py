"""Corrections of what a call cost, which the operator alone enters."""

from decimal import Decimal

import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from testing.money_world import usd
from tests.functions.byok.byok_world import OF_GPT_4O, OPERATOR, OURS, ByokWorld

pytestmark = pytest.mark.anyio


async def test_a_correction_stands_beside_the_row_counts_once_and_says_why(byok: ByokWorld) -> None:
    byok.money.budget("1")
    row = byok.called()
    path = f"/usage/calls/{row.attempt.call_id}/corrections"
    body = {"amount_usd": "-0.001", "reason": "the provider credited it", "correction_id": "ticket-7"}
    for _ in range(2):
        answer = await byok.ask("POST", path, tenant=OPERATOR, params={"tenant": OURS}, json=body)
        assert (answer.status_code, answer.json()["data"]["cost_usd"]) == (201, "-0.001")
    byok.clock.pass_s(11)
    byok.money.roll_up.run()
    call = await byok.read(f"/usage/calls/{row.attempt.call_id}")
    assert Decimal(call["cost_usd"]) == OF_GPT_4O - usd("0.001")
    assert [(each["status"], each["reason"]) for each in call["attempts"]] == [
        ("succeeded", None),
        ("correction", "the provider credited it"),
    ]
    assert Decimal((await byok.read("/usage"))["total"]["cost_usd"]) == OF_GPT_4O - usd("0.001")
    assert Decimal((await byok.read("/budgets"))["items"][0]["spent_usd"]) == OF_GPT_4O - usd("0.001")
    assert byok.money.check().drift == {}
    changed = body | {"amount_usd": "-0.002"}
    other = await byok.ask("POST", path, tenant=OPERATOR, params={"tenant": OURS}, json=changed)
    assert other.status_code == 422


async def test_corrections_are_the_operators_alone_and_of_calls_that_are_there(byok: ByokWorld) -> None:
    row = byok.called()
    body = {"amount_usd": "-0.001", "reason": "because", "correction_id": "a"}
    path = f"/usage/calls/{row.attempt.call_id}/corrections"
    own = await byok.ask("POST", path, json=body)
    assert (own.status_code, own.json()["error"]["code"]) == (403, "operator_only")
    assert (await byok.ask("POST", path, tenant=OPERATOR, scopes=(Scope.USAGE_READ,), json=body)).status_code == 403
    assert (await byok.ask("POST", path, tenant=OPERATOR, json=body)).status_code == 404
    assert len(byok.money.rows(OURS)) == 1


async def test_corrections_take_off_what_a_call_cost_and_not_more(byok: ByokWorld) -> None:
    path = f"/usage/calls/{byok.called().attempt.call_id}/corrections"
    for number, (amount, status) in enumerate(
        [("-0.0036", 422), ("-0.0030", 201), ("-0.0006", 422), ("-0.0005", 201), ("-0.000000000001", 422)]
    ):
        body = {"amount_usd": amount, "reason": "the provider credited it", "correction_id": f"n-{number}"}
        answer = await byok.ask("POST", path, tenant=OPERATOR, params={"tenant": OURS}, json=body)
        assert answer.status_code == status, (amount, answer.text)
        if status == 422:
            assert answer.json()["error"]["details"]["fields"] == [{"field": "amount_usd"}]
    byok.clock.pass_s(61)
    byok.money.roll_up.run()
    assert (await byok.read("/usage"))["total"]["cost_usd"] == "0"


async def test_corrections_bring_no_call_above_what_any_costs(byok: ByokWorld) -> None:
    path = f"/usage/calls/{byok.called().attempt.call_id}/corrections"
    for number, (amount, status) in enumerate([("999.9966", 422), ("999.9965", 201), ("0.000000000001", 422)]):
        body = {"amount_usd": amount, "reason": "searches were not billed", "correction_id": f"n-{number}"}
        answer = await byok.ask("POST", path, tenant=OPERATOR, params={"tenant": OURS}, json=body)
        assert answer.status_code == status, (amount, answer.text)
