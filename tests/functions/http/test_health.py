"""Every function: its health, its document, and a declared scope on every other route."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from atom_llm import __version__
from atom_llm.http.app import FunctionApp
from atom_llm.http.auth import RequiredScope, requires
from atom_llm.http.route_group import RouteGroup
from tests.functions.http.sample_app import World

pytestmark = pytest.mark.anyio

PREFIXES = {
    "byok": "/api/byok",
    "pricing": "/api/ai/pricing",
    "registry": "/api/llm-registry",
    "tiers": "/api/cognitive-tiers",
    "chat": "/v1",
}
PUBLIC = {"/health", "/openapi.json"}
# Where somebody comes without a key: what a token stands for, and how people sign in.
TO_STRANGERS = {"byok": {"/token", "/iam/token", "/identity/sign-in"}}
of_every_group = pytest.mark.parametrize(("group", "prefix"), list(PREFIXES.items()), ids=list(PREFIXES))


def app_of(group: str) -> FastAPI:
    app = import_module(f"functions.{group}.main").app
    assert isinstance(app, FunctionApp)
    return app.routed


def with_routers(world: World, *routers: APIRouter) -> FastAPI:
    group = RouteGroup(name="g", prefix="/g", title="g", routers=lambda: routers)
    return FunctionApp(group, lambda: world.container).routed


def needs(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from needs(each)


def routes_without_a_scope(app: FastAPI, prefix: str) -> list[str]:
    open_to_all = []
    for route in iter_route_contexts(app.routes):
        path = str(route.path).removeprefix(prefix)
        declares = isinstance(route.original_route, APIRoute) and any(
            isinstance(call, RequiredScope) for call in needs(route.dependant)
        )
        if path not in PUBLIC and not declares:
            open_to_all.append(path)
    return open_to_all


@of_every_group
async def test_no_route_but_health_and_document_is_open_to_all(group: str, prefix: str) -> None:
    app = app_of(group)
    assert {str(each.path) for each in iter_route_contexts(app.routes)} >= {prefix + path for path in PUBLIC}
    assert set(routes_without_a_scope(app, prefix)) == TO_STRANGERS.get(group, set())


async def test_a_forgotten_scope_is_found_however_deep_the_route_stands(world: World) -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/declared", dependencies=[requires(None)])
    async def declared() -> None: ...

    @inner.get("/forgotten")
    async def forgotten() -> None: ...

    outer.include_router(inner, prefix="/inner")
    assert routes_without_a_scope(with_routers(world, outer), "/g") == ["/inner/forgotten"]


async def test_a_scope_of_the_router_covers_its_routes(world: World) -> None:
    router = APIRouter(dependencies=[requires(None)])

    @router.get("/covered")
    async def covered() -> None: ...

    assert routes_without_a_scope(with_routers(world, router), "/g") == []


async def test_a_function_says_that_it_runs_and_where(world: World) -> None:
    answer = await world.client().get("/health")
    assert answer.json() == {"status": "ok", "group": "sample", "environment": "dev", "version": __version__}


async def test_health_asks_no_table(world: World) -> None:
    world.keys.fails_with = RuntimeError("no table is there")
    assert (await world.client(key="none").get("/health")).status_code == 200


@of_every_group
async def test_a_document_shows_what_a_caller_sends_and_every_failure_in_our_envelope(group: str, prefix: str) -> None:
    document: dict[str, Any] = app_of(group).openapi()
    assert f"{prefix}/health" in document["paths"]
    assert "HTTPValidationError" not in document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            if path != f"{prefix}/health":
                is_open = path.removeprefix(prefix) in TO_STRANGERS.get(group, set())
                assert is_open or {"ServiceKey"} in [set(each) for each in operation["security"]]
                assert {"401", "500", "503"} <= operation["responses"].keys()
