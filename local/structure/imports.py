"""Imports between modules: circles, and those against the order of layers and capabilities."""

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from local.structure.sources import Source

Imports = Mapping[str, frozenset[str]]
"""The modules of ours that each module imports, also where only types are checked, or inside of a function."""

# From the inside outwards. What stands in the package without a place of its own (settings, logs) is between domain and
# services.
LAYERS: Final = {
    "atom_llm.domain": 0,
    "atom_llm.services": 2,
    "atom_llm.adapters": 2,
    "atom_llm.composition": 3,
    "atom_llm.http": 4,
    "functions": 5,
    "infra": 5,
    "local": 6,
}
BETWEEN: Final = 1


def imports_of(sources: Sequence[Source]) -> Imports:
    """Return the imports among some files."""
    modules = {source.module for source in sources}
    return {source.module: frozenset(_imported(source, modules) - {source.module}) for source in sources}


def circles(imports: Imports) -> list[list[str]]:
    """Return the largest sets of modules that all import each other, directly or through others."""
    reached = {module: _reached(imports, module) for module in imports}
    found = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in imports
        if module in reached[module]
    }
    return sorted(sorted(circle) for circle in found)


def arrows_up(imports: Imports, order: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the imports that run from an inner layer outwards, or from a capability to one that may use it.

    `order` is by container the capabilities in it, from those that may use all others down.
    """
    return sorted(
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if _layer(module) < _layer(other) or _runs_up(module, other, order)
    )


def capability_order(root: Path) -> Mapping[str, Sequence[str]]:
    """Return the order of capabilities by container, as the import contract in `pyproject.toml` has it."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {
        container: [layer.strip("()") for layer in contract["layers"]]
        for contract in contracts
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def _imported(source: Source, modules: set[str]) -> set[str]:
    return {name for node in ast.walk(source.tree) for name in _names(node, modules) if name in modules}


def _names(node: ast.AST, modules: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None:  # none is relative: ruff bans those
        for alias in node.names:
            within = f"{node.module}.{alias.name}"
            yield within if within in modules else node.module


def _reached(imports: Imports, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [*imports[start]]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports[module]
    return reached


def _layer(module: str) -> int:
    parts = module.split(".")
    name = ".".join(parts[:2]) if parts[0] == "atom_llm" else parts[0]
    return LAYERS.get(name, BETWEEN)


def _runs_up(module: str, other: str, order: Mapping[str, Sequence[str]]) -> bool:
    for container, capabilities in order.items():
        user, used = _capability(module, container), _capability(other, container)
        if user in capabilities and used in capabilities and capabilities.index(user) > capabilities.index(used):
            return True
    return False


def _capability(module: str, container: str) -> str:
    inside = module.removeprefix(f"{container}.")
    return "" if inside == module else inside.split(".")[0]
