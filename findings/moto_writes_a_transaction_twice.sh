#!/usr/bin/env bash
# Guess: an emulator of DynamoDB carries a transaction out once, however often it is sent with one ClientRequestToken.
# moto==5.2.5 (boto3==1.43.8).
# Behaviour: the token is taken and not looked at. A TransactWriteItems that is sent again with the same token, as every
# client does after an answer that got lost, takes effect again, and one with other items under a used token is carried out
# where DynamoDB refuses it (IdempotentParameterMismatchException). Exactly-once by the token cannot be tested there.
# Seen: "sent twice with one token, the counter is 2; with other items under that token it is 12"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
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


def add(client, amount):
    update = {
        "TableName": "sums",
        "Key": {"pk": {"S": "counter"}},
        "UpdateExpression": "ADD v :more",
        "ExpressionAttributeValues": {":more": {"N": amount}},
    }
    client.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="one-and-the-same")
    return client.get_item(TableName="sums", Key={"pk": {"S": "counter"}})["Item"]["v"]["N"]


with mock_aws():
    client = table()
    add(client, "1")
    again, other = add(client, "1"), add(client, "10")
    print(f"sent twice with one token, the counter is {again}; with other items under that token it is {other}")
    assert (again, other) == ("2", "12"), "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
