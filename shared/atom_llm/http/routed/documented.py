"""Routes by hand in the document of FastAPI's."""

from typing import Any

from fastapi import APIRouter

from atom_llm.http.auth import requires
from atom_llm.http.by_hand import RouteByHand


def document(router: APIRouter, route: RouteByHand, **described: Any) -> None:
    """Add a route by hand to a router, for its document alone; `described` is what `add_api_route` takes.

    Raises `ValueError` where the flags of its query are not those that are described.
    """
    extra = described.get("openapi_extra") or {}
    flags = {each["name"] for each in extra.get("parameters", ()) if each["in"] == "query"}
    if flags != route.flags:
        raise ValueError(f"{route.path} takes {sorted(route.flags)} in its query, and {sorted(flags)} are described")
    dependencies = [] if route.needs is None else [requires(route.needs)]
    router.add_api_route(route.path, route.endpoint, methods=[route.method], dependencies=dependencies, **described)
