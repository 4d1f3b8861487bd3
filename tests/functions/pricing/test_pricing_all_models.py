"""Every row of the catalogue in one answer, for tables that filter and sort by themselves."""

import csv
import io

import pytest

from testing.packaged_prices import packaged
from tests.functions.pricing.pricing_world import PricingWorld

pytestmark = pytest.mark.anyio

MAX_ANSWER = 3 * 1024 * 1024  # bytes: half of what Lambda takes


async def test_all_models_are_one_answer_that_a_lambda_can_give(pricing: PricingWorld) -> None:
    answer = await pricing.get("/models")
    data = answer.json()["data"]
    there = {entry.id for entries in packaged().catalogue.by_provider.values() for entry in entries}
    assert len(there) > 4_500
    assert {each["id"] for each in data["items"]} == there
    assert data["total"] == len(data["items"]) == len(there)
    assert len(answer.content) < MAX_ANSWER


async def test_a_row_has_its_prices_as_exact_texts_and_its_rates_as_published(pricing: PricingWorld) -> None:
    listed = {each["id"]: each for each in (await pricing.read("/models"))["items"]}
    shown = await pricing.read("/model/openai/gpt-4o")
    row = listed["openai/gpt-4o"]
    assert row["input_usd_per_token"] == shown["input_usd_per_token"] == "0.0000025"
    assert row["rates"] == shown["rates"]
    assert row["max_input_tokens"] == shown["limits"]["max_input_tokens"]


async def test_all_models_as_csv_are_the_same_rows(pricing: PricingWorld) -> None:
    items = (await pricing.read("/models"))["items"]
    answer = await pricing.get("/models", format="csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["id"] for line in lines] == [each["id"] for each in items]
    assert answer.headers["content-disposition"].startswith('attachment; filename="prices-')


async def test_all_models_take_no_filter(pricing: PricingWorld) -> None:
    answer = await pricing.get("/models", provider="openai")
    assert answer.status_code == 422
    assert "provider" in answer.json()["error"]["message"]
