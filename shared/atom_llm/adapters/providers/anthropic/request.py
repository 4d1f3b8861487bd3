"""A chat request of OpenAI's as one to Anthropic's Messages API, `platform.claude.com/docs/en/api/messages`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.anthropic.conversation import AnthropicConversation, conversation
from atom_llm.adapters.providers.anthropic.thinking import UNASKED, sampling, thinking
from atom_llm.adapters.providers.anthropic.tools import FREE, NO_TOOLS, answer_format, anthropic_tools, with_answer_tool
from atom_llm.adapters.providers.request_parts import requested_stops
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest
from atom_llm.domain.providers.server_tools import SEARCHES_BY_CONTEXT, USUAL_SEARCHES

VERSION: Final = "2023-06-01"
FILES_BETA: Final = "files-api-2025-04-14"
DEFAULT_OUTPUT_TOKENS: Final = 4_096  # the API wants a limit; every model gives as many

# Anthropic's own fields that are taken only with a header.
_BETAS_OF_FIELDS: Final[Mapping[str, str]] = {
    "context_management": "context-management-2025-06-27",
    "speed": "fast-mode-2026-02-01",
}
# OpenAI's word for a service tier → Anthropic's. `auto` may use capacity that the tenant has paid for in advance and is
# standard otherwise; `standard_only` never does. There is none at a lower price, so that `flex` becomes the standard.
_SERVICE_TIERS: Final[Mapping[str, str]] = {
    "auto": "auto",
    "default": "standard_only",
    "flex": "standard_only",
    "priority": "auto",
    "scale": "auto",
}
# Fields that Anthropic has nothing like, with the value that asks for nothing.
_UNKNOWN: Final[Mapping[str, object]] = {
    "seed": None,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
    "store": False,
    "prediction": None,
    "verbosity": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
}
_OF_SAMPLING: Final = frozenset({"temperature", "top_p", "top_k"})
_TRANSLATED: Final = frozenset(
    {
        *_UNKNOWN,
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
        *("n", "logprobs", "top_logprobs", "modalities", "audio", "functions", "function_call"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format", "web_search_options"),
        *("stop", "temperature", "top_p", "top_k", "reasoning_effort", "thinking", "output_config"),
        *("user", "safety_identifier", "metadata", "service_tier", "betas"),
    }
)
_BETA: Final = re.compile(r"[\w.-]{1,100}", re.ASCII)


def messages_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    said = conversation(body["messages"], target)
    wire: Json = {"model": target.model, "max_tokens": 0, "messages": said.messages}
    dropped: list[str] = ["messages.name"] if said.has_names else []
    betas = _betas(body.get("betas"))
    for name, value in body.items():
        if name not in _TRANSLATED:
            if value is not None:
                wire[name] = value
                if name in _BETAS_OF_FIELDS:
                    betas[_BETAS_OF_FIELDS[name]] = None
        elif value is not None and name in _UNKNOWN and value != _UNKNOWN[name]:
            dropped.append(name)
    _set_limit(target, body, wire, dropped)
    _set_output(target, body, said, wire, dropped)
    _set_caller(body, wire, dropped)
    if body.get("stop") is not None:
        wire["stop_sequences"] = requested_stops(body["stop"])
    if stream:
        wire["stream"] = True
    if _has_file(said.messages):
        betas[FILES_BETA] = None
    headers = {"anthropic-version": VERSION}
    if betas:
        headers["anthropic-beta"] = ",".join(betas)
    return WireRequest("messages", wire, headers, tuple(dropped))


def _set_limit(target: Target, body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    most = target.max_output_tokens
    limit = body.get("max_completion_tokens") or most or DEFAULT_OUTPUT_TOKENS
    if most is not None and limit > most:
        limit = most
        dropped.append("max_completion_tokens")
    wire["max_tokens"] = limit


def _set_output(
    target: Target, body: Mapping[str, Any], said: AnthropicConversation, wire: Json, dropped: list[str]
) -> None:
    """Set tools, format, thinking and sampling, each of which bounds the next."""
    tools = anthropic_tools(target, body, said.used_tools) if body.get("tools") or said.used_tools else NO_TOOLS
    thoughts = UNASKED
    if body.get("thinking") is not None or body.get("reasoning_effort") is not None:
        thoughts = thinking(
            target,
            body,
            wire["max_tokens"],
            forces_tool=tools.forces_tool,
            has_unsigned_call=said.has_unsigned_call,
        )
    form = FREE
    if body.get("response_format") is not None:
        form = answer_format(target, body["response_format"], tools, may_force=not thoughts.by_budget)
    if form.tool is not None:
        tools = with_answer_tool(tools, form.tool)
    given = list(tools.tools)
    if body.get("web_search_options") is not None:
        given.append(_web_search(body["web_search_options"]))
    system = said.system
    if form.instruction is not None:
        system = [*system, {"type": "text", "text": form.instruction}]
    if system:
        is_plain = len(system) == 1 and "cache_control" not in system[0] and system[0]["type"] == "text"
        wire["system"] = system[0]["text"] if is_plain else system
    if given:
        wire["tools"] = given
    if tools.choice is not None:
        wire["tool_choice"] = tools.choice
    fields = dict(thoughts.fields)
    output_config = fields.pop("output_config", {})
    if body.get("output_config") is not None:
        if not isinstance(body["output_config"], dict):
            raise InvalidRequest("output_config", "must be an object")
        output_config |= body["output_config"]
    if form.native is not None:
        output_config.setdefault("format", form.native)
    if output_config:
        wire["output_config"] = output_config
    wire |= fields
    dropped += [*tools.dropped, *thoughts.dropped]
    if not _OF_SAMPLING.isdisjoint(body):
        chosen, lost = sampling(target, body, thinks=thoughts.is_on)
        wire |= chosen
        dropped += lost


def _set_caller(body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    """Set the user that the tenant calls for, and the service tier."""
    metadata = body.get("metadata")
    if metadata is not None:
        if not isinstance(metadata, dict):
            raise InvalidRequest("metadata", "must be an object")
        if any(name != "user_id" for name in metadata):
            dropped.append("metadata")  # OpenAI's are labels of the caller's own; Anthropic takes a user's id alone
        if metadata.get("user_id") is not None:
            wire["metadata"] = {"user_id": metadata["user_id"]}
    for name in ("safety_identifier", "user"):
        person = body.get(name)
        if person is None or "metadata" in wire:
            continue
        if isinstance(person, str) and person and "@" not in person:
            wire["metadata"] = {"user_id": person}
        else:
            dropped.append(name)  # an e-mail address is a 400
    tier = body.get("service_tier")
    if tier is not None:
        wire["service_tier"] = _SERVICE_TIERS.get(tier, tier) if isinstance(tier, str) else tier
        if tier == "flex":
            dropped.append("service_tier")


def _betas(given: object) -> dict[str, None]:
    """Return the betas that the caller asks for, as the SDK's argument of that name does; they become a header."""
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(name, str) and _BETA.fullmatch(name) for name in given):
        raise InvalidRequest("betas", "must be a list of names")
    return dict.fromkeys(given)


