"""The refusal of query parameters that a route does not have, or has one of: a filter that is misspelt, or the first
of two, would answer another question."""

from collections.abc import Iterator
from typing import get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.http.auth import CurrentCaller
from atom_llm.http.by_hand import MAX_SHOWN, TWICE


async def known_query(request: Request) -> None:
    """Raise `InvalidRequest`, naming the first parameter of a request's query that its route does not have, or that is
    told twice where it has one value."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    takes_several = dict(_parameters(route.dependant)) if isinstance(route, APIRoute) else {}
    told: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in takes_several:
            raise InvalidRequest(name[:MAX_SHOWN], "is not a parameter of this route")
        if name in told and not takes_several[name]:
            raise InvalidRequest(name, TWICE)
        told.add(name)


async def callers_known_query(request: Request, caller: CurrentCaller) -> None:
    """Raise as above, for callers alone: others are told of nothing but their missing key."""
    await known_query(request)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Iterate over the query parameters of a route and of all that it depends on; with each, whether it may come
    several times."""
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        yield field.alias, list in {get_origin(each) for each in (annotation, *get_args(annotation))}
    for each in dependant.dependencies:
        yield from _parameters(each)
