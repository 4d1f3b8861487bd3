"""The byok routes in the deployed stack, through the emulated gateway: a tenant from its making to its end."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from local import proof
from local.emulator import client_environment
from testing.fakes.provider_origin import LISTS, ProviderOrigin, openai_error
from testing.money_world import on_tables, usd
from tests.e2e.conftest import RunningService

BYOK = "/api/byok"
PLAINTEXT = "sk-proj-CANARY0123456789abcdefEND1"
ROTATED = "sk-proj-CANARY9876543210fedcbaEND2"
VAULT = "secretsmanager"  # what the emulator calls the file that keeps its secrets


def data_of(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


@pytest.fixture
def tenant(deployment: RunningService) -> Iterator[TenantId]:
    """A tenant of the operator's making, deleted in the end."""
    name = f"t-{uuid4().hex[:12]}"
    with deployment.http() as operator:
        data_of(operator.post(f"{BYOK}/tenants", json={"id": name, "name": "Acme"}), 201)
        yield TenantId(name)
        data_of(operator.delete(f"{BYOK}/tenants/{name}"))


@pytest.fixture
def own(deployment: RunningService, tenant: TenantId) -> Iterator[httpx.Client]:
    """A caller of that tenant."""
    with deployment.http() as operator:
        body = {"tenant": tenant, "scopes": ["admin", "keys:read", "keys:write", "usage:read", "budgets:write"]}
        issued = data_of(operator.post(f"{BYOK}/service-keys", json=body), 201)
    with deployment.called_by(issued["service_key"]) as client:
        yield client


def test_a_provider_key_is_stored_tested_rotated_and_erased(own: httpx.Client, provider: ProviderOrigin) -> None:
    provider.answer(200, LISTS["openai"])
    body = {"provider": "openai", "api_key": PLAINTEXT, "validate": True}
    key = data_of(own.post(f"{BYOK}/keys", json=body), 201)
    assert (key["status"], key["last4"]) == ("valid", "END1")
    assert provider.asked[-1][1]["authorization"] == f"Bearer {PLAINTEXT}"

    provider.answer(401, openai_error("Incorrect API key provided: {key}", "invalid_request_error", "invalid_api_key"))
    tested = data_of(own.post(f"{BYOK}/keys/{key['id']}/test"))
    assert (tested["status"], tested["is_active"]) == ("invalid", False)

    rotated = data_of(own.post(f"{BYOK}/keys/{key['id']}/rotate", json={"api_key": ROTATED}))
    assert (rotated["status"], rotated["last4"]) == ("untested", "END2")
    deleted = data_of(own.delete(f"{BYOK}/keys/{key['id']}"))
    assert deleted["deleted_at"] is not None
    assert data_of(own.get(f"{BYOK}/keys"))["items"] == []


def test_a_plaintext_is_in_no_file_that_the_deployment_wrote_but_the_vaults(
    deployment: RunningService, own: httpx.Client, provider: ProviderOrigin
) -> None:
    provider.answer(401, openai_error("Incorrect API key provided: {key}", "invalid_request_error", "invalid_api_key"))
    key = data_of(own.post(f"{BYOK}/keys", json={"provider": "openai", "api_key": PLAINTEXT, "validate": True}), 201)
    own.post(f"{BYOK}/keys", json={"provider": "openai", "api_key": PLAINTEXT})
    own.post(f"{BYOK}/keys", json={"provider": PLAINTEXT, "api_key": PLAINTEXT})
    own.get(f"{BYOK}/keys/{key['id']}")
    deployment.restart()  # what the emulator keeps is written when it stops
    written = [file for file in deployment.folder.rglob("*") if file.is_file() and PLAINTEXT.encode() in _content(file)]
    assert [file.relative_to(deployment.folder) for file in written if VAULT not in file.name] == []
    assert written, "the vault's own file must have it, or the search is in the wrong place"


