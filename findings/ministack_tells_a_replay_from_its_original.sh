#!/usr/bin/env bash
# Guess: a transaction that is sent again, byte for byte and with its ClientRequestToken, is answered as done.
# ministack==1.5.33 (boto3==1.43.8).
# Behaviour: so it is, unless a number in it has zeros that say nothing. With 0.60 in place of 0.6 the second one is
# IdempotentParameterMismatchException: what is remembered of the first has the number as the table stores it, and is
# compared with the request as it came. A client's repeat after a lost answer fails there for the spelling of a Decimal.
# Seen: "0.6 sent twice: done, done; 0.60 sent twice: done, IdempotentParameterMismatchException"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
import contextlib
import os
import socket
import subprocess
import sys
import time

import boto3
from botocore.exceptions import ClientError

os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}


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


with ministack() as address:
    client = boto3.client("dynamodb", endpoint_url=address)
    client.create_table(
        TableName="sums",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )

    def sent(number):
        item = {"pk": {"S": number}, "v": {"N": number}}
        try:
            client.transact_write_items(
                TransactItems=[{"Put": {"TableName": "sums", "Item": item}}], ClientRequestToken=f"token-{number}"
            )
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "done"

    seen = {number: [sent(number), sent(number)] for number in ("0.6", "0.60")}
    print("; ".join(f"{number} sent twice: {', '.join(words)}" for number, words in seen.items()))
    mismatch = "IdempotentParameterMismatchException"
    assert seen == {"0.6": ["done", "done"], "0.60": ["done", mismatch]}, "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
