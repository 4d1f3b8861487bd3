"""A request of Anthropic's Messages API as a chat request, with the request as it came for the providers that speak it.

Fields: `platform.claude.com/docs/en/api/messages`. What is read is checked, and its fault is told by the field's name;
everything else passes to Anthropic, and is a warning where another provider answers.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest, ThreadUnsupported
from atom_llm.domain.providers.exchange import Json, NativeRequest
from atom_llm.domain.routing.chat_request import MAX_MESSAGES, MAX_OUTPUT, MAX_TOOLS, ChatRequest, chat_request
from functions.chat.messages.content import instructions, turn
from functions.chat.reading import Findings, is_closed, kind_at, list_at, name_at, number_at, object_at, text_at

STYLE: Final = "anthropic"
VERSION: Final = "anthropic-version"
BETA: Final = "anthropic-beta"
MAX_HEADER: Final = 2_000  # characters
MAX_STOPS: Final = 1_000
MAX_USER: Final = 64  # characters of OpenAI's `user`

_HEADER: Final = re.compile(r"[\w.,;:= -]*", re.ASCII)
_READ: Final = frozenset(
    {
        *("model", "messages", "max_tokens", "system", "stream", "tools", "tool_choice", "stop_sequences"),
        *("temperature", "top_p", "top_k", "thinking", "output_config", "output_format", "metadata", "service_tier"),
    }
)
_BEYOND: Final[Mapping[str, str]] = {
    "mcp_servers": "Anthropic's servers alone call them",
    "container": "it is one of Anthropic's",
    "fallbacks": "Anthropic's servers alone fall back by themselves; name a chain of models instead",
}
_PLAIN_TOOL: Final = frozenset({"type", "name", "description", "input_schema", "strict"})
_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "any": "required", "none": "none"}
_TIERS: Final[Mapping[str, str]] = {"auto": "auto", "standard_only": "default"}
_EFFORTS: Final[Mapping[str, str]] = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
# Tokens of thought from which on a budget is a word: the inverse of how words become budgets at Anthropic.
_BUDGETS: Final = ((4_096, "high"), (2_048, "medium"), (0, "low"))


def messages_request(content: object, size: int, headers: Mapping[str, str], *, is_count: bool = False) -> ChatRequest:
    """Read a request of `size` bytes; raises `InvalidRequest` naming the first wrong field.

    One that is only to be counted (`is_count`) needs no `max_tokens`.
    """
    given = object_at(content, "body")
    if given.get("thread") is not None:
        raise ThreadUnsupported("thread", "is not served: send the whole conversation")
    found = Findings()
    body: Json = {"model": given.get("model"), "stream": given.get("stream")}
    limit = given.get("max_tokens")
    if limit is not None or not is_count:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_OUTPUT:
            raise InvalidRequest("max_tokens", f"must be a whole number from 1 to {MAX_OUTPUT:,}")
        body["max_tokens"] = limit
    body["messages"] = _conversation(given, found)
    _add_tools(given, body, found)
    _add_thinking(given, body, found)
    _add_options(given, body, found)
    for name, value in given.items():
        if name not in _READ and value not in (None, [], {}):
            if name in _BEYOND:
                found.beyond[name] = _BEYOND[name]
            else:
                found.lose(name)
    passed = {name: _header(headers, name) for name in (VERSION, BETA) if headers.get(name)}
    if BETA in passed:
        found.lose(BETA)
    native = NativeRequest(STYLE, given, passed, found.beyond, tuple(found.left_out))
    return replace(chat_request(body, size), needs=found.needs, native=native)


def _conversation(given: Json, found: Findings) -> list[Json]:
    said = given.get("messages")
    if not isinstance(said, list) or not said:
        raise InvalidRequest("messages", "must be a list of at least one message")
    if len(said) > MAX_MESSAGES:
        raise InvalidRequest("messages", f"are more than {MAX_MESSAGES:,}")
    system = given.get("system")
    first = None if system is None else instructions(system, "system", found)
    messages = [] if first is None else [first]
    for place, message in enumerate(said):
        messages += turn(message, f"messages.{place}", found)
    if messages and messages[-1]["role"] == "assistant":
        last = f"messages.{len(said) - 1}"
        found.beyond.setdefault(last, "an answer that was begun for the model is continued by Anthropic's alone")
    return messages


def _add_tools(given: Json, body: Json, found: Findings) -> None:
    tools = given.get("tools")
    if tools is None:
        return
    if len(list_at(tools, "tools")) > MAX_TOOLS:
        raise InvalidRequest("tools", f"are more than {MAX_TOOLS}")
    functions = []
    for place, tool in enumerate(tools):
        where, described = f"tools.{place}", object_at(tool, f"tools.{place}")
        name = name_at(described.get("name"), f"{where}.name") if "input_schema" in described else ""
        kind = described.get("type")
        if kind not in (None, "custom"):
            found.beyond.setdefault(where, f"a tool of the type {str(kind)[:60]} is Anthropic's own")
            continue
        function = {
            "name": name or name_at(described.get("name"), f"{where}.name"),
            "parameters": object_at(described.get("input_schema"), f"{where}.input_schema"),
        }
        if described.get("description") is not None:
            function["description"] = text_at(described["description"], f"{where}.description")
        if described.get("strict") is not None:
            function["strict"] = described["strict"]
        functions.append({"type": "function", "function": function})
        for other in sorted(described.keys() - _PLAIN_TOOL):
            found.lose(f"tools.{other}")
    if not tools:
        return
    found.needs["function_calling"] = "tools"
    body["tools"] = functions
    choice = given.get("tool_choice")
    if choice is not None:
        _add_choice(object_at(choice, "tool_choice"), body)


def _add_choice(choice: Json, body: Json) -> None:
    kind = kind_at(choice, "tool_choice")
    if kind == "tool":
        name = name_at(choice.get("name"), "tool_choice.name")
        body["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif kind in _CHOICES:
        body["tool_choice"] = _CHOICES[kind]
    else:
        raise InvalidRequest("tool_choice.type", f"must be one of {', '.join([*_CHOICES, 'tool'])}")
    if choice.get("disable_parallel_tool_use") is True and kind != "none":
        body["parallel_tool_calls"] = False


def _add_thinking(given: Json, body: Json, found: Findings) -> None:
    """Set the effort of reasoning, and the format of the answer that stands beside it."""
    config = given.get("output_config")
    configured = {} if config is None else object_at(config, "output_config")
    thinking = given.get("thinking")
    kind, budget = "", None
    if thinking is not None:
        kind = kind_at(object_at(thinking, "thinking"), "thinking")
        if kind not in ("enabled", "adaptive", "disabled"):
            raise InvalidRequest("thinking.type", "must be enabled, adaptive or disabled")
        budget = thinking.get("budget_tokens")
        if kind == "enabled" and (isinstance(budget, bool) or not isinstance(budget, int) or budget < 0):
            raise InvalidRequest("thinking.budget_tokens", "must be a whole number")
    effort = configured.get("effort")
    if effort is not None and (not isinstance(effort, str) or effort not in _EFFORTS):
        raise InvalidRequest("output_config.effort", f"must be one of {', '.join(_EFFORTS)}")
    if effort is not None and kind != "disabled":
        body["reasoning_effort"] = _EFFORTS[effort]
    elif kind == "enabled":
        body["reasoning_effort"] = next(word for least, word in _BUDGETS if (budget or 0) >= least)
    elif kind:
        found.lose("thinking")
    for name in sorted(configured.keys() - {"effort", "format"}):
        found.lose(f"output_config.{name}")
    for where, form in (
        ("output_config.format", configured.get("format")),
        ("output_format", given.get("output_format")),
    ):
        if form is None:
            continue
        if kind_at(object_at(form, where), where) != "json_schema":
            raise InvalidRequest(f"{where}.type", "must be json_schema")
        schema = object_at(form.get("schema"), f"{where}.schema")
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": is_closed(schema)},
        }
        found.needs["response_schema"] = where


def _add_options(given: Json, body: Json, found: Findings) -> None:
    for name, most in (("temperature", 1), ("top_p", 1), ("top_k", MAX_OUTPUT)):
        if given.get(name) is not None:
            body[name] = number_at(given[name], name, most)
    stops = given.get("stop_sequences")
    if stops:
        if len(list_at(stops, "stop_sequences")) > MAX_STOPS:
            raise InvalidRequest("stop_sequences", f"are more than {MAX_STOPS:,}")
        body["stop"] = [text_at(stop, f"stop_sequences.{place}") for place, stop in enumerate(stops)]
    metadata = given.get("metadata")
    person = None if metadata is None else object_at(metadata, "metadata").get("user_id")
    if isinstance(person, str) and len(person) <= MAX_USER:
        body["user"] = person
    elif person is not None:
        text_at(person, "metadata.user_id")
        found.lose("metadata.user_id")
    tier = given.get("service_tier")
    if tier is not None:
        if not isinstance(tier, str) or tier not in _TIERS:
            raise InvalidRequest("service_tier", f"must be one of {', '.join(_TIERS)}")
        body["service_tier"] = _TIERS[tier]


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers[name]
    if len(value) > MAX_HEADER or not _HEADER.fullmatch(value):
        raise InvalidRequest(name, f"must be words of at most {MAX_HEADER:,} characters")
    return value
