"""Events that are no request: a deployment's own schedule invokes functions whose snapshots nobody would use else."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from atom_llm.domain.core.errors import InvalidRequest

KEEP_AWAKE: Final = "keep-awake"
PASS_THROUGH: Final = "/events"  # where the Lambda Web Adapter posts them; no path of the API leads here
AWAKE: Final = {"awake": True}


def is_request(event: Mapping[str, Any]) -> bool:
    """Return whether API Gateway made an event, of a REST API (its own `httpMethod`) or of an HTTP API."""
    return "httpMethod" in event or "requestContext" in event


def answer_to(event: object) -> Mapping[str, bool]:
    """Return what the schedule hears. Raises `InvalidRequest` for an event of any other kind."""
    if not isinstance(event, Mapping) or event.get("trigger") != KEEP_AWAKE:
        raise InvalidRequest("trigger", f"must be {KEEP_AWAKE!r}: else the function takes requests alone")
    return AWAKE


def with_own_events(app: ASGIApp) -> ASGIApp:
    """Return an app that also takes such events, for a function that runs as a server behind the adapter."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PASS_THROUGH:
            await (await _answered(Request(scope, receive)))(scope, receive, send)
        else:
            await app(scope, receive, send)

    return served


async def _answered(request: Request) -> JSONResponse:
    try:
        return JSONResponse(answer_to(await request.json()))
    except (ValueError, InvalidRequest):
        return JSONResponse({"error": f"an event has the trigger {KEEP_AWAKE!r}"}, 400)
