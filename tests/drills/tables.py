"""Real tables for drills: three of them on the emulator, and worlds whose AWS client fails by plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
from botocore.config import Config

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from testing.money_world import MoneyWorld, on_tables
from testing.tables import create_table
from tests.drills.faults import FaultPlan, FaultsOnTheWire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

CONNECTIONS = 64  # as many as a drill has threads


class Tables:
    """The keys table, the usage table and the catalogue table of a drill."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self.keys, self.usage, self.catalogue = (f"{name}-{uuid4().hex}" for name in ("keys", "usage", "catalogue"))
        for name in (self.keys, self.usage, self.catalogue):
            create_table(client, name)

    def world(self, client: "DynamoDBClient | None" = None) -> MoneyWorld:
        """A process on these tables."""
        own = client or self._client
        return on_tables(Table(own, self.keys), Table(own, self.usage))

    def failing_world(self, plan: FaultPlan) -> MoneyWorld:
        """A process whose every call may fail; what fails is not asked again, but for a lost answer."""
        retries: Any = {"mode": "standard", "total_max_attempts": 2}
        client = boto3.client("dynamodb", config=Config(retries=retries))
        client.meta.events.unregister("needs-retry.dynamodb", unique_id="retry-config-dynamodb")
        FaultsOnTheWire(plan, client)
        return self.world(client)

    def delete(self) -> None:
        """Take them away."""
        for name in (self.keys, self.usage, self.catalogue):
            self._client.delete_table(TableName=name)


@contextmanager
def fresh_tables() -> Iterator[Tables]:
    """Tables of a drill's own, on the emulator that the environment names."""
    tables = Tables(dynamodb_client(CONNECTIONS))
    try:
        yield tables
    finally:
        tables.delete()
