"""The parts of OpenAI's chat request that dialects translate, read once and checked.

A fault of one is an `InvalidRequest` that names the field, in the same words whichever provider would have answered.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json

ToolChoiceMode = Literal["auto", "none", "required"]
RAW: Final = "raw"  # the argument that holds a text which is no object in JSON
TOOL_CHOICE_MODES: Final[Mapping[str, ToolChoiceMode]] = {"auto": "auto", "none": "none", "required": "required"}
_TEXTS: Final = ("text", "refusal")
_NOT_IN_A_NAME: Final = re.compile(r"[^a-zA-Z0-9_-]")


# Tools and formats


class RequestedFunction(NamedTuple):
    """A function that the model may call; `given` is all that the caller said of it."""

    name: str
    description: str | None
    parameters: Mapping[str, Any]
    is_strict: bool
    given: Mapping[str, Any]


class RequestedToolChoice(NamedTuple):
    """The choice among tools: its mode (None: none was given), the tools (None: all); `is_named`: one, and a must."""

    mode: ToolChoiceMode | None = None
    allowed: tuple[str, ...] | None = None
    is_named: bool = False


class RequestedFormat(NamedTuple):
    """An answer in JSON: by a schema, or any object; `definition` has the other fields of the schema."""

    schema: Json | None
    definition: Mapping[str, Any]
    given: Mapping[str, Any]


def requested_function(tool: Mapping[str, Any], field: str) -> RequestedFunction:
    """Read a tool of the type `function`."""
    function = tool.get("function")
    if not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    parameters, description = function.get("parameters"), function.get("description")
    name = _function_name(tool, field)
    if parameters is not None and not isinstance(parameters, dict):
        raise InvalidRequest(f"{field}.function.parameters", "must be an object")
    described = description if isinstance(description, str) else None
    return RequestedFunction(name, described, parameters or {}, function.get("strict") is True, function)


def requested_tool_choice(given: object) -> RequestedToolChoice:
    """Read a `tool_choice`: a word, a named function, or a choice among some tools."""
    if given is None:
        return RequestedToolChoice()
    if isinstance(given, str):
        mode = TOOL_CHOICE_MODES.get(given)
        if mode is None:
            raise InvalidRequest("tool_choice", f"must be {', '.join(TOOL_CHOICE_MODES)} or a named function")
        return RequestedToolChoice(mode)
    if not isinstance(given, dict):
        raise InvalidRequest("tool_choice", "must be a word or an object")
    if given.get("type") == "function":
        return RequestedToolChoice("required", (_function_name(given, "tool_choice"),), is_named=True)
    if given.get("type") != "allowed_tools":
        raise InvalidRequest("tool_choice.type", "must be function or allowed_tools")
    allowed = given.get("allowed_tools")
    if not isinstance(allowed, dict) or not isinstance(allowed.get("tools"), list):
        raise InvalidRequest("tool_choice.allowed_tools", "must have tools")
    names = (
        _function_name(tool, f"tool_choice.allowed_tools.tools.{place}") for place, tool in enumerate(allowed["tools"])
    )
    return RequestedToolChoice("required" if allowed.get("mode") == "required" else "auto", tuple(names))


def requested_format(given: object) -> RequestedFormat | None:
    """Read a `response_format`; None for one that asks for nothing but text."""
    if not isinstance(given, dict) or given.get("type") in (None, "text"):
        return None
    if given["type"] == "json_object":
        return RequestedFormat(None, {}, given)
    definition = given.get("json_schema")
    if given["type"] != "json_schema" or not isinstance(definition, dict):
        raise InvalidRequest("response_format.type", "must be text, json_object or json_schema")
    schema = definition.get("schema")
    if schema is not None and not isinstance(schema, dict):
        raise InvalidRequest("response_format.json_schema.schema", "must be an object")
    return RequestedFormat(schema, definition, given)


def asks_for_json(given: object) -> bool:
    """Return whether a `response_format`, right or wrong otherwise, asks for JSON."""
    return isinstance(given, dict) and given.get("type") in ("json_object", "json_schema")


def requested_stops(given: object) -> list[Any]:
    """Return the texts of `stop`, which may be one, several or none."""
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


# Messages


class ConversationBuilder(Protocol):
    """A conversation in a provider's words, to which messages are added in their order; `field` names the message."""

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        """Add instructions, of the role `system` or `developer`."""
        ...

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        """Add words of the user."""
        ...

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        """Add an earlier answer."""
        ...

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        """Add the result of a tool."""
        ...


class RequestedPart(NamedTuple):
    """A part of a message's content; `text` is what a part of the type `text` or `refusal` says, None for any other."""

    kind: str
    field: str
    given: Mapping[str, Any]
    text: str | None


