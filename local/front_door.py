"""The front door: every function's own ASGI app under one address, chosen by path; what it answers passes untouched."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from starlette.types import ASGIApp, Receive, Scope, Send

from atom_llm.composition import Container, container
from atom_llm.http.app import FunctionApp
from atom_llm.http.route_group import RouteGroup
from functions.console.files import REFERENCE
from local.console.app import CONSOLE_PREFIX, console_app
from local.metrics.prometheus import counted_stdout
from local.reference.service_document import service_document

GROUPS = {
    "/api/byok": "byok",
    "/api/ai/pricing": "pricing",
    "/api/llm-registry": "registry",
    "/api/cognitive-tiers": "tiers",
    "/v1": "chat",
}
METRICS = "/metrics"


class FrontDoor:
    """An ASGI app that hands each request to the app of its path's prefix, and the rest to `elsewhere`."""

    def __init__(self, apps: Mapping[str, ASGIApp], elsewhere: ASGIApp) -> None:
        self._apps = apps
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on as it is: no buffering, so that a streamed answer streams."""
        await self._app_for(scope["path"])(scope, receive, send)

    def _app_for(self, path: str) -> ASGIApp:
        for prefix, app in self._apps.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return app
        return self._elsewhere


def create() -> FrontDoor:
    """Make the front door of the apps as deployed, with one for the paths that belong to none of them."""
    metrics = counted_stdout()  # before anybody writes a line
    apps: dict[str, ASGIApp] = {
        prefix: import_module(f"functions.{group}.main").app for prefix, group in GROUPS.items()
    }
    apps[METRICS] = metrics
    apps[CONSOLE_PREFIX] = apps[REFERENCE] = console_app()
    return FrontDoor(apps, elsewhere(container))


def elsewhere(container: Callable[[], Container]) -> FunctionApp:
    """Make the app that has no routes but the document of the whole service, at `/openapi.json`."""
    group = RouteGroup(name="front-door", prefix="", title="Front door", routers=lambda: ())
    app = FunctionApp(group, container)
    app.routed.openapi = cache(service_document)  # type: ignore[method-assign]  # FastAPI's way to serve another one
    return app
