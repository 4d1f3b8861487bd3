"""Usage over HTTP: totals and series, ledger rows, proofs that hold offline, repricing, corrections."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atom_llm.domain.core.errors import BudgetExceeded
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.paging import cursor
from atom_llm.services.ledger.reports.reprice_usage import rows_of_a_part
from local import proof
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import DAY, chat, data_of, prices

pytestmark = pytest.mark.anyio

OF_GPT_4O = usd("0.0035")  # 1,000 x 2.5e-06 + 100 x 1e-05


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


async def test_a_period_is_costed_on_another_model_and_history_stays(byok: ByokWorld) -> None:
    for _ in range(3):
        byok.called()
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["gpt-4o-mini", "gpt-unpriced"]}
    answer = await byok.ask("POST", "/usage/reprice", json=body)
    mini, unpriced = answer.json()["data"]["answers"]
    assert (mini["model"], mini["calls"], Decimal(mini["actual_usd"])) == ("openai/gpt-4o-mini", 3, 3 * OF_GPT_4O)
    assert Decimal(mini["hypothetical_usd"]) == 3 * (usd("0.00015") + usd("0.00006"))
    assert (unpriced["calls"], unpriced["not_priced"]) == (0, {"model_unpriced": 3})
    assert Decimal((await byok.read("/usage"))["total"]["cost_usd"]) == 3 * OF_GPT_4O


DRAWING = {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image_token": 4e-05}
SPEAKING = chat("openai", 2.5e-06, 1e-05, output_cost_per_audio_token=6.4e-05)
BODY: dict[str, Any] = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("called", "units", "there", "elsewhere"),
    [
        ("openai/gpt-image-1", {"output_tokens": 272, "output_image_tokens": 272}, "gpt-image-2", "gpt-4o-mini"),
        ("openai/gpt-audio", {"output_tokens": 40, "output_audio_tokens": 30}, "gpt-audio-2", "gpt-4o-mini"),
        ("openai/text-embedding-3-small", {"input_tokens": 40}, "text-embedding-3-large", "gpt-4o-mini"),
        ("openai/whisper-1", {"audio_seconds": 7}, "whisper-2", "gpt-4o-mini"),
        ("openai/gpt-4o-mini", {"input_tokens": 40, "output_tokens": 9}, "o9-pro", "gpt-image-1"),
    ],
)
async def test_what_a_model_cannot_answer_is_not_costed_at_it(
    byok: ByokWorld, called: str, units: dict[str, Any], there: str, elsewhere: str
) -> None:
    of_its_kind = {"gpt-image-1": DRAWING, "gpt-image-2": DRAWING, "gpt-audio": SPEAKING, "gpt-audio-2": SPEAKING}
    file = prices(**of_its_kind, **{"o9-pro": chat("openai", 1e-06, 2e-06, mode="responses")})
    file["text-embedding-3-large"], file["whisper-2"] = file["text-embedding-3-small"], file["whisper-1"]
    byok.puts_in_force(file, byok.clock.now)
    row = byok.called(called, **units)
    answers = (await byok.ask("POST", "/usage/reprice", json=BODY | {"models": [there, elsewhere]})).json()["data"]
    at_its_like, at_another = answers["answers"]
    assert (at_its_like["calls"], at_its_like["not_priced"]) == (1, {})
    assert (at_another["calls"], at_another["actual_usd"]) == (0, "0")
    assert at_another["not_priced"] == {"other_kind": 1}
    itself = (await byok.ask("POST", "/usage/reprice", json=BODY)).json()["data"]["answers"][0]
    assert Decimal(itself["hypothetical_usd"]) == row.settlement.cost > 0


async def test_a_period_is_costed_at_another_days_prices(byok: ByokWorld) -> None:
    byok.called()
    byok.clock.now += DAY
    byok.puts_in_force(prices(**{"gpt-4o": chat("openai", 5e-06, 2e-05)}), byok.clock.now)
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    now = (await byok.ask("POST", "/usage/reprice", json=body)).json()["data"]["answers"][0]
    assert Decimal(now["difference_usd"]) == OF_GPT_4O
    then = await byok.ask("POST", "/usage/reprice", json=body | {"at": "2026-11-23T12:00:00Z"})
    assert then.json()["data"]["answers"][0]["difference_usd"] == "0"


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_the_parts_of_a_period_sum_up_to_the_whole_to_the_last_digit(byok: ByokWorld, limit: int) -> None:
    for number in range(7):
        byok.called(input_tokens=1_000 + number, output_tokens=100)
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["gpt-4o-mini", "gpt-unpriced"]}
    whole = data_of(await byok.ask("POST", "/usage/reprice", json=body))
    parts, query = [], {"limit": str(limit)}
    while True:
        parts.append(data_of(await byok.ask("POST", "/usage/reprice", json=body, params=query)))
        if parts[-1]["next_cursor"] is None:
            break
        byok.clock.pass_s(60)  # prices that change meanwhile do not change what is asked
        byok.puts_in_force(prices(**{"gpt-4o-mini": chat("openai", 5e-06, 2e-05)}), byok.clock.now)
        query["cursor"] = parts[-1]["next_cursor"]
    assert whole["next_cursor"] is None
    assert {part["price_version"] for part in parts} == {whole["price_version"]}
    for number, expected in enumerate(whole["answers"]):
        answers = [part["answers"][number] for part in parts]
        for name in ("calls", "actual_usd", "hypothetical_usd", "difference_usd"):
            assert sum(Decimal(answer[name]) for answer in answers) == Decimal(expected[name])
        assert sum(answer["not_priced"].get("model_unpriced", 0) for answer in answers) == (0, 7)[number]


@pytest.mark.parametrize("field", ["at", "prices", "day", "place"])
async def test_a_cursor_of_no_part_is_refused(byok: ByokWorld, field: str) -> None:
    fields = {"day": "2026-11-23", "place": "01M844DZG0AD5WNQ0VF9ZREJAS.1", "at": "2026-11-23T12:00:00+00:00"}
    fields |= {"prices": "2026-11-22T12:00:00+00:00", field: "2999-01-01"}
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    answer = await byok.ask("POST", "/usage/reprice", json=body, params={"cursor": cursor(**fields)})
    assert answer.status_code == (200 if field == "day" else 422)


def test_more_models_are_re_costed_in_smaller_parts() -> None:
    assert [rows_of_a_part(models) for models in (1, 3, 10)] == [20_000, 20_000, 6_000]


async def test_a_period_the_wrong_way_round_is_not_costed(byok: ByokWorld) -> None:
    body = {"from": "2026-12-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}
    assert (await byok.ask("POST", "/usage/reprice", json=body)).status_code == 422
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["nothing-like-it"]}  # type: ignore[dict-item]
    byok.called()
    assert (await byok.ask("POST", "/usage/reprice", json=body)).status_code == 404


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


async def test_a_budget_of_a_service_key_is_for_a_key_of_ones_own(byok: ByokWorld) -> None:
    own, _ = await byok.issued()
    theirs, _ = await byok.issued(THEIRS)
    for key, status in ((own, 200), (theirs, 404), (ServiceKeyId("nobodysKey12"), 404)):
        body = {"scope": f"service-key:{key}", "window": "day", "limit_usd": "1"}
        assert (await byok.ask("PUT", "/budgets", json=body)).status_code == status


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


async def test_a_day_of_rows_is_told_by_the_day_that_the_call_began(byok: ByokWorld) -> None:
    byok.clock.now = byok.clock.now.replace(hour=23, minute=59, second=59)
    held = byok.money.spending.hold(byok.money.attempt(usd("0.01")))
    byok.clock.pass_s(5)
    byok.money.spending.settle(held, byok.money.settlement())
    byok.money.roll_up.run()
    found = await byok.read("/usage", group_by=["day"])
    assert [each["group"]["day"] for each in found["series"]] == [date(2026, 11, 23).isoformat()]
