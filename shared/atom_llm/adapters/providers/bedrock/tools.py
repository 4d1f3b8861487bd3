"""Tools, the choice among them and answers of a fixed shape, as Converse takes them (`ToolConfiguration`)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.anthropic.schema import can_be_kept_to, closed, without_combinations
from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.adapters.providers.bedrock.content import cache_points
from atom_llm.adapters.providers.request_parts import (
    requested_format,
    requested_function,
    requested_tool_choice,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_JSON_ALONE: Final = (
    "Answer with one valid JSON object and nothing else: no other words, no explanation, no code fence around it."
)


class ConverseTools(NamedTuple):
    """`toolConfig`, None without tools, the `textFormat` of the answer and an instruction beside it, and what of the
    request they leave out.
    """

    config: Json | None = None
    text_format: Json | None = None
    instruction: str | None = None
    dropped: tuple[str, ...] = ()


def converse_tools(target: Target, body: Mapping[str, Any], used: Iterable[str], *, caches: bool) -> ConverseTools:
    """Translate the tools and the format of a request; raises `InvalidRequest` naming the field.

    A history that calls tools needs their definitions, which OpenAI's callers may leave out. Converse has no word for
    "no tool": without a history of them, tools that may not be used are left out.
    """
    dropped: dict[str, None] = {}
    choice = requested_tool_choice(body.get("tool_choice"))
    used, allowed = tuple(used), None if choice.is_named else choice.allowed
    given = [
        each
        for place, tool in enumerate(body.get("tools") or ())
        if (each := _tool(target, tool, f"tools.{place}", dropped, allowed)) is not None
    ]
    tools = [block for each in given for block in (each if caches else each[:1])]
    wanted: Json | None = None
    if choice.is_named and choice.allowed:
        wanted = {"tool": {"name": choice.allowed[0]}}
    elif choice.mode == "required":
        wanted = {"any": {}}
    elif choice.mode == "auto":
        wanted = {"auto": {}}
    elif choice.mode == "none":
        if used:
            dropped["tool_choice"] = None
        else:
            tools = []
    if not tools:
        tools, wanted = [{"toolSpec": _spec(name, {})} for name in used], None
    if body.get("parallel_tool_calls") is False and tools:
        dropped["parallel_tool_calls"] = None
    if wanted is not None and "auto" not in wanted and "tool_choice" not in target.capabilities and target.capabilities:
        wanted = None
        dropped["tool_choice"] = None
    config = _config(tools, wanted)
    if wanted is not None and "auto" not in wanted:
        return ConverseTools(config, dropped=tuple(dropped))  # where a tool has to be used, the answer is its call
    return _formatted(target, body.get("response_format"), tools, wanted, tuple(dropped))


def _formatted(
    target: Target, response_format: object, tools: list[Json], choice: Json | None, dropped: tuple[str, ...]
) -> ConverseTools:
    wanted = requested_format(response_format)
    config = _config(tools, choice)
    if wanted is None:
        return ConverseTools(config, dropped=dropped)
    schema, definition = wanted.schema, wanted.definition
    if schema is None:
        return ConverseTools(config, instruction=_JSON_ALONE, dropped=dropped)
    if "native_structured_output" in target.capabilities and can_be_kept_to(schema):
        described: Json = {"schema": json.dumps(closed(schema), ensure_ascii=False)}
        described |= {
            name: definition[name]
            for name in ("name", "description")
            if isinstance(definition.get(name), str) and definition[name]
        }
        text_format = {"type": "json_schema", "structure": {"jsonSchema": described}}
        return ConverseTools(config, text_format, dropped=dropped)
    if "tool_choice" in target.capabilities and schema.get("type") == "object":
        answer = {"toolSpec": _spec(ANSWER_TOOL, schema, "Gives the answer. Use it for every answer.")}
        forced: Json = {"any": {}} if tools else {"tool": {"name": ANSWER_TOOL}}
        return ConverseTools(_config([*tools, answer], forced), dropped=dropped)
    if definition.get("strict") is True:
        reason = f"{target.model} cannot be held to this schema"
        raise ProviderFailure(FailureKind.UNSUPPORTED, reason, param="response_format.json_schema.schema")
    told = f"{_JSON_ALONE} It follows this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    return ConverseTools(config, instruction=told, dropped=dropped)


def _config(tools: list[Json], choice: Json | None) -> Json | None:
    if not tools:
        return None
    return {"tools": tools} if choice is None else {"tools": tools, "toolChoice": choice}


def _tool(
    target: Target, tool: object, field: str, dropped: dict[str, None], allowed: tuple[str, ...] | None
) -> list[Json] | None:
    """Return a tool with the cache point behind it; None for one that may not be used."""
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    if tool.get("function") is None and tool.get("type") != "function":
        kind = str(tool.get("type"))[:80]
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"Bedrock has no tools of the type {kind}", param=field)
    asked = requested_function(tool, field)
    if allowed is not None and asked.name not in allowed:
        return None
    schema = without_combinations(asked.parameters)
    spec = _spec(asked.name, schema, asked.description)
    if asked.is_strict:
        if "native_structured_output" in target.capabilities and can_be_kept_to(schema):
            spec |= {"inputSchema": {"json": closed(schema)}, "strict": True}
        else:
            dropped["tools.function.strict"] = None
    marker = asked.given.get("cache_control") or tool.get("cache_control")
    return [{"toolSpec": spec}, *cache_points(marker)]


def _spec(name: str, schema: Mapping[str, Any], description: str | None = None) -> Json:
    spec: Json = {"name": name, "inputSchema": {"json": {"type": "object", "properties": {}, **schema}}}
    if description and description.strip():
        spec["description"] = description
    return spec
