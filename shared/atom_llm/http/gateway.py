"""API Gateway's own word on a request: its context, its signer, and the place at which a function's paths begin."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.types import Scope

from atom_llm.http.headers import headers_of


def gateway_context(scope: Scope) -> dict[str, Any]:
    """Return API Gateway's context of a request: Mangum keeps the event, the Lambda Web Adapter sends a header."""
    if "aws.event" in scope:
        context = scope["aws.event"].get("requestContext")
    else:
        told = headers_of(scope).get("x-amzn-request-context")
        if told is None:
            return {}
        try:
            context = json.loads(told)
        except (ValueError, RecursionError):
            context = None
    return context if isinstance(context, dict) else {}


def signer_of(scope: Scope) -> str | None:
    """Return the ARN of the role or user that has signed a request; None where API Gateway's authorizer says none.

    The event that Mangum keeps is API Gateway's own word: what a caller sends stands elsewhere in it. The Web Adapter's
    header is not asked, which a caller could send wherever the adapter does not stand in front.
    """
    event = scope.get("aws.event")
    context = event.get("requestContext") if isinstance(event, dict) else None
    identity = context.get("identity") if isinstance(context, dict) else None
    signer = identity.get("userArn") if isinstance(identity, dict) else None
    return signer if isinstance(signer, str) and signer else None


def under_its_base(scope: Scope, context: Mapping[str, Any], prefix: str) -> Scope:
    """Return the scope with what stands in front of `prefix` as ASGI's root path, which names the server in documents.

    That is the stage, which a REST API takes off the path and an HTTP API leaves on it, or a custom domain's base path;
    `context` is API Gateway's of the request.
    """
    if not context:
        return scope
    path: str = scope["path"]
    whole = context.get("path")
    stage = unquote(whole).removesuffix(path) if isinstance(whole, str) and unquote(whole).endswith(path) else ""
    place = _place(path, prefix, (scope.get("aws.event", {}).get("pathParameters") or {}).get("proxy"))
    root = stage + path[:place].rstrip("/")
    return {**scope, "root_path": root, "path": root + path[place:]}


def _place(path: str, prefix: str, behind: object) -> int:
    """Return where the prefix begins: where `behind`, if known, comes behind it, else for the first time."""
    places = [place for place in range(len(path)) if f"{path}/".startswith(f"{prefix}/", place)]
    if isinstance(behind, str):
        named = unquote(behind).strip("/")
        places = [place for place in places if path[place + len(prefix) :].strip("/") == named] or places
    return places[0] if places else 0
