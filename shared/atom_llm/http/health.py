"""The health route of a function: the one answer that needs neither a key nor a table."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from atom_llm.http.by_hand import RouteByHand

PATH: Final = "/health"


def health_route(group: str, version: str) -> RouteByHand:
    """Make the public health route of a group."""

    async def health(request: Request) -> Response:
        environment = request.app.state.container().settings.environment
        return JSONResponse({"status": "ok", "group": group, "environment": environment, "version": version})

    return RouteByHand("GET", PATH, health, needs=None)
