"""The refusal of query parameters that a route does not have: a misspelt filter would answer another question."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.http.auth import CurrentCaller

MAX_SHOWN = 64  # characters of a name that is none


async def known_query(request: Request) -> None:
    """Raise `InvalidRequest`, naming the first parameter of a request's query that its route does not have."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = set(_names(route.dependant)) if isinstance(route, APIRoute) else set()
    for name in request.query_params:
        if name not in known:
            raise InvalidRequest(name[:MAX_SHOWN], "is not a parameter of this route")


async def callers_known_query(request: Request, caller: CurrentCaller) -> None:
    """Raise as above, for callers alone: others are told of nothing but their missing key."""
    await known_query(request)


def _names(dependant: Dependant) -> Iterator[str]:
    """Iterate over the query parameters of a route and of all that it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names(each)
