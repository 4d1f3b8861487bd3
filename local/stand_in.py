"""`make run PROVIDERS=fake`: stand-ins of the providers on this machine, and a key of each, so that calls can be tried.

The stand-ins are the tests' own server: it speaks the providers' wire formats and says nothing sensible.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from atom_llm.domain.core.providers import PROVIDER_BY_ID
from local.processes import HOST, Server
from local.steps import CannotGoOn
from local.workspace import PYTHON, ROOT

VARIABLE: Final = "PROVIDERS"
FAKE: Final = "fake"
LABEL: Final = "stand-in of make run"  # how its keys are known, so that they never go to a real provider
ANSWER_TIMEOUT_S: Final = 30.0

MESSAGE: Final = """\
    # THE PROVIDERS ARE STAND-INS on this machine, with a key of each stored: answers and usage are made up.
"""


def is_wanted() -> bool:
    """Return whether the caller of `make run` asked for stand-ins; raises `CannotGoOn` for another word."""
    asked = os.environ.get(VARIABLE, "")
    if asked not in ("", FAKE):
        raise CannotGoOn(f"{VARIABLE} must be {FAKE} or nothing; it is {asked!r}.")
    return asked == FAKE


def server(port: int, folder: Path) -> Server:
    """Return the stand-ins' server, to be started."""
    serve: list[str | Path] = [PYTHON, "-m", "testing.stand_in", "--port", str(port)]
    environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "shared")))}
    log = folder / "logs" / "stand-in.log"
    return Server("The stand-ins of the providers", serve, environment, port=port, health="/_control/health", log=log)


def addresses(port: int) -> dict[str, str]:
    """Return the variable that points every provider at the stand-ins."""
    return {
        "ATOM_PROVIDER_BASE_URLS": json.dumps(
            {provider: f"http://{HOST}:{port}/{provider}" for provider in PROVIDER_BY_ID}, sort_keys=True
        )
    }


def keep_keys(door: str, key: str, *, wanted: bool) -> None:
    """See that the local tenant has a key of every stand-in, or, without stand-ins, none of them."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=door, headers=headers, timeout=ANSWER_TIMEOUT_S, trust_env=False) as client:
        stored = _stored(client)
        for provider in PROVIDER_BY_ID:
            if wanted and provider not in stored:
                made_up = {"provider": provider, "api_key": f"stand-in-{provider}-0000", "label": LABEL}
                client.post("/api/byok/keys", json=made_up).raise_for_status()
            elif not wanted and provider in stored:
                client.delete(f"/api/byok/keys/{stored[provider]}").raise_for_status()


def _stored(client: httpx.Client) -> Mapping[str, str]:
    """Return the stand-ins' keys by provider."""
    answer = client.get("/api/byok/keys", params={"limit": 200}).raise_for_status()
    items = answer.json()["data"]["items"]
    return {item["provider"]: item["id"] for item in items if item["label"] == LABEL and item["deleted_at"] is None}
