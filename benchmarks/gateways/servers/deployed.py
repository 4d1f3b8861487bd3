"""`PORT UPSTREAM KEY_FILE PREFIX`: the chat function by the code of its deployment, on tables of the AWS emulator.

Which build it is say `PYTHONPATH` and `BUILD`, its folder; where the emulator is, the environment of AWS's clients. The
tables, the pepper, a key of OpenAI and two budgets are made first; then this process becomes the server, one worker, as
`run.sh` starts it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

TABLES = ("keys", "usage", "catalogue", "runtime")
PEPPER = {"current": "v1", "v1": "p" * 64}
PER_MINUTE = "10000000"  # a limit that is counted and never reached


def environment(upstream: str, prefix: str) -> dict[str, str]:
    """Return the environment that the functions read."""
    return {
        **{f"ATOM_{table.upper()}_TABLE": f"{prefix}-{table}" for table in TABLES},
        "ATOM_ENVIRONMENT": "local",
        "ATOM_PEPPER_SECRET_ID": f"{prefix}-pepper",
        "ATOM_TENANT_SECRETS_PREFIX": f"{prefix}/tenants",
        "ATOM_PROVIDER_BASE_URLS": json.dumps({"openai": f"{upstream}/v1"}),
        **{f"ATOM_{whose}_REQUESTS_PER_MINUTE": PER_MINUTE for whose in ("KEY", "PROVIDER")},
        **{f"ATOM_{whose}_TOKENS_PER_MINUTE": PER_MINUTE for whose in ("KEY", "PROVIDER")},
    }


def make_tables(prefix: str) -> None:
    """Make the tables and the pepper, where they are not there yet."""
    tables: Any = boto3.client("dynamodb")
    secrets: Any = boto3.client("secretsmanager")
    if f"{prefix}-{TABLES[0]}" in tables.list_tables()["TableNames"]:
        return
    secrets.create_secret(Name=f"{prefix}-pepper", SecretString=json.dumps(PEPPER))
    for table in TABLES:
        tables.create_table(
            TableName=f"{prefix}-{table}",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )


def make_key_and_budgets(key: str) -> None:
    """Store a provider key, and set two hard budgets, by the control plane."""
    from fastapi.testclient import TestClient

    from functions.byok.main import app

    own = TestClient(app, base_url="http://localhost/api/byok", headers={"authorization": f"Bearer {key}"})
    if not own.get("/keys").raise_for_status().json()["data"]["items"]:
        own.post("/keys", json={"provider": "openai", "api_key": "sk-" + "x" * 40}).raise_for_status()
    for window in ("day", "month"):
        own.put("/budgets", json={"window": window, "limit_usd": "1000000"}).raise_for_status()


def main(port: str, upstream: str, key_file: Path, prefix: str) -> None:
    """Make what a call needs, and serve."""
    os.environ.update(environment(upstream, prefix))
    os.chdir(os.environ["BUILD"])  # where uvicorn looks first
    make_tables(prefix)
    subprocess.run([sys.executable, "-m", "local.service_key", str(key_file)], check=True)
    subprocess.run([sys.executable, __file__, "made", str(key_file)], check=True, stdout=subprocess.DEVNULL)
    serve = ["uvicorn", "functions.chat.main:app", "--host", "127.0.0.1", "--port", port]
    serve += ["--no-access-log", "--no-proxy-headers", "--lifespan", "off", "--ws", "none", "--log-level", "warning"]
    os.execv(sys.executable, [sys.executable, "-m", *serve])  # noqa: S606 - the load is measured by this process


if __name__ == "__main__":
    if sys.argv[1] == "made":
        make_key_and_budgets(Path(sys.argv[2]).read_text().strip())
    else:
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
