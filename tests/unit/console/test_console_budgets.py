"""A budget as the console's form holds it: what is set is what was typed, and what is refused stands at its field."""

from typing import Any

import pytest

from functions.byok.budgets.schemas_budgets import BudgetIn
from tests.unit.console.conftest import Run

BUDGET: dict[str, Any] = {
    "scope": "tag:feature=a:b",
    "window": "month",
    "unit": "usd",
    "limit_usd": "0.100000000001",
    "mode": "soft",
    "near": [{"at": 80, "do": "prefer_cheaper", "to_percent": None}, {"at": 60, "do": "slow_down", "to_percent": 25}],
    "alert_at": [50, 100],
    "raised": {"amount": "2.5", "until": "2026-12-01T10:30:00Z", "why": "a launch", "by": "0123456789ab"},
}
AGAIN = "b.wantedOf(b.textsOf(given, new Date('{}')))"


def wanted(run: Run, **changed: str) -> dict[str, Any]:
    found: dict[str, Any] = run("b.wantedOf({...b.NEW, ...given})", changed)
    return found


def test_a_budget_that_is_there_is_set_again_as_it_is_and_the_route_takes_it(run: Run) -> None:
    again = run(AGAIN.format("2026-11-29T15:00:00Z"), BUDGET)
    until = again["raised"].pop("until")
    assert until == "2026-12-01T10:30:00Z"
    assert again["raised"] == {"amount": "2.5", "why": "a launch"}
    assert again["scope"] == BUDGET["scope"]
    assert (again["limit_usd"], again["mode"], again["alert_at"]) == ("0.100000000001", "soft", [50, 100])
    assert again["near"] == [
        {"at": 60, "do": "slow_down", "to_percent": 25},
        {"at": 80, "do": "prefer_cheaper"},
    ]
    BudgetIn.model_validate(again | {"raised": again["raised"] | {"until": until}})


def test_a_raise_that_is_over_is_not_asked_for_again(run: Run) -> None:
    assert "raised" not in run(AGAIN.format("2026-12-01T10:30:00Z"), BUDGET)


@pytest.mark.parametrize(("unit", "field"), [("usd", "limit_usd"), ("tokens", "limit"), ("calls", "limit")])
def test_a_limit_is_the_text_that_was_typed_under_the_name_of_its_unit(run: Run, unit: str, field: str) -> None:
    typed = "12345678901234567890"
    found = wanted(run, unit=unit, limit=f" {typed} ")
    assert {name: found[name] for name in found if name.startswith("limit")} == {field: typed}


def test_an_empty_limit_clears_nothing(run: Run) -> None:
    assert wanted(run, limit="")["limit_usd"] == ""


@pytest.mark.parametrize("kind", ["model", "provider"])
def test_nothing_happens_before_a_model_s_or_a_provider_s_budget_is_full(run: Run, kind: str) -> None:
    assert wanted(run, kind=kind, member="openai", cheaperAt="80")["near"] == []
    assert len(wanted(run, kind="team", member="a", cheaperAt="80")["near"]) == 1


@pytest.mark.parametrize("unit", ["usd", "tokens"])
def test_taking_away_says_which_and_a_limit_of_null(run: Run, unit: str) -> None:
    cleared = BudgetIn.model_validate(run("b.clearing(given)", BUDGET | {"unit": unit}))
    assert (cleared.scope, cleared.window, cleared.unit, cleared.amount) == (BUDGET["scope"], "month", unit, None)


def test_whom_the_books_have_as_a_hash_a_request_names_by_it(run: Run) -> None:
    hashed = BUDGET | {"scope": "person:sha256-00ff"}
    assert run(AGAIN.format("2026-11-29T15:00:00Z"), hashed)["scope"] == hashed["scope"]
    assert run("b.clearing(given)", hashed)["scope"] == hashed["scope"]


NEAR = {"kind": "team", "member": "a", "slowDownAt": "60", "slowDownTo": "0", "cheaperAt": "0"}
FAULTS = "[...(b.faultsOf(given.error, b.wantedOf({...b.NEW, ...given.texts})) ?? [])]"


@pytest.mark.parametrize(
    ("field", "texts", "place"),
    [
        ("limit_usd", {}, "limit"),
        ("scope", {}, "kind"),
        ("scope", NEAR, "member"),
        ("alert_at.1", {}, "alertAt"),
        ("near.0.at", NEAR, "slowDownAt"),
        ("near.0.to_percent", NEAR, "slowDownTo"),
        ("near.1.at", NEAR, "cheaperAt"),
        ("near.0.at", NEAR | {"slowDownAt": "", "slowDownTo": ""}, "cheaperAt"),
        ("raised.until", {}, "raisedUntil"),
    ],
)
def test_a_refusal_stands_at_the_field_that_it_names(run: Run, field: str, texts: dict[str, str], place: str) -> None:
    of_many = {"status": 422, "message": "…", "details": {"fields": [{"field": field, "message": "is wrong"}]}}
    assert run(FAULTS, {"error": of_many, "texts": texts}) == [[place, f"{field}: is wrong"]]
    of_one = {"status": 422, "message": f"{field} is wrong", "details": {"fields": [{"field": field}]}}
    assert run(FAULTS, {"error": of_one, "texts": texts}) == [[place, f"{field} is wrong"]]


@pytest.mark.parametrize(
    ("status", "details", "at"),
    [(404, {"scope": "team:a"}, [["member", "no"]]), (403, {"scope": "budgets:write"}, []), (503, None, [])],
    ids=["an unknown team", "a scope that the key lacks", "no field"],
)
def test_a_refusal_that_is_about_no_field_stands_by_itself(
    run: Run, status: int, details: dict[str, str] | None, at: list[list[str]]
) -> None:
    error = {"status": status, "message": "no", "details": details}
    assert run(FAULTS, {"error": error, "texts": NEAR}) == at
