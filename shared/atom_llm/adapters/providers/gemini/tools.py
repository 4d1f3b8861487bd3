"""Tools, the choice among them and answers of a fixed shape, as Gemini takes them.

`ai.google.dev/gemini-api/docs/function-calling` and `…/structured-output`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.gemini.models import thinks_by_level
from atom_llm.adapters.providers.gemini.schema import normalised
from atom_llm.adapters.providers.request_parts import (
    RequestedFunction,
    ToolChoiceMode,
    requested_format,
    requested_function,
    requested_tool_choice,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

JSON_TYPE: Final = "application/json"

_MODES: Final[Mapping[ToolChoiceMode, str]] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_SAYS_NOTHING: Final = frozenset({"type", "properties", "required", "additionalProperties", "title", "$schema"})


class GeminiTools(NamedTuple):
    """The request's `tools` and `functionCallingConfig`, and the parts of it that they leave out."""

    tools: list[Json]
    calling: Json | None
    dropped: tuple[str, ...]


EMPTY: Final = GeminiTools([], None, ())


def gemini_tools(target: Target, body: Mapping[str, Any]) -> GeminiTools:
    """Translate the tools of a request, Google's own among them as they are (`{"codeExecution": {}}`).

    A choice among some functions is those functions alone. Strictness is of all tools or of none: `VALIDATED`, since
    Gemini 3. Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for other tools.
    """
    given = body.get("tools")
    if not given:
        return EMPTY
    chosen = requested_tool_choice(body.get("tool_choice"))
    declarations, tools = [], []
    is_strict = False
    for place, tool in enumerate(given):
        asked = _function(tool, f"tools.{place}")
        if asked is None:
            tools.append(dict(tool))
        elif chosen.allowed is None or asked.name in chosen.allowed:
            declarations.append(_declaration(asked, f"tools.{place}.function.parameters"))
            is_strict = is_strict or asked.is_strict
    if chosen.allowed is not None and not declarations:
        raise InvalidRequest("tool_choice", "names no tool of this request")
    dropped = []
    calling: Json = {} if chosen.mode is None else {"mode": _MODES[chosen.mode]}
    if chosen.mode == "required" and chosen.allowed is not None:
        calling["allowedFunctionNames"] = list(chosen.allowed)
    if is_strict and chosen.mode in (None, "auto"):
        if thinks_by_level(target.model):
            calling["mode"] = "VALIDATED"
        else:
            dropped.append("tools.function.strict")
    if declarations:
        tools.append({"functionDeclarations": declarations})
        if body.get("parallel_tool_calls") is False and chosen.mode != "none":
            dropped.append("parallel_tool_calls")
    return GeminiTools(tools, calling if declarations and calling else None, tuple(dropped))


def response_format(given: object) -> Json | None:
    """Return a `response_format` as fields of `generationConfig`; None for one that asks for nothing."""
    wanted = requested_format(given)
    if wanted is None:
        return None
    if wanted.schema is None:
        return {"responseMimeType": JSON_TYPE}
    schema = normalised(wanted.schema, "response_format.json_schema.schema")
    return {"responseMimeType": JSON_TYPE, "responseJsonSchema": schema}


def _function(tool: object, field: str) -> RequestedFunction | None:
    """Return a tool's function; None for a tool of Google's own."""
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    kind = tool.get("type")
    if kind is None and "function" not in tool:
        return None
    if kind not in (None, "function"):
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"Gemini has no tools of the type {str(kind)[:40]}", param=field)
    return requested_function(tool, field)


def _declaration(asked: RequestedFunction, field: str) -> Json:
    declaration: Json = {"name": asked.name}
    if asked.description is not None:
        declaration["description"] = asked.description
    parameters = asked.parameters
    # A function without parameters has no schema at all.
    if parameters and (parameters.get("properties") or not parameters.keys() <= _SAYS_NOTHING):
        schema = normalised(parameters, field)
        declaration["parametersJsonSchema"] = schema if "type" in schema else {"type": "object"} | schema
    return declaration
