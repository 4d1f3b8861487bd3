"""A tool call of the conversation as OpenAI writes it, read for the dialects that write it otherwise."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest


class AskedToolCall(NamedTuple):
    """An assistant's earlier call; `arguments` as given, usually JSON in a text, `beside` the call's other fields."""

    id: str
    name: str
    arguments: object
    beside: Mapping[str, Any]


def asked_tool_call(call: object, field: str) -> AskedToolCall:
    """Read one call; raises `InvalidRequest` naming what is missing."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    identity, name = call.get("id"), function.get("name")
    if not isinstance(identity, str) or not identity:
        raise InvalidRequest(f"{field}.id", "is missing")
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    return AskedToolCall(identity, name, function.get("arguments"), call)


def asked_tool_calls(calls: object, field: str) -> list[AskedToolCall]:
    """Read a message's `tool_calls`, of which there may be none."""
    if not calls:
        return []
    if not isinstance(calls, list):
        raise InvalidRequest(field, "must be a list")
    return [asked_tool_call(call, f"{field}.{place}") for place, call in enumerate(calls)]
