#!/usr/bin/env bash
# Guess: an emulator of DynamoDB refuses what is beyond the documented limits of one request, as DynamoDB does.
# moto==5.2.5 (boto3==1.43.8).
# Behaviour: BatchGetItem of more than 100 keys is refused, yet a BatchWriteItem of 26 items is carried out (DynamoDB: 25),
# so is a transaction of 4.6 MB (4 MB), and a document that is 33 levels deep is stored (32). A program that packs its
# writes too full is green there and fails on AWS. ministack==1.5.33 refuses all of them.
# Seen: "101 keys read: ValidationException; 26 items written: done; 4.6 MB in a transaction: done; 33 levels: done"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
from botocore.exceptions import ClientError
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


def outcome(ask):
    try:
        ask()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


def item(number, **more):
    return {"pk": {"S": str(number)}, **more}


with mock_aws():
    client = table()
    deep = {"S": "x"}
    for _ in range(33):
        deep = {"L": [deep]}
    large = [{"Put": {"TableName": "sums", "Item": item(n, v={"S": 390_000 * "x"})}} for n in range(12)]
    seen = [
        outcome(lambda: client.batch_get_item(RequestItems={"sums": {"Keys": [item(n) for n in range(101)]}})),
        outcome(lambda: client.batch_write_item(RequestItems={"sums": [{"PutRequest": {"Item": item(n)}} for n in range(26)]})),
        outcome(lambda: client.transact_write_items(TransactItems=large)),
        outcome(lambda: client.put_item(TableName="sums", Item=item("deep", v=deep))),
    ]
    print("101 keys read: {}; 26 items written: {}; 4.6 MB in a transaction: {}; 33 levels: {}".format(*seen))
    assert seen == ["ValidationException", "done", "done", "done"], "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
