"""The classes of the composition: how deep they inherit, and where functions go through them past the services."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from local.structure.sources import Repository, Source

COMPOSITION: Final = "atom_llm.composition"
CONTAINER: Final = "Container"
# Where the members of a container come from that are no services.
BEHIND_SERVICES: Final = ("atom_llm.ports", "atom_llm.adapters", "atom_llm.settings")
TIME: Final = frozenset({"clock", "Clock", "runtime", "Runtime"})  # an argument everywhere: a route passes it on


@dataclass(frozen=True)
class ComposedClass:
    """A class with its bases and, by member, the names in the member's annotation with the modules they come from."""

    bases: Sequence[str]
    members: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Classes = Mapping[str, ComposedClass]


def composed_classes(repository: Repository) -> Classes:
    """Return the classes of the composition by name."""
    return {
        node.name: ComposedClass([ast.unparse(base) for base in node.bases], dict(_members(node, _origins(source))))
        for source in repository.service
        if source.module.startswith(COMPOSITION)
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    }


def levels_of_inheritance(classes: Classes) -> int:
    """Return the most classes of the composition that one of them inherits from, one after the other."""

    def levels(name: str) -> int:
        return max((1 + levels(base) for base in classes[name].bases if base in classes), default=0)

    return max(map(levels, classes), default=0)


def lines_past_services(repository: Repository, classes: Classes) -> list[str]:
    """Return the lines in `functions/` that import what stands behind services, or reach it through the container."""
    sources = repository.service
    names = _container_names(sources)
    found = []
    for source in sources:
        if not source.path.startswith("functions/"):
            continue
        numbers = {node.lineno for node in _reaching(source, names, classes)}
        lines = source.text.splitlines()
        found += [f"{source.path}:{number}: {lines[number - 1].strip()}" for number in sorted(numbers)]
    return found


def _origins(source: Source) -> Mapping[str, str]:
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def _members(node: ast.ClassDef, origins: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.returns is not None:
            yield each.name, _annotated(each.returns, origins)
            if each.name == "__init__":
                yield from _assigned(each, origins)
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id, _annotated(each.annotation, origins)


def _assigned(init: ast.FunctionDef, origins: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the attributes that a constructor sets to one of its arguments."""
    types = {each.arg: each.annotation for each in (*init.args.args, *init.args.kwonlyargs)}
    for node in ast.walk(init):
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Attribute):
            annotation = types.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if annotation is not None:
                yield target.attr, _annotated(annotation, origins)


def _annotated(annotation: ast.expr, origins: Mapping[str, str]) -> Mapping[str, str]:
    return {name: origins.get(name, "") for name in re.findall(r"\w+", ast.unparse(annotation))}


def _container_names(sources: Sequence[Source]) -> frozenset[str]:
    """Return the class, and the aliases under which routes ask for it: `X = Annotated[Container, …]`."""
    aliases = {
        target.id
        for source in sources
        for node in source.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(f"Annotated[{CONTAINER},")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return frozenset({CONTAINER, *aliases})


def _reaching(source: Source, names: frozenset[str], classes: Classes) -> Iterator[ast.stmt | ast.expr]:
    containers = _containers(source, names)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(BEHIND_SERVICES):
            if not TIME.issuperset(alias.name for alias in node.names):
                yield node
        elif isinstance(node, ast.Attribute) and _leads_behind(node, containers, classes):
            yield node


def _containers(source: Source, names: frozenset[str]) -> frozenset[str]:
    """Return the names of a container in a file: arguments that are annotated so, and the call that builds one."""
    arguments = {
        node.arg
        for node in ast.walk(source.tree)
        if isinstance(node, ast.arg) and node.annotation is not None and ast.unparse(node.annotation) in names
    }
    return frozenset({*arguments, "container()"})


def _leads_behind(node: ast.Attribute, containers: frozenset[str], classes: Classes) -> bool:
    """Return whether `container.a.b` ends at something that is no service, class by class along the annotations."""
    chain: list[str] = []
    start: ast.expr = node
    while isinstance(start, ast.Attribute):
        chain.insert(0, start.attr)
        start = start.value
    if ast.unparse(start) not in containers:
        return False
    at: str | None = CONTAINER
    for member in chain:
        annotated = None if at is None else _member(at, member, classes)
        if annotated is None or member in TIME:
            return False
        if any(origin.startswith(BEHIND_SERVICES) for origin in annotated.values()):
            return True
        at = next((name for name in annotated if name in classes), None)
    return False


def _member(name: str, member: str, classes: Classes) -> Mapping[str, str] | None:
    found = classes[name].members.get(member)
    inherited = (_member(base, member, classes) for base in classes[name].bases if base in classes)
    return found or next((each for each in inherited if each is not None), None)
