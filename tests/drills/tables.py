"""Real tables for drills: three of them on the emulator, and worlds whose AWS client fails by plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from atom_llm.adapters.aws.json_client import Requests
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from testing.money_world import MoneyWorld, on_tables
from testing.tables import CONNECTIONS, create_table, delete_table
from tests.drills.faults import FaultPlan, failing_client


class Tables:
    """The keys table, the usage table and the catalogue table of a drill."""

    def __init__(self, client: Requests) -> None:
        self._client = client
        self.keys, self.usage, self.catalogue = (f"{name}-{uuid4().hex}" for name in ("keys", "usage", "catalogue"))
        for name in (self.keys, self.usage, self.catalogue):
            create_table(client, name)

    def world(self, client: Requests | None = None) -> MoneyWorld:
        """A process on these tables."""
        own = client or self._client
        return on_tables(Table(own, self.keys), Table(own, self.usage))

    def failing_world(self, plan: FaultPlan) -> MoneyWorld:
        """A process whose every call may fail."""
        return self.world(failing_client(plan))

    def delete(self) -> None:
        """Take them away."""
        for name in (self.keys, self.usage, self.catalogue):
            delete_table(self._client, name)


@contextmanager
def fresh_tables() -> Iterator[Tables]:
    """Tables of a drill's own, on the emulator that the environment names."""
    tables = Tables(dynamodb_client(CONNECTIONS))
    try:
        yield tables
    finally:
        tables.delete()
