"""Tools, the choice among them and answers of a fixed shape, as Anthropic takes them.

`platform.claude.com/docs/en/agents-and-tools/tool-use/` and `…/build-with-claude/structured-outputs`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.anthropic.models import forces_tools, keeps_to_schema
from atom_llm.adapters.providers.anthropic.schema import can_be_kept_to, closed
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

# The tool whose input is the answer's content, where the model cannot be held to a schema otherwise. Nobody's own
# function is called so: answers are told apart by it.
ANSWER_TOOL: Final = "answer_in_the_required_format__"

_EMPTY_SCHEMA: Final = {"type": "object", "properties": {}}
_JSON_ALONE: Final = (
    "Answer with one valid JSON object and nothing else: no other words, no explanation, no code fence around it."
)


class AnthropicTools(NamedTuple):
    """The request's `tools` and `tool_choice`, and the parts of it that they leave out."""

    tools: list[Json]
    choice: Json | None
    dropped: tuple[str, ...] = ()

    @property
    def forces_tool(self) -> bool:
        """Return whether the model has to use a tool."""
        return self.choice is not None and self.choice.get("type") in FORCING


class AnswerFormat(NamedTuple):
    """The means that hold an answer to a format: a native one, a tool, or an instruction; at most one of them."""

    native: Json | None = None
    tool: Json | None = None
    instruction: str | None = None


FORCING: Final = ("any", "tool")
FREE: Final = AnswerFormat()


def toolbox(target: Target, body: Mapping[str, Any], used_tools: Iterable[str]) -> AnthropicTools:
    """Translate the tools of a request; raises `InvalidRequest` naming the field.

    A history that calls tools needs their definitions, which OpenAI's callers may leave out: they are then named, and
    closed to use.
    """
    given = body.get("tools") or ()
    dropped: dict[str, None] = {}
    tools = [_tool(target, tool, f"tools.{place}", dropped) for place, tool in enumerate(given)]
    if not tools:
        named = [{"name": name, "input_schema": {"type": "object"}} for name in used_tools]
        return AnthropicTools(named, {"type": "none"} if named else None)
    choice, allowed = _choice(body.get("tool_choice"))
    if allowed is not None:
        tools = [tool for tool in tools if tool.get("name") in allowed]
    if body.get("parallel_tool_calls") is False and (choice is None or choice.get("type") != "none"):
        choice = (choice or {"type": "auto"}) | {"disable_parallel_tool_use": True}
    return AnthropicTools(tools, choice, tuple(dropped))


def forces_a_tool(choice: object) -> bool:
    """Return whether a `tool_choice` of OpenAI's leaves the model no answer without a tool."""
    try:
        translated, _ = _choice(choice)
    except InvalidRequest:
        return False  # `toolbox` says what is wrong with it
    return translated is not None and translated.get("type") in FORCING


