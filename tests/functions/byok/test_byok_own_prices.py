"""Own prices over HTTP: set, ended, refused where they are absurd; proofs and re-costing with the list beside them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from functions.pricing.main import GROUP as PRICING
from testing.group_app import GroupApp
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

OF_GPT_4O = usd("0.0035")  # 1,000 x 2.5e-06 + 100 x 1e-05, by the list
PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}


async def agreed(byok: ByokWorld, status: int = 201, **body: Any) -> Any:
    answer = await byok.ask("POST", "/prices", tenant=OURS, json={"models": "openai/gpt-4o", **body})
    assert answer.status_code == status, answer.text
    return data_of(answer) if status == 201 else answer.json()["error"]


async def test_the_proof_shows_list_and_own_price_line_by_line_for_ever(byok: ByokWorld) -> None:
    price = await agreed(byok, discount_percent="20", display={"currency": "EUR", "per_usd": "0.9"})
    row = byok.called(own_price=price["id"])
    await byok.ask("DELETE", f"/prices/{price['id']}", tenant=OURS)
    proof = (await byok.read(f"/usage/calls/{row.attempt.call_id}"))["attempts"][0]["proof"]
    own = proof["own_price"]
    assert (own["price"]["factor"], own["price"]["until"] is None) == ("0.8", False)
    assert Decimal(proof["total_usd"]) == OF_GPT_4O * usd("0.8")
    assert Decimal(own["list_total_usd"]) == OF_GPT_4O
    assert Decimal(own["display_total"]) == OF_GPT_4O * usd("0.8") * usd("0.9")
    pairs = [
        (mine["rate_key"], mine["rate_usd"], list_["rate_usd"])
        for mine, list_ in zip(proof["lines"], own["list_lines"], strict=True)
    ]
    assert pairs == [
        ("input_cost_per_token", "0.000002", "0.0000025"),
        ("output_cost_per_token", "0.000008", "0.00001"),
    ]


async def test_recosting_works_on_both(byok: ByokWorld) -> None:
    byok.called()
    await agreed(byok, rates={"input_cost_per_token": "0.000001"})
    for prices, amount in (("own", "0.002"), ("list", "0.0035")):
        found = await byok.ask("POST", "/usage/reprice", tenant=OURS, json={**PERIOD, "prices": prices})
        assert Decimal(data_of(found)["answers"][0]["hypothetical_usd"]) == usd(amount)
    before = (byok.clock.now - timedelta(hours=1)).isoformat()
    found = await byok.ask("POST", "/usage/reprice", tenant=OURS, json={**PERIOD, "at": before})
    assert Decimal(data_of(found)["answers"][0]["hypothetical_usd"]) == OF_GPT_4O


@pytest.mark.parametrize(
    "body",
    [
        {"discount_percent": "95"},
        {"margin_percent": "901"},
        {"rates": {"input_cost_per_token": "2.5"}},
        {"rates": {"output_cost_per_token": "0.0000009"}},
        {"rates": {"input_cost_per_token": "0"}},
        {"discount_percent": "100"},
    ],
)
async def test_what_is_far_from_the_list_takes_a_second_word(byok: ByokWorld, body: dict[str, Any]) -> None:
    error = await agreed(byok, 422, **body)
    assert error["code"] == "implausible_price"
    assert error["details"]["rates"][0]["list"] is not None
    assert (await byok.read("/prices"))["items"] == []
    await agreed(byok, **body, confirm=True)


@pytest.mark.parametrize(
    "body", [{"discount_percent": "90"}, {"margin_percent": "900"}, {"rates": {"input_cost_per_token": "0.000025"}}]
)
async def test_ten_times_is_not_far(byok: ByokWorld, body: dict[str, Any]) -> None:
    await agreed(byok, **body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"discount_percent": "10", "surprise": 1}, "surprise"),
        ({}, ""),
        ({"discount_percent": "10", "margin_percent": "10"}, ""),
        ({"rates": {"cost_of_living": "1"}}, "rates.cost_of_living"),
        ({"discount_percent": "10", "models": "openai/gpt-nonesuch"}, "models"),
        ({"discount_percent": "10", "models": "nobody/*"}, "models"),
        ({"discount_percent": "10", "model": {}, "models": "openai/gpt-new"}, "rates"),
        ({"rates": {"input_cost_per_token": "0.000001"}, "model": {}}, "model"),
        ({"discount_percent": "10", "until": "2020-01-01T00:00:00Z"}, "until"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(byok: ByokWorld, body: dict[str, Any], field: str) -> None:
    answer = await byok.ask("POST", "/prices", tenant=OURS, json={"models": "openai/gpt-4o", **body})
    assert answer.status_code == 422
    assert field in answer.text
    assert (await byok.read("/prices"))["items"] == []


async def test_the_operators_precede_and_only_it_ends_them(byok: ByokWorld) -> None:
    own = await agreed(byok, discount_percent="20")
    set_ = await byok.ask(
        "POST", "/prices?tenant=tenant-a", tenant=OPERATOR, json={"models": "openai/*", "margin_percent": "10"}
    )
    theirs = data_of(set_)
    assert [each["id"] for each in (await byok.read("/prices"))["items"]] == [theirs["id"], own["id"]]
    assert theirs["by_operator"]
    assert (await byok.ask("DELETE", f"/prices/{theirs['id']}", tenant=OURS)).status_code == 409
    assert (await byok.ask("DELETE", f"/prices/{own['id']}", tenant=THEIRS)).status_code == 404
    for _ in range(2):
        assert (await byok.ask("DELETE", f"/prices/{theirs['id']}?tenant=tenant-a", tenant=OPERATOR)).status_code == 200
    assert [each["id"] for each in (await byok.read("/prices"))["items"]] == [own["id"]]
    told = [(entry.action, entry.subject, entry.by_operator) for entry in byok.audit.all if entry.tenant == OURS]
    assert [each for each in told if each[0].startswith("own_price")] == [
        ("own_price.set", own["id"], False),
        ("own_price.set", theirs["id"], True),
        ("own_price.ended", theirs["id"], True),
    ]


async def test_a_key_that_only_reads_sets_nothing(byok: ByokWorld) -> None:
    answer = await byok.ask(
        "POST", "/prices", scopes=(Scope.USAGE_READ,), json={"models": "openai/gpt-4o", "discount_percent": "1"}
    )
    assert answer.status_code == 403


async def test_the_same_price_again_is_refused_and_names_the_one_that_is_there(byok: ByokWorld) -> None:
    price = await agreed(byok, discount_percent="20", note="2026")
    byok.clock.pass_s(30)  # the answer was lost, and the request is sent again
    again = await agreed(byok, 409, discount_percent="20", note="2026")
    assert (again["code"], again["details"]["price_id"]) == ("conflict", price["id"])
    assert [each["id"] for each in (await byok.read("/prices"))["items"]] == [price["id"]]


@pytest.mark.parametrize(
    "other",
    [{"discount_percent": "21"}, {"note": "2027"}, {"until": "2027-01-01T00:00:00Z"}, {"from": "2026-12-01T00:00:00Z"}],
)
async def test_a_price_that_says_anything_else_is_another(byok: ByokWorld, other: dict[str, Any]) -> None:
    await agreed(byok, discount_percent="20", note="2026")
    await agreed(byok, **{"discount_percent": "20", "note": "2026"} | other)


async def test_a_price_that_was_ended_may_be_set_again(byok: ByokWorld) -> None:
    price = await agreed(byok, discount_percent="20")
    await byok.ask("DELETE", f"/prices/{price['id']}", tenant=OURS)
    byok.clock.pass_s(1)
    await agreed(byok, discount_percent="20")


def asked_of_pricing(byok: ByokWorld, *scopes: Scope) -> httpx.AsyncClient:
    """A caller of ours of the pricing function."""
    app = GroupApp(lambda: byok.container, PRICING)
    headers = {"authorization": f"Bearer {byok.key(OURS, *scopes)}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://p/api/ai/pricing", headers=headers)


async def test_look_ups_and_estimates_show_the_own_price_beside_the_lists(byok: ByokWorld) -> None:
    price = await agreed(byok, discount_percent="20")
    client = asked_of_pricing(byok)
    shown = data_of(await client.get("/model/openai/gpt-4o"))
    own = {"price_id": price["id"], "input_usd_per_token": "0.000002", "output_usd_per_token": "0.000008"}
    assert (shown["input_usd_per_token"], shown["own"]) == ("0.0000025", own)
    listed = {each["id"]: each["own"] for each in data_of(await client.get("/provider/openai"))["items"]}
    assert (listed["openai/gpt-4o"], listed["openai/gpt-4o-mini"]) == (own, None)
    body = {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100}
    estimate = data_of(await client.post("/estimate", json=body))
    assert (estimate["total_usd"], estimate["own_total_usd"]) == ("0.0035", "0.0028")


async def test_own_prices_are_shown_to_keys_that_read_usage_alone(byok: ByokWorld) -> None:
    await agreed(byok, discount_percent="20")
    client = asked_of_pricing(byok, Scope.CHAT)
    assert data_of(await client.get("/model/openai/gpt-4o"))["own"] is None
    body = {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100}
    assert data_of(await client.post("/estimate", json=body))["own_total_usd"] is None
