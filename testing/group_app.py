"""The app of a route group, read once a process and shared by all worlds of it.

FastAPI reads every route of an app at the app's first request: 0.2 s for the largest group, longer than most tests.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from atom_llm.composition import Container
from atom_llm.http.app import create_app
from atom_llm.http.problems import Dialect

GetContainer = Callable[[], Container]

_ANSWERING: ContextVar[GetContainer] = ContextVar("the container of the world whose request is being answered")
_SHARED: dict[tuple[object, ...], FastAPI] = {}


class GroupApp:
    """An ASGI app that answers out of one world's container; only the routes are shared."""

    def __init__(
        self,
        container: GetContainer,
        *,
        group: str,
        prefix: str,
        title: str,
        routers: Sequence[APIRouter],
        open_to_all: Sequence[APIRouter] = (),
        dialect: Dialect = "control",
    ) -> None:
        self._container = container
        self._described = (group, prefix, title, routers, open_to_all, dialect)
        key = (
            group,
            prefix,
            title,
            dialect,
            *map(id, [*routers, *open_to_all]),
        )  # a router has no hash; its app keeps it alive
        if key not in _SHARED:
            _SHARED[key] = _made(*self._described, lambda: _ANSWERING.get()())
        self._shared = _SHARED[key]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        before = _ANSWERING.set(self._container)
        try:
            await self._shared(scope, receive, send)
        finally:
            _ANSWERING.reset(before)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The routes of the group."""
        return self._shared.routes

    def own(self) -> FastAPI:
        """Make an app that shares nothing, for what is handed the app itself."""
        return _made(*self._described, self._container)


def _made(
    group: str,
    prefix: str,
    title: str,
    routers: Sequence[APIRouter],
    open_to_all: Sequence[APIRouter],
    dialect: Dialect,
    container: GetContainer,
) -> FastAPI:
    return create_app(
        group=group,
        prefix=prefix,
        title=title,
        routers=routers,
        open_to_all=open_to_all,
        container=container,
        dialect=dialect,
    )
