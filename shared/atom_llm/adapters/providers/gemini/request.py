"""A chat request of OpenAI's as one to Gemini's generateContent, `ai.google.dev/api/generate-content`.

The API answers 400 to fields that it does not know: what is in no table here is left out, by name.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from atom_llm.adapters.providers.gemini.contents import conversation
from atom_llm.adapters.providers.gemini.models import formats_beside_tools, takes_penalties, takes_sampling
from atom_llm.adapters.providers.gemini.native import NAMES, add_native
from atom_llm.adapters.providers.gemini.thinking import said_natively, thinking
from atom_llm.adapters.providers.gemini.tools import gemini_tools, response_format
from atom_llm.adapters.providers.request_parts import marks_of_caches, requested_stops
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest

# OpenAI's name → Gemini's, with the value that asks for nothing.
_SAMPLING: Final[Mapping[str, tuple[str, object]]] = {
    "temperature": ("temperature", 1),
    "top_p": ("topP", 1),
    "top_k": ("topK", None),
}
_PENALTIES: Final[Mapping[str, tuple[str, object]]] = {
    "presence_penalty": ("presencePenalty", 0),
    "frequency_penalty": ("frequencyPenalty", 0),
}
_RENAMED: Final[Mapping[str, str]] = {
    "seed": "seed",
    "n": "candidateCount",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
# OpenAI's word for a service tier → Gemini's. What was bought ahead at OpenAI is the standard here.
_SERVICE_TIERS: Final[Mapping[str, str | None]] = {
    "auto": None,
    "default": "standard",
    "standard": "standard",
    "scale": "standard",
    "flex": "flex",
    "priority": "priority",
}
# Fields that Gemini has nothing like, with the value that asks for nothing.
_UNKNOWN: Final[Mapping[str, object]] = {"logit_bias": {}, "store": False, "metadata": {}}
_OF_TOOLS: Final = frozenset({"tools", "tool_choice", "response_format", "web_search_options"})
_TRANSLATED: Final = frozenset(
    {
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format", "web_search_options"),
        *("stop", "reasoning_effort", "modalities", "audio", "service_tier", "functions", "function_call"),
    }
)


@lru_cache(maxsize=512)
def path(model: str, method: str) -> str:
    """Return the path of a method of a model's; the name may have anything in it."""
    return f"models/{quote(model.removeprefix('models/'), safe='')}:{method}"


def generate_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    said = conversation(body["messages"], target)
    wire: Json = {"contents": said.contents}
    if said.system:
        wire["systemInstruction"] = {"parts": said.system}
    config: Json = {}
    dropped = [*(["messages.name"] if said.has_names else ()), *marks_of_caches(body["messages"])]
    _set_numbers(target, body, config, dropped)
    _set_modalities(body, config)
    if not NAMES.keys().isdisjoint(body):
        dropped += add_native(body, wire, config)
    if body.get("reasoning_effort") is not None:
        _set_thinking(target, body["reasoning_effort"], config, dropped)
    if not _OF_TOOLS.isdisjoint(body):
        _set_tools(target, body, wire, config, dropped)
    _set_tier(body, wire, dropped)
    if config:
        wire["generationConfig"] = config
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return WireRequest(path(target.model, method), wire, dropped=tuple(dropped))


def _set_numbers(target: Target, body: Mapping[str, Any], config: Json, dropped: list[str]) -> None:
    """Set the fields that bound and steer the answer, and note the names of those in no table."""
    limit, most = body.get("max_completion_tokens"), target.max_output_tokens
    if limit is not None:
        if most is not None and limit > most:
            limit = most
            dropped.append("max_completion_tokens")
        config["maxOutputTokens"] = limit
    for name, value in body.items():
        if value is None or name in _TRANSLATED or name in NAMES:
            continue
        if name in _RENAMED:
            if value is not False and (name, value) != ("n", 1):
                config[_RENAMED[name]] = value
        elif name in _SAMPLING or name in _PENALTIES:
            theirs, idle = _SAMPLING.get(name) or _PENALTIES[name]
            takes = takes_sampling if name in _SAMPLING else takes_penalties
            if takes(target.model):
                config[theirs] = value
            elif value != idle:
                dropped.append(name)
        elif name not in _UNKNOWN or value != _UNKNOWN[name]:
            dropped.append(name)
    stops = [text for text in requested_stops(body.get("stop")) if text != ""]
    if stops:
        config["stopSequences"] = stops


def _set_modalities(body: Mapping[str, Any], config: Json) -> None:
    """Set modalities: sound comes alone, without the text that OpenAI's has with it; pictures come with text."""
    asked = body.get("modalities") or ()
    if "audio" in asked:
        config["responseModalities"] = ["AUDIO"]
        voice = audio_of(body).get("voice")
        if isinstance(voice, str):
            config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
    elif "image" in asked:
        config["responseModalities"] = ["TEXT", "IMAGE"] if "text" in asked else ["IMAGE"]


def _set_thinking(target: Target, effort: object, config: Json, dropped: list[str]) -> None:
    """Set how much to think; what the caller says in Gemini's own words goes before."""
    thoughts, native = thinking(target, effort, config.get("maxOutputTokens")), config.get("thinkingConfig")
    is_said = isinstance(native, dict) and said_natively(native)
    if thoughts.config is not None and native is None:
        config["thinkingConfig"] = thoughts.config
    elif thoughts.config is not None and isinstance(native, dict) and not is_said:
        config["thinkingConfig"] = {**thoughts.config, **native}
    if thoughts.is_dropped or is_said:
        dropped.append("reasoning_effort")


def _set_tools(target: Target, body: Mapping[str, Any], wire: Json, config: Json, dropped: list[str]) -> None:
    tools = gemini_tools(target, body)
    form = response_format(body.get("response_format"))
    dropped += tools.dropped
    mode = tools.calling.get("mode") if tools.calling is not None else None
    given = tools.tools
    if form is not None and mode == "ANY":
        form = None  # the answer is a call of a tool; with both the API answers 400
    elif form is not None and mode == "NONE" and not formats_beside_tools(target.model):
        given, mode = [], None
    if body.get("web_search_options") is not None:
        given = [*given, {"googleSearch": {}}]
        if body["web_search_options"]:
            dropped.append("web_search_options")  # how much is searched, and from where, is not to be said
    if given:
        wire["tools"] = given
    if mode is not None:
        native = wire.get("toolConfig")
        wire["toolConfig"] = {**(native if isinstance(native, dict) else {}), "functionCallingConfig": tools.calling}
    if form is not None:
        config |= form


def _set_tier(body: Mapping[str, Any], wire: Json, dropped: list[str]) -> None:
    tier = body.get("service_tier")
    if tier is None:
        return
    if not isinstance(tier, str) or tier not in _SERVICE_TIERS:
        dropped.append("service_tier")
    elif _SERVICE_TIERS[tier] is not None:
        wire["serviceTier"] = _SERVICE_TIERS[tier]


def audio_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is asked of sound; raises `InvalidRequest` where that is no object."""
    given = body.get("audio") or {}
    if not isinstance(given, dict):
        raise InvalidRequest("audio", "must be an object")
    return given
