"""Real tables on the emulator, fresh for each test module, and what injects faults into their client; data stacks."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest

from atom_llm.adapters.aws.http import Transport, Unanswered
from atom_llm.adapters.aws.json_client import Timing
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.network.answer import HttpAnswer
from local.account.data_stack import TABLES
from testing.tables import client_over, create_table, delete_table, operation_of
from tests.contract.vault.places import InEnvelopes, InSecretsManager, NewVault, OnTheMove, VaultOnEmulator


@dataclass
class Traffic:
    """The traffic of one client: its write units by DynamoDB's rule, and the operations whose answer is to get lost."""

    write_units: int = 0
    lose_answer_to: set[str] = field(default_factory=set)

    def count(self, request: Mapping[str, Any]) -> None:
        """One unit for every kilobyte that a put or an update begins."""
        size = sum(_size(value) for value in request.get("Item", request.get("ExpressionAttributeValues", {})).values())
        self.write_units += -(-max(size, 1) // 1024)


class HeardWire:
    """A transport whose traffic is heard; a write took effect, and the client hears nothing of it."""

    def __init__(self, traffic: Traffic, transport: Transport) -> None:
        self._traffic = traffic
        self._transport = transport

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send a request, and lose its answer where that is planned."""
        operation = operation_of(headers)
        if operation in ("PutItem", "UpdateItem"):
            self._traffic.count(json.loads(body))
        answer = self._transport.post(headers, body, timeout_s)
        if operation in self._traffic.lose_answer_to:
            self._traffic.lose_answer_to.remove(operation)
            raise Unanswered("ReadTimeoutError")
        return answer


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
        traffic = Traffic()
        own = client_over(lambda wire: HeardWire(traffic, wire), Timing(pause=lambda _: None))
        return Table(own, name), traffic

    yield make
    for name in names:
        delete_table(client, name)


@pytest.fixture(scope="module")
def new_vault(new_table: NewTable) -> NewVault:
    """Makes a vault of its own for whoever asks, by its kind."""

    def in_envelopes() -> InEnvelopes:
        kms: Any = boto3.client("kms")
        return InEnvelopes(new_table()[0]._name, kms.create_key()["KeyMetadata"]["Arn"])

    def in_secrets_manager() -> InSecretsManager:
        return InSecretsManager(f"atom-llm/tests/{uuid4().hex}")

    kinds: dict[str, Callable[[], VaultOnEmulator]] = {
        "secrets manager": in_secrets_manager,
        "envelopes": in_envelopes,
        "to envelopes": lambda: OnTheMove(in_envelopes(), in_secrets_manager()),
        "to secrets manager": lambda: OnTheMove(in_secrets_manager(), in_envelopes()),
    }
    return lambda kind: kinds[kind]()


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
