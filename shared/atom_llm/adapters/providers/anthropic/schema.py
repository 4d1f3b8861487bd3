"""JSON schemas as Anthropic's structured output takes them (`output_config.format`, and tools that are `strict`).

`platform.claude.com/docs/en/build-with-claude/structured-outputs`: every object is closed, nothing is recursive, and
bounds on numbers, lengths and counts are a 400. The vendor's SDKs move those into the description; so does this.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

_STRING_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
# Refused with a 400; what they ask for is told in words.
_TOLD: Final = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"),
        *("prefixItems", "minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
        *("unevaluatedProperties", "unevaluatedItems", "if", "then", "else", "not"),
    }
)
_OF_NAMED_SCHEMAS: Final = ("properties", "$defs", "definitions")
_OF_LISTED_SCHEMAS: Final = ("anyOf", "oneOf", "allOf")
_SAYS_WHAT: Final = ("type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref")
MAX_REFERENCES: Final = 64  # one within the other; what has more is recursive


def without_combinations(schema: Mapping[str, Any]) -> Json:
    """Return a tool's schema without `oneOf`, `anyOf` or `allOf` at its top, which the API refuses there with a 400.

    The alternatives become the properties of one object, required where each alternative requires them (one, for
    `allOf`), and the description tells in JSON what cannot be said so.
    """
    combined = {name: schema[name] for name in _OF_LISTED_SCHEMAS if isinstance(schema.get(name), list)}
    if not combined:
        return dict(schema)
    flat: Json = {name: value for name, value in schema.items() if name not in combined}
    properties: Json = dict(flat.get("properties") or {})
    required = set(flat.get("required") or ())
    for name, alternatives in combined.items():
        objects = [each for each in alternatives if isinstance(each, Mapping)]
        for each in objects:
            properties = {**(each.get("properties") or {}), **properties}
        needed = [set(each.get("required") or ()) for each in objects]
        if needed:
            required |= set.union(*needed) if name == "allOf" else set.intersection(*needed)
    told = json.dumps(combined, ensure_ascii=False)
    flat |= {"type": "object", "properties": properties}
    flat["description"] = f"{flat['description']}\n{told}" if flat.get("description") else told
    if required:
        flat["required"] = sorted(required)
    return flat


def can_be_kept_to(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema can be closed without changing what it allows.

    It can where no object has names of its own choosing, no value is of any type, and nothing is recursive.
    """
    return _is_closed(schema, schema, 0, set())


def closed(schema: Mapping[str, Any]) -> Json:
    """Return a schema in the API's subset: its objects closed, and told in the description what cannot be enforced."""
    out: Json = {}
    told: list[str] = []
    for name, value in schema.items():
        if name in _OF_NAMED_SCHEMAS and isinstance(value, dict):
            out[name] = {each: closed(part) if isinstance(part, dict) else part for each, part in value.items()}
        elif name in _OF_LISTED_SCHEMAS and isinstance(value, list):
            parts = [closed(part) if isinstance(part, dict) else part for part in value]
            out["anyOf" if name == "oneOf" else name] = parts
        elif name == "items" and isinstance(value, dict):
            out[name] = closed(value)
        elif _is_only_told(name, value):
            if value is not False:
                told.append(f"{name}: {value if isinstance(value, str) else json.dumps(value)}")
        else:
            out[name] = value
    if "properties" in out or _names_type(schema, "object"):
        out["additionalProperties"] = False
    if told:
        described = out.get("description")
        out["description"] = (f"{described}\n\n" if described else "") + "{" + ", ".join(told) + "}"
    return out


def _is_only_told(name: str, value: object) -> bool:
    if name == "format":
        return not isinstance(value, str) or value not in _STRING_FORMATS
    if name == "minItems":
        return value not in (0, 1)
    if name == "pattern":
        return isinstance(value, str) and "(?" in value  # look-arounds are beyond the grammar
    return name in _TOLD


def _is_closed(node: object, root: Mapping[str, Any], references: int, proven: set[str]) -> bool:
    if not isinstance(node, dict) or references > MAX_REFERENCES or not any(name in node for name in _SAYS_WHAT):
        return False
    reference = node.get("$ref")
    if reference is not None:
        if not isinstance(reference, str):
            return False
        if reference in proven:
            return True
        is_closed = _is_closed(_resolved(reference, root), root, references + 1, proven)
        proven.add(reference)  # whatever it is: one that is open ends the search
        return is_closed
    if any(isinstance(value, dict | list) for value in _listed(node, "enum")):
        return False
    if _names_type(node, "object") and (
        node.get("additionalProperties") not in (None, False)
        or "patternProperties" in node
        or ("properties" not in node and node.get("additionalProperties") is not False)
    ):
        return False
    if _names_type(node, "array") and "items" not in node:
        return False
    properties = node.get("properties")
    parts = [*properties.values()] if isinstance(properties, dict) else []
    parts += [node["items"]] if "items" in node else []
    for name in _OF_LISTED_SCHEMAS:
        parts += _listed(node, name)
    return all(_is_closed(part, root, references, proven) for part in parts)


def _listed(node: Mapping[str, Any], name: str) -> list[Any]:
    value = node.get(name)
    return value if isinstance(value, list) else []


def _resolved(reference: str, root: Mapping[str, Any]) -> object:
    holder, _, name = reference.removeprefix("#/").partition("/")
    found = root.get(holder) if reference.startswith("#/") and holder in ("$defs", "definitions") else None
    return found.get(name) if isinstance(found, dict) else None


def _names_type(node: Mapping[str, Any], name: str) -> bool:
    kind = node.get("type")
    return kind == name or (isinstance(kind, list) and name in kind)
