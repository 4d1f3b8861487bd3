"""Reads and conditional updates of one item by a client of tables: its processor time a request, and to its first."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from time import process_time

REQUESTS = 600
KEY = ("tenant#acme", "window#2026-11")
CHANGE = "SET available = available - :amount, holds.#hold = :amount"
CONDITION = "attribute_exists(pk) AND available >= :amount"


def main() -> None:
    """Ask, and report milliseconds."""
    client = json.loads(sys.argv[1])["client"]
    command = [sys.executable, "-m", "benchmarks.probes.table_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        os.environ |= {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.stdout.readline().strip()}",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token" * 100,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_CONFIG_FILE": os.devnull,
        }
        began = process_time()
        read, update = {"ours": ours, "boto3": of_boto3}[client]()
        read()
        first_ms = (process_time() - began) * 1000
        report = {"first_ms": first_ms, "read_ms": _each(read), "update_ms": _each(update)}
        server.kill()
    print(json.dumps(report))


def ours() -> tuple[Callable[[], object], Callable[[], object]]:
    """The table as adapters use it."""
    from decimal import Decimal

    from atom_llm.adapters.dynamodb.table import Table, dynamodb_client

    table, amount = Table(dynamodb_client(), "usage"), Decimal("0.0012")
    return (
        lambda: table.get(KEY, consistent=True),
        lambda: table.update(KEY, CHANGE, {":amount": amount}, condition=CONDITION, names={"#hold": "one"}),
    )


def of_boto3() -> tuple[Callable[[], object], Callable[[], object]]:
    """The same over boto3's resource, which writes and reads Python's values too."""
    from decimal import Decimal

    import boto3

    table, amount = boto3.resource("dynamodb").Table("usage"), Decimal("0.0012")
    key = {"pk": KEY[0], "sk": KEY[1]}
    return (
        lambda: table.get_item(Key=key, ConsistentRead=True)["Item"],
        lambda: table.update_item(
            Key=key,
            UpdateExpression=CHANGE,
            ConditionExpression=CONDITION,
            ExpressionAttributeValues={":amount": amount},
            ExpressionAttributeNames={"#hold": "one"},
            ReturnValues="ALL_NEW",
        )["Attributes"],
    )


def _each(ask: Callable[[], object]) -> float:
    for _ in range(REQUESTS // 4):
        ask()
    began = process_time()
    for _ in range(REQUESTS):
        ask()
    return (process_time() - began) * 1000 / REQUESTS


if __name__ == "__main__":
    main()
