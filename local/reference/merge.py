"""One OpenAPI document out of those of the route groups."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


class Clash(ValueError):
    """Two documents say different things of one name."""


def merged(documents: Mapping[str, Document], *, about: Mapping[str, Any], servers: Sequence[Mapping[str, Any]]) -> Any:
    """Return the document of all groups, by the name of each; each of its tags names the group it comes from.

    Raises `Clash` where two groups serve one path, give one id to two operations, or mean two things by one component.
    """
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    tags: dict[str, str] = {}
    for group, document in documents.items():
        for path, verbs in document["paths"].items():
            if path in paths:
                raise Clash(f"path {path}")
            paths[path] = verbs
        for kind, named in document["components"].items():
            known = components.setdefault(kind, {})
            for name, component in named.items():
                if known.setdefault(name, component) != component:
                    raise Clash(f"components/{kind}/{name}, in {group} another one than before")
        for operation in _operations(document):
            for tag in operation["tags"]:
                tags.setdefault(tag, document["info"]["title"])
    _check_ids(paths)
    version = next(iter(documents.values()))["openapi"]
    return {
        "openapi": version,
        "info": dict(about),
        "servers": [dict(server) for server in servers],
        "tags": [{"name": name, "description": title} for name, title in tags.items()],
        "paths": paths,
        "components": components,
    }


def _check_ids(paths: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for operation in _operations({"paths": paths}):
        if operation["operationId"] in seen:
            raise Clash(f"operation {operation['operationId']}")
        seen.add(operation["operationId"])


def _operations(document: Document) -> list[Any]:
    return [operation for verbs in document["paths"].values() for operation in verbs.values()]
