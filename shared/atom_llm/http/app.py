"""The app of a function: a route group, and the HTTP behaviour that all functions share.

FastAPI, with every route that is not by hand, is loaded at the first request for one of them. A call by hand waits for
none of it: a cold start takes half as long, and a process that only answers calls needs a third less memory.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.datastructures import State
from starlette.types import Receive, Scope, Send

from atom_llm import __version__
from atom_llm.composition import Container
from atom_llm.http.by_hand import RoutesByHand
from atom_llm.http.health import health_route
from atom_llm.http.middleware import ConfiguredCors, RequestMiddleware
from atom_llm.http.route_group import RouteGroup

if TYPE_CHECKING:
    from fastapi import FastAPI


class FunctionApp:
    """The ASGI app of a route group, which answers out of a container."""

    def __init__(self, group: RouteGroup, container: Callable[[], Container]) -> None:
        """`container` is called at the first request that needs it, not at import."""
        self.group = group
        self.state = State({"container": container, "dialect": group.dialect})
        by_hand = RoutesByHand(self._routed, (*group.by_hand, health_route(group.name, __version__)), group.prefix)
        self._answer = RequestMiddleware(
            ConfiguredCors(by_hand, container),
            group=group.name,
            prefix=group.prefix,
            dialect=group.dialect,
            max_body=group.most_body,
            max_body_s=group.max_body_s,
            container=container,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["app"] = self
        await self._answer(scope, receive, send)

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.routed(scope, receive, send)

    @cached_property
    def routed(self) -> "FastAPI":
        """FastAPI with all routes: those by hand are in its document."""
        from atom_llm.http.routed.app import routed_app

        return routed_app(self.group, self.state)

    def load(self) -> None:
        """Load the routes that are not by hand and read them, for which their first request waits else."""
        from atom_llm.http.routed.app import read

        read(self.routed)

    def openapi(self) -> dict[str, Any]:
        """Return the group's OpenAPI document."""
        return self.routed.openapi()
