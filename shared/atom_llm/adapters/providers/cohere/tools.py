"""Tools, the choice among them and answers of a fixed shape, as Cohere takes them.

`docs.cohere.com/docs/tool-use-overview`, `…/tool-use-parameter-types` and `…/structured-outputs`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.request_parts import (
    ToolChoiceMode,
    requested_format,
    requested_function,
    requested_tool_choice,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_EMPTY_SCHEMA: Final = {"type": "object", "properties": {}}
REQUIRED: Final = "REQUIRED"
_CHOICES: Final[Mapping[ToolChoiceMode, str | None]] = {"auto": None, "none": "NONE", "required": REQUIRED}


class CohereTools(NamedTuple):
    """The request's `tools`, `tool_choice` and `strict_tools`, and the parts of it that they leave out."""

    tools: list[Json]
    choice: str | None
    is_strict: bool
    dropped: tuple[str, ...]

    @property
    def forces_tool(self) -> bool:
        """Return whether the model has to use a tool."""
        return self.choice == REQUIRED


def cohere_tools(body: Mapping[str, Any]) -> CohereTools:
    """Translate the tools of a request; a choice of one function, unknown to Cohere, is that function alone and a must.

    Strictness is of all tools or of none, and only of tools that have something required: else it is left out. Raises
    `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for tools that are no functions.
    """
    given = [_tool(tool, f"tools.{place}") for place, tool in enumerate(body.get("tools") or ())]
    chosen = requested_tool_choice(cohere_choice(body.get("tool_choice")))
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
    word = None if chosen.mode is None or not tools else _CHOICES[chosen.mode]
    return CohereTools(tools, word, is_strict, tuple(dropped))


def cohere_choice(given: object) -> object:
    """Return a `tool_choice` with Cohere's own words, which are in capitals, as OpenAI's."""
    return given.lower() if isinstance(given, str) else given


def response_format(given: object) -> Json | None:
    """Return a `response_format` as Cohere's; None for one that asks for nothing."""
    wanted = requested_format(given)
    if wanted is None:
        return None
    if wanted.given["type"] == "json_object":
        return dict(wanted.given)  # a `schema` beside it is Cohere's own
    return {"type": "json_object"} if wanted.schema is None else {"type": "json_object", "schema": wanted.schema}


def _tool(tool: object, field: str) -> tuple[Json, bool]:
    """Return a tool, and whether it is to be kept to strictly."""
    if not isinstance(tool, dict):
        raise InvalidRequest(field, "must be an object")
    if tool.get("type", "function") != "function":
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Cohere's models use functions alone", param=field)
    asked = requested_function(tool, field)
    translated: Json = {"name": asked.name, "parameters": asked.parameters or _EMPTY_SCHEMA}
    if asked.description is not None:
        translated["description"] = asked.description
    return {"type": "function", "function": translated}, asked.is_strict
