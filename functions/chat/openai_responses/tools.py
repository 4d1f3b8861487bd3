"""The tools of a request to the Responses API as functions, which every provider knows, and their own names.

`platform.openai.com/docs/api-reference/responses/create`, `tools`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.routing.chat_request import MAX_TOOLS
from functions.chat.reading import Findings, is_closed, kind_at, list_at, name_at, object_at, one_of_at, text_at

MAX_NAME: Final = 64  # characters of a function's name
INPUT: Final = "input"  # the argument of a custom tool's function
_DIGITS: Final = 8

# Tools that a model may use and need not: without them it answers all the same, and a warning says so.
_SPARED: Final = ("web_search", "web_search_preview", "web_search_2025_08_26", "tool_search", "image_generation")
_FUNCTION_FIELDS: Final = frozenset({"type", "name", "description", "parameters", "strict", "defer_loading"})
_CUSTOM_FIELDS: Final = frozenset({"type", "name", "description", "format", "defer_loading"})
_MODES: Final = ("none", "auto", "required")
_NO_PARAMETERS: Final[Json] = {"type": "object", "properties": {}}

_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool by its own name, as its caller knows it; a custom one takes a text in the place of arguments."""

    name: str
    namespace: str | None = None
    is_custom: bool = False


OfferedTools = Mapping[str, OfferedTool]
"""Tools by the names of the functions that stand for them."""


def function_name(name: str, namespace: str | None) -> str:
    """Return the name of the function that stands for a tool; a namespace stands before it."""
    if not namespace:
        return name
    joined = f"{namespace}__{name}"
    if len(joined) <= MAX_NAME:
        return joined
    return f"{joined[: MAX_NAME - _DIGITS - 1]}_{sha256(joined.encode()).hexdigest()[:_DIGITS]}"


def add_tools(given: Json, more: list[Any], body: Json, found: Findings) -> OfferedTools:
    """Set the functions for a request's tools and for those that its items add (`more`), and the choice among them.

    Raises `InvalidRequest` naming the field.
    """
    tools = [] if given.get("tools") is None else list_at(given["tools"], "tools")
    reader = _ToolReader(found)
    for place, tool in enumerate(tools):
        reader.read(tool, f"tools.{place}", None)
    for place, tool in enumerate(more):
        reader.read(tool, f"input.tools.{place}", None)
    if len(reader.functions) > MAX_TOOLS:
        raise InvalidRequest("tools", f"are more than {MAX_TOOLS}")
    functions = _chosen(given.get("tool_choice"), reader, body, found)
    if functions:
        found.needs["function_calling"] = "tools"
        body["tools"] = functions
        if given.get("parallel_tool_calls") is False:
            body["parallel_tool_calls"] = False
    return reader.offered


def call_arguments(tool_input: str) -> str:
    """Return the arguments of the function that stands for a custom tool."""
    return _spelt({INPUT: tool_input})


def custom_input(arguments: str) -> str:
    """Return the text that a custom tool is called with; a model writes the arguments, and not always as asked."""
    try:
        read = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    told = read.get(INPUT) if isinstance(read, dict) and len(read) == 1 else None
    return told if isinstance(told, str) else arguments


class _ToolReader:
    """The functions that stand for the tools read so far."""

    def __init__(self, found: Findings) -> None:
        self.functions: list[Json] = []
        self.offered: dict[str, OfferedTool] = {}
        self._found = found

    def read(self, tool: object, where: str, namespace: str | None) -> None:
        described = object_at(tool, where)
        kind = kind_at(described, where)
        if kind == "namespace" and namespace is None:
            name = name_at(described.get("name"), f"{where}.name")
            for place, inner in enumerate(list_at(described.get("tools"), f"{where}.tools")):
                self.read(inner, f"{where}.tools.{place}", name)
        elif kind in ("function", "custom"):
            self._add(described, where, namespace, is_custom=kind == "custom")
        elif kind in _SPARED:
            self._found.lose(f"tools.{kind}")
        else:
            self._found.beyond.setdefault(where, f"a tool of the type {kind[:60]} is run by OpenAI's servers alone")

    def _add(self, described: Json, where: str, namespace: str | None, *, is_custom: bool) -> None:
        own = name_at(described.get("name"), f"{where}.name")
        name = function_name(own, namespace)
        function: Json = {"name": name}
        told = described.get("description")
        if told is not None:
            function["description"] = text_at(told, f"{where}.description")
        if is_custom:
            self._add_input(described, function, where)
        else:
            parameters = described.get("parameters")
            function["parameters"] = (
                dict(_NO_PARAMETERS) if parameters is None else object_at(parameters, f"{where}.parameters")
            )
            strict = described.get("strict")
            if strict is True or (strict is None and "strict" not in described and is_closed(parameters)):
                function["strict"] = True  # which is the API's default
        for other in sorted(described.keys() - (_CUSTOM_FIELDS if is_custom else _FUNCTION_FIELDS)):
            self._found.lose(f"tools.{other}")
        self.functions.append({"type": "function", "function": function})
        self.offered[name] = OfferedTool(own, namespace, is_custom)

    def _add_input(self, described: Json, function: Json, where: str) -> None:
        """Describe a custom tool's text as an argument; a grammar is told, for nobody else can hold a model to it."""
        function["parameters"] = {
            "type": "object",
            "properties": {INPUT: {"type": "string"}},
            "required": [INPUT],
            "additionalProperties": False,
        }
        form = described.get("format")
        if form is None or kind_at(object_at(form, f"{where}.format"), f"{where}.format") == "text":
            return
        syntax = form.get("syntax")
        grammar = text_at(form.get("definition"), f"{where}.format.definition")
        rule = f"`{INPUT}` keeps to this grammar ({str(syntax)[:20]}):\n{grammar}"
        function["description"] = f"{function['description']}\n\n{rule}" if function.get("description") else rule
        self._found.lose("tools.format")


def _chosen(choice: object, reader: _ToolReader, body: Json, found: Findings) -> list[Json]:
    """Set the choice of tools and return the functions that it leaves."""
    functions = reader.functions
    if choice is None:
        return functions
    if isinstance(choice, str):
        mode = one_of_at(choice, "tool_choice", _MODES)
        if mode == "required" and not functions:
            found.beyond.setdefault("tool_choice", "the tools that have to be used are run by OpenAI's servers alone")
        if functions:
            body["tool_choice"] = mode
        return functions
    given = object_at(choice, "tool_choice")
    kind = kind_at(given, "tool_choice")
    if kind in ("function", "custom"):
        named = name_at(given.get("name"), "tool_choice.name")
        name = next((name for name, tool in reader.offered.items() if tool.name == named), named)
        body["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif kind == "allowed_tools":
        body["tool_choice"] = one_of_at(given.get("mode"), "tool_choice.mode", ("auto", "required"))
        allowed = [
            object_at(tool, f"tool_choice.tools.{place}").get("name")
            for place, tool in enumerate(list_at(given.get("tools"), "tool_choice.tools"))
        ]
        functions = [each for each in functions if reader.offered[each["function"]["name"]].name in allowed]
        if not functions:
            found.beyond.setdefault("tool_choice", "the tools that it allows are run by OpenAI's servers alone")
    else:
        found.beyond.setdefault("tool_choice", f"a tool of the type {kind[:60]} is run by OpenAI's servers alone")
    return functions
