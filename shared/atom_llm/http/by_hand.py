"""The routes that are called far more than any, served beside FastAPI's router; its document has them all the same."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from atom_llm.domain.core.errors import AtomError
from atom_llm.http.auth import RouteByHand
from atom_llm.http.headers import ReadRequest
from atom_llm.http.middleware import RequestMiddleware

OnError = Callable[[Request, Exception], Awaitable[Response]]

_HANDLED: Final = (AtomError, HTTPException)


class RoutesByHand:
    """The innermost middleware: a request that a `RouteByHand` takes ends here, any other goes on to the router.

    The router tries one route after the other, and wraps each request, and each piece that is sent, three times.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[RouteByHand], prefix: str, on_error: OnError) -> None:
        """Take the routes of the app, below its prefix; `on_error` answers what their endpoints raise."""
        self._app = app
        self._on_error = on_error
        self._served: Mapping[tuple[str, str], RouteByHand] = {
            (method, prefix + route.path): route for route in routes for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        route = self._route(scope)
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = ReadRequest(scope, receive)
        try:
            response = await route.answer(request)
        except _HANDLED as error:
            response = await self._on_error(request, error)
        await response(scope, receive, send)

    def _route(self, scope: Scope) -> RouteByHand | None:
        if scope["type"] != "http":
            return None
        return self._served.get((scope["method"], scope["path"].removeprefix(scope.get("root_path", ""))))


class GroupRoutes(FastAPI):
    """An app whose outermost middleware is ours: it limits bodies and answers unforeseen errors itself."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the middleware without FastAPI's own around it, through which every piece of a stream would pass."""
        outermost: ASGIApp | None = super().build_middleware_stack()
        while outermost is not None and not isinstance(outermost, RequestMiddleware):
            outermost = getattr(outermost, "app", None)
        if outermost is None:
            raise TypeError("the app has no RequestMiddleware")
        return outermost
