#!/usr/bin/env bash
# Guess: an emulator of DynamoDB stores numbers as numbers: without zeros that say nothing, and of 38 digits at most.
# moto==5.2.5 (boto3==1.43.8).
# Behaviour: an attribute is given back as it was spelt, 007, 1.10 and -0, and a number of 40 digits is taken, where
# DynamoDB gives back 7, 1.1 and 0 and refuses the last. A program that compares numbers as texts, or writes more digits
# than the table can hold, passes there. ministack==1.5.33 does as DynamoDB.
# Seen: "given back: 007, 1.10, -0; of 40 digits: taken"
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


with mock_aws():
    client = table()
    given = {"a": "007", "b": "1.10", "c": "-0"}
    item = {"pk": {"S": "numbers"}, **{name: {"N": number} for name, number in given.items()}}
    client.put_item(TableName="sums", Item=item)
    found = client.get_item(TableName="sums", Key={"pk": item["pk"]})["Item"]
    back = [found[name]["N"] for name in given]
    try:
        client.put_item(TableName="sums", Item={"pk": {"S": "long"}, "v": {"N": "1." + 39 * "3"}})
        long = "taken"
    except ClientError as error:
        long = error.response["Error"]["Code"]
    print(f"given back: {', '.join(back)}; of 40 digits: {long}")
    assert (back, long) == (["007", "1.10", "-0"], "taken"), "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