def _web_search(options: object) -> Json:
    """Translate OpenAI's `web_search_options` to Anthropic's own tool, the amount of searching as LiteLLM reads it."""
    tool: Json = {"type": "web_search_20250305", "name": "web_search", "max_uses": USUAL_SEARCHES}
    if not isinstance(options, dict):
        raise InvalidRequest("web_search_options", "must be an object")
    size = options.get("search_context_size")
    if isinstance(size, str) and size in SEARCHES_BY_CONTEXT:
        tool["max_uses"] = SEARCHES_BY_CONTEXT[size]
    location = options.get("user_location")
    place = location.get("approximate") if isinstance(location, dict) else None
    if isinstance(place, dict):
        tool["user_location"] = {"type": "approximate"} | {
            name: place[name] for name in ("city", "region", "country", "timezone") if place.get(name)
        }
    return tool


def _has_file(messages: list[Json]) -> bool:
    """Return whether any message refers to a file that was uploaded before."""
    for message in messages:
        content = message["content"]
        if isinstance(content, str):
            continue
        for block in content:
            source = block.get("source")
            if isinstance(source, dict) and source.get("type") == "file":
                return True
            inner = block.get("content")
            if isinstance(inner, list) and _has_file([{"content": [each for each in inner if isinstance(each, dict)]}]):
                return True
    return False
