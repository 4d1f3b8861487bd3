#!/usr/bin/env bash
# Guess: an emulator of Secrets Manager refuses a value above 65,536 bytes, as Secrets Manager does.
# moto==5.2.5, ministack==1.5.33 (boto3==1.43.8).
# Behaviour: both take 70,000 bytes and give them back. Whoever packs many keys into one secret learns the limit on AWS.
# Seen: "moto gives back 70000 bytes"
#       "ministack gives back 70000 bytes"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[secretsmanager]==5.2.5" ministack==1.5.33 boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
import os

import boto3
from moto import mock_aws

os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}

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


def told(name, client):
    client.create_secret(Name="large", SecretString=70_000 * "x")
    size = len(client.get_secret_value(SecretId="large")["SecretString"])
    print(f"{name} gives back {size} bytes")
    assert size == 70_000, "the behaviour has changed"


with mock_aws():
    told("moto", boto3.client("secretsmanager"))
with ministack() as address:
    told("ministack", boto3.client("secretsmanager", endpoint_url=address))
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
