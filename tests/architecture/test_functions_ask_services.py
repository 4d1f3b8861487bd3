"""Functions hold HTTP words: of their container they reach services and the clock, and no store, prober or setting."""

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest

from atom_llm.composition import calls, catalogue, identity, ledger, registry, routing, tenancy, tiers
from atom_llm.composition.container import Container

ROOT: Final = Path(__file__).parents[2]
CAPABILITIES: Final = {
    "calls": calls.CallServices,
    "catalogue": catalogue.CatalogueServices,
    "identity": identity.IdentityServices,
    "ledger": ledger.LedgerServices,
    "registry": registry.RegistryServices,
    "routing": routing.RoutingServices,
    "tenancy": tenancy.TenancyServices,
    "tiers": tiers.TierServices,
}
OF_THE_CONTAINER: Final = {*CAPABILITIES, "clock", "runtime", "tenant_eraser", "prepare"}
CONTAINERS: Final = {"container", "_container", "services"}  # by these names a function knows its container
PORTS_FOR_ALL: Final = {"atom_llm.ports.core"}  # time and threads, as arguments
PAST_THE_SERVICES: Final = ("atom_llm.adapters", "atom_llm.ports", "atom_llm.settings", "boto3", "botocore")


def reaches_past_the_services(source: str) -> list[str]:
    """Name what a module reaches that is no service's, with its line."""
    return [f"{line}: {name}" for line, name in sorted(_reached(ast.parse(source)))]


def _reached(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=reached) if name in CONTAINERS:
                if reached not in OF_THE_CONTAINER:
                    yield node.lineno, f"{name}.{reached}"
            case ast.Attribute(attr="ports" | "settings" | "_ports"):
                yield node.lineno, node.attr
            case ast.Attribute(value=ast.Attribute(attr=capability), attr=reached) if capability in CAPABILITIES:
                if reached.startswith("_"):
                    yield node.lineno, f"{capability}.{reached}"
            case ast.ImportFrom(module=str(module)):
                if module.startswith(PAST_THE_SERVICES) and module not in PORTS_FOR_ALL:
                    yield node.lineno, module
            case ast.Import(names=names):
                for each in names:
                    if each.name.startswith(PAST_THE_SERVICES):
                        yield node.lineno, each.name
            case _:
                pass


@pytest.mark.parametrize(
    "module", sorted((ROOT / "functions").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_function_reaches_services_alone(module: Path) -> None:
    assert reaches_past_the_services(module.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("container.ports.tenants.find(caller.tenant)", ["1: container.ports"]),
        ("container.settings.provider_base_urls", ["1: container.settings"]),
        ("self._container.ports.ledger.call(tenant, call_id)", ["1: _container.ports"]),
        ("found = container.tenancy._ports.key_prober", ["1: _ports"]),
        ("ring = container.tenancy._ring", ["1: tenancy._ring"]),
        ("stores = held.ports", ["1: ports"]),
        ("from atom_llm.adapters.dynamodb.table import Table", ["1: atom_llm.adapters.dynamodb.table"]),
        ("from atom_llm.ports.tenancy import TenantStore", ["1: atom_llm.ports.tenancy"]),
        ("import boto3", ["1: boto3"]),
        ("from atom_llm.ports.core import Clock", []),
        ("container.tenancy.provider_keys.find(tenant, key_id)\ncontainer.clock()", []),
    ],
)
def test_what_reaches_past_the_services_is_found(source: str, found: list[str]) -> None:
    assert reaches_past_the_services(source) == found


@pytest.mark.parametrize("capability", CAPABILITIES.values(), ids=list(CAPABILITIES))
def test_what_a_capability_offers_is_a_service_and_no_port(capability: type) -> None:
    module = ast.parse(Path(str(ROOT / "shared" / (capability.__module__.replace(".", "/") + ".py"))).read_text())
    services = {
        alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("atom_llm.services.")
        for alias in node.names
    }
    offered = {name: each for name, each in vars(capability).items() if isinstance(each, cached_property)}
    assert offered
    assert {name for name, each in offered.items() if _type_of(each) not in services} == set()


def _type_of(offered: "cached_property[object]") -> str:
    return str(offered.func.__annotations__["return"]).strip("'\"")


def test_the_container_is_those_capabilities_and_what_every_function_may_ask_for() -> None:
    offered = {name for name in vars(Container) if not name.startswith("_")}
    assert offered <= OF_THE_CONTAINER
