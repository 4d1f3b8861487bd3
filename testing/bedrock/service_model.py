"""AWS's own model of Bedrock's runtime, as botocore carries it: what of a body is not as it says."""

import gzip
import json
import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Shape = Mapping[str, Any]


@cache
def shapes() -> Mapping[str, Shape]:
    """Return every shape of the newest model."""
    versions = files("botocore").joinpath("data", "bedrock-runtime")
    newest = max((each for each in versions.iterdir() if each.is_dir()), key=lambda each: each.name)
    read: dict[str, Any] = json.loads(gzip.decompress(newest.joinpath("service-2.json.gz").read_bytes()))
    found: Mapping[str, Shape] = read["shapes"]
    return found


def faults(shape: str, value: object, place: str = "") -> Iterator[str]:
    """Yield what is wrong with a value of a shape: unknown and missing members, unions of two, types and bounds."""
    described = shapes()[shape]
    if described.get("document"):
        return
    match described["type"]:
        case "structure":
            yield from _of_structure(described, value, place)
        case "list":
            yield from _of_list(described, value, place)
        case "map":
            if not isinstance(value, dict):
                yield f"{place}: is no map"
            else:
                for name, each in value.items():
                    yield from faults(described["key"]["shape"], name, f"{place}.{name}")
                    yield from faults(described["value"]["shape"], each, f"{place}.{name}")
        case "string":
            yield from _of_string(described, value, place)
        case "blob":
            yield from _of_blob(described, value, place)
        case "boolean":
            if not isinstance(value, bool):
                yield f"{place}: is no boolean"
        case "integer" | "long":
            if not isinstance(value, int) or isinstance(value, bool):
                yield f"{place}: is no whole number"
            else:
                yield from _within(described, value, place)
        case "float" | "double":
            if not isinstance(value, int | float) or isinstance(value, bool):
                yield f"{place}: is no number"
            else:
                yield from _within(described, value, place)
        case other:
            raise AssertionError(f"no rule for shapes of the type {other}")


def _of_structure(described: Shape, value: object, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: is no object"
        return
    members = {name: each for name, each in described["members"].items() if "location" not in each}
    for name in described.get("required", ()):
        if name in members and value.get(name) is None:
            yield f"{place}.{name}: is missing"
    for name, each in value.items():
        if name not in members:
            yield f"{place}.{name}: is no member"
        elif each is not None:
            yield from faults(members[name]["shape"], each, f"{place}.{name}")
    if described.get("union") and len(value) != 1:
        yield f"{place}: is a union of {len(value)} members"


def _of_list(described: Shape, value: object, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: is no list"
        return
    yield from _within(described, len(value), place)
    for number, each in enumerate(value):
        yield from faults(described["member"]["shape"], each, f"{place}.{number}")


def _of_string(described: Shape, value: object, place: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place}: is no text"
        return
    yield from _within(described, len(value), place)
    if "enum" in described and value not in described["enum"]:
        yield f"{place}: is none of {described['enum']}"
    if "pattern" in described and not re.fullmatch(described["pattern"], value):
        yield f"{place}: does not fit {described['pattern']}"


def _of_blob(described: Shape, value: object, place: str) -> Iterator[str]:
    try:
        content = b64decode(str(value), validate=True)
    except NoBase64:
        yield f"{place}: is not in base64"
        return
    yield from _within(described, len(content), place)


def _within(described: Shape, number: float, place: str) -> Iterator[str]:
    if not described.get("min", number) <= number <= described.get("max", number):
        yield f"{place}: {number} is out of bounds"
