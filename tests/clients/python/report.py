"""The way a client's script tells what it tried: a line of JSON on standard output for each thing."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

# A base URL as OpenAI's clients want it and as Anthropic's do, a service key and a model: all that is set of a client.
BASE_URL = os.environ["BASE_URL"]
ORIGIN = BASE_URL.removesuffix("/v1")
SERVICE_KEY = os.environ["SERVICE_KEY"]
MODEL = os.environ["MODEL"]
DOOR = os.environ["DOOR"]  # chat, responses or messages: for libraries that have a class for each

HELLO = "Say hello"
ASKED = "The weather in Paris"
PERSON = "A person"


def weather(city: str) -> str:
    """Return the answer of the one tool."""
    return f"21 degrees in {city}"


def report(**attempts: Callable[[], Mapping[str, Any]]) -> None:
    """Try each thing and tell of it; one that fails is told of, and does not keep the others from being tried."""
    for name, attempt in attempts.items():
        try:
            told = dict(attempt())
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what the matrix shows
            told = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps({"name": name, **told}), flush=True)  # noqa: T201 - its output is its report
