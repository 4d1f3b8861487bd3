"""The app of a function: its routes, and the HTTP behaviour that all functions share."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from atom_llm import __version__
from atom_llm.composition import Container
from atom_llm.domain.core.errors import AtomError
from atom_llm.http.auth import RouteByHand
from atom_llm.http.body import JSON_TYPE
from atom_llm.http.by_hand import GroupRoutes, RoutesByHand
from atom_llm.http.health import health_router
from atom_llm.http.middleware import ConfiguredCors, RequestMiddleware
from atom_llm.http.problems import Dialect, Problem, problem_of, problem_of_fields, rendered, status_of
from atom_llm.http.query import callers_known_query, known_query
from atom_llm.observability import logger

MAX_CONTROL_BODY: Final = 1024 * 1024  # bytes; a prompt to be priced fits, a file does not
MAX_CHAT_BODY: Final = 6 * 1024 * 1024  # bytes; Lambda itself takes no more
MAX_BODY_S: Final = 30.0  # from its first byte to its last: 6 MB at 1.6 Mbit/s; API Gateway itself gives up at 30

# A 400 that is raised so is a body that cannot be parsed.
_CODE_OF_STATUS: Final = {
    400: "malformed_json",
    415: "unsupported_media_type",
}
MAX_SHOWN: Final = 100  # characters of a method or a path that is not served
_OF_NO_ROUTE: Final = frozenset({404, 405})


def create_app(
    *,
    group: str,
    prefix: str,
    title: str,
    routers: Sequence[APIRouter],
    container: Callable[[], Container],
    open_to_all: Sequence[APIRouter] = (),
    dialect: Dialect = "control",
    max_body: int | None = None,
    max_body_s: float = MAX_BODY_S,
) -> FastAPI:
    """Make the ASGI app of a route group.

    `container` is called at the first request that needs it, not at import. Every group answers `<prefix>/health` and
    `<prefix>/openapi.json` to anybody, and the routers `open_to_all`; all else declares a scope. A body has at most
    `max_body` bytes, by default what the dialect's requests need.
    """
    app = GroupRoutes(
        title=title,
        version=__version__,
        openapi_url=f"{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False),  # calls are traced, not requests
        generate_unique_id_function=lambda route: f"{group}_{route.name}",
    )
    app.state.container = container
    app.state.dialect = dialect
    for router in routers:  # in the order in which they are looked through: what is called most stands first
        app.include_router(router, prefix=prefix, dependencies=[Depends(callers_known_query)])
    unkeyed = [*open_to_all, health_router(group, __version__)]
    for router in unkeyed:
        app.include_router(router, prefix=prefix, dependencies=[Depends(known_query)])
    app.state.served = ServedPaths(prefix, [*routers, *unkeyed])
    app.add_exception_handler(AtomError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    by_hand = [route for router in routers for route in router.routes if isinstance(route, RouteByHand)]
    app.add_middleware(RoutesByHand, routes=by_hand, prefix=prefix, on_error=_on_error)
    app.add_middleware(ConfiguredCors, container=container)
    if max_body is None:
        max_body = MAX_CHAT_BODY if dialect == "openai" else MAX_CONTROL_BODY
    app.add_middleware(
        RequestMiddleware,
        group=group,
        prefix=prefix,
        dialect=dialect,
        max_body=max_body,
        max_body_s=max_body_s,
        container=container,
    )
    return app


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to an error of a route by hand."""
    answer = _on_domain_error if isinstance(error, AtomError) else _on_http_exception
    return await answer(request, error)


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, AtomError):
        raise error
    problem = problem_of(error)
    if problem.status >= 500:
        logger().warning("failed", request_id=request.state.request_id, code=error.code, exc_info=error)
    return _response(request, problem)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    # A body of another type is not parsed; without this its sender would hear that it is no object.
    unparsed = any(tuple(fault["loc"]) == ("body",) and fault["type"] != "missing" for fault in faults)
    if unparsed and not JSON_TYPE.match(request.headers.get("content-type", "")):
        return _response(request, Problem(415, "unsupported_media_type", "send the body as application/json"))
    return _response(request, problem_of_fields(faults))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in _OF_NO_ROUTE:  # no route of ours raises these: it is the router that found none
        served: ServedPaths = request.app.state.served
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        return _response(request, served.problem(request.method, path))
    code = _CODE_OF_STATUS.get(error.status_code, "invalid_request" if error.status_code < 500 else "internal_error")
    return _response(request, Problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {})))


def _response(request: Request, problem: Problem) -> JSONResponse:
    now: Any = request.app.state.container().clock()
    dialect: Dialect = request.state.dialect
    body = rendered(problem, dialect, now, request.state.request_id)
    return JSONResponse(body, status_of(problem, dialect), dict(problem.headers))


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
