"""Items in DynamoDB's JSON and back, numbers exact (docs.aws.amazon.com/amazondynamodb, "AttributeValue")."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import Any, Final

Item = dict[str, Any]

# DynamoDB's numbers: 38 digits from 1E-130 to 9.99E+125; what does not fit raises, nothing is rounded.
NUMBERS: Final = Context(prec=38, Emin=-128, Emax=126, traps=[Clamped, Overflow, Inexact, Rounded, Underflow])


def written(item: Mapping[str, object]) -> dict[str, Any]:
    """Return an item in DynamoDB's JSON; raises `TypeError` for what has no form there, and `decimal`'s errors."""
    return {name: attribute(value) for name, value in item.items()}


def read(item: Mapping[str, Any]) -> Item:
    """Return an item of DynamoDB's JSON as Python has it; numbers are `Decimal`."""
    return {name: value_of(each) for name, each in item.items()}


def instant(text: str | None) -> datetime | None:
    """Return the instant that an attribute spells; None for one that is not there."""
    return datetime.fromisoformat(text) if text else None


def attribute(value: object) -> dict[str, Any]:
    """Return a value with its type; a float has none, for it is not what was meant."""
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | Decimal):
        return {"N": _number(value)}
    if isinstance(value, bytes | bytearray):
        return {"B": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {"M": written(value)}
    if isinstance(value, list | tuple):
        return {"L": [attribute(each) for each in value]}
    if isinstance(value, Set):
        return _set(value)
    raise TypeError(f"DynamoDB has no type for a {type(value).__name__}")


def value_of(typed: Mapping[str, Any]) -> Any:
    """Return the value of an attribute; raises `TypeError` for a type that there is not."""
    ((kind, content),) = typed.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return NUMBERS.create_decimal(content)
        case "NULL":
            return None
        case "M":
            return read(content)
        case "L":
            return [value_of(each) for each in content]
        case "B":
            return b64decode(content)
        case "SS":
            return set(content)
        case "NS":
            return {NUMBERS.create_decimal(each) for each in content}
        case "BS":
            return {b64decode(each) for each in content}
        case _:
            raise TypeError(f"DynamoDB has no type {kind}")


def _number(value: int | Decimal) -> str:
    number = NUMBERS.create_decimal(value)
    if not number.is_finite():
        raise TypeError("DynamoDB knows neither infinity nor what is no number")
    return str(number)


def _set(values: Set[Any]) -> dict[str, Any]:
    """Return a set of texts, numbers or bytes; DynamoDB has no empty ones, and none of several kinds."""
    parts = [attribute(each) for each in values]
    kinds = {kind for part in parts for kind in part}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise TypeError("DynamoDB has sets of texts, of numbers and of bytes, with at least one in them")
    (kind,) = kinds
    return {f"{kind}S": [part[kind] for part in parts]}
