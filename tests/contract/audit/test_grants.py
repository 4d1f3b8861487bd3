"""Every change with its entry takes no right that its function has not: what is sent, beside what is granted."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest

from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.domain.core.ids import TenantId
from infra.constructs.grants import GRANTS
from testing.tables import operation_of
from tests.contract.audit.changes import CHANGES, scene_of
from tests.contract.audit.deployment import SHARED, Deployment
from tests.drills.tables import Tables, fresh_tables

ENTRY = "an audit entry"
Sent = set[tuple[str, str]]
"""Tables and actions, as policies name them."""


@pytest.fixture
def tables(emulator: str) -> Iterator[Tables]:
    with fresh_tables() as made:
        yield made


def actions_of(operation: str, request: dict[str, Any]) -> Sent:
    """Return what a role needs for a request: for a transaction, what each of its writes needs."""
    if operation == "TransactWriteItems":
        writes = [pair for item in request["TransactItems"] for pair in item.items()]
        return {(write["TableName"], ENTRY if _is_entry(write) else f"dynamodb:{kind}Item") for kind, write in writes}
    named = [request["TableName"]] if "TableName" in request else list(request["RequestItems"])
    return {(table, f"dynamodb:{operation}") for table in named}


def _is_entry(write: dict[str, Any]) -> bool:
    return "Item" in write and write["Item"]["pk"]["S"].startswith("audit#")


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_no_right_that_its_function_has_not(tables: Tables, name: str) -> None:
    deployment, change = Deployment(tables), CHANGES[name]
    scene, caller = scene_of(change, deployment, TenantId(f"t-{uuid4().hex}"))
    request, process, sent = change.prepare(scene), deployment.failing(), Sent()
    process.container.tenancy.authenticator.authenticate(caller)

    client: Any = process.ports._dynamodb
    transport = client._transport

    class Heard:
        def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
            sent.update(actions_of(operation_of(headers), json.loads(body)))
            answer: HttpAnswer = transport.post(headers, body, timeout_s)
            return answer

    client._transport = Heard()
    assert process.ask(caller, request).is_success
    group = request.path.split("/")[1]
    granted = GRANTS[{"preferences": "tiers"}.get(group, group if group in SHARED else "byok")]
    names = {tables.keys: "keys", tables.usage: "usage", tables.catalogue: "catalogue"}
    assert granted.writes_entries or "dynamodb:PutItem" in granted.tables["keys"]
    assert {action for table, action in sent if action not in (*granted.tables[names[table]], ENTRY)} == set()
    assert (tables.keys, ENTRY) in sent
