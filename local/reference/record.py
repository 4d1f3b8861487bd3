"""`make examples`: take the tour of a running `make run PROVIDERS=fake`, and keep what it asked for and was answered.

`python -m local.reference.record URL KEY` writes `local/reference/examples.json`.
"""

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from local.reference.examples import RECORDED
from local.reference.service_document import service_document
from local.reference.tour import tour

MOST_ITEMS: Final = 4
MOST_CHARACTERS: Final = 400
A_SERVICE_KEY: Final = re.compile(r"atom_[a-z]+_\w{20,}")
ITS_PLACE: Final = "atom_local_…_shown-this-once"


class Recorder:
    """Asks a running service by operation ids, and keeps the first example of each."""

    def __init__(self, client: httpx.Client, document: Mapping[str, Any]) -> None:
        self._client = client
        self._places = {
            operation["operationId"]: (verb, path)
            for path, verbs in document["paths"].items()
            for verb, operation in verbs.items()
        }
        self.examples: dict[str, Any] = {}

    def __call__(
        self,
        operation: str,
        body: Any = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask, and keep the example; raises `RuntimeError` with the answer if it is no success."""
        verb, place = self._places[operation]
        sent: dict[str, Any] = {"data": body, "files": files} if files else {"json": body} if body is not None else {}
        answer = self._client.request(verb, place.format(**(path or {})), params=query, **sent)
        if not answer.is_success:
            raise RuntimeError(f"{operation}: {answer.status_code} {answer.text}")
        is_json = answer.headers["content-type"].startswith("application/json")
        told = answer.json() if is_json else answer.content
        asked = {"request": body} if "json" in sent else {}
        answered = {"status": answer.status_code, "response": abridged(told)} if is_json else {}
        self.examples.setdefault(operation, asked | answered)
        return told


def abridged(told: Any) -> Any:
    """Return an answer with the first items of its lists, without long texts and without what opens anything."""
    if isinstance(told, list):
        return [abridged(each) for each in told[:MOST_ITEMS]]
    if isinstance(told, str):
        told = A_SERVICE_KEY.sub(ITS_PLACE, told)
        return told if len(told) <= MOST_CHARACTERS else f"{told[:MOST_CHARACTERS]}…"
    if not isinstance(told, dict):
        return told
    return {name: abridged(value) for name, value in told.items()}


def main(url: str, key: str) -> None:
    """Record the examples of the service at `url`, with an admin key of the operator's."""
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        recorder = Recorder(client, service_document())
        tour(recorder, datetime.now(UTC))
    RECORDED.write_text(json.dumps(recorder.examples, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{len(recorder.examples)} operations in {RECORDED}")


if __name__ == "__main__":
    main(*sys.argv[1:])
