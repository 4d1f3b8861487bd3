"""JSON schemas as Gemini reads them (`parametersJsonSchema`, `responseJsonSchema`).

The API takes JSON schema and ignores the keywords that it does not enforce: `ai.google.dev/api/generate-content`
(GenerationConfig) and `…/gemini-api/docs/structured-output`. Not so references, which are read in `$defs` alone and
have no siblings, `const`, of which nothing is kept, and `allOf`: those are written otherwise here.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json

MAX_DEPTH: Final = 200  # nodes inside nodes; request bodies nest to 64
MAX_INLINED_DEPTH: Final = 100  # from here on references stay references
MAX_INLINED: Final = 5_000  # nodes that references may add; a few that refer to each other would grow without end

_LEFT_OUT: Final = frozenset({"$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "$ref", "allOf"})
_OF_NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_OF_LISTED: Final = frozenset({"anyOf", "oneOf", "prefixItems"})
_OF_ONE: Final = frozenset(
    {"items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames"}
)

_Open = frozenset[str]  # the references that lead to where we are


def normalised(schema: Mapping[str, Any], field: str) -> Json:
    """Return a schema that allows the same, in Gemini's words.

    References are replaced by what they refer to; recursive ones, and those beyond a size, stay, with their targets in
    `$defs`. One that refers to nothing allows everything. Raises `InvalidRequest` for a schema beyond `MAX_DEPTH`.
    """
    return _Schema(schema, field).normalised()


class _Schema:
    """A schema while it is rewritten."""

    def __init__(self, root: Mapping[str, Any], field: str) -> None:
        self._root = root
        self._field = field
        self._names: dict[str, str] = {}  # of the references that stay
        self._waiting: list[str] = []
        self._inlined = 0

    def normalised(self) -> Json:
        out: Json = self._node(self._root, 0, frozenset())
        definitions: Json = {}
        while self._waiting:
            reference = self._waiting.pop()
            definitions[self._names[reference]] = self._node(self._target(reference), 0, frozenset((reference,)))
        if definitions:
            out["$defs"] = definitions
        return out

    def _node(self, node: Any, depth: int, opened: _Open) -> Any:
        if not isinstance(node, dict):
            return {} if node is True else node
        if depth > MAX_DEPTH:
            raise InvalidRequest(self._field, f"nests deeper than {MAX_DEPTH} levels")
        if opened:
            self._inlined += 1
        if isinstance(node.get("$ref"), str):
            return self._referred(node, depth, opened)
        if isinstance(node.get("allOf"), list):
            merged, opened = self._merged(node, depth, opened)
            return self._node(merged, depth + 1, opened)
        out: Json = {}
        for name, value in node.items():
            if name in _LEFT_OUT:
                continue
            if name in _OF_NAMED and isinstance(value, dict):
                out[name] = {each: self._node(part, depth + 1, opened) for each, part in value.items()}
            elif name in _OF_LISTED and isinstance(value, list):
                out[name] = [self._node(part, depth + 1, opened) for part in value]
            elif name in _OF_ONE and isinstance(value, dict):
                out[name] = self._node(value, depth + 1, opened)
            elif name == "items" and isinstance(value, list):  # a tuple, as older drafts write it
                out["prefixItems"] = [self._node(part, depth + 1, opened) for part in value]
            elif name == "const":
                _set_constant(out, value)
            else:
                out[name] = value
        return out

    def _referred(self, node: Json, depth: int, opened: _Open) -> Any:
        reference = node["$ref"]
        beside = {name: value for name, value in node.items() if name != "$ref"}
        target = self._target(reference)
        if target is None:
            return self._node(beside, depth + 1, opened)
        if not self._may_inline(reference, depth, opened):
            return {"$ref": f"#/$defs/{self._kept(reference)}"}
        return self._node({**target, **beside}, depth + 1, opened | {reference})

    def _merged(self, node: Json, depth: int, opened: _Open) -> tuple[Json, _Open]:
        """Merge a node with what all of its `allOf` ask; a part that refers back to where we are asks nothing more."""
        merged = {name: value for name, value in node.items() if name != "allOf"}
        for part in node["allOf"]:
            found = part
            while isinstance(found, dict) and isinstance(found.get("$ref"), str):
                reference = found["$ref"]
                target = self._target(reference)
                if target is None or not self._may_inline(reference, depth, opened):
                    found = None
                    break
                opened |= {reference}
                found = {**target, **{name: value for name, value in found.items() if name != "$ref"}}
            if isinstance(found, dict):
                _merge(merged, found)
        return merged, opened

    def _may_inline(self, reference: str, depth: int, opened: _Open) -> bool:
        return reference not in opened and depth < MAX_INLINED_DEPTH and self._inlined < MAX_INLINED

    def _kept(self, reference: str) -> str:
        name = self._names.get(reference)
        if name is None:
            name = last = reference.rpartition("/")[2].strip("#") or "root"
            while name in self._names.values():
                name = f"{last}_{len(self._names)}"
            self._names[reference] = name
            self._waiting.append(reference)
        return name

    def _target(self, reference: str) -> Json | None:
        """Return the schema that a pointer within the schema refers to; None for nothing, or for no schema."""
        if not reference.startswith("#"):
            return None
        found: Any = self._root
        for token in unquote(reference[1:]).split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(name)
            elif isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 10:
                found = found[int(name)] if int(name) < len(found) else None
            else:
                return None
        if found is True:
            return {}
        return found if isinstance(found, dict) else None


def _merge(into: Json, part: Json) -> None:
    for name, value in part.items():
        present = into.get(name)
        if name == "properties" and isinstance(present, dict) and isinstance(value, dict):
            into[name] = {**present, **value}
        elif name in ("required", "allOf") and isinstance(present, list) and isinstance(value, list):
            into[name] = [*present, *(each for each in value if each not in present)]
        elif present is None:
            into[name] = value


def _set_constant(out: Json, value: object) -> None:
    """Set a constant as an enumeration, which only texts and numbers can be."""
    if value is None:
        out["type"] = "null"
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        out["enum"] = [value]
    else:
        out["const"] = value
