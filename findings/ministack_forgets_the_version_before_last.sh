#!/usr/bin/env bash
# Guess: an emulator of Secrets Manager keeps a version that has lost its last label, for whoever still names it by its id.
# ministack==1.5.33 (boto3==1.43.8).
# Behaviour: with the third value the first one is gone: GetSecretValue by its VersionId is ResourceNotFoundException, where
# Secrets Manager keeps versions without labels for at least a day, and moto==5.2.5 keeps them too. And a
# PutSecretValue with a ClientRequestToken that another value was stored under is answered as done, with the id of that
# version, which then has the new value; Secrets Manager refuses it (ResourceExistsException), for a version never changes.
# Seen: "the first of three versions: ResourceNotFoundException; another value under a used token: done, it is now other"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.8

cat > "$folder/run.py" <<'PYTHON'
import os

import boto3
from botocore.exceptions import ClientError

os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
TOKEN = 32 * "a"

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


def outcome(ask):
    try:
        return ask()
    except ClientError as error:
        return error.response["Error"]["Code"]


with ministack() as address:
    client = boto3.client("secretsmanager", endpoint_url=address)
    first = client.create_secret(Name="versions", SecretString="1")["VersionId"]
    for value in ("2", "3"):
        client.put_secret_value(SecretId="versions", SecretString=value)
    gone = outcome(lambda: client.get_secret_value(SecretId="versions", VersionId=first)["SecretString"])
    client.create_secret(Name="tokens", SecretString="0")
    client.put_secret_value(SecretId="tokens", SecretString="one", ClientRequestToken=TOKEN)
    done = outcome(
        lambda: client.put_secret_value(SecretId="tokens", SecretString="other", ClientRequestToken=TOKEN)["VersionId"]
    )
    now = client.get_secret_value(SecretId="tokens", VersionId=TOKEN)["SecretString"]
    word = "done" if done == TOKEN else done
    print(f"the first of three versions: {gone}; another value under a used token: {word}, it is now {now}")
    assert (gone, word, now) == ("ResourceNotFoundException", "done", "other"), "the behaviour has changed"
PYTHON
cd "$folder" && "$folder/venv/bin/python" run.py
