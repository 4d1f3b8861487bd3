"""A chat request of OpenAI's as one to Cohere's second version, `docs.cohere.com/reference/chat`."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.cohere.messages import cohere_messages
from atom_llm.adapters.providers.cohere.tools import cohere_tools, response_format
from atom_llm.adapters.providers.request_parts import requested_stops
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest

LEAST_P: Final = 0.01
MOST_P: Final = 0.99  # of `p`; OpenAI's 1, no limit at all, is as near as that

# Tokens of thought for each of OpenAI's words; without a number the model thinks as long as it likes, which is what it
# does unasked.
_BUDGETS: Final[Mapping[str, int | None]] = {
    "minimal": 512,
    "low": 1_024,
    "medium": 4_096,
    "high": None,
    "xhigh": None,
    "max": None,
}
# OpenAI's name → Cohere's, where the value is the same.
_RENAMED: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "top_k": "k",
    "seed": "seed",
    "logprobs": "logprobs",
}
# Fields that Cohere has nothing like, with the value that asks for nothing.
_UNKNOWN: Final[Mapping[str, object]] = {
    "logit_bias": {},
    "store": False,
    "prediction": None,
    "verbosity": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "user": None,
    "safety_identifier": None,
    "metadata": {},
    "service_tier": "auto",
}
_OF_TOOLS: Final = frozenset({"tools", "tool_choice", "response_format"})
_TRANSLATED: Final = frozenset(
    {
        *_UNKNOWN,
        *_RENAMED,
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
        *("n", "top_logprobs", "audio", "modalities", "functions", "function_call", "web_search_options"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format"),
        *("stop", "top_p", "frequency_penalty", "presence_penalty", "reasoning_effort"),
    }
)


def chat_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    thinks = "reasoning" in target.capabilities
    said = cohere_messages(body["messages"], thinks=thinks)
    wire: Json = {"model": target.model, "messages": said.messages, "stream": stream}
    dropped = list(said.dropped)
    for name, value in body.items():
        if value is None:
            continue
        if name not in _TRANSLATED:
            wire[name] = value
        elif name in _RENAMED:
            wire[_RENAMED[name]] = value
        elif name in _UNKNOWN and value != _UNKNOWN[name]:
            dropped.append(name)
    _set_limits(target, body, wire, dropped)
    _set_sampling(body, wire, dropped)
    if not _OF_TOOLS.isdisjoint(body):
        _set_tools(body, wire, dropped)
    _set_thinking(body, wire, dropped, thinks=thinks)
    return WireRequest("chat", wire, dropped=tuple(dropped))


def _set_limits(target: Target, body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    limit, most = body.get("max_completion_tokens"), target.max_output_tokens
    if limit is not None:
        if most is not None and limit > most:  # beyond it the API refuses, or gives as many as it has
            limit = most
            dropped.append("max_completion_tokens")
        wire["max_tokens"] = limit
    stops = requested_stops(body.get("stop"))
    if stops:
        wire["stop_sequences"] = stops


def _set_sampling(body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    """Set sampling: `p` has ends; a penalty is from 0 to 1, and there is one at a time."""
    if body.get("top_p") is not None:
        wire["p"] = min(max(_number(body, "top_p"), LEAST_P), MOST_P)
    for name in ("frequency_penalty", "presence_penalty"):
        penalty = _number(body, name) if body.get(name) is not None else 0
        if not penalty:
            continue
        if penalty < 0 or "frequency_penalty" in wire:
            dropped.append(name)
            continue
        if penalty > 1:
            dropped.append(name)
        wire[name] = min(penalty, 1)


def _set_tools(body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    tools = cohere_tools(body)
    form = response_format(body.get("response_format"))
    dropped += tools.dropped
    # No format stands beside tools. Where none may be used they are left out for it; where one must be, the answer is
    # a call, and no text that could have a format.
    if form is not None and not tools.forces_tool:
        wire["response_format"] = form
        return
    if tools.tools:
        wire["tools"] = tools.tools
    if tools.choice is not None:
        wire["tool_choice"] = tools.choice
    if tools.is_strict:
        wire["strict_tools"] = True


def _set_thinking(body: Mapping[str, Any], wire: Json, dropped: list[str], *, thinks: bool) -> None:
    """Set thinking: the caller's own `thinking` goes before OpenAI's word for it."""
    effort = body.get("reasoning_effort")
    if effort is None:
        return
    if not isinstance(effort, str) or (effort != "none" and effort not in _BUDGETS):
        raise InvalidRequest("reasoning_effort", f"must be none, {', '.join(_BUDGETS)}")
    if "thinking" in wire or not thinks:
        if effort != "none" or "thinking" in wire:
            dropped.append("reasoning_effort")
    elif effort == "none":
        wire["thinking"] = {"type": "disabled"}
    else:
        wire["thinking"] = {"type": "enabled"}
        budget, limit = _BUDGETS[effort], wire.get("max_tokens")
        if budget is not None:
            # At least a quarter of what may be said is left for the answer.
            wire["thinking"]["token_budget"] = budget if limit is None else max(1, min(budget, limit * 3 // 4))


def _number(body: Mapping[str, Any], name: str) -> float:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(name, "must be a number")
    return value
