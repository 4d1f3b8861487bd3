"""The app of a route group, read once a process and shared by all worlds of it.

FastAPI reads every route of an app at the app's first request: 0.2 s for the largest group, longer than most tests.
"""

from collections.abc import Callable
from contextvars import ContextVar

from starlette.types import Receive, Scope, Send

from atom_llm.composition import Container
from atom_llm.http.app import FunctionApp
from atom_llm.http.route_group import RouteGroup

GetContainer = Callable[[], Container]

_ANSWERING: ContextVar[GetContainer] = ContextVar("the container of the world whose request is being answered")
_SHARED: dict[RouteGroup, FunctionApp] = {}


class GroupApp:
    """An ASGI app that answers out of one world's container; only the routes are shared."""

    def __init__(self, container: GetContainer, group: RouteGroup) -> None:
        self._container = container
        if group not in _SHARED:
            _SHARED[group] = FunctionApp(group, lambda: _ANSWERING.get()())
        self._shared = _SHARED[group]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        before = _ANSWERING.set(self._container)
        try:
            await self._shared(scope, receive, send)
        finally:
            _ANSWERING.reset(before)

    def own(self) -> FunctionApp:
        """Make an app that shares nothing, for what is handed the app itself."""
        return FunctionApp(self._shared.group, self._container)
