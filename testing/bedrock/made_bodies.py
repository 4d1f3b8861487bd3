"""Values of the shapes of AWS's own model of Bedrock's runtime, every member of a structure given or left out."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from testing.bedrock.service_model import shapes

DEEPEST: Final = 9  # shapes within each other: an answer's tool results hold blocks of their own
WORDS: Final = st.text(max_size=6)
DOCUMENT: Final = st.dictionaries(WORDS, st.integers() | WORDS, max_size=2)


def values(shape: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return a strategy of a shape's values; behind `DEEPEST` structures are empty and lists too."""
    described = shapes()[shape]
    if described.get("document"):
        return DOCUMENT
    match described["type"]:
        case "structure":
            return _structures(described, depth)
        case "list":
            return st.lists(values(described["member"]["shape"], depth + 1), max_size=2 if depth < DEEPEST else 0)
        case "map":
            inner = values(described["value"]["shape"], depth + 1)
            return st.dictionaries(WORDS, inner, max_size=2 if depth < DEEPEST else 0)
        case "string":
            return st.sampled_from(described["enum"]) if "enum" in described else WORDS
        case "blob":
            return st.binary(max_size=6).map(lambda raw: b64encode(raw).decode())
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return st.integers(0, 10**6)
        case "float" | "double":
            return st.floats(0, 1)
        case other:
            raise AssertionError(f"no values for shapes of the type {other}")


def _structures(described: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if depth >= DEEPEST:
        return st.just({})
    members = {
        name: values(member["shape"], depth + 1)
        for name, member in described["members"].items()
        if "location" not in member
    }
    if described.get("union") or described.get("eventstream"):
        return st.one_of([st.fixed_dictionaries({name: each}) for name, each in members.items()])
    return st.fixed_dictionaries({}, optional=members)
