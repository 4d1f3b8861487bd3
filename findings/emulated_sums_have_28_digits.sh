#!/usr/bin/env bash
# Guess: an emulator of DynamoDB that stores numbers of 38 digits, as DynamoDB does, also adds them with 38.
# moto==5.2.5, ministack==1.5.33 (boto3==1.43.8).
# Behaviour: both add in an UpdateExpression with the 28 digits of Python's usual decimal context, and say nothing: what
# lies behind the 28th digit is gone from the sum. A sum kept by ADD or by SET a = a + :b loses small amounts beside large
# ones there, where DynamoDB keeps every digit, and a test of exact sums is green or red for the emulator's sake.
# Seen: "moto: 10^30 + 10^-7 is stored as 1000000000000000000000000000000, of 38 digits as 1000000000000000000000000000000.0000001"
#       "ministack: 10^30 + 10^-7 is stored as 1000000000000000000000000000000, of 38 digits as 1000000000000000000000000000000.0000001"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" ministack==1.5.33 boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
from decimal import Decimal

from moto import mock_aws

import os

import boto3

os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}


def table(**where):
    """Return a client of a table `sums` with a text for its key."""
    client = boto3.client("dynamodb", **where)
    client.create_table(
        TableName="sums",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    return client

import contextlib
import socket
import subprocess
import sys
import time


@contextlib.contextmanager
def ministack():
    """Run the emulator on loopback, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SFTP_ENABLED": "0", "PERSIST_STATE": "0"}
    with open("log", "wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "ministack"], env=os.environ | settings, stdout=log, stderr=log)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


LARGE, SMALL = "1" + 30 * "0", "0.0000001"
WHOLE = f"{LARGE}.0000001"


def stored(client, key):
    return f"{Decimal(client.get_item(TableName='sums', Key={'pk': {'S': key}})['Item']['v']['N']):f}"


def told(name, client):
    client.put_item(TableName="sums", Item={"pk": {"S": "given"}, "v": {"N": WHOLE}})
    client.put_item(TableName="sums", Item={"pk": {"S": "added"}, "v": {"N": LARGE}})
    client.update_item(
        TableName="sums",
        Key={"pk": {"S": "added"}},
        UpdateExpression="SET v = v + :more",
        ExpressionAttributeValues={":more": {"N": SMALL}},
    )
    added, given = stored(client, "added"), stored(client, "given")
    print(f"{name}: 10^30 + 10^-7 is stored as {added}, of 38 digits as {given}")
    assert (added, given) == (LARGE, WHOLE), "the behaviour has changed"


with mock_aws():
    told("moto", table())
with ministack() as address:
    told("ministack", table(endpoint_url=address))
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
