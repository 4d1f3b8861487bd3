"""Routes that read their requests by themselves: what FastAPI would resolve a thousand times a second, by hand.

Their declared scope is enforced here, and their OpenAPI document is written beside them; everything else of an app (its
middleware, its error handlers) is around them as around any route.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from atom_llm.http.auth import RequiredScope, caller_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class RouteByHand(APIRoute):
    """A route whose endpoint takes the request alone, and finds its caller in `request.state.caller`."""

    def get_route_handler(self) -> Handler:
        """Return the endpoint behind the check of its declared scope; raises `ValueError` for a route without one."""
        declared = [each.dependency for each in self.dependencies if isinstance(each.dependency, RequiredScope)]
        if not declared:
            raise ValueError(f"{self.path} declares no scope")
        endpoint: Handler = self.endpoint

        async def handle(request: Request) -> Response:
            caller = await caller_of(request)
            for scope in declared:
                scope.check(caller)
            return await endpoint(request)

        return handle
