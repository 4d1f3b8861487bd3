"""The `console` function: the handler that Lambda calls. It loads no framework, no client and no layer."""

from pathlib import Path
from typing import Any, Final

from functions.console.files import DOCUMENT, PREFIX, REFERENCE, ConsoleFiles

FOLDER: Final = Path(__file__).with_name("built")

_files = ConsoleFiles(FOLDER)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer API Gateway's event; texts as texts, for a REST API compresses and decodes none of these by itself."""
    path: str = event["path"]
    whole: str = event.get("requestContext", {}).get("path") or path
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    headers.pop("accept-encoding", None)
    begins = next((each for each in (PREFIX, REFERENCE, DOCUMENT) if each in path), PREFIX)
    inside = path[path.find(begins) :]  # behind a custom domain's base path
    base = whole[: whole.find(begins)] if begins in whole else ""
    answer = _files.answer(event["httpMethod"], inside, headers, base=base)
    return {"statusCode": answer.status, "headers": dict(answer.headers), "body": answer.body.decode()}
