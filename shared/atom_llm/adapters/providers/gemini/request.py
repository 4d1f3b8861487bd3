"""A chat request of OpenAI's as one to Gemini's generateContent, `ai.google.dev/api/generate-content`.

The API answers 400 to fields that it does not know: what is in no table here is left out, by name.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from atom_llm.adapters.providers.gemini.contents import conversation
from atom_llm.adapters.providers.gemini.models import (
    continues_an_answer,
    formats_beside_tools,
    makes_images,
    most_choices,
    takes_penalties,
    takes_sampling,
    tells_logprobs,
)
from atom_llm.adapters.providers.gemini.native import NAMES, add_native
from atom_llm.adapters.providers.gemini.thinking import said_natively, thinking
from atom_llm.adapters.providers.gemini.tools import choice, excludes_tools, is_formatted, shape, toolbox
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

MAX_STOPS: Final = 5  # the API's own
PCM: Final = "pcm16"  # OpenAI's word for the sound that Gemini gives: 24 kHz, 16 bits, little-endian

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
_REFUSED: Final[Mapping[str, str]] = {
    "functions": "functions became tools, and Gemini is told of tools alone",
    "function_call": "functions became tools, and Gemini is told of tools alone",
}
_TRANSLATED: Final = frozenset(
    {
        *("messages", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format", "web_search_options"),
        *("stop", "reasoning_effort", "modalities", "audio", "service_tier", *_REFUSED),
    }
)


@lru_cache(maxsize=512)
def path(model: str, method: str) -> str:
    """Return the path of a method of a model's; the name may have anything in it."""
    return f"models/{quote(model.removeprefix('models/'), safe='')}:{method}"


def refusal(target: Target, body: Mapping[str, Any]) -> str | None:
    """Return the reason why Gemini can give no answer of the shape that is asked for; None where it can."""
    model = target.model
    if (body.get("n") or 1) > most_choices(model):
        return f"n: {model} gives at most {most_choices(model)} answers to a request"
    if body.get("logprobs") and not tells_logprobs(model):
        return f"logprobs: {model} tells no probabilities of tokens"
    for name, reason in _REFUSED.items():
        if body.get(name):
            return reason
    if len(_stops(body.get("stop"))) > MAX_STOPS:
        return f"stop: Gemini stops at no more than {MAX_STOPS} texts"
    if body["messages"][-1].get("role") == "assistant" and not continues_an_answer(model):
        return f"{model} continues no answer that was begun for it"
    try:
        return excludes_tools(target, body) or _refused_search(target, body) or _refused_media(target, body)
    except InvalidRequest:
        return None  # what is wrong with it is said when the request is made


def generate_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """Translate a request; raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)`."""
    refused = refusal(target, body)
    if refused is not None:
        raise ProviderFailure(FailureKind.UNSUPPORTED, refused)
    said = conversation(body["messages"], target)
    wire: Json = {"contents": said.contents}
    if said.system:
        wire["systemInstruction"] = {"parts": said.system}
    config: Json = {}
    dropped = ["messages.name"] if said.has_names else []
    _set_numbers(target, body, config, dropped)
    _set_modalities(body, config)
    effort = body.get("reasoning_effort")
    thoughts = thinking(target, effort, config.get("maxOutputTokens"))
    dropped += add_native(body, wire, config)
    native = config.get("thinkingConfig")
    if native is None and thoughts.config is not None:
        config["thinkingConfig"] = thoughts.config
    elif isinstance(native, dict) and thoughts.config is not None and not said_natively(native):
        config["thinkingConfig"] = {**thoughts.config, **native}
    if thoughts.is_dropped or (effort is not None and isinstance(native, dict) and said_natively(native)):
        dropped.append("reasoning_effort")
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
    stops = [text for text in _stops(body.get("stop")) if text != ""]
    if stops:
        config["stopSequences"] = stops


def _set_modalities(body: Mapping[str, Any], config: Json) -> None:
    """Set modalities: sound comes alone, without the text that OpenAI's has with it; pictures come with text."""
    asked = body.get("modalities") or ()
    if "audio" in asked:
        config["responseModalities"] = ["AUDIO"]
        voice = _audio(body).get("voice")
        if isinstance(voice, str):
            config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
    elif "image" in asked:
        config["responseModalities"] = ["TEXT", "IMAGE"] if "text" in asked else ["IMAGE"]


def _set_tools(target: Target, body: Mapping[str, Any], wire: Json, config: Json, dropped: list[str]) -> None:
    tools = toolbox(target, body)
    form = shape(body.get("response_format"))
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


def _refused_media(target: Target, body: Mapping[str, Any]) -> str | None:
    asked = body.get("modalities")
    if not isinstance(asked, list):
        return None
    if "image" in asked and not makes_images(target.model):
        return f"modalities: {target.model} makes no pictures"
    if "audio" not in asked:
        return None
    if "audio_output" not in target.capabilities:
        return f"modalities: {target.model} makes no sound"
    return None if _audio(body).get("format", PCM) == PCM else f"audio: Gemini gives sound as {PCM} alone"


def _refused_search(target: Target, body: Mapping[str, Any]) -> str | None:
    if body.get("web_search_options") is None:
        return None
    if "web_search" not in target.capabilities:
        return f"{target.model} does not search the web"
    if body.get("tools") and choice(body.get("tool_choice")).mode != "NONE":
        return "Gemini does not both search the web and call functions"
    if is_formatted(body.get("response_format")) and not formats_beside_tools(target.model):
        return f"{target.model} keeps no answer to JSON where it also searches the web"
    return None


def _audio(body: Mapping[str, Any]) -> Mapping[str, Any]:
    given = body.get("audio") or {}
    if not isinstance(given, dict):
        raise InvalidRequest("audio", "must be an object")
    return given


def _stops(given: object) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]
