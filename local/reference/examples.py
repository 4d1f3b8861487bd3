"""Examples of requests and answers, as a running service gave them, for the document."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

RECORDED: Final = Path(__file__).with_name("examples.json")


def with_examples(document: dict[str, Any], recorded: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the document with what was recorded by operation id.

    That is `request`, and `status` and `response`, each where it is JSON.
    """
    known = json.loads(RECORDED.read_text("utf-8")) if recorded is None else recorded
    return {**document, "paths": {path: _verbs(verbs, known) for path, verbs in document["paths"].items()}}


def _verbs(verbs: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    return {verb: _operation(operation, known.get(operation["operationId"])) for verb, operation in verbs.items()}


def _operation(operation: Mapping[str, Any], example: Mapping[str, Any] | None) -> dict[str, Any]:
    if example is None:
        return dict(operation)
    shown = dict(operation)
    if "response" in example:
        status = str(example["status"])
        answer = _shown(operation["responses"][status], example["response"])
        shown["responses"] = {**operation["responses"], status: answer}
    if "request" in example:
        shown["requestBody"] = _shown(operation["requestBody"], example["request"])
    return shown


def _shown(part: Mapping[str, Any], example: Any) -> dict[str, Any]:
    """Return a request body or an answer with an example of its content in JSON."""
    content = dict(part["content"])
    content["application/json"] = {**content["application/json"], "example": example}
    return {**part, "content": content}
