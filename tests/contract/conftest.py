"""Real tables on the emulator, fresh for each test module, and what injects faults into their client; data stacks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from local.account.data_stack import TABLES
from testing.tables import create_table


@dataclass
class Traffic:
    """The traffic of one client: its write units by DynamoDB's rule, and the operations whose answer is to get lost."""

    write_units: int = 0
    lose_answer_to: set[str] = field(default_factory=set)

    def count(self, params: dict[str, Any], **_: object) -> None:
        """One unit for every kilobyte that a put or an update begins."""
        size = sum(_size(value) for value in params.get("Item", params.get("ExpressionAttributeValues", {})).values())
        self.write_units += -(-max(size, 1) // 1024)

    def lose(self, operation: Any, **_: object) -> float | None:
        """The write took effect, and the client hears nothing of it: it sends the same again, after no pause."""
        if operation.name in self.lose_answer_to:
            self.lose_answer_to.remove(operation.name)
            return 0.0
        return None


OF_DATA_STACK: Final = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    },
}

NewTable = Callable[[], tuple[Table, Traffic]]


@pytest.fixture(scope="module")
def new_table(emulator: str) -> Iterator[NewTable]:
    """Makes a table of its own for whoever asks, with the traffic of its client."""
    client = dynamodb_client()
    names: list[str] = []

    def make() -> tuple[Table, Traffic]:
        name = f"table-{uuid4().hex}"
        create_table(client, name)
        names.append(name)
        own: Any = dynamodb_client()  # its stubs know no hook that answers
        traffic = Traffic()
        for operation in ("PutItem", "UpdateItem"):
            own.meta.events.register(f"provide-client-params.dynamodb.{operation}", traffic.count)
            own.meta.events.register_first(f"needs-retry.dynamodb.{operation}", traffic.lose)
        own.meta.events.register_first("needs-retry.dynamodb.TransactWriteItems", traffic.lose)
        return Table(own, name), traffic

    yield make
    for name in names:
        client.delete_table(TableName=name)


def template() -> dict[str, Any]:
    """The part of a data stack that the command reads."""
    pepper = {"current": "v1", "v1": "a pepper of thirty-two characters"}
    tables = [table.capitalize() for table in TABLES]
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": json.dumps(pepper)}}
    return {
        "Resources": {f"{table}Table": OF_DATA_STACK for table in tables} | {"Pepper": secret},
        "Outputs": {f"{table}TableName": {"Value": {"Ref": f"{table}Table"}} for table in tables}
        | {"PepperSecretArn": {"Value": {"Ref": "Pepper"}}},
    }


@pytest.fixture(params=["dev", "local"])
def deployed(request: pytest.FixtureRequest, emulator: str) -> Iterator[str]:
    """An environment whose data stack is there."""
    environment: str = request.param
    cloudformation: Any = boto3.client("cloudformation")
    stack = f"atom-llm-{environment}-data"
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template()))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack)
    yield environment
    cloudformation.delete_stack(StackName=stack)


def _size(value: dict[str, Any]) -> int:
    (each,) = value.values()
    return len(each) if isinstance(each, bytes | str) else len(str(each))
