"""A chat request of OpenAI's as one to Bedrock's Converse or ConverseStream (botocore's `ConverseRequest`)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from atom_llm.adapters.providers.anthropic.models import takes_sampling
from atom_llm.adapters.providers.anthropic.thinking import BUDGETS, UNASKED, AnthropicThinking, sampling, thinking
from atom_llm.adapters.providers.bedrock.conversation import ConverseConversation, conversation
from atom_llm.adapters.providers.bedrock.names import base_of, maker_of
from atom_llm.adapters.providers.bedrock.tools import converse_tools
from atom_llm.adapters.providers.request_parts import requested_stops
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest

DEFAULT_OUTPUT_TOKENS: Final = 4_096  # that thinking is measured against where a caller sets no limit

# Converse's own fields, which a caller may give in its words. A guardrail answers by a refusal.
_OWN: Final = ("guardrailConfig", "performanceConfig", "requestMetadata", "additionalModelResponseFieldPaths")
_NO_TRACE: Final = (None, "disabled")
# OpenAI's word for a service tier → Bedrock's. `auto` is the default; `scale` is capacity that Bedrock has otherwise.
_SERVICE_TIERS: Final[Mapping[str, str | None]] = {
    "auto": None,
    "default": "default",
    "standard": "default",
    "flex": "flex",
    "priority": "priority",
}
_TRANSLATED: Final = frozenset(
    {
        *_OWN,
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format", "stop", "temperature", "top_p", "top_k"),
        *("reasoning_effort", "thinking", "output_config", "service_tier", "betas"),
    }
)
_EFFORTS: Final[Mapping[str, str]] = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}


def converse_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    caches = not target.capabilities or "prompt_caching" in target.capabilities
    said = conversation(body["messages"], caches=caches)
    dropped = ["messages.name"] if said.has_names else []
    dropped += [name for name, value in body.items() if name not in _TRANSLATED and value not in (None, 0, {}, False)]
    wire: Json = {"messages": said.messages}
    more: Json = {}
    limits: Json = {}
    _set_limit(target, body, limits, dropped)
    tools = converse_tools(target, body, said.used_tools, caches=caches)
    dropped += tools.dropped
    system = said.system if tools.instruction is None else [*said.system, {"text": tools.instruction}]
    if system:
        wire["system"] = system
    if tools.config is not None:
        wire["toolConfig"] = tools.config
    output: Json = {} if tools.text_format is None else {"textFormat": tools.text_format}
    forces = tools.config is not None and not {"any", "tool"}.isdisjoint(tools.config.get("toolChoice", {}))
    _set_thinking(target, body, said, limits, output, more, dropped, forces=forces)
    if output:
        wire["outputConfig"] = output
    stops = [text for text in requested_stops(body.get("stop")) if text]
    if stops:
        limits["stopSequences"] = stops
    if limits:
        wire["inferenceConfig"] = limits
    if more:
        wire["additionalModelRequestFields"] = more
    tier = body.get("service_tier")
    if tier is not None:
        known = _SERVICE_TIERS.get(str(tier))
        if known is not None:
            wire["serviceTier"] = {"type": known}
        elif tier != "auto":
            dropped.append("service_tier")
    wire |= {name: body[name] for name in _OWN if body.get(name) is not None}
    guardrail = wire.get("guardrailConfig")
    if isinstance(guardrail, dict) and guardrail.get("trace") in _NO_TRACE:
        wire["guardrailConfig"] = {**guardrail, "trace": "enabled"}  # its units, which cost, are told there alone
        dropped += ["guardrailConfig.trace"] if "trace" in guardrail else []
    path = f"model/{quote(target.model, safe='')}/{'converse-stream' if stream else 'converse'}"
    return WireRequest(path, wire, dropped=tuple(dict.fromkeys(dropped)))


def _set_limit(target: Target, body: Mapping[str, Any], limits: Json, dropped: list[str]) -> None:
    limit, most = body.get("max_completion_tokens"), target.max_output_tokens
    if limit is None:
        return
    if most is not None and limit > most:
        limit = most
        dropped.append("max_completion_tokens")
    limits["maxTokens"] = limit


def _set_thinking(
    target: Target,
    body: Mapping[str, Any],
    said: ConverseConversation,
    limits: Json,
    output: Json,
    more: Json,
    dropped: list[str],
    *,
    forces: bool,
) -> None:
    """Set the depth of thinking in the words of the model's maker, and the sampling that goes with it."""
    maker, effort = maker_of(target.model), body.get("reasoning_effort")
    if effort is not None and not (isinstance(effort, str) and (effort == "none" or effort in BUDGETS)):
        raise InvalidRequest("reasoning_effort", f"must be none, {', '.join(BUDGETS)}")
    asked = effort is not None or body.get("thinking") is not None
    thoughts = UNASKED
    if maker == "anthropic":
        claude = replace(target, model=base_of(target.model))
        if asked:
            thoughts = thinking(
                claude,
                body,
                limits.get("maxTokens") or target.max_output_tokens or DEFAULT_OUTPUT_TOKENS,
                forces_tool=forces,
                has_unsigned_call=_has_unsigned_call(said.messages),
            )
        fields = dict(thoughts.fields)
        given = body.get("output_config")
        config = {**fields.pop("output_config", {}), **(given if isinstance(given, dict) else {})}
        if isinstance(config.get("effort"), str):
            output["effort"] = config["effort"]
        more |= fields
        betas = body.get("betas")
        if isinstance(betas, list) and all(isinstance(each, str) for each in betas) and betas:
            more["anthropic_beta"] = betas
        dropped += thoughts.dropped
        _sample(claude, body, thoughts, limits, more, dropped)
        return
    if effort is not None and effort != "none" and "reasoning" in target.capabilities:
        if maker == "amazon":
            more["reasoningConfig"] = {"type": "enabled", "maxReasoningEffort": _EFFORTS[effort]}
        elif maker == "openai":
            more["reasoning_effort"] = _EFFORTS[effort]
        else:
            dropped.append("reasoning_effort")
    elif effort not in (None, "none"):
        dropped.append("reasoning_effort")
    dropped += [name for name in ("thinking", "output_config", "betas") if body.get(name) is not None]
    for name, theirs in (("temperature", "temperature"), ("top_p", "topP")):
        value = body.get(name)
        if value is not None:
            limits[theirs] = min(max(_number(name, value), 0), 1)
            dropped += [name] if limits[theirs] != value else []
    if body.get("top_k") is not None:
        if maker == "amazon":
            more["inferenceConfig"] = {"topK": body["top_k"]}
        else:
            dropped.append("top_k")


def _sample(
    claude: Target,
    body: Mapping[str, Any],
    thoughts: AnthropicThinking,
    limits: Json,
    more: Json,
    dropped: list[str],
) -> None:
    if takes_sampling(claude) or any(body.get(name) is not None for name in ("temperature", "top_p", "top_k")):
        chosen, lost = sampling(claude, body, thinks=thoughts.is_on)
        if "top_k" in chosen:
            more["top_k"] = chosen["top_k"]
        for name, theirs in (("temperature", "temperature"), ("top_p", "topP")):
            if name in chosen:
                limits[theirs] = max(_number(name, chosen[name]), 0)
        dropped += lost


def _number(name: str, value: object) -> int | float:
    """Return a number of sampling; what Python counts as one besides, and JSON does not, is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(name, "must be a number")
    return value


def _has_unsigned_call(messages: list[Json]) -> bool:
    """Return whether the results are in of a tool that was called without the thinking that led to it."""
    if len(messages) < 2 or "toolResult" not in messages[-1]["content"][0]:
        return False
    return "reasoningContent" not in messages[-2]["content"][0]