def test_a_budget_is_set_shown_and_audited(own: httpx.Client) -> None:
    data_of(own.put(f"{BYOK}/budgets", json={"window": "month", "limit_usd": "25"}))
    (shown,) = data_of(own.get(f"{BYOK}/budgets"))["items"]
    assert (shown["limit_usd"], shown["remaining_usd"], shown["mode"]) == ("25", "25", "hard")
    assert data_of(own.get(f"{BYOK}/audit"))["items"][0]["action"] == "budget.set"


def test_spending_is_reported_listed_proved_and_repriced(
    deployment: RunningService, own: httpx.Client, tenant: TenantId, tmp_path: Path
) -> None:
    names = deployment.table_names
    client = dynamodb_client(environment=client_environment(deployment.endpoint_url))
    money = on_tables(Table(client, names["keys"]), Table(client, names["usage"]))
    row = money.spend(usd("0.0025"), tenant=tenant, key=ServiceKeyId("someKeyOfIts"), model="openai/gpt-4o")
    deployment.invoke("byok-ledger", {"trigger": "sweep"})

    total = data_of(own.get(f"{BYOK}/usage", params={"group_by": ["day", "model"]}))
    assert (total["total"]["cost_usd"], total["series"][0]["group"]["model"]) == ("0.0025", "openai/gpt-4o")
    (listed,) = data_of(own.get(f"{BYOK}/usage/calls"))["items"]
    assert listed["call_id"] == row.attempt.call_id
    answer = own.get(f"{BYOK}/usage/calls/{row.attempt.call_id}")
    (tmp_path / "call.json").write_text(answer.text)
    assert proof.main(str(tmp_path / "call.json")) == 0
    body = {"from": "2020-01-01T00:00:00Z", "to": "2021-01-01T00:00:00Z", "models": ["gpt-4o-mini"]}
    assert data_of(own.post(f"{BYOK}/usage/reprice", json=body))["answers"][0]["calls"] == 0


def test_calls_are_written_to_a_file_by_the_ledgers_function(
    deployment: RunningService, own: httpx.Client, tenant: TenantId
) -> None:
    names = deployment.table_names
    client = dynamodb_client(environment=client_environment(deployment.endpoint_url))
    money = on_tables(Table(client, names["keys"]), Table(client, names["usage"]))
    row = money.spend(usd("0.0025"), tenant=tenant, key=ServiceKeyId("someKeyOfIts"), tags={"n": "=1+1"})
    asked = own.post(f"{BYOK}/usage/exports", json={"kind": "calls"})
    assert asked.status_code == 202
    path = f"{BYOK}/usage/exports/{asked.json()['data']['id']}"
    for _ in range(2):  # a sweep of the minute's rule may have it
        deployment.invoke("byok-ledger", {"trigger": "sweep"})
    assert data_of(own.get(path))["state"] == "done"
    (line,) = csv.DictReader(io.StringIO(own.get(f"{path}/file").text))
    assert (line["call_id"], line["cost_usd"]) == (row.attempt.call_id, "0.0025")
    data_of(own.delete(path))
    assert own.get(f"{path}/file").status_code == 404


def test_what_belongs_to_another_tenant_is_not_there(deployment: RunningService, own: httpx.Client) -> None:
    with deployment.http() as operator:
        theirs = data_of(operator.post(f"{BYOK}/keys", json={"provider": "groq", "api_key": f"gsk_{uuid4().hex}"}), 201)
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/test")):
        assert own.request(method, f"{BYOK}/keys/{theirs['id']}{path}").status_code == 404
    assert own.get(f"{BYOK}/tenants/local").status_code == 404


def test_a_deleted_tenant_is_gone_for_good(deployment: RunningService, own: httpx.Client, tenant: TenantId) -> None:
    data_of(own.post(f"{BYOK}/keys", json={"provider": "openai", "api_key": PLAINTEXT}), 201)
    with deployment.http() as operator:
        done = data_of(operator.delete(f"{BYOK}/tenants/{tenant}"))
    assert done["erased"]["provider_keys_deleted"] == 1
    assert done["erased"]["secrets_deleted"] == 1
    assert done["erased"]["service_keys_revoked"] == 1


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # a socket, or a file that was temporary
        return b""
