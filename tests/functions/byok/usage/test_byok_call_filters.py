"""Calls by service key, tag, tier, cost and latency: each filter lets its own pass, several what all of them let."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow, Settlement
from atom_llm.services.ledger.reports.list_calls import OutcomeBounds
from testing.fakes.service_keys import NOON
from testing.money_world import usd
from tests.functions.byok.byok_world import ByokWorld

pytestmark = pytest.mark.anyio

OTHER_KEY: Final = ServiceKeyId("anotherKey12")
DEAR, CHEAP = "openai/gpt-4o", "openai/gpt-4o-mini"  # 0.0035 and 0.00021 USD, as `called` counts them


async def listed(byok: ByokWorld, **params: Any) -> set[str]:
    return {each["call_id"] for each in (await byok.read("/usage/calls", **params))["items"]}


@pytest.fixture
def rows(byok: ByokWorld) -> Mapping[str, LedgerRow]:
    return {
        "dear": byok.called(DEAR, tags={"team": "a", "feature": "x=y"}),
        "cheap": byok.called(CHEAP, tags={"team": "b"}),
        "other": byok.called(CHEAP, key=OTHER_KEY, tags={"team": "a"}),
    }


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"key": OTHER_KEY}, {"other"}),
        ({"tag": "team=a"}, {"dear", "other"}),
        ({"tag": "feature=x=y"}, {"dear"}),
        ({"tag": ["team=a", "feature=x=y"]}, {"dear"}),
        ({"tag": "team=c"}, set()),
        ({"tag": "team="}, set()),
        ({"tag": "team=a", "key": OTHER_KEY}, {"other"}),
        ({"tier": "micro"}, set()),
        ({"min_cost_usd": "0.0035"}, {"dear"}),
        ({"min_cost_usd": "0.003500000001"}, set()),
        ({"max_cost_usd": "0.00021"}, {"cheap", "other"}),
        ({"max_cost_usd": "0.000209999999"}, set()),
        ({"min_latency_ms": 800}, {"dear", "cheap", "other"}),
        ({"min_latency_ms": 801}, set()),
        ({"max_latency_ms": 800}, {"dear", "cheap", "other"}),
        ({"max_latency_ms": 799}, set()),
    ],
)
async def test_a_filter_lets_its_own_calls_pass(
    byok: ByokWorld, rows: Mapping[str, LedgerRow], params: dict[str, Any], names: set[str]
) -> None:
    assert await listed(byok, **params) == {rows[name].attempt.call_id for name in names}


async def test_calls_of_a_tier_are_found_by_its_name(byok: ByokWorld) -> None:
    attempt = byok.money.attempt(usd("0.5"), model=DEAR)
    held = byok.money.spending.hold(replace(attempt, tier="micro"))
    byok.money.spending.settle(held, Settlement(AttemptStatus.SUCCEEDED, byok.clock(), usd("0.1")))
    byok.money.roll_up.run()
    byok.called()
    assert await listed(byok, tier="micro") == {attempt.call_id}
    assert await listed(byok, tier="heavy") == set()


async def test_what_is_under_way_is_found_by_what_is_known_of_it(byok: ByokWorld) -> None:
    held = byok.money.spending.hold(replace(byok.money.attempt(usd("0.5"), tags={"team": "a"}), tier="micro"))
    known: list[dict[str, Any]] = [{"tag": "team=a"}, {"tier": "micro"}, {}]
    for params in known:
        assert await listed(byok, status="pending", **params) == {held.call_id}
    others: list[dict[str, Any]] = [{"tag": "team=b"}, {"tier": "heavy"}, {"max_cost_usd": "1"}, {"min_latency_ms": 0}]
    for params in others:
        assert await listed(byok, status="pending", **params) == set()


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"tag": "team"}, "tag must be a name and a value"),
        ({"min_cost_usd": "2", "max_cost_usd": "1"}, "min_cost_usd is above `max_cost_usd`"),
        ({"min_latency_ms": 2, "max_latency_ms": 1}, "min_latency_ms is above `max_latency_ms`"),
        ({"min_cost_usd": "-1"}, "min_cost_usd"),
        ({"min_cost_usd": "1e-3"}, "min_cost_usd"),
        ({"tag": ["a=b"] * 11}, "tag"),
        ({"tier": "tiny"}, "tier"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused_by_its_name(
    byok: ByokWorld, params: dict[str, Any], named: str
) -> None:
    answer = await byok.ask("GET", "/usage/calls", params=params)
    assert (answer.status_code, named in answer.text) == (422, True), answer.text


def test_what_has_no_latency_is_within_no_bound_of_it() -> None:
    ended = Settlement(AttemptStatus.REFUSED, NOON, Decimal(0))
    assert OutcomeBounds(max_cost=Decimal(0)).let_pass(ended)
    assert not OutcomeBounds(min_latency_ms=0).let_pass(ended)
    assert not OutcomeBounds(max_latency_ms=10**6).let_pass(ended)
