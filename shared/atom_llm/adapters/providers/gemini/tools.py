"""Tools, the choice among them and answers of a fixed shape, as Gemini takes them.

`ai.google.dev/gemini-api/docs/function-calling` and `…/structured-output`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.gemini.models import formats_beside_tools, thinks_by_level
from atom_llm.adapters.providers.gemini.schema import normalised
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

JSON_TYPE: Final = "application/json"

_MODES: Final[Mapping[str, str]] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_SAYS_NOTHING: Final = frozenset({"type", "properties", "required", "additionalProperties", "title", "$schema"})


class GeminiToolChoice(NamedTuple):
    """A choice in Gemini's mode, None for nothing said, and the names that may be chosen, None for all."""

    mode: str | None = None
    allowed: Sequence[str] | None = None

    @property
    def forces_tool(self) -> bool:
        """Return whether the model has to use a tool."""
        return self.mode == "ANY"


class GeminiTools(NamedTuple):
    """The request's `tools` and `functionCallingConfig`, and the parts of it that they leave out."""

    tools: list[Json]
    calling: Json | None
    dropped: tuple[str, ...]


EMPTY: Final = GeminiTools([], None, ())


def toolbox(target: Target, body: Mapping[str, Any]) -> GeminiTools:
    """Translate the tools of a request, Google's own among them as they are (`{"codeExecution": {}}`).

    A choice among some functions is those functions alone. Strictness is of all tools or of none: `VALIDATED`, since
    Gemini 3. Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for other tools.
    """
    given = body.get("tools")
    if not given:
        return EMPTY
    chosen = choice(body.get("tool_choice"))
    declarations, tools = [], []
    is_strict = False
    for place, tool in enumerate(given):
        function = _function(tool, f"tools.{place}")
        if function is None:
            tools.append(dict(tool))
            continue
        declaration = _declaration(function, f"tools.{place}.function")
        if chosen.allowed is None or declaration["name"] in chosen.allowed:
            declarations.append(declaration)
            is_strict = is_strict or function.get("strict") is True
    if chosen.allowed is not None and not declarations:
        raise InvalidRequest("tool_choice", "names no tool of this request")
    dropped = []
    calling: Json = {} if chosen.mode is None else {"mode": chosen.mode}
    if chosen.forces_tool and chosen.allowed is not None:
        calling["allowedFunctionNames"] = list(chosen.allowed)
    if is_strict and chosen.mode in (None, "AUTO"):
        if thinks_by_level(target.model):
            calling["mode"] = "VALIDATED"
        else:
            dropped.append("tools.function.strict")
    if declarations:
        tools.append({"functionDeclarations": declarations})
        if body.get("parallel_tool_calls") is False and chosen.mode != "NONE":
            dropped.append("parallel_tool_calls")
    return GeminiTools(tools, calling if declarations and calling else None, tuple(dropped))


def choice(given: object) -> GeminiToolChoice:
    """Translate a `tool_choice`; raises `InvalidRequest` for one that is none."""
    if given is None:
        return GeminiToolChoice()
    if isinstance(given, str):
        if given not in _MODES:
            raise InvalidRequest("tool_choice", f"must be {', '.join(_MODES)} or a named function")
        return GeminiToolChoice(_MODES[given])
    if not isinstance(given, dict):
        raise InvalidRequest("tool_choice", "must be a word or an object")
    if given.get("type") == "function":
        return GeminiToolChoice("ANY", [_function_name(given, "tool_choice")])
    if given.get("type") == "allowed_tools":
        allowed = given.get("allowed_tools")
        if not isinstance(allowed, dict) or not isinstance(allowed.get("tools"), list):
            raise InvalidRequest("tool_choice.allowed_tools", "must have tools")
        names = [
            _function_name(tool, f"tool_choice.allowed_tools.tools.{place}")
            for place, tool in enumerate(allowed["tools"])
        ]
        return GeminiToolChoice("ANY" if allowed.get("mode") == "required" else "AUTO", names)
    raise InvalidRequest("tool_choice.type", "must be function or allowed_tools")


def shape(given: object) -> Json | None:
    """Translate a `response_format` to fields of `generationConfig`; None for one that asks for nothing."""
    if not isinstance(given, dict) or given.get("type") in (None, "text"):
        return None
    if given["type"] == "json_object":
        return {"responseMimeType": JSON_TYPE}
    named = given.get("json_schema")
    if given["type"] != "json_schema" or not isinstance(named, dict):
        raise InvalidRequest("response_format.type", "must be text, json_object or json_schema")
    schema = named.get("schema")
    if schema is None:
        return {"responseMimeType": JSON_TYPE}
    field = "response_format.json_schema.schema"
    if not isinstance(schema, dict):
        raise InvalidRequest(field, "must be an object")
    return {"responseMimeType": JSON_TYPE, "responseJsonSchema": normalised(schema, field)}


def is_formatted(given: object) -> bool:
    """Return whether a `response_format` asks for JSON."""
    return isinstance(given, dict) and given.get("type") in ("json_object", "json_schema")


def excludes_tools(target: Target, body: Mapping[str, Any]) -> str | None:
    """Return the reason why no answer can be held to JSON beside these tools; None: it can, or nobody asked for both.

    Where a tool has to be used the answer is a call, and where none may be, they are left out.
    """
    if not body.get("tools") or formats_beside_tools(target.model) or not is_formatted(body.get("response_format")):
        return None
    if choice(body.get("tool_choice")).mode in ("ANY", "NONE"):
        return None
    return f"{target.model} keeps no answer to JSON where it may also use tools"


def _function(tool: object, field: str) -> Json | None:
    """Return a tool's function; None for a tool of Google's own."""
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    kind = tool.get("type")
    if kind is None and "function" not in tool:
        return None
    if kind not in (None, "function"):
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"Gemini has no tools of the type {str(kind)[:40]}", param=field)
    function = tool.get("function")
    if not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    return function


def _declaration(function: Mapping[str, Any], field: str) -> Json:
    name, parameters = function.get("name"), function.get("parameters")
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.name", "is missing")
    if parameters is not None and not isinstance(parameters, dict):
        raise InvalidRequest(f"{field}.parameters", "must be an object")
    declaration: Json = {"name": name}
    if isinstance(function.get("description"), str):
        declaration["description"] = function["description"]
    # A function without parameters has no schema at all.
    if parameters and (parameters.get("properties") or not parameters.keys() <= _SAYS_NOTHING):
        schema = normalised(parameters, f"{field}.parameters")
        declaration["parametersJsonSchema"] = schema if "type" in schema else {"type": "object"} | schema
    return declaration


def _function_name(holder: object, field: str) -> str:
    function = holder.get("function") if isinstance(holder, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    return name
