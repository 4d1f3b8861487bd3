"""Lists as CSV: the same items as in JSON, exact, one line each, and nothing that a spreadsheet would carry out."""

import csv
import io
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from atom_llm.http.files.csv_report import csv_report
from atom_llm.http.schemas import ControlModel, Usd
from functions.byok.main import app
from tests.functions.byok.byok_world import ByokWorld
from tests.functions.pricing.pricing_world import PricingWorld, data_of, prices

pytestmark = pytest.mark.anyio

CSV: Final = {"accept": "text/csv"}


class InnerOut(ControlModel):
    p50: int | None


class LineOut(ControlModel):
    group: dict[str, str]
    cost_usd: Usd
    text: str | None
    words: dict[str, Usd]
    inner: InnerOut
    maybe: InnerOut | None


def line(**other: Any) -> LineOut:
    usual: dict[str, Any] = {"group": {"day": "2026-11-23", "model": "m"}, "cost_usd": Decimal("1E-12"), "text": "t"}
    return LineOut(**{**usual, "words": {"input": Decimal(3)}, "inner": InnerOut(p50=7), "maybe": None, **other})


def read(answer: httpx.Response | str) -> list[dict[str, str]]:
    text = answer if isinstance(answer, str) else answer.text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def report(*lines: LineOut, **how: Any) -> str:
    return bytes(csv_report(lines, LineOut, "lines", spread={"group": ["day", "model"]}, **how).body).decode()


def test_nested_fields_have_columns_of_their_own_and_amounts_are_exact() -> None:
    assert read(report(line())) == [
        {
            "day": "2026-11-23",
            "model": "m",
            "cost_usd": "0.000000000001",
            "text": "t",
            "words": '{"input":"3"}',
            "inner_p50": "7",
            "maybe_p50": "",
        }
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-0.25", "-0.25"),
        ('a,"b"\r\nc', 'a,"b"\r\nc'),
        ("", ""),
        (None, ""),
    ],
)
def test_a_text_that_a_spreadsheet_would_carry_out_is_made_plain(text: str | None, cell: str) -> None:
    assert read(report(line(text=text)))[0]["text"] == cell


def test_pages_one_behind_the_other_are_one_file() -> None:
    whole = report(line(text="a"), line(text="b"))
    assert report(line(text="a"), next_cursor="more") + report(line(text="b"), is_first=False) == whole


def test_a_name_of_a_file_cannot_leave_its_header() -> None:
    headers = csv_report([line()], LineOut, 'a"\r\nb: c').headers
    assert headers["content-disposition"] == 'attachment; filename="a-b-c.csv"'


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv;q=0.9, application/json;q=0.1", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_first_format_that_is_accepted_is_answered_and_the_query_goes_before_it(
    byok: ByokWorld, accept: str, kind: str
) -> None:
    for asked, answered in ((None, kind), ("csv", "text/csv"), ("json", "application/json")):
        params = {} if asked is None else {"format": asked}
        answer = await byok.ask("GET", "/usage", params=params, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, answered)


async def test_usage_adds_up_to_the_total_and_has_a_column_a_dimension(byok: ByokWorld) -> None:
    for model in ("openai/gpt-4o", "openai/gpt-4o-mini"):
        byok.called(model, tags={"team": "a"})
    grouped = read(await byok.ask("GET", "/usage", params={"group_by": ["day", "model"]}, headers=CSV))
    [total] = read(await byok.ask("GET", "/usage", headers=CSV))
    expected = data_of(await byok.ask("GET", "/usage"))["total"]
    assert [(each["day"], each["model"]) for each in grouped] == [
        ("2026-11-23", "openai/gpt-4o"),
        ("2026-11-23", "openai/gpt-4o-mini"),
    ]
    assert sum(Decimal(each["cost_usd"]) for each in grouped) == Decimal(expected["cost_usd"]) > 0
    assert (total["cost_usd"], total["calls"]) == (expected["cost_usd"], "2")
    assert total["latency_ms_p50"] == str(expected["latency_ms"]["p50"])


async def test_all_pages_of_calls_have_every_call_once(byok: ByokWorld) -> None:
    for _ in range(5):
        byok.called(tags={"team": "=1+1"})
    text, params = "", {"format": "csv", "limit": "2"}
    for _ in range(10):
        answer = await byok.ask("GET", "/usage/calls", params=params)
        text += answer.text
        if "x-next-cursor" not in answer.headers:
            break
        params["cursor"] = answer.headers["x-next-cursor"]
    items = data_of(await byok.ask("GET", "/usage/calls"))["items"]
    rows = read(text)
    assert [(row["call_id"], row["cost_usd"]) for row in rows] == [
        (each["call_id"], each["cost_usd"]) for each in items
    ]
    assert {row["tags"] for row in rows} == {'{"team":"=1+1"}'}


async def test_a_list_of_nothing_is_the_line_of_headings(byok: ByokWorld) -> None:
    answer = await byok.ask("GET", "/usage/calls", params={"status": "pending", "format": "csv"})
    assert (answer.status_code, answer.text.count("\n"), answer.text.startswith("call_id,attempt,")) == (200, 1, True)


async def test_a_failure_is_json_whatever_was_asked_for(byok: ByokWorld) -> None:
    answer = await byok.ask("GET", "/usage", params={"format": "csv", "group_by": "nothing"})
    assert (answer.status_code, answer.json()["success"]) == (422, False)


async def test_prices_and_their_changes_are_as_in_json(pricing: PricingWorld) -> None:
    pricing.puts_in_force({})
    pricing.says(prices())
    await pricing.refreshed(force=True)
    for path, names in (("/provider/openai", ("id", "input_usd_per_token")), ("/changes", ("model", "kind"))):
        answer = await pricing.get(path, format="csv")
        items = (await pricing.get(path)).json()["data"]["items"]
        assert [tuple(row[name] for name in names) for row in read(answer)] == [
            tuple(each[name] or "" for name in names) for each in items
        ]
        assert items


@pytest.mark.parametrize("path", ["/api/byok/usage", "/api/byok/usage/calls"])
def test_a_list_that_has_csv_says_so_in_its_document(path: str) -> None:
    done = app.openapi()["paths"][path]["get"]["responses"]["200"]
    assert done["content"].keys() == {"application/json", "text/csv"}
