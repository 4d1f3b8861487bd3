"""`make apply`: how a file is read, what a plan looks like, and that nothing is asked of a service without need."""

import httpx
import pytest

from local.account.apply import ask, document_of, lines_of
from local.steps import CannotGoOn


def test_amounts_are_read_as_they_are_written() -> None:
    found = document_of("tenants: {acme: {budgets: [{window: day, limit_usd: 0.10}, {window: month, limit_usd: 5}]}}")
    first, second = found["tenants"]["acme"]["budgets"]
    assert (first["limit_usd"], second["limit_usd"]) == ("0.10", 5)


@pytest.mark.parametrize(
    ("written", "read"),
    [("0100", "0100"), ("1:30", "1:30"), ("0x10", "0x10"), ("1e2", "1e2"), ("1_000", 1000), ("yes", "yes"), ("-1", -1)],
)
def test_what_yaml_would_make_another_number_of_is_left_as_it_is_written(written: str, read: object) -> None:
    assert document_of(f"tenants: {{acme: {{limit_usd: {written}}}}}")["tenants"]["acme"] == {"limit_usd": read}


@pytest.mark.parametrize("name", ["yes", "0123", "on"])
def test_a_tenant_is_the_one_that_is_written(name: str) -> None:
    assert list(document_of(f"tenants:\n  {name}: {{name: Somebody}}")["tenants"]) == [name]


@pytest.mark.parametrize("twice", ["acme:\n    budgets: []\n    budgets: []", "acme: {}\n  acme: {}"])
def test_a_name_that_is_given_twice_is_refused_with_its_line(twice: str) -> None:
    with pytest.raises(CannotGoOn, match=r"(?s)is given twice.*line [34]"):
        document_of(f"tenants:\n  {twice}\n")


@pytest.mark.parametrize("text", ["", "tenants: [", "tenants: [acme]", "budgets: {}", "tenants: {}\nmore: 1"])
def test_what_is_no_document_is_said_so(text: str) -> None:
    with pytest.raises(CannotGoOn):
        document_of(text)


def test_a_plan_is_a_line_a_change() -> None:
    change = {"tenant": "acme", "what": "budget", "subject": "tenant day"}
    made = {**change, "how": "change", "differences": ["limit: 5 → 6", "mode: soft → hard"]}
    gone = {**change, "how": "remove", "differences": []}
    assert lines_of([made, gone]) == [
        "~ acme: budget tenant day (limit: 5 → 6; mode: soft → hard)",
        "- acme: budget tenant day",
    ]


def test_what_the_service_refuses_is_told_with_its_fields() -> None:
    error = {"message": "2 fields", "details": {"fields": [{"field": "tenants.acme.name", "message": "is missing"}]}}
    answering = httpx.MockTransport(lambda _: httpx.Response(422, json={"error": error}))
    with httpx.Client(transport=answering, base_url="http://service") as client, pytest.raises(CannotGoOn) as told:
        ask(client, {"tenants": {}}, dry_run=True)
    assert str(told.value) == "Nothing was changed: 2 fields\n  tenants.acme.name is missing"


@pytest.mark.parametrize(
    ("message", "fields", "said"),
    [
        ("tenants.acme.budgets.1.scope is none", [{"field": "tenants.acme.budgets.1.scope"}], ""),
        ("these rates are far", [{"field": "tenants.acme.prices.0.models"}], "\n  tenants.acme.prices.0.models"),
    ],
)
def test_a_place_is_told_where_the_sentence_does_not_begin_with_it(
    message: str, fields: list[dict[str, str]], said: str
) -> None:
    error = {"message": message, "details": {"fields": fields}}
    answering = httpx.MockTransport(lambda _: httpx.Response(422, json={"error": error}))
    with httpx.Client(transport=answering, base_url="http://service") as client, pytest.raises(CannotGoOn) as told:
        ask(client, {"tenants": {}}, dry_run=True)
    assert str(told.value) == f"Nothing was changed: {message}{said}"


@pytest.mark.parametrize(
    ("status", "dry_run", "details", "begins"),
    [
        (504, False, None, "It is not known what was changed"),
        (504, True, None, "Nothing was changed"),
        (422, False, None, "Nothing was changed"),
        (503, False, {"changes_made": 0}, "Nothing was changed"),
        (503, False, {"changes_made": 3}, "3 changes were made"),
    ],
    ids=["cut off", "cut off while it only looked", "refused", "failed before", "failed amid"],
)
def test_what_a_failure_has_left_is_told_as_far_as_it_is_known(
    status: int, dry_run: bool, details: dict[str, int] | None, begins: str
) -> None:
    error = {"message": "no", "details": details}
    answering = httpx.MockTransport(lambda _: httpx.Response(status, json={"error": error}))
    with httpx.Client(transport=answering, base_url="http://service") as client, pytest.raises(CannotGoOn) as told:
        ask(client, {"tenants": {}}, dry_run=dry_run)
    assert str(told.value).startswith(begins)
