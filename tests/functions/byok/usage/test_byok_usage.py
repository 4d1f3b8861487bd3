"""Usage over HTTP: totals and series, ledger rows, and proofs that hold offline."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.rows import AttemptStatus
from local import proof
from testing.money_world import usd
from tests.functions.byok.byok_world import OF_GPT_4O, OPERATOR, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import DAY, chat, prices

pytestmark = pytest.mark.anyio


async def test_a_period_comes_to_its_calls(byok: ByokWorld) -> None:
    byok.called()
    byok.called(status=AttemptStatus.FAILED)
    byok.called("openai/gpt-4o-mini", input_tokens=1000, cache_read_tokens=400, output_tokens=0)
    byok.called(tenant=THEIRS)
    total = (await byok.read("/usage"))["total"]
    assert (total["calls"], total["failed_attempts"]) == (2, 1)
    assert Decimal(total["cost_usd"]) == 2 * OF_GPT_4O + usd("0.00015")
    assert total["units"] == {"cache_read": "400", "input": "2600", "output": "200"}
    assert abs(total["latency_ms"]["p50"] / 800 - 1) < 0.13


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        (["day"], [{"day": "2026-11-23"}, {"day": "2026-11-24"}]),
        (["provider"], [{"provider": "anthropic"}, {"provider": "openai"}]),
        (
            ["day", "model"],
            [
                {"day": "2026-11-23", "model": "openai/gpt-4o"},
                {"day": "2026-11-24", "model": "anthropic/claude-sonnet-4-5"},
            ],
        ),
        (["key"], [{"key": "anotherKey12"}, {"key": "keyOfTenantA"}]),
        (["tag"], [{"tag": ""}, {"tag": "feature=b"}, {"tag": "team=a"}]),
        (["provider_key"], [{"provider_key": ""}]),
        (["tier"], [{"tier": ""}]),
        (
            ["hour", "provider"],
            [
                {"hour": "2026-11-23T12", "provider": "openai"},
                {"hour": "2026-11-24T12", "provider": "anthropic"},
            ],
        ),
        (["tier", "tag"], [{"tier": "", "tag": ""}, {"tier": "", "tag": "feature=b"}, {"tier": "", "tag": "team=a"}]),
    ],
)
async def test_a_period_is_grouped_as_asked(byok: ByokWorld, group_by: list[str], groups: list[Any]) -> None:
    byok.called(tags={"team": "a", "feature": "b"})
    byok.clock.now += DAY
    byok.called("anthropic/claude-sonnet-4-5", key=ServiceKeyId("anotherKey12"))
    found = await byok.read("/usage", group_by=group_by)
    assert [each["group"] for each in found["series"]] == groups


async def test_groups_of_disjoint_words_come_to_the_total(byok: ByokWorld) -> None:
    for number in range(12):
        byok.called(("openai/gpt-4o", "openai/gpt-4o-mini")[number % 2], tags={"n": str(number % 3)})
        byok.clock.now += timedelta(hours=7)
    for group_by in (["day"], ["model"], ["day", "model"], ["key", "tag"], ["day", "model", "provider", "key", "tag"]):
        found = await byok.read("/usage", group_by=group_by)
        assert sum(Decimal(each["cost_usd"]) for each in found["series"]) == Decimal(found["total"]["cost_usd"])
        assert sum(each["calls"] for each in found["series"]) == found["total"]["calls"] == 12


async def test_both_ends_of_a_period_are_included(byok: ByokWorld) -> None:
    for _ in range(3):
        byok.called()
        byok.clock.now += DAY
    for first, last, calls in (("23", "25", 3), ("24", "24", 1), ("24", "25", 2), ("26", "26", 0)):
        found = await byok.read("/usage", from_=f"2026-11-{first}", to=f"2026-11-{last}")
        assert found["total"]["calls"] == calls


@pytest.mark.parametrize("path", ["/usage", "/usage/calls"])
@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("0001-01-01", "0001-01-02", 422),
        (None, "0001-01-02", 422),
        ("9999-12-30", "9999-12-31", 422),
        (None, "9999-12-31", 200),
        ("2026-11-01", "9999-12-31", 200),
        ("2026-11-23", "2026-11-23", 200),
    ],
)
async def test_the_ends_of_the_calendar_are_no_period(
    byok: ByokWorld, path: str, first: str | None, last: str, status: int
) -> None:
    time = "T00:00:00Z" if path == "/usage/calls" else ""
    given = {"to": f"{last}{time}"} | ({"from": f"{first}{time}"} if first else {})
    assert (await byok.ask("GET", path, params=given)).status_code == status


async def test_a_call_id_beyond_the_calendar_is_none(byok: ByokWorld) -> None:
    assert (await byok.ask("GET", "/usage/calls/7ZZZZZZZZZZZZZZZZZZZZZZZZZ")).status_code == 422


async def test_a_period_over_the_turn_of_months_is_whole(byok: ByokWorld) -> None:
    byok.clock.now += 8 * DAY  # the first of December
    byok.called()
    byok.clock.now -= DAY
    byok.called()
    byok.clock.now += DAY
    found = await byok.read("/usage", from_="2026-11-30", to="2026-12-01", group_by=["day"])
    assert [each["group"]["day"] for each in found["series"]] == ["2026-11-30", "2026-12-01"]


@pytest.mark.parametrize(
    "params",
    [{"from": "2026-11-24", "to": "2026-11-23"}, {"from": "2020-01-01"}, {"group_by": "colour"}, {"from": "x"}],
)
async def test_a_period_that_cannot_be_is_refused(byok: ByokWorld, params: dict[str, str]) -> None:
    answer = await byok.ask("GET", "/usage", params=params)
    assert answer.status_code == 422
    assert next(iter(params)) in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/usage", "/usage/tenants", "/usage/calls"])
@pytest.mark.parametrize(
    ("first", "last", "field", "fault"),
    [
        ("2026-11-24", "2026-11-23", "from", "after `to`"),
        ("2027-01-01", None, "from", "in the future"),
        ("2027-01-01", "2027-01-01", "from", "in the future"),
        (None, "2019-12-31", "to", "before any deployment"),
        ("2019-12-01", "2019-12-31", "to", "before any deployment"),
    ],
)
async def test_a_period_that_is_none_is_told_by_the_end_that_is_wrong(
    byok: ByokWorld, path: str, first: str | None, last: str | None, field: str, fault: str
) -> None:
    time = "T00:00:00Z" if path == "/usage/calls" else ""
    given = {name: f"{day}{time}" for name, day in (("from", first), ("to", last)) if day}
    answer = await byok.ask("GET", path, tenant=OPERATOR, params=given)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"] == [{"field": field}]
    assert fault in answer.json()["message"]


async def test_rows_come_newest_first_page_by_page(byok: ByokWorld) -> None:
    made = []
    for _ in range(7):
        made.append(byok.called().attempt.call_id)
        byok.clock.now += timedelta(hours=9)
    seen: list[str] = []
    page: dict[str, Any] = {"next_cursor": None}
    while not seen or page["next_cursor"]:
        page = await byok.read("/usage/calls", limit=3, cursor=page["next_cursor"])
        seen += [each["call_id"] for each in page["items"]]
    assert seen == made[::-1]


async def test_rows_are_filtered_before_they_are_counted(byok: ByokWorld) -> None:
    for number in range(6):
        byok.called(("openai/gpt-4o", "anthropic/claude-sonnet-4-5")[number % 2])
    byok.called(status=AttemptStatus.FAILED)
    for params, count in (
        ({"provider": "anthropic"}, 3),
        ({"model": "openai/gpt-4o"}, 4),
        ({"model": "auto"}, 7),  # what was asked for
        ({"status": "failed"}, 1),
        ({"status": "swept"}, 0),
    ):
        answer = await byok.ask("GET", "/usage/calls", params={"limit": "5"} | params)
        found = answer.json()["data"]
        assert len(found["items"]) == min(5, count)
        assert (found["next_cursor"] is None) == (count < 5)


async def test_calls_that_are_under_way_are_listed_as_pending(byok: ByokWorld) -> None:
    held = byok.money.spending.hold(byok.money.attempt(usd("0.01")))
    (pending,) = (await byok.read("/usage/calls", status="pending"))["items"]
    assert (pending["call_id"], pending["status"], pending["held_usd"]) == (held.call_id, "pending", "0.01")
    assert (await byok.read(f"/usage/calls/{held.call_id}"))["attempts"][0]["status"] == "pending"
    byok.money.spending.settle(held, byok.money.settlement())
    assert (await byok.read("/usage/calls", status="pending"))["items"] == []


async def test_a_refused_call_is_in_the_books_with_its_reason(byok: ByokWorld) -> None:
    byok.money.budget("0.001")
    with pytest.raises(BudgetExceeded):
        byok.called()
    (row,) = (await byok.read("/usage/calls", status="refused"))["items"]
    assert "day budget of tenant" in row["reason"]
    assert row["cost_usd"] == "0"


async def test_the_proof_of_a_call_holds_offline(byok: ByokWorld, tmp_path: Path) -> None:
    row = byok.called("anthropic/claude-sonnet-4-5", input_tokens=250_000, cache_read_tokens=1_000, output_tokens=77)
    answer = await byok.ask("GET", f"/usage/calls/{row.attempt.call_id}")
    file = tmp_path / "call.json"
    file.write_text(answer.text)
    assert proof.main(str(file)) == 0


@pytest.mark.parametrize("broken", ["quantity", "rate_usd", "amount_usd", "total_usd", "cost_usd", "published"])
async def test_a_proof_that_was_tampered_with_does_not_hold(byok: ByokWorld, tmp_path: Path, broken: str) -> None:
    row = byok.called()
    answer = (await byok.ask("GET", f"/usage/calls/{row.attempt.call_id}")).json()
    told = answer["data"]["attempts"][0]["proof"]
    match broken:
        case "quantity" | "rate_usd" | "amount_usd":
            told["lines"][0][broken] = "7"
        case "total_usd":
            told["total_usd"] = "7"
        case "cost_usd":
            answer["data"]["cost_usd"] = "7"
        case _:
            told["price"]["published"]["input_cost_per_token"] = "0.000007"
    file = tmp_path / "call.json"
    file.write_text(json.dumps(answer))
    assert proof.main(str(file)) == 1


async def test_a_proof_shows_the_counters_that_nobody_knows(byok: ByokWorld) -> None:
    raw = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"hologram_tokens": 7}}
    for given, unknown in ((raw, {"prompt_tokens_details.hologram_tokens": 7}), (None, {})):
        row = byok.called(raw=given)
        proof = (await byok.read(f"/usage/calls/{row.attempt.call_id}"))["attempts"][0]["proof"]
        assert proof["unknown_counters"] == unknown
    assert proof["total_usd"] == "0.0035"


async def test_a_proof_shows_the_prices_of_its_own_time(byok: ByokWorld) -> None:
    row = byok.called()
    byok.clock.now += DAY
    byok.puts_in_force(prices(**{"gpt-4o": chat("openai", 1e-06, 2e-06)}), byok.clock.now)
    told = (await byok.read(f"/usage/calls/{row.attempt.call_id}"))["attempts"][0]["proof"]
    assert told["price"]["published"]["input_cost_per_token"] == "0.0000025"
    assert told["price"]["version"] == row.attempt.price_version


@pytest.mark.parametrize(("call_id", "status"), [("01M844DZG0AD5WNQ0VF9ZREJAS", 404), ("not-a-call-id", 422)])
async def test_a_call_that_is_not_there(byok: ByokWorld, call_id: str, status: int) -> None:
    assert (await byok.ask("GET", f"/usage/calls/{call_id}")).status_code == status


async def test_another_tenants_call_is_not_there(byok: ByokWorld) -> None:
    row = byok.called(tenant=THEIRS)
    theirs = await byok.ask("GET", f"/usage/calls/{row.attempt.call_id}")
    nobodys = await byok.ask("GET", "/usage/calls/01M844DZG0AD5WNQ0VF9ZREJAS")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["error"]["code"] == nobodys.json()["error"]["code"]


async def test_a_day_of_rows_is_told_by_the_day_that_the_call_began(byok: ByokWorld) -> None:
    byok.clock.now = byok.clock.now.replace(hour=23, minute=59, second=59)
    held = byok.money.spending.hold(byok.money.attempt(usd("0.01")))
    byok.clock.pass_s(5)
    byok.money.spending.settle(held, byok.money.settlement())
    byok.money.roll_up.run()
    found = await byok.read("/usage", group_by=["day"])
    assert [each["group"]["day"] for each in found["series"]] == [date(2026, 11, 23).isoformat()]
