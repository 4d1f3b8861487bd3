"""What chat's process loads before it is asked for it: what a call needs; not AWS's SDK, nor FastAPI and pydantic."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLES = ("ATOM_KEYS_TABLE", "ATOM_USAGE_TABLE", "ATOM_CATALOGUE_TABLE", "ATOM_RUNTIME_TABLE", "ATOM_PEPPER_SECRET_ID")


def loaded(work: str, packages: set[str], **more: str) -> str:
    """Return which of some packages chat has loaded, as Lambda starts it, once some work is done."""
    environment = {
        **dict.fromkeys(TABLES, "x"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}",
        "ATOM_ENVIRONMENT": "dev",
        "AWS_LAMBDA_FUNCTION_NAME": "chat",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": "/dev/null",
        **more,
    }
    asked = f"import functions.chat.server, sys\n{work}\nprint({packages!r} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_chat_as_lambda_starts_it_loads_no_boto3() -> None:
    """It took 18 MB of each process, and a fifth of a second of each start."""
    assert loaded("", {"boto3", "botocore", "s3transfer"}) == "set()"


def test_a_request_and_its_line_in_the_log_load_no_powertools() -> None:
    """It takes 70 ms, and half a second with the share of a core that chat has on Lambda."""
    asked = "from starlette.testclient import TestClient\nTestClient(functions.chat.server.app).get('/v1/health')"
    assert loaded(asked, {"aws_lambda_powertools"}) == "set()"


WEB = {"fastapi", "pydantic"}
ASK = "from starlette.testclient import TestClient\nTestClient(functions.chat.server.app).{}"


def test_a_start_and_a_call_load_neither_fastapi_nor_pydantic() -> None:
    """They took half of a start's time and a third of a process's memory."""
    asked = ASK.format("post('/v1/chat/completions', json={})")
    assert loaded(asked, WEB) == "set()"


def test_a_start_loads_what_the_first_connection_spells_its_address_by() -> None:
    assert loaded("", {"encodings.idna"}) == "{'encodings.idna'}"


def test_a_list_of_models_loads_them() -> None:
    assert loaded(ASK.format("get('/v1/models')"), {"fastapi"}) == "{'fastapi'}"


def test_a_snapshot_has_them_for_nobody_waits_for_it() -> None:
    assert loaded("", {"fastapi"}, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start") == "{'fastapi'}"
