"""Errors: every class of the domain has its row, in both dialects, and none tells of our insides."""

import io
import json
from collections.abc import Iterator

import pytest

from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing, SourcesDown
from atom_llm.domain.core import errors
from atom_llm.http.problems import STATUSES, Dialect
from atom_llm.http.routed.responses import MEANINGS, problem_responses
from tests.functions.http.sample_app import ErrorOf, World, error_of, openai_error_of

pytestmark = pytest.mark.anyio

in_both_dialects = pytest.mark.parametrize(
    ("dialect", "read"), [("control", error_of), ("openai", openai_error_of)], ids=["control", "openai"]
)


def every_error(cls: type[errors.AtomError] = errors.AtomError) -> Iterator[type[errors.AtomError]]:
    yield cls
    for each in cls.__subclasses__():
        yield from every_error(each)


@pytest.mark.parametrize("cls", list(every_error()))
async def test_every_class_of_the_domain_has_its_row(cls: type[errors.AtomError]) -> None:
    assert cls in STATUSES
    assert STATUSES[cls][0] in MEANINGS


@in_both_dialects
@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.InvalidRequest("min_tier", "is above max_tier"), 422, "invalid_request_error"),
        (errors.BudgetExceeded("the budget is full"), 402, "insufficient_quota"),
        (errors.NotFound("no such key"), 404, "not_found_error"),
        (errors.ModelNotFound("gpt-99", ["gpt-9"]), 404, "not_found_error"),
        (errors.Conflict("there already"), 409, "conflict_error"),
        (errors.RateLimited("slowly", 2.1), 429, "rate_limit_error"),
        (SourcesDown("both are down"), 502, "upstream_error"),
        (errors.Unavailable("not now", 7), 503, "server_error"),
        (errors.UpstreamTimeout("too slow"), 504, "upstream_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, errors.AtomError) else None,
)
async def test_an_error_is_told_with_its_status_and_code(
    world: World, dialect: Dialect, read: ErrorOf, error: errors.AtomError, status: int, kind: str
) -> None:
    world.raised = error
    answer = await world.client(dialect).get("/failure")
    told = read(answer)
    assert (answer.status_code, told["code"], told["message"]) == (status, error.code, error.message)
    if dialect == "openai":
        assert told["type"] == kind


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.RateLimited("slowly", 2.1), "3"),
        (errors.RateLimited("slowly", 0.0), "1"),
        (errors.Unavailable("not now"), "1"),
        (errors.StoreUnavailable("x"), "1"),
        (SnapshotMissing("x"), "1"),
    ],
)
async def test_who_is_told_to_wait_is_told_how_long(world: World, error: errors.AtomError, seconds: str) -> None:
    world.raised = error
    assert (await world.client().get("/failure")).headers["retry-after"] == seconds


async def test_a_full_budget_is_not_worth_an_immediate_retry(world: World) -> None:
    world.raised = errors.BudgetExceeded("full")
    assert "retry-after" not in (await world.client().get("/failure")).headers


async def test_details_are_for_machines(world: World) -> None:
    world.raised = errors.ModelNotFound("gpt-99", ["gpt-9"])
    assert error_of(await world.client().get("/failure"))["details"] == {"model": "gpt-99", "near": ["gpt-9"]}
    world.raised = errors.InvalidRequest("min_tier", "is above max_tier")
    assert error_of(await world.client().get("/failure"))["details"] == {"fields": [{"field": "min_tier"}]}
    answer = await world.client("openai").get("/failure")
    assert openai_error_of(answer)["param"] == "min_tier"


@in_both_dialects
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("password hunter2 in /opt/python/x.py"),
        errors.StoreUnavailable("keys-table: get_item: hunter2"),
        SnapshotMissing("hunter2"),
        SnapshotCorrupt("hunter2"),
        KeyError("hunter2"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_our_insides_are_for_the_log(
    world: World, log: io.StringIO, dialect: Dialect, read: ErrorOf, error: Exception
) -> None:
    world.raised = error
    answer = await world.client(dialect).get("/failure")
    assert answer.status_code in {500, 503}
    for inside in ("hunter2", "keys-table", "Traceback", ".py", "Error"):
        assert inside not in read(answer)["message"]
        assert inside not in answer.text
    logged = next(each for each in map(json.loads, log.getvalue().splitlines()) if "exception" in each)
    assert "hunter2" in logged["exception"]
    assert logged["request_id"] == answer.headers["x-request-id"]


async def test_an_unforeseen_failure_names_the_request(world: World) -> None:
    world.raised = ZeroDivisionError()
    answer = await world.client().get("/failure")
    assert (answer.status_code, error_of(answer)["code"]) == (500, "internal_error")
    assert answer.headers["x-request-id"] in answer.text


async def test_a_document_shows_failures_in_the_envelope_of_its_routes() -> None:
    assert problem_responses(404).keys() == {401, 404, 500, 503}
    assert "success" in problem_responses()[401]["model"].model_fields
    assert problem_responses(dialect="openai")[401]["model"].model_fields.keys() == {"error"}
