"""Tools, the choice among them and answers of a fixed shape, as Anthropic takes them.

`platform.claude.com/docs/en/agents-and-tools/tool-use/` and `…/build-with-claude/structured-outputs`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.anthropic.models import forces_tools, keeps_to_schema
from atom_llm.adapters.providers.anthropic.schema import can_be_kept_to, closed, without_combinations
from atom_llm.adapters.providers.request_parts import (
    ToolChoiceMode,
    requested_format,
    requested_function,
    requested_tool_choice,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.server_tools import bounds_of

# The tool whose input is the answer's content, where the model cannot be held to a schema otherwise. Nobody's own
# function is called so: answers are told apart by it.
ANSWER_TOOL: Final = "answer_in_the_required_format__"

_ANSWER_TOOL_DESCRIPTION: Final = "Gives the answer. Use it for every answer, and nothing else with it."

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
NO_TOOLS: Final = AnthropicTools([], None)


def anthropic_tools(target: Target, body: Mapping[str, Any], used_tools: Iterable[str]) -> AnthropicTools:
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
        return False  # `anthropic_tools` says what is wrong with it
    return translated is not None and translated.get("type") in FORCING


def answer_format(target: Target, response_format: object, tools: AnthropicTools, *, may_force: bool) -> AnswerFormat:
    """Return the means of getting an answer in the format that is asked for.

    Schemas are kept natively where the model can and the schema allows it, else by a tool that has to be used. Where
    neither is possible an instruction serves, unless the schema is `strict`: then raises
    `ProviderFailure(UNSUPPORTED)`.
    """
    wanted = None if tools.forces_tool else requested_format(response_format)
    if wanted is None:
        return FREE  # where a tool has to be used, the answer is a call of it
    schema, definition = wanted.schema, wanted.definition
    if schema is None:
        return AnswerFormat(instruction=_JSON_ALONE)
    if keeps_to_schema(target) and can_be_kept_to(schema):
        return AnswerFormat(native={"type": "json_schema", "schema": closed(schema)})
    if forces_tools(target) and may_force and schema.get("type") == "object":
        described = definition.get("description") or _ANSWER_TOOL_DESCRIPTION
        return AnswerFormat(tool={"name": ANSWER_TOOL, "description": described, "input_schema": schema})
    if definition.get("strict") is True:
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
        return {**tool, **bounds_of(tool)}  # Anthropic's own, of its servers or by its own schema
    if "custom" in tool:
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Anthropic has no tools with free input", param=field)
    asked = requested_function(tool, field)
    schema = asked.parameters or _EMPTY_SCHEMA
    translated: Json = {
        "name": asked.name,
        "input_schema": {"type": "object", **without_combinations(schema)},
    }
    if asked.description is not None:
        translated["description"] = asked.description
    if asked.given.get("cache_control") is not None:
        translated["cache_control"] = asked.given["cache_control"]
    if asked.is_strict:
        if keeps_to_schema(target) and can_be_kept_to(schema):
            translated |= {"input_schema": closed(without_combinations(schema)), "strict": True}
        else:
            dropped["tools.function.strict"] = None
    for option, value in tool.items():
        if option not in ("type", "function") and value is not None:
            translated[option] = value
    return translated


def _choice(given: object) -> tuple[Json | None, Sequence[str] | None]:
    """Return a choice as Anthropic's, whose own words pass, and the names that it allows where it allows not all."""
    if isinstance(given, dict) and given.get("type") in _OWN_CHOICES:
        return dict(given), None
    asked = requested_tool_choice(given)
    if asked.is_named and asked.allowed:
        return {"type": "tool", "name": asked.allowed[0]}, None
    return None if asked.mode is None else {"type": _CHOICES[asked.mode]}, asked.allowed


_CHOICES: Final[Mapping[ToolChoiceMode, str]] = {"auto": "auto", "none": "none", "required": "any"}
_OWN_CHOICES: Final = (*_CHOICES.values(), "tool")
