"""FastAPI's app of a route group, inside of what every request passes."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp

from atom_llm import __version__
from atom_llm.domain.core.errors import AtomError
from atom_llm.http.body import JSON_TYPE
from atom_llm.http.failures import domain_failure, failure, http_failure
from atom_llm.http.problems import Problem, problem_of_fields
from atom_llm.http.route_group import RouteGroup
from atom_llm.http.routed.health import health_router
from atom_llm.http.routed.query import callers_known_query, known_query

MAX_SHOWN: Final = 100  # characters of a method or a path that is not served
_OF_NO_ROUTE: Final = frozenset({404, 405})


class RoutedApp(FastAPI):
    """An app around which no middleware stands but ours, which limits bodies and answers unforeseen errors."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return FastAPI's middleware from that of expected errors on, inwards."""
        outermost: ASGIApp | None = super().build_middleware_stack()
        while outermost is not None and not isinstance(outermost, ExceptionMiddleware):
            outermost = getattr(outermost, "app", None)
        if outermost is None:
            raise TypeError("FastAPI's app has no ExceptionMiddleware")
        return outermost


def routed_app(group: RouteGroup, state: State) -> FastAPI:
    """Make FastAPI's app of a group; its routes find the group's `state` as their own."""
    app = RoutedApp(
        title=group.title,
        version=__version__,
        openapi_url=f"{group.prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False),  # calls are traced, not requests
        generate_unique_id_function=lambda route: f"{group.name}_{route.name}",
    )
    app.state = state
    keyed = group.routers()
    for router in keyed:  # in the order in which they are looked through: what is called most stands first
        app.include_router(router, prefix=group.prefix, dependencies=[Depends(callers_known_query)])
    unkeyed = [*group.open_to_all(), health_router(group.name, __version__)]
    for router in unkeyed:
        app.include_router(router, prefix=group.prefix, dependencies=[Depends(known_query)])
    app.state.served = ServedPaths(group.prefix, [*keyed, *unkeyed])
    app.add_exception_handler(AtomError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    return app


def read(app: FastAPI) -> None:
    """Read every route, and build the middleware around them, as FastAPI does at an app's first request."""
    app.middleware_stack = app.build_middleware_stack()
    for _ in iter_route_contexts(app.routes):
        pass


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, AtomError):
        raise error
    return domain_failure(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    # A body of another type is not parsed; without this its sender would hear that it is no object.
    unparsed = any(tuple(fault["loc"]) == ("body",) and fault["type"] != "missing" for fault in faults)
    if unparsed and not JSON_TYPE.match(request.headers.get("content-type", "")):
        return failure(request, Problem(415, "unsupported_media_type", "send the body as application/json"))
    return failure(request, problem_of_fields(faults))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in _OF_NO_ROUTE:  # no route of ours raises these: it is the router that found none
        served: ServedPaths = request.app.state.served
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        return failure(request, served.problem(request.method, path))
    return http_failure(request, error)


class ServedPaths:
    """The paths and methods of a group's routers."""

    def __init__(self, prefix: str, routers: Sequence[APIRouter]) -> None:
        """Take the routers as they are included under `prefix`; nothing is compiled before the first question."""
        routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._served = [(sorted(route.methods or ()), prefix + route.path) for route in routes]

    def problem(self, method: str, path: str) -> Problem:
        """Return the problem of a request that no route takes: 405 where its path is served to others, else 404."""
        shown, methods = _shown(path), self._methods_of(path)
        if methods:
            allowed = ", ".join(methods)
            message = f"{_shown(method)} is not served at {shown}; {allowed} {'is' if len(methods) == 1 else 'are'}"
            return Problem(405, "method_not_allowed", message, {"methods": methods}, headers={"Allow": allowed})
        paths = [f"{method} {each}" for methods, each in self._served for method in methods]
        return Problem(
            404, "not_found", f"nothing is served at {shown}; these are: {', '.join(paths)}", {"paths": paths}
        )

    def _methods_of(self, path: str) -> list[str]:
        """Return the methods by which a path is served."""
        found = (methods for methods, each in self._served if compile_path(each)[0].match(path))
        return sorted({method for methods in found for method in methods})


def _shown(text: str) -> str:
    return text[:MAX_SHOWN] if text.isprintable() else repr(text)[1:-1][:MAX_SHOWN]
