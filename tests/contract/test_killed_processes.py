"""Real processes, really killed, at moments nobody chose: ledger, holds and secrets are consistent afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import boto3
import pytest

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys
from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.windows import WindowKind
from testing.money_world import MoneyWorld, usd
from tests.drills.tables import Tables, fresh_tables

ROOT = Path(__file__).parents[2]
TENANT = TenantId("killed")
KILLED = 6  # processes, one after the other; each does a few whole rounds


@pytest.fixture
def tables(emulator: str) -> Iterator[Tables]:
    with fresh_tables() as made:
        yield made


@pytest.fixture
def prefix() -> str:
    return f"atom-llm/tests/{uuid4().hex}"


@pytest.fixture
def world(tables: Tables, prefix: str) -> MoneyWorld:
    """Everything after the last process was killed, and after every deadline of theirs."""
    world = tables.world()
    world.budget("100", tenant=TENANT, window=WindowKind.TOTAL)
    chance = Random(11)
    for _ in range(KILLED):
        _killed_after(chance.uniform(0.05, 0.8), tables, prefix)
    world.clock.now = datetime.now(UTC) + timedelta(minutes=10)
    for _ in range(2):
        world.roll_up.run()
        world.clock.pass_s(61)
    return world


def test_every_call_is_in_the_books_once_and_the_books_agree(world: MoneyWorld, tables: Tables, prefix: str) -> None:
    today = (datetime.now(UTC) - timedelta(minutes=1)).date()
    rows = list(world.ledger.rows_of_day(TENANT, today, behind=None, page_size=100))
    assert len(rows) > KILLED
    assert {row.settlement.cost for row in rows} <= {usd("0.004"), usd("0")}
    assert len({row.attempt.call_id for row in rows}) == len(rows)
    assert world.ledger.open_attempts_of(TENANT) == []
    state = world.state(window=WindowKind.TOTAL, tenant=TENANT)
    assert state is not None
    assert state.holds == {}
    assert state.spent == sum(row.settlement.cost for row in rows)
    assert world.check(TENANT).drift == {}
    _assert_keys_are_consistent(tables, prefix)


def _assert_keys_are_consistent(tables: Tables, prefix: str) -> None:
    """Assert that the secret holds the listed keys and no other; the next writer leaves no other secret behind."""
    book = DynamoProviderKeys(Table(dynamodb_client(), tables.keys))
    client: Any = boto3.client("secretsmanager")
    secrets = SecretsManagerStore(secrets_client(), prefix, None)
    listed, pointer = book.of(TENANT)
    live = {str(key.key_id) for key in listed if key.deleted_at is None}
    content = secrets.get(pointer.secret, pointer.version) if pointer.secret and pointer.version else {}
    assert content.keys() == live
    kept = {pointer.secret, *pointer.retired, *pointer.drafts}
    there = [each["Name"].removeprefix(f"{prefix}/") for each in client.list_secrets(MaxResults=100)["SecretList"]]
    orphans = [name for name in there if name.startswith(TENANT) and name not in kept]
    assert orphans == [], json.dumps(orphans)


def _killed_after(seconds: float, tables: Tables, prefix: str) -> None:
    command = [sys.executable, "-m", "tests.drills.caller", tables.keys, tables.usage, prefix, TENANT]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "calling\n"
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
