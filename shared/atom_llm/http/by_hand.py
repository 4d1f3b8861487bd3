"""The routes that are called far more than any, served beside FastAPI; its document has them all the same."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from atom_llm.domain.core.errors import AtomError, InvalidRequest
from atom_llm.domain.tenancy.service_keys import Scope as KeyScope
from atom_llm.http.caller import caller_of, check_scope
from atom_llm.http.failures import domain_failure, http_failure
from atom_llm.http.headers import ReadRequest

Endpoint = Callable[[Request], Awaitable[Response]]

MAX_SHOWN: Final = 64  # characters of a name that is none
TWICE: Final = "is told twice, and has one value"
_FLAG: Final = ("true", "false")


@dataclass(frozen=True, slots=True)
class RouteByHand:
    """A route whose endpoint takes the request alone, and finds its caller in `request.state.caller`.

    What FastAPI would resolve a thousand times a second is done by hand, and FastAPI need not be loaded before the
    first call. Its path has no parameters, and its query none but `flags`, which are true or false.
    """

    method: str
    path: str
    endpoint: Endpoint
    needs: KeyScope | None
    """The scope that a caller must have; None for a route that is open to all."""
    flags: frozenset[str] = frozenset()

    async def answer(self, request: Request) -> Response:
        """Return what the endpoint answers. Raises `Unauthenticated`, `ScopeMissing`, `InvalidRequest`."""
        if self.needs is not None:
            check_scope(await caller_of(request), self.needs)
        if request.scope["query_string"]:
            self._check_query(request)
        return await self.endpoint(request)

    def _check_query(self, request: Request) -> None:
        told: set[str] = set()
        for name, value in request.query_params.multi_items() or (("query", ""),):
            if name not in self.flags:
                raise InvalidRequest(name[:MAX_SHOWN], "is not a parameter of this route")
            if name in told:
                raise InvalidRequest(name, TWICE)
            told.add(name)
            if value not in _FLAG:
                raise InvalidRequest(name, "must be true or false")


class RoutesByHand:
    """The innermost middleware: a request that a `RouteByHand` takes ends here, any other goes on to FastAPI.

    Its router tries one route after the other, and wraps each request, and each piece that is sent, three times.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[RouteByHand], prefix: str) -> None:
        """Take the routes, below their prefix, and what answers all other requests."""
        self._app = app
        self._served: Mapping[tuple[str, str], RouteByHand] = {
            (route.method, prefix + route.path): route for route in routes
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        route = self._route(scope)
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        response = await _answered(route, ReadRequest(scope, receive))  # its body is not kept while a stream goes out
        await response(scope, receive, send)

    def _route(self, scope: Scope) -> RouteByHand | None:
        if scope["type"] != "http":
            return None
        return self._served.get((scope["method"], scope["path"].removeprefix(scope.get("root_path", ""))))


async def _answered(route: RouteByHand, request: Request) -> Response:
    try:
        return await route.answer(request)
    except AtomError as error:
        return domain_failure(request, error)
    except HTTPException as error:
        return http_failure(request, error)
