"""`?tenant=`: the operator acts for a tenant wherever it acts for itself, and the tenant's audit log tells of it."""

from typing import Any

import pytest

from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

READS = ["/usage", "/usage/calls", "/keys", "/providers", "/budgets", "/service-keys", "/audit"]
FOR_OURS = {"tenant": OURS}


async def test_an_operator_that_caps_a_tenant_does_not_cap_itself(byok: ByokWorld) -> None:
    body = {"window": "day", "limit_usd": "1"}
    assert (await byok.ask("PUT", "/budgets", tenant=OPERATOR, params=FOR_OURS, json=body)).status_code == 200
    assert [each["limit_usd"] for each in (await byok.read("/budgets"))["items"]] == ["1"]
    assert (await byok.read("/budgets", tenant=OPERATOR))["items"] == []


async def test_a_change_by_the_operator_stands_in_the_tenants_audit_as_the_operators(byok: ByokWorld) -> None:
    body = {"window": "day", "limit_usd": "1"}
    key_id, plaintext = await byok.issued(OPERATOR)
    answer = await byok.client(key=plaintext).put("/api/byok/budgets", params=FOR_OURS, json=body)
    assert answer.status_code == 200
    (entry,) = (await byok.read("/audit"))["items"]
    assert (entry["action"], entry["actor"], entry["by_operator"]) == ("budget.set", key_id, True)
    assert (await byok.read("/audit", tenant=OPERATOR))["items"] == []


async def test_a_tenants_own_change_is_not_said_to_be_the_operators(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "1"})
    assert [entry["by_operator"] for entry in (await byok.read("/audit"))["items"]] == [False]


@pytest.mark.parametrize("path", READS)
async def test_what_the_operator_reads_of_a_tenant_is_the_tenants_and_told_of(byok: ByokWorld, path: str) -> None:
    own = await byok.read(path)
    read = data_of(await byok.ask("GET", path, tenant=OPERATOR, params=FOR_OURS))
    if path not in ("/audit", "/service-keys"):  # these show the act of reading, and the keys that were asked with
        assert read == own
    (entry,) = (await byok.read("/audit"))["items"]
    assert (entry["action"], entry["subject"], entry["by_operator"]) == ("operator.read", f"/api/byok{path}", True)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("named", [THEIRS, "nobody-at-all"])
async def test_nobody_else_may_name_a_tenant(byok: ByokWorld, path: str, named: str) -> None:
    answer = await byok.ask("GET", path, params={"tenant": named})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert byok.audit.all == []


async def test_ones_own_tenant_may_be_named_and_nothing_is_told(byok: ByokWorld) -> None:
    assert (await byok.ask("GET", "/budgets", params=FOR_OURS)).status_code == 200
    assert byok.audit.all == []


async def test_nothing_is_changed_for_a_deleted_tenant(byok: ByokWorld) -> None:
    assert (await byok.ask("DELETE", f"/tenants/{OURS}", tenant=OPERATOR)).status_code == 200
    body: dict[str, Any] = {"window": "day", "limit_usd": "1"}
    assert (await byok.ask("PUT", "/budgets", tenant=OPERATOR, params=FOR_OURS, json=body)).status_code == 409
    assert (await byok.ask("GET", "/usage", tenant=OPERATOR, params=FOR_OURS)).status_code == 200
