"""The table of docs/security.md, "Who may do what", is what the routes declare."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import OperatorsAlone, RequiredScope
from tests.architecture.citations import ROOT
from tests.functions.http.test_health import PREFIXES
from tests.functions.http.test_permissions import EVERYBODYS

PAGE: Final = (ROOT / "docs" / "security.md").read_text()
HEAD: Final = ["| route | scope | of what |", "|---|---|---|"]
SHARED: Final = {"pricing", "registry"}  # whose answers are the same for every tenant


def needs(dependant: Dependant) -> Iterator[Dependant]:
    """A route's dependencies, and theirs."""
    for each in dependant.dependencies:
        yield each
        yield from needs(each)


def row(group: str, verb: str, route: APIRoute) -> str:
    """The line on a route."""
    found = list(needs(route.dependant))
    scopes = {str(each.call.scope) for each in found if isinstance(each.call, RequiredScope) and each.call.scope}
    names_tenant = any(field.alias == "tenant" for each in found for field in each.query_params)
    if any(isinstance(each.call, OperatorsAlone) for each in found):
        of_what = "the operator's alone"
    elif names_tenant or route.path.startswith("/tenants") or (verb, route.path) == ("POST", "/service-keys"):
        of_what = "its own; any tenant's for the operator"
    elif group in SHARED:
        of_what = "what all see"
    else:
        of_what = "its own"
    path = (PREFIXES[group] + route.path).replace(":path}", "}")
    return f"| `{verb} {path}` | {' and '.join(sorted(scopes)) or 'any key'} | {of_what} |"


def table() -> list[str]:
    """The whole table, in the order in which the documents list the routes."""
    return HEAD + [
        row(group, verb, route)
        for group in PREFIXES
        for router in import_module(f"functions.{group}.main").GROUP.routers()
        for route in router.routes
        if isinstance(route, APIRoute)
        for verb in sorted(route.methods or ())
    ]


def test_who_may_do_what_is_what_the_routes_declare() -> None:
    [section] = re.findall(r"^## Who may do what\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert [line for line in section.splitlines() if line.startswith("|")] == table()


def test_every_route_that_declares_itself_the_operators_is_tried_by_everybody_else() -> None:
    declared = {line.split("`")[1] for line in table() if line.endswith("| the operator's alone |")}
    assert {route for route in declared if not route.startswith("GET ")} == set(EVERYBODYS)


def test_every_scope_has_its_line_and_no_other_stands_there() -> None:
    [section] = re.findall(r"^## Scopes\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert re.findall(r"^\| `([a-z:]+)` \|", section, re.MULTILINE) == [str(scope) for scope in Scope]


def test_the_first_key_of_a_tenant_as_documented_can_store_a_providers_key_and_call() -> None:
    operating = (ROOT / "docs" / "operating.md").read_text()
    [scopes] = re.findall(r'"tenant": "acme", "scopes": (\[.*?\])', operating)
    assert {Scope.CHAT, Scope.KEYS_WRITE, Scope.USAGE_READ} <= {Scope(each) for each in json.loads(scopes)}
