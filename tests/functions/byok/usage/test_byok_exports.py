"""Exports of usage over HTTP: asked for, written by the ledger's function, fetched in pieces, taken away."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from atom_llm.domain.ledger.usage_exports import KEPT_FOR
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.services.ledger.reports.usage_exports import MAX_UNFINISHED
from functions.byok.ledger import run
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld

pytestmark = pytest.mark.anyio

CALLS: dict[str, Any] = {"kind": "calls"}


def sweeps(byok: ByokWorld) -> dict[str, Any]:
    byok.money.roll_up.run()
    return dict(run({"trigger": "sweep"}, byok.container, pause=lambda _: None)["exports"])


async def asked(byok: ByokWorld, **body: Any) -> dict[str, Any]:
    answer = await byok.ask("POST", "/usage/exports", json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json()["data"])


async def test_calls_come_as_the_list_of_calls_has_them_as_csv(byok: ByokWorld) -> None:
    for number in range(3):
        byok.called(tags={"n": str(number)})
        byok.clock.now += timedelta(hours=20)
    made = await asked(byok, **CALLS)
    assert (made["state"], made["pieces"]) == ("waiting", 0)
    assert sweeps(byok) == {"finished": 1, "failed": 0, "lines": 3}
    done = await byok.read(f"/usage/exports/{made['id']}")
    assert (done["state"], done["lines"], done["pieces"]) == ("done", 3, 1)
    file = await byok.ask("GET", f"/usage/exports/{made['id']}/file")
    listed = await byok.ask("GET", "/usage/calls", params={"format": "csv"})
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="calls-tenant-a-2026-10-27-2026-11-26.csv"'
    assert "x-next-piece" not in file.headers
    assert file.text == listed.text


async def test_usage_by_hour_and_tier_is_a_line_a_day_and_group(byok: ByokWorld) -> None:
    byok.called()
    byok.called("openai/gpt-4o-mini")
    byok.clock.now += timedelta(hours=1)
    byok.called()
    made = await asked(byok, kind="usage", group_by=["hour", "tier"], **{"from": "2026-11-20"})
    assert made["group_by"] == ["day", "hour", "tier"]
    sweeps(byok)
    file = await byok.ask("GET", f"/usage/exports/{made['id']}/file")
    lines = list(csv.DictReader(StringIO(file.text)))
    assert [(each["day"], each["hour"], each["tier"], each["calls"]) for each in lines] == [
        ("2026-11-23", "2026-11-23T12", "", "2"),
        ("2026-11-23", "2026-11-23T13", "", "1"),
    ]


async def test_pieces_one_behind_the_other_are_the_file(byok: ByokWorld) -> None:
    for number in range(7):
        byok.called(tags={"n": str(number)})
    byok.container.ledger.export_writer._max_piece = 600
    made = await asked(byok, **CALLS)
    sweeps(byok)
    text, piece = "", "1"
    while piece:
        answer = await byok.ask("GET", f"/usage/exports/{made['id']}/file", params={"piece": piece})
        text, piece = text + answer.text, answer.headers.get("x-next-piece", "")
    assert len(list(csv.DictReader(StringIO(text)))) == 7
    assert (await byok.ask("GET", f"/usage/exports/{made['id']}/file", params={"piece": "9"})).status_code == 404


async def test_there_is_no_file_before_it_is_whole(byok: ByokWorld) -> None:
    made = await asked(byok, **CALLS)
    answer = await byok.ask("GET", f"/usage/exports/{made['id']}/file")
    assert (answer.status_code, answer.json()["error"]["details"]["state"]) == (409, "waiting")


async def test_a_file_is_its_tenants_and_the_operators(byok: ByokWorld) -> None:
    made = await asked(byok, **CALLS)
    path = f"/usage/exports/{made['id']}"
    assert (await byok.ask("GET", path, tenant=THEIRS)).status_code == 404
    assert (await byok.ask("DELETE", path, tenant=THEIRS)).status_code == 404
    assert (await byok.ask("GET", path, tenant=OPERATOR, params={"tenant": OURS})).status_code == 200


async def test_they_are_listed_newest_first_deleted_and_forgotten(byok: ByokWorld) -> None:
    first = await asked(byok, **CALLS)
    byok.clock.now += timedelta(minutes=1)
    second = await asked(byok, kind="usage")
    assert [each["id"] for each in (await byok.read("/usage/exports"))["items"]] == [second["id"], first["id"]]
    assert (await byok.ask("DELETE", f"/usage/exports/{second['id']}")).status_code == 200
    assert [each["id"] for each in (await byok.read("/usage/exports"))["items"]] == [first["id"]]
    byok.clock.now += KEPT_FOR
    assert (await byok.read("/usage/exports"))["items"] == []
    assert (await byok.ask("GET", f"/usage/exports/{first['id']}")).status_code == 404


async def test_a_tenant_has_so_many_that_have_not_ended_and_no_more(byok: ByokWorld) -> None:
    for _ in range(MAX_UNFINISHED):
        await asked(byok, **CALLS)
        byok.clock.now += timedelta(seconds=1)
    assert (await byok.ask("POST", "/usage/exports", json=CALLS)).status_code == 409
    sweeps(byok)
    await asked(byok, **CALLS)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "bills"}, "kind"),
        ({"kind": "calls", "group_by": ["model"]}, "group_by"),
        ({"kind": "usage", "group_by": ["colour"]}, "group_by"),
        ({"kind": "usage", "from": "2026-11-23", "to": "2026-11-22"}, "from"),
        ({"kind": "usage", "from": "2024-01-01"}, "from"),
        ({}, "kind"),
    ],
)
async def test_what_cannot_be_a_file_is_refused_by_its_field(byok: ByokWorld, body: dict[str, Any], field: str) -> None:
    answer = await byok.ask("POST", "/usage/exports", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["message"]


async def test_a_key_that_may_not_read_usage_has_no_files(byok: ByokWorld) -> None:
    answer = await byok.ask("POST", "/usage/exports", json=CALLS, scopes=(Scope.CHAT,))
    assert answer.status_code == 403
