"""What a function serves, for the answer to a request that asks for something else."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from atom_llm.http.problems import Problem

MAX_SHOWN: Final = 100  # characters of a method or a path that is not served


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
