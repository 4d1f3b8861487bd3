"""Tools, the choice among them and answers of a fixed shape, as Cohere takes them.

`docs.cohere.com/docs/tool-use-overview`, `…/tool-use-parameter-types` and `…/structured-outputs`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_EMPTY_SCHEMA: Final = {"type": "object", "properties": {}}
_CHOICES: Final[Mapping[str, str | None]] = {"auto": None, "none": "NONE", "required": "REQUIRED"}


class CohereToolChoice(NamedTuple):
    """A choice in Cohere's word, None for a free one, and the names that may be chosen, None for all."""

    word: str | None = None
    allowed: Sequence[str] | None = None

    @property
    def forces_tool(self) -> bool:
        """Return whether the model has to use a tool."""
        return self.word == "REQUIRED"


class CohereTools(NamedTuple):
    """The request's `tools`, `tool_choice` and `strict_tools`, and the parts of it that they leave out."""

    tools: list[Json]
    choice: CohereToolChoice
    is_strict: bool
    dropped: tuple[str, ...]


def toolbox(body: Mapping[str, Any]) -> CohereTools:
    """Translate a request's tools. A choice of one function, which Cohere lacks, is that function alone and a must.

    Strictness is of all tools or of none, and only of tools that have something required: else it is left out. Raises
    `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for tools that are no functions.
    """
    given = [_tool(tool, f"tools.{place}") for place, tool in enumerate(body.get("tools") or ())]
    chosen = choice(body.get("tool_choice"))
    if chosen.allowed is not None:
        given = [(tool, strict) for tool, strict in given if tool["function"]["name"] in chosen.allowed]
        if not given:
            raise InvalidRequest("tool_choice", "names no tool of this request")
    tools = [tool for tool, _ in given]
    asks_strict = any(strict for _, strict in given)
    is_strict = asks_strict and all(tool["function"]["parameters"].get("required") for tool in tools)
    dropped = ["tools.function.strict"] if asks_strict and not is_strict else []
    if tools and body.get("parallel_tool_calls") is False:
        dropped.append("parallel_tool_calls")
    return CohereTools(tools, chosen if tools else CohereToolChoice(), is_strict, tuple(dropped))


def choice(given: object) -> CohereToolChoice:
    """Translate a `tool_choice`; raises `InvalidRequest` for one that is none."""
    if given is None:
        return CohereToolChoice()
    if isinstance(given, str):
        if given.lower() not in _CHOICES:
            raise InvalidRequest("tool_choice", f"must be {', '.join(_CHOICES)} or a named function")
        return CohereToolChoice(_CHOICES[given.lower()])
    if not isinstance(given, dict):
        raise InvalidRequest("tool_choice", "must be a word or an object")
    if given.get("type") == "function":
        return CohereToolChoice("REQUIRED", [_function_name(given, "tool_choice")])
    if given.get("type") == "allowed_tools":
        allowed = given.get("allowed_tools")
        if not isinstance(allowed, dict) or not isinstance(allowed.get("tools"), list):
            raise InvalidRequest("tool_choice.allowed_tools", "must have tools")
        names = [
            _function_name(tool, f"tool_choice.allowed_tools.tools.{place}")
            for place, tool in enumerate(allowed["tools"])
        ]
        return CohereToolChoice("REQUIRED" if allowed.get("mode") == "required" else None, names)
    raise InvalidRequest("tool_choice.type", "must be function or allowed_tools")


def shape(given: object) -> Json | None:
    """Translate a `response_format`; None for one that asks for nothing."""
    if not isinstance(given, dict) or given.get("type") in (None, "text"):
        return None
    if given["type"] == "json_object":
        return dict(given)  # a `schema` beside it is Cohere's own
    named = given.get("json_schema")
    if given["type"] != "json_schema" or not isinstance(named, dict):
        raise InvalidRequest("response_format.type", "must be text, json_object or json_schema")
    schema = named.get("schema")
    if schema is None:
        return {"type": "json_object"}
    if not isinstance(schema, dict):
        raise InvalidRequest("response_format.json_schema.schema", "must be an object")
    return {"type": "json_object", "schema": schema}


def _tool(tool: object, field: str) -> tuple[Json, bool]:
    """Return a tool, and whether it is to be kept to strictly."""
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    if tool.get("type", "function") != "function":
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Cohere's models use functions alone", param=field)
    function = tool.get("function")
    if not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    name, parameters = function.get("name"), function.get("parameters")
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    if parameters is not None and not isinstance(parameters, dict):
        raise InvalidRequest(f"{field}.function.parameters", "must be an object")
    translated: Json = {"name": name, "parameters": parameters or _EMPTY_SCHEMA}
    if isinstance(function.get("description"), str):
        translated["description"] = function["description"]
    return {"type": "function", "function": translated}, function.get("strict") is True


def _function_name(holder: object, field: str) -> str:
    function = holder.get("function") if isinstance(holder, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    return name