class RequestedToolCall(NamedTuple):
    """An assistant's earlier call; `arguments` as they were given, usually JSON in a text, `given` all that was."""

    id: str
    name: str
    arguments: object
    given: Mapping[str, Any]


def add_messages(conversation: ConversationBuilder, messages: Sequence[Any]) -> None:
    """Add each message by its role."""
    for place, message in enumerate(messages):
        role, field = message.get("role"), f"messages.{place}"
        if role == "user":
            conversation.add_user(message, field)
        elif role == "assistant":
            conversation.add_assistant(message, field)
        elif role == "tool":
            conversation.add_result(message, field)
        elif role in ("system", "developer"):
            conversation.add_system(message, field)
        else:
            raise InvalidRequest(f"{field}.role", "must be system, developer, user, assistant or tool")


def marks_of_caches(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the fields in which a conversation, read already, marks what a prompt cache shall hold."""
    fields = []
    if any(message.get("cache_control") is not None for message in messages):
        fields.append("messages.cache_control")
    contents = (content for message in messages if isinstance(content := message.get("content"), list))
    parts = [part for content in contents for part in content if isinstance(part, Mapping)]
    if any(part.get("cache_control") is not None for part in parts):
        fields.append("messages.content.cache_control")
    return tuple(fields)


def requested_parts(content: object, field: str) -> list[RequestedPart]:
    """Read a `content` that is a text, a list of parts or nothing; a bare text is a part of the type `text`."""
    if content is None:
        return []
    if isinstance(content, str):
        return [_part(content, field)]
    if not isinstance(content, list):
        raise InvalidRequest(field, "must be a text or a list of parts")
    return [_part(part, f"{field}.{place}") for place, part in enumerate(content)]


def requested_tool_calls(calls: object, field: str) -> list[RequestedToolCall]:
    """Read a message's `tool_calls`, of which there may be none."""
    if not calls:
        return []
    if not isinstance(calls, list):
        raise InvalidRequest(field, "must be a list")
    return [_tool_call(call, f"{field}.{place}") for place, call in enumerate(calls)]


def requested_arguments(call: RequestedToolCall) -> Json:
    """Return a call's arguments as an object, `{}` for none.

    A model writes them, and not always as JSON: what is no object becomes `{"raw": …}`, for an old mistake must not end
    the conversation.
    """
    given = call.arguments
    if given is None or (isinstance(given, str) and given.strip() in ("", "null")):
        return {}
    if not isinstance(given, str):
        return given if isinstance(given, dict) else {RAW: json.dumps(given, ensure_ascii=False)}
    try:
        read = json.loads(given, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {RAW: given}
    return read if isinstance(read, dict) else {RAW: given}


def fitting_name(name: str, longest: int | None = None) -> str:
    """Return the name of a called function in the alphabet that most providers keep to, cut where it is too long.

    A model writes it, and not always as it was offered: what it called wrongly must not end the conversation.
    """
    return _NOT_IN_A_NAME.sub("_", name)[:longest]


def answered_call_id(message: Mapping[str, Any], field: str) -> str:
    """Return the id of the call that a tool's result answers."""
    call = message.get("tool_call_id")
    if not isinstance(call, str) or not call:
        raise InvalidRequest(f"{field}.tool_call_id", "is missing")
    return call


def _part(part: object, field: str) -> RequestedPart:
    if isinstance(part, str):
        return RequestedPart("text", field, {"type": "text", "text": part}, part)
    if not isinstance(part, dict):
        raise InvalidRequest(field, "must be an object")
    kind = part.get("type")
    if not isinstance(kind, str):
        raise InvalidRequest(f"{field}.type", "is missing")
    if kind not in _TEXTS:
        return RequestedPart(kind, field, part, None)
    if not isinstance(part.get(kind), str):
        raise InvalidRequest(f"{field}.{kind}", "must be a text")
    return RequestedPart(kind, field, part, part[kind])


def _tool_call(call: object, field: str) -> RequestedToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict):
        raise InvalidRequest(f"{field}.function", "is missing")
    identity = call.get("id")
    if not isinstance(identity, str) or not identity:
        raise InvalidRequest(f"{field}.id", "is missing")
    return RequestedToolCall(identity, _function_name(call, field), function.get("arguments"), call)


def _function_name(holder: object, field: str) -> str:
    function = holder.get("function") if isinstance(holder, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidRequest(f"{field}.function.name", "is missing")
    return name


def _no_number(constant: str) -> None:
    """Refuse `NaN` and the infinities, which Python reads and JSON has not."""
    raise ValueError(constant)
