"""Write the console's types from the OpenAPI documents of all groups: `make console-types`, where a route changed."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from local.front_door import GROUPS
from local.steps import step
from local.workspace import CONSOLE

TYPES: Final = CONSOLE / "src" / "api" / "generated"
_PROSE: Final = frozenset({"description", "examples", "example", "summary", "title"})
_NAMED: Final = frozenset({"properties", "schemas", "paths", "responses", "content"})  # below these, keys are names


def write_types(into: Path = TYPES) -> None:
    """Write a file of types for each group, of what requests take and successes answer.

    One a group and not one of all: groups have wire models of the same name. Raises `CalledProcessError` where the
    generator refuses a document.
    """
    documents = {group: _bare(import_module(f"functions.{group}.main").app.openapi()) for group in GROUPS.values()}
    command: list[str | Path] = ["node", "generate-types.mjs", into]
    subprocess.run(command, check=True, cwd=CONSOLE, input=json.dumps(documents), text=True, capture_output=True)


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its prose and its failures."""
    paths = {
        path: {verb: {**operation, "responses": _successes(operation)} for verb, operation in verbs.items()}
        for path, verbs in document["paths"].items()
    }
    bare: dict[str, Any] = _without_prose({**document, "paths": paths}, names=False)
    return {**bare, "info": document["info"]}


def _successes(operation: dict[str, Any]) -> dict[str, Any]:
    return {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}


def _without_prose(value: Any, *, names: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_prose(each, names=not names and key in _NAMED)
            for key, each in value.items()
            if names or key not in _PROSE
        }
    if isinstance(value, list):
        return [_without_prose(each, names=False) for each in value]
    return value


def main() -> int:
    """Write the types where the console finds them."""
    with step("Writing the console's types"):
        write_types()
    return 0


if __name__ == "__main__":
    sys.exit(main())
