"""Usage as a FOCUS file over HTTP: rows that come to the ledger, in pieces that come to the file."""

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.focus import COLUMNS
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import DAY

pytestmark = pytest.mark.anyio


async def pieces(byok: ByokWorld, **params: Any) -> list[str]:
    """Every piece of a file, each asked for by the one before."""
    found: list[str] = []
    while True:
        answer = await byok.ask("GET", "/usage/focus", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        found.append(answer.text)
        if "x-next-piece" not in answer.headers:
            return found
        params["after"] = answer.headers["x-next-piece"]


async def rows(byok: ByokWorld, **params: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO("".join(await pieces(byok, **params)))))


def total(found: list[dict[str, str]], column: str = "BilledCost") -> Decimal:
    return sum((Decimal(row[column]) for row in found), Decimal(0))


def a_month(byok: ByokWorld) -> None:
    """Calls of several models, keys and tags over days; a prompt beyond a length tier and an own price among them."""
    byok.called("openai/gpt-4o", tags={"team": "a"}, input_tokens=2000, cache_read_tokens=500, output_tokens=70)
    byok.called("openai/gpt-4o", tags={"team": "a"})
    byok.clock.now += DAY
    byok.called("anthropic/claude-sonnet-4-5", key=ServiceKeyId("anotherKey12"))
    byok.called("anthropic/claude-sonnet-4-5", input_tokens=250_000, output_tokens=10)
    byok.called("openai/gpt-4o-mini", tenant=THEIRS)


async def test_rows_come_to_the_ledger_exactly(byok: ByokWorld) -> None:
    a_month(byok)
    found = await rows(byok, month="2026-11")
    assert total(found) == Decimal((await byok.read("/usage"))["total"]["cost_usd"])
    assert tuple(found[0]) == COLUMNS
    assert {row["SubAccountId"] for row in found} == {"keyOfTenantA", "anotherKey12"}


async def test_a_row_is_a_class_of_usage_at_its_rate(byok: ByokWorld) -> None:
    a_month(byok)
    first = next(row for row in await rows(byok, day=23) if row["SkuMeter"] == "cache read tokens")
    assert {name: first[name] for name in ("ConsumedQuantity", "PricingQuantity", "ListUnitPrice", "BilledCost")} == {
        "ConsumedQuantity": "500.0",
        "PricingQuantity": "0.0005",
        "ListUnitPrice": "1.25",
        "BilledCost": "0.000625",
    }
    assert (first["Tags"], first["ChargePeriodStart"]) == ('{"team": "a"}', "2026-11-23T00:00:00Z")


async def test_what_a_length_tier_adds_is_an_adjustment(byok: ByokWorld) -> None:
    a_month(byok)
    (adjusted,) = [row for row in await rows(byok) if row["ChargeCategory"] == "Adjustment"]
    assert adjusted["BilledCost"] == "0.750075"  # 250,000 x 3e-06 and 10 x 7.5e-06
    assert (adjusted["SkuId"], adjusted["ConsumedQuantity"]) == ("", "")


async def test_an_own_price_stands_beside_the_lists(byok: ByokWorld) -> None:
    price = {"models": "openai/gpt-4o", "discount_percent": "20", "from": "2026-11-22T00:00:00Z"}
    own = (await byok.ask("POST", "/prices", json=price)).json()["data"]["id"]
    byok.called("openai/gpt-4o", own_price=own)
    found = await rows(byok)
    assert (total(found), total(found, "ListCost")) == (Decimal("0.0028"), Decimal("0.0035"))
    assert {row["ContractedUnitPrice"] for row in found} == {"2.0", "8.0"}


async def test_a_piece_begins_where_the_one_before_ended_and_has_no_header(byok: ByokWorld) -> None:
    a_month(byok)
    (whole,) = await pieces(byok)
    (second_day,) = await pieces(byok, after="2026-11-24.0")
    assert whole.endswith(second_day)
    assert {row[0] for row in csv.reader(StringIO(second_day))} == {""}  # no header among them


async def test_a_day_is_a_part_of_its_month(byok: ByokWorld) -> None:
    a_month(byok)
    of_days = [row for day in (23, 24) for row in await rows(byok, day=day)]
    assert of_days == await rows(byok)


async def test_a_month_without_calls_is_a_header(byok: ByokWorld) -> None:
    assert await pieces(byok, month="2026-10") == [",".join(COLUMNS) + "\n"]


async def test_the_operator_asks_for_any_tenant(byok: ByokWorld) -> None:
    a_month(byok)
    answer = await byok.ask("GET", "/usage/focus", tenant=OPERATOR, params={"tenant": str(OURS)})
    assert answer.text == (await pieces(byok))[0]


@pytest.mark.parametrize(
    "params",
    [
        {"month": "2026-13"},
        {"month": "2026-12"},
        {"month": "1999-01"},
        {"month": "2026-11", "day": 31},
        {"month": "2026-11", "after": "2026-10-01.3"},
        {"month": "2026-11", "after": "2026-11-31.3"},
        {"after": "x"},
    ],
)
async def test_a_file_that_cannot_be_is_refused_by_its_field(byok: ByokWorld, params: dict[str, Any]) -> None:
    answer = await byok.ask("GET", "/usage/focus", params=params)
    assert answer.status_code == 422
    assert list(params)[-1] in answer.json()["error"]["message"]
