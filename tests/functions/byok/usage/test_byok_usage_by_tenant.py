"""Usage by tenant: for the operator alone, each tenant once, told of in the audit log of each."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.ledger.rows import AttemptStatus
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import DAY

pytestmark = pytest.mark.anyio


async def by_tenant(byok: ByokWorld, **params: Any) -> dict[str, dict[str, Any]]:
    found = await byok.read("/usage/tenants", tenant=OPERATOR, **params)
    return {each["tenant"]: each for each in found["items"]}


async def test_each_tenant_has_its_own_sums(byok: ByokWorld) -> None:
    byok.called()
    byok.called(status=AttemptStatus.FAILED)
    byok.called("openai/gpt-4o-mini", tenant=THEIRS)
    found = await by_tenant(byok)
    assert {tenant: each["calls"] for tenant, each in found.items()} == {OPERATOR: 0, OURS: 1, THEIRS: 1}
    for tenant in (OURS, THEIRS):
        assert found[tenant]["cost_usd"] == (await byok.read("/usage", tenant=tenant))["total"]["cost_usd"]
    assert Decimal(found[OURS]["cost_usd"]) > Decimal(found[THEIRS]["cost_usd"]) > 0


async def test_both_ends_of_the_period_are_included(byok: ByokWorld) -> None:
    byok.called()
    byok.clock.now += DAY
    byok.called()
    for first, last, calls in (("23", "24", 2), ("23", "23", 1), ("24", "24", 1), ("22", "22", 0)):
        assert (await by_tenant(byok, from_=f"2026-11-{first}", to=f"2026-11-{last}"))[OURS]["calls"] == calls


async def test_pages_name_every_tenant_once(byok: ByokWorld) -> None:
    told, cursor = [], None
    for _ in range(10):
        page = await byok.read("/usage/tenants", tenant=OPERATOR, limit=1, cursor=cursor)
        told += [each["tenant"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert told == sorted([OPERATOR, OURS, THEIRS])


async def test_it_is_the_operators_alone(byok: ByokWorld) -> None:
    answer = await byok.ask("GET", "/usage/tenants", tenant=OURS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "operator_only")
    assert byok.audit.all == []


async def test_each_other_tenants_audit_log_tells_of_it(byok: ByokWorld) -> None:
    await by_tenant(byok)
    told = sorted((entry.tenant, entry.action, entry.by_operator) for entry in byok.audit.all)
    assert told == [(OURS, "operator.read", True), (THEIRS, "operator.read", True)]


async def test_as_csv_a_tenant_is_a_line(byok: ByokWorld) -> None:
    byok.called()
    answer = await byok.ask("GET", "/usage/tenants", tenant=OPERATOR, params={"format": "csv"})
    heading, *lines = answer.text.splitlines()
    assert {"tenant", "name", "calls", "cost_usd"} <= set(heading.split(","))
    assert len(lines) == 3
