#!/usr/bin/env bash
# Guess: the ConsumedCapacity that an emulator of DynamoDB reports grows with the item, a unit for each kilobyte written.
# moto==5.2.5 (boto3==1.43.8).
# Behaviour: an update reports half a unit and a put one, whatever the size of the item, and a transaction reports nothing,
# where DynamoDB bills a unit for each kilobyte begun, and two in a transaction. What writes cost cannot be measured there:
# ministack==1.5.33 reports 41, 41 and 82 for the same three.
# Seen: "an item of 40 KB: put 1.0, updated 0.5, in a transaction []"
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


with mock_aws():
    client = table()
    item = {"pk": {"S": "large"}, "v": {"S": 40 * 1024 * "x"}}
    put = client.put_item(TableName="sums", Item=item, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"]
    updated = client.update_item(
        TableName="sums",
        Key={"pk": item["pk"]},
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
        ReturnConsumedCapacity="TOTAL",
    )["ConsumedCapacity"]["CapacityUnits"]
    written = client.transact_write_items(
        TransactItems=[{"Put": {"TableName": "sums", "Item": item}}], ReturnConsumedCapacity="TOTAL"
    )
    transaction = written.get("ConsumedCapacity", [])
    print(f"an item of 40 KB: put {put}, updated {updated}, in a transaction {transaction}")
    assert (put, updated, transaction) == (1.0, 0.5, []), "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