def answer_format(target: Target, response_format: object, tools: AnthropicTools, *, may_force: bool) -> AnswerFormat:
    """Return the means of getting an answer in the format that is asked for.

    Schemas are kept natively where the model can and the schema allows it, else by a tool that has to be used. Where
    neither is possible an instruction serves, unless the schema is `strict`: then raises
    `ProviderFailure(UNSUPPORTED)`.
    """
    if not isinstance(response_format, dict) or response_format.get("type") in (None, "text"):
        return FREE
    if tools.forces_tool:
        return FREE  # the answer is a call of the caller's tools
    if response_format["type"] == "json_object":
        return AnswerFormat(instruction=_JSON_ALONE)
    named = response_format.get("json_schema")
    if response_format["type"] != "json_schema" or not isinstance(named, dict):
        raise InvalidRequest("response_format.type", "must be text, json_object or json_schema")
    schema = named.get("schema")
    if schema is None:
        return AnswerFormat(instruction=_JSON_ALONE)
    if not isinstance(schema, dict):
        raise InvalidRequest("response_format.json_schema.schema", "must be an object")
    if keeps_to_schema(target) and can_be_kept_to(schema):
        return AnswerFormat(native={"type": "json_schema", "schema": closed(schema)})
    if forces_tools(target) and may_force and schema.get("type") == "object":
        described = named.get("description") or "Gives the answer. Use it for every answer, and nothing else with it."
        return AnswerFormat(tool={"name": ANSWER_TOOL, "description": described, "input_schema": schema})
    if named.get("strict") is True:
        reason = f"{target.model} cannot be held to this schema"
        raise ProviderFailure(FailureKind.UNSUPPORTED, reason, param="response_format.json_schema.schema")
    return AnswerFormat(
        instruction=f"{_JSON_ALONE} It follows this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    )


def with_answer_tool(tools: AnthropicTools, answer: Json) -> AnthropicTools:
    """Return the tools with the one that takes the answer; the model uses it, or one of the caller's if it may."""
    forced: Json = {"type": "any"}
    if not tools.tools or (tools.choice or {}).get("type") == "none":
        forced = {"type": "tool", "name": ANSWER_TOOL, "disable_parallel_tool_use": True}
    elif tools.choice is not None and tools.choice.get("disable_parallel_tool_use"):
        forced["disable_parallel_tool_use"] = True
    return AnthropicTools([*tools.tools, answer], forced, tools.dropped)


def _tool(target: Target, tool: object, field: str, dropped: dict[str, None]) -> Json:
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    function = tool.get("function")
    if function is None and tool.get("type") != "function" and "custom" not in tool:
        return dict(tool)  # Anthropic's own, of its servers or by its own schema
    if "custom" in tool:
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Anthropic has no tools with free input", param=field)
    if not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    name, parameters = function.get("name"), function.get("parameters")
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    if parameters is not None and not isinstance(parameters, dict):
        raise InvalidRequest(f"{field}.function.parameters", "must be an object")
    schema = parameters or _EMPTY_SCHEMA
    translated: Json = {"name": name, "input_schema": schema if "type" in schema else {"type": "object"} | schema}
    if isinstance(function.get("description"), str):
        translated["description"] = function["description"]
    if function.get("cache_control") is not None:
        translated["cache_control"] = function["cache_control"]
    if function.get("strict") is True:
        if keeps_to_schema(target) and can_be_kept_to(schema):
            translated |= {"input_schema": closed(schema), "strict": True}
        else:
            dropped["tools.function.strict"] = None
    for option, value in tool.items():
        if option not in ("type", "function") and value is not None:
            translated[option] = value
    return translated


def _choice(given: object) -> tuple[Json | None, Sequence[str] | None]:
    """Return a choice as Anthropic's, and the names that it allows where it allows not all."""
    if given is None:
        return None, None
    if isinstance(given, str):
        if given not in _CHOICES:
            raise InvalidRequest("tool_choice", f"must be {', '.join(_CHOICES)} or a named function")
        return {"type": _CHOICES[given]}, None
    if not isinstance(given, dict):
        raise InvalidRequest("tool_choice", "must be a word or an object")
    kind = given.get("type")
    if kind == "function":
        return {"type": "tool", "name": _function_name(given, "tool_choice")}, None
    if kind == "allowed_tools":
        allowed = given.get("allowed_tools")
        if not isinstance(allowed, dict) or not isinstance(allowed.get("tools"), list):
            raise InvalidRequest("tool_choice.allowed_tools", "must have tools")
        names = [
            _function_name(tool, f"tool_choice.allowed_tools.tools.{place}")
            for place, tool in enumerate(allowed["tools"])
        ]
        return {"type": "any" if allowed.get("mode") == "required" else "auto"}, names
    if kind in _CHOICES.values() or kind == "tool":
        return dict(given), None  # in Anthropic's own words
    raise InvalidRequest("tool_choice.type", "must be function or allowed_tools")


def _function_name(holder: object, field: str) -> str:
    function = holder.get("function") if isinstance(holder, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    return name


_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "none": "none", "required": "any"}
