"""Tables as the deployed stacks make them, on the emulator or on moto, and clients with something in their wire."""

import os
from collections.abc import Callable
from typing import Any

from atom_llm.adapters.aws.credentials import credential_source
from atom_llm.adapters.aws.endpoint import endpoint_of
from atom_llm.adapters.aws.http import KeptConnections, Transport
from atom_llm.adapters.aws.json_client import DYNAMODB, JsonClient, Requests, Service, Timing

CONNECTIONS = 64  # as many as a drill has threads


def create_table(client: Requests, name: str) -> None:
    """Create a table with a partition key and a sort key, both texts, that is paid for by the request."""
    request = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    }
    client.ask("CreateTable", request, repeats=False)


def delete_table(client: Requests, name: str) -> None:
    """Take a table away."""
    client.ask("DeleteTable", {"TableName": name}, repeats=False)


def items_of(client: Requests, name: str) -> list[dict[str, Any]]:
    """Return the items of a small table, in DynamoDB's JSON."""
    items: list[dict[str, Any]] = client.ask("Scan", {"TableName": name})["Items"]
    return items


def client_over(
    wire: Callable[[Transport], Transport], timing: Timing | None = None, service: Service = DYNAMODB
) -> JsonClient:
    """Make a client by the environment's settings that sends through what `wire` makes of its transport."""
    endpoint = endpoint_of(service.name, os.environ)
    transport = wire(KeptConnections(endpoint.url, CONNECTIONS))
    return JsonClient(service, endpoint, credential_source(os.environ), transport, timing or Timing())


def operation_of(headers: Any) -> str:
    """Return the operation that a signed request asks for."""
    return str(headers["x-amz-target"]).rpartition(".")[2]
