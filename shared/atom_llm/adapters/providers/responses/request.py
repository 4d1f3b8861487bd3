"""OpenAI's chat completions as requests to its Responses API, for the models that it alone has.

`platform.openai.com/docs/guides/migrate-to-responses`: nothing is kept there, and thoughts that
come encrypted go back with the conversation.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.request_parts import add_messages, requested_format, requested_tool_choice
from atom_llm.adapters.providers.responses.items import ResponsesConversation
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

LEAST_OUTPUT: Final = 16  # tokens of `max_output_tokens`, below which the API takes none
_SAME: Final = (
    *("temperature", "top_p", "parallel_tool_calls", "metadata", "user", "safety_identifier", "prompt_cache_key"),
    *("prompt_cache_retention", "service_tier"),
)
_READ: Final = frozenset(
    {
        *("messages", "tools", "tool_choice", "response_format", "reasoning_effort", "verbosity", "n", "modalities"),
        *("max_completion_tokens", "logprobs", "top_logprobs", "store"),
        *_SAME,
    }
)
_NO_SAMPLING: Final = ("temperature", "top_p")  # which models that reason refuse, and all of these do


def responses_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field."""
    conversation = ResponsesConversation()
    add_messages(conversation, body["messages"])
    sent: Json = {"model": target.model, "input": conversation.items, "store": False}
    dropped = {*conversation.left_out, *(name for name, value in body.items() if value and name not in _READ)}
    for name in _SAME:
        if body.get(name) is not None:
            sent[name] = body[name]
    if "reasoning" in target.capabilities:
        dropped |= {name for name in _NO_SAMPLING if sent.pop(name, None) is not None}
    limit = body.get("max_completion_tokens")
    if limit is not None and limit < LEAST_OUTPUT:
        words = f"the Responses API takes no output limit below {LEAST_OUTPUT} tokens"
        raise ProviderFailure(FailureKind.UNSUPPORTED, words, param="max_completion_tokens")
    if limit is not None:
        sent["max_output_tokens"] = limit
    if body.get("reasoning_effort") is not None:
        sent["reasoning"] = {"effort": body["reasoning_effort"]}
    text = _text(body)
    if text:
        sent["text"] = text
    _add_tools(body, sent)
    if "reasoning" in target.capabilities:
        sent["include"] = ["reasoning.encrypted_content"]
    if body.get("logprobs"):
        sent["include"] = [*sent.get("include", ()), "message.output_text.logprobs"]
        sent["top_logprobs"] = body.get("top_logprobs") or 0
    if stream:
        sent["stream"] = True
    return WireRequest("responses", sent, dropped=sorted(dropped))


def _text(body: Mapping[str, Any]) -> Json:
    text: Json = {}
    if body.get("verbosity") is not None:
        text["verbosity"] = body["verbosity"]
    form = requested_format(body.get("response_format"))
    if form is not None and form.schema is None:
        text["format"] = {"type": "json_object"}
    elif form is not None:
        named = {name: value for name, value in form.definition.items() if name != "schema"}
        text["format"] = {"type": "json_schema", "name": "answer", **named, "schema": form.schema}
    return text


def _add_tools(body: Mapping[str, Any], sent: Json) -> None:
    tools = body.get("tools")
    if not tools:
        return
    sent["tools"] = [_tool(tool, f"tools.{place}") for place, tool in enumerate(tools)]
    given = body.get("tool_choice")
    if isinstance(given, dict) and given.get("type") == "custom":
        sent["tool_choice"] = {"type": "custom", "name": (given.get("custom") or {}).get("name")}
        return
    choice = requested_tool_choice(given)
    if choice.is_named and choice.allowed:
        sent["tool_choice"] = {"type": "function", "name": choice.allowed[0]}
    elif choice.allowed is not None:
        named = [{"type": "function", "name": name} for name in choice.allowed]
        sent["tool_choice"] = {"type": "allowed_tools", "mode": choice.mode, "tools": named}
    elif choice.mode is not None:
        sent["tool_choice"] = choice.mode


def _tool(tool: Mapping[str, Any], field: str) -> Json:
    kind = tool.get("type") or "function"
    described = tool.get(kind)
    if kind not in ("function", "custom") or not isinstance(described, dict):
        raise InvalidRequest(f"{field}.{kind}" if kind in ("function", "custom") else f"{field}.type", "is missing")
    if not isinstance(described.get("name"), str):
        raise InvalidRequest(f"{field}.{kind}.name", "is missing")
    if kind == "custom":
        form = described.get("format")
        flat = form if not isinstance(form, dict) else {"type": form.get("type"), **(form.get("grammar") or {})}
        return {"type": kind, **described, **({} if form is None else {"format": flat})}
    # Without a word on it chat completions are not strict, and the Responses API is.
    return {"type": kind, "parameters": None, "strict": False, **described}
