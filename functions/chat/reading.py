"""The findings in a request of another dialect than chat completions, and the checks of its fields."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json


@dataclass(slots=True)
class Findings:
    """The fields of a request that no other provider can be asked for, with the reason (`beyond`), those that a
    translation leaves out, and the capabilities that a model needs, each with the field that asks for it.
    """

    beyond: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)

    def lose(self, name: str) -> None:
        """Note a field that a translation leaves out."""
        self.left_out.setdefault(name)


def object_at(value: object, where: str) -> Json:
    """Return an object; raises `InvalidRequest` naming the field."""
    if not isinstance(value, dict):
        raise InvalidRequest(where, "must be an object")
    return value


def list_at(value: object, where: str) -> list[Any]:
    """Return a list; raises `InvalidRequest` naming the field."""
    if not isinstance(value, list):
        raise InvalidRequest(where, "must be a list")
    return value


def text_at(value: object, where: str) -> str:
    """Return a text; raises `InvalidRequest` naming the field."""
    if not isinstance(value, str):
        raise InvalidRequest(where, "must be a text")
    return value


def name_at(value: object, where: str) -> str:
    """Return a text that is not empty; raises `InvalidRequest` naming the field."""
    if not isinstance(value, str) or not value:
        raise InvalidRequest(where, "must be a text that is not empty")
    return value


def number_at(value: object, where: str, most: float) -> float:
    """Return a number from 0 to `most`; raises `InvalidRequest` naming the field."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InvalidRequest(where, f"must be a number from 0 to {most:g}")
    return value


def kind_at(block: Json, where: str) -> str:
    """Return an object's `type`; raises `InvalidRequest` naming the field."""
    kind = block.get("type")
    if not isinstance(kind, str) or not kind:
        raise InvalidRequest(f"{where}.type", "is missing")
    return kind


def flag_at(value: object, where: str) -> bool:
    """Return a truth value, false where there is none; raises `InvalidRequest` naming the field."""
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(where, "must be true or false")
    return bool(value)


def one_of_at(value: object, where: str, known: Collection[str]) -> str:
    """Return one of the known words; raises `InvalidRequest` naming the field."""
    if not isinstance(value, str) or value not in known:
        raise InvalidRequest(where, f"must be one of {', '.join(known)}")
    return value


def is_closed(schema: Any) -> bool:
    """Return whether OpenAI can keep to a schema strictly: every object is closed, every property required."""
    if isinstance(schema, list):
        return all(map(is_closed, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict) and (
        schema.get("additionalProperties") is not False or set(properties) != set(schema.get("required") or ())
    ):
        return False
    return all(is_closed(inner) for inner in schema.values())
