"""GET /api/ai/pricing/provider/{provider}: its models, sorted, filtered and paged."""

import base64
import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import PricingWorld, chat, prices

pytestmark = pytest.mark.anyio

LARGE = "fireworks_ai"  # the packaged catalogue's largest


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["items"]]


async def test_a_provider_lists_what_it_still_sells_by_id(priced: PricingWorld) -> None:
    page = await priced.read("/provider/openai")
    assert ids(page) == [
        "openai/gpt-4o",
        "openai/gpt-4o-mini",
        "openai/gpt-unpriced",
        "openai/text-embedding-3-small",
        "openai/whisper-1",
    ]
    assert (page["provider"], page["total"], page["next_cursor"]) == ("openai", 5, None)


async def test_what_is_deprecated_is_listed_when_asked_for(priced: PricingWorld) -> None:
    assert "openai/gpt-3.5-turbo-0301" in ids(await priced.read("/provider/openai", include_deprecated=True))


async def test_a_mode_is_filtered_before_the_page_is_cut(priced: PricingWorld) -> None:
    page = await priced.read("/provider/openai", mode="embedding", limit=1)
    assert (ids(page), page["total"], page["next_cursor"]) == (["openai/text-embedding-3-small"], 1, None)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("input", ["text-embedding-3-small", "gpt-4o-mini", "gpt-4o", "gpt-unpriced", "whisper-1"]),
        ("output", ["text-embedding-3-small", "gpt-4o-mini", "gpt-4o", "gpt-unpriced", "whisper-1"]),
        ("blended", ["text-embedding-3-small", "gpt-4o-mini", "gpt-4o", "gpt-unpriced", "whisper-1"]),
        ("context", ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "gpt-unpriced", "whisper-1"]),
    ],
)
async def test_an_order_puts_what_has_no_such_figure_last(priced: PricingWorld, sort: str, expected: list[str]) -> None:
    assert ids(await priced.read("/provider/openai", sort=sort)) == [f"openai/{name}" for name in expected]


@pytest.mark.parametrize("sort", ["id", "input", "output", "blended", "context"])
@pytest.mark.parametrize("limit", [7, 200])
async def test_pages_hold_every_row_once_and_in_order(pricing: PricingWorld, sort: str, limit: int) -> None:
    pages = await pricing.pages(f"/provider/{LARGE}", sort=sort, limit=limit, include_deprecated=True)
    rows = [row for page in pages for row in page["items"]]
    names = [row["id"] for row in rows]
    assert len(pages) > 1
    assert len(names) == len(set(names)) == pages[0]["total"]
    assert {page["total"] for page in pages} == {len(names)}
    assert all(len(page["items"]) == limit for page in pages[:-1])
    if sort == "id":
        assert names == sorted(names)
    if sort in ("input", "output"):
        charged = [row[f"{sort}_usd_per_token"] for row in rows]
        priced = [Decimal(each) for each in charged if each is not None]
        assert all(one <= other for one, other in pairwise(priced))
        assert charged[len(priced) :] == [None] * (len(charged) - len(priced))


@pytest.mark.parametrize("name", ["OpenAI", "openai"])
async def test_a_provider_is_known_in_any_case(priced: PricingWorld, name: str) -> None:
    assert (await priced.read(f"/provider/{name}"))["provider"] == "openai"


async def test_a_provider_is_known_by_the_price_files_name_too(pricing: PricingWorld) -> None:
    assert (await pricing.read("/provider/gemini", limit=1))["provider"] == "google"


async def test_an_unknown_provider_is_a_404(priced: PricingWorld) -> None:
    answer = await priced.get("/provider/nobody")
    assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")
    assert error_of(answer)["details"] == {"provider": "nobody"}


async def test_a_row_that_left_is_not_listed(pricing: PricingWorld) -> None:
    pricing.puts_in_force({})
    for file in (prices(extra=chat("openai", 1e-6, 1e-6)), prices()):
        pricing.says(file)
        await pricing.refreshed(force=True)
    assert "openai/extra" not in ids(await pricing.read("/provider/openai"))
    assert (await pricing.read("/model/extra"))["listed"] is False


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"sort": "price"}, "sort"),
        ({"include_deprecated": "perhaps"}, "include_deprecated"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"mode": "x" * 65}, "mode"),
    ],
)
async def test_a_wrong_parameter_is_named(priced: PricingWorld, params: dict[str, Any], field: str) -> None:
    answer = await priced.get("/provider/openai", **params)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, field)


@pytest.mark.parametrize("figure", ["NaN", "sNaN", "-NaN123", "one", "", "1,5", "1e"])
async def test_a_figure_that_no_order_has_is_refused(priced: PricingWorld, figure: str) -> None:
    position = json.dumps({"figure": figure, "id": "openai/a"}).encode()
    cursor = base64.urlsafe_b64encode(position).decode().rstrip("=")
    answer = await priced.get("/provider/openai", cursor=cursor)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "cursor")
