"""A chat request of OpenAI's as one to Cohere's second version, `docs.cohere.com/reference/chat`."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.cohere.messages import cohere_messages
from atom_llm.adapters.providers.cohere.tools import choice, shape, toolbox
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

MAX_STOPS: Final = 5  # the API's own
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
_TEXT_ALONE: Final = "Cohere's models answer in text alone"
_REFUSED: Final[Mapping[str, str]] = {
    "top_logprobs": "Cohere tells the probabilities of the tokens that it chose, and of no others",
    "audio": _TEXT_ALONE,
    "functions": "functions became tools, and Cohere knows tools alone",
    "function_call": "functions became tools, and Cohere knows tools alone",
    "web_search_options": "Cohere's models do not search the web",
}
_TRANSLATED: Final = frozenset(
    {
        *_UNKNOWN,
        *_RENAMED,
        *_REFUSED,
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
        *("n", "modalities", "tools", "tool_choice", "parallel_tool_calls", "response_format"),
        *("stop", "top_p", "frequency_penalty", "presence_penalty", "reasoning_effort"),
    }
)


def refusal(target: Target, body: Mapping[str, Any]) -> str | None:
    """Return the reason why Cohere can give no answer of the shape that is asked for; None where it can."""
    if body.get("n") not in (None, 1):
        return "Cohere gives one answer to a request"
    for name, reason in _REFUSED.items():
        if body.get(name) not in (None, 0, False):
            return reason
    modalities = body.get("modalities")
    if isinstance(modalities, list) and "audio" in modalities:
        return _TEXT_ALONE
    if len(_stops(body.get("stop"))) > MAX_STOPS:
        return f"Cohere stops at no more than {MAX_STOPS} texts"
    try:
        chosen = choice(body.get("tool_choice"))
    except InvalidRequest:
        return None  # what is wrong with it is said when the request is made
    if body.get("tools") and chosen.forces_tool and "tool_choice" not in target.capabilities:
        return f"{target.model} cannot be forced to use a tool"
    if body.get("tools") and chosen.word is None and _is_formatted(body.get("response_format")):
        return "Cohere keeps no answer to a format where the model may also use tools"
    return None


def chat_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    refused = refusal(target, body)
    if refused is not None:
        raise ProviderFailure(FailureKind.UNSUPPORTED, refused)
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
    stops = _stops(body.get("stop"))
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
    tools = toolbox(body)
    form = shape(body.get("response_format"))
    dropped += tools.dropped
    # No format stands beside tools. Where none may be used they are left out for it; where one must be, the answer is
    # a call, and no text that could have a format.
    if form is not None and not tools.choice.forces_tool:
        wire["response_format"] = form
        return
    if tools.tools:
        wire["tools"] = tools.tools
    if tools.choice.word is not None:
        wire["tool_choice"] = tools.choice.word
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


def _is_formatted(given: object) -> bool:
    return isinstance(given, dict) and given.get("type") in ("json_object", "json_schema")


def _stops(given: object) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _number(body: Mapping[str, Any], name: str) -> float:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(name, "must be a number")
    return value
