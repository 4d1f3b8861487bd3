"""Ledger rows as items: below the kilobyte of a write unit, exact, and readable as earlier builds wrote them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.adapters.dynamodb.attributes import read, written
from atom_llm.adapters.dynamodb.ledger.items import row_item, row_of
from atom_llm.adapters.dynamodb.ledger.ledger import row_key
from atom_llm.domain.core.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import CostLine, PricingTerms
from atom_llm.domain.pricing.units import Unit
from benchmarks.in_memory import item_bytes

OPENED = datetime(2026, 11, 29, 12, 3, 4, 123456, UTC)
LINES = (
    CostLine(Unit.INPUT, "input", 499, Decimal("2.5E-7"), "input_cost_per_token", Decimal(1), 499 * Decimal("2.5E-7")),
    CostLine(
        Unit.CACHE_READ,
        "input",
        1024,
        Decimal("1.25E-7"),
        "cache_read_input_token_cost",
        Decimal(1),
        1024 * Decimal("1.25E-7"),
    ),
)
RAW = {
    "prompt_tokens": 1523,
    "completion_tokens": 412,
    "total_tokens": 1935,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 128,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
ROW = LedgerRow(
    Attempt(
        TenantId("01M8KJZX9V60RK4CSM6MV3EE1S"),
        CallId("01M8KJZX9VC5H66S35CSKPGTBA"),
        "2",
        ServiceKeyId("AbCdEfGhIjKl"),
        "openai",
        "openai/gpt-5-mini",
        "auto",
        "a" * 32,
        OPENED,
        OPENED + timedelta(seconds=105),
        Decimal("0.0123456"),
        Decimal("0.0023456"),
        (WindowRef("tenant", "month:2026-11-01"), WindowRef("service-key:AbCdEfGhIjKl", "day:2026-11-29")),
        provider_key=ProviderKeyId("01M8KJZX9VDDP6TVKFE1RQ4WVM"),
        tier="mid",
        tags={"feature": "search", "team": "growth"},
        end_user=EndUser("user-1234", "7f3e8a52-1111-4222-8333-944455556666"),
    ),
    Settlement(
        AttemptStatus.SUCCEEDED,
        OPENED + timedelta(seconds=5, microseconds=77),
        Decimal("0.0010765"),
        {Unit.INPUT: 499, Unit.CACHE_READ: 1024},
        1523,
        RAW,
        LINES,
        PricingTerms(at=OPENED - timedelta(microseconds=321)),
        5012,
        431,
    ),
)


def stored(row: LedgerRow) -> dict[str, Any]:
    """Return a row as the table keeps it, with its keys and in its types."""
    pk, sk = row_key(row.attempt)
    return read(written({**row_item(row), "pk": pk, "sk": sk, "ttl": 1_830_000_000}))


def test_a_row_of_a_call_with_tags_a_person_and_two_budgets_is_below_a_kilobyte() -> None:
    usage = {**ROW.settlement.usage, Unit.OUTPUT: 284, Unit.REASONING: 128}
    more = tuple(
        CostLine(
            unit, "output", count, Decimal("0.000002"), "output_cost_per_token", Decimal(1), Decimal("2e-6") * count
        )
        for unit, count in ((Unit.OUTPUT, 284), (Unit.REASONING, 128))
    )
    row = replace(ROW, settlement=replace(ROW.settlement, usage=usage, lines=LINES + more))
    assert item_bytes(written(stored(row))) <= 1024  # bytes of a write unit
    assert row_of(stored(row)) == row


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": (LINES[0]._replace(rate_key="input_cost_per_token_above_200k_tokens"),)},
        {"lines": (LINES[0]._replace(multiplier=Decimal("1.1"), amount=Decimal("0.000137225")),)},
        {"lines": (LINES[0]._replace(quantity=98),)},
        {"lines": (LINES[0]._replace(unit=Unit.WEB_SEARCHES, side="extra"),)},
        {"lines": (LINES[0]._replace(quantity=Decimal("0.5")),), "usage": {Unit.AUDIO_SECONDS: Decimal("0.5")}},
        {"lines": (), "usage": {}, "raw_usage": None, "terms": PricingTerms()},
        {"terms": PricingTerms("flex", search_context="high")},
        {"settled_at": OPENED - timedelta(microseconds=1)},
        {"settled_at": OPENED + timedelta(days=3)},
    ],
    ids=["another rate", "multiplied", "another quantity", "searches", "fraction", "bare", "terms", "before", "late"],
)
def test_a_row_is_read_as_it_was_written(changed: dict[str, Any]) -> None:
    row = replace(ROW, settlement=replace(ROW.settlement, **changed))
    assert row_of(stored(row)) == row


def test_a_provider_that_its_model_does_not_name_is_told() -> None:
    row = replace(ROW, attempt=replace(ROW.attempt, provider="gateway", model="gpt-5-mini", model_asked="gpt-5-mini"))
    assert row_of(stored(row)) == row


def test_a_row_of_an_earlier_build_is_read() -> None:
    pk, sk = row_key(ROW.attempt)
    item = {
        "pk": pk,
        "sk": sk,
        "tenant": "01M8KJZX9V60RK4CSM6MV3EE1S",
        "call_id": "01M8KJZX9VC5H66S35CSKPGTBA",
        "label": "2",
        "service_key": "AbCdEfGhIjKl",
        "provider": "openai",
        "model": "openai/gpt-5-mini",
        "asked": "auto",
        "price_version": "a" * 32,
        "opened_at": "2026-11-29T12:03:04.123456+00:00",
        "deadline": "2026-11-29T12:04:49.123456+00:00",
        "hold": Decimal("0.0123456"),
        "estimate": Decimal("0.0023456"),
        "windows": ["tenant month:2026-11-01", "service-key:AbCdEfGhIjKl day:2026-11-29"],
        "provider_key": "01M8KJZX9VDDP6TVKFE1RQ4WVM",
        "tier": "mid",
        "tags": {"feature": "search", "team": "growth"},
        "maker": "0123456789abcdef",
        "end_user": "user-1234",
        "session": "7f3e8a52-1111-4222-8333-944455556666",
        "status": "succeeded",
        "settled_at": "2026-11-29T12:03:09.123533+00:00",
        "cost": Decimal("0.0010765"),
        "usage": '{"input":499,"cache_read":1024}',
        "context": 1523,
        "raw": '{"prompt_tokens":1523,"completion_tokens":412,"total_tokens":1935,"prompt_tokens_details":'
        '{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":128,"audio_tokens":0,'
        '"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}',
        "lines": '[["input","input",499,"2.5E-7","input_cost_per_token","1","0.00012475"],["cache_read","input",1024,'
        '"1.25E-7","cache_read_input_token_cost","1","0.000128000"]]',
        "terms": '{"at":"2026-11-29T12:03:04.123135+00:00"}',
        "latency_ms": 5012,
        "first_token_ms": 431,
        "posted": True,
    }
    row = row_of(read(written(item)))
    assert row == replace(ROW, attempt=replace(ROW.attempt, maker="0123456789abcdef"))
    assert (row.is_marked, row.of_earlier_build) == (True, True)
