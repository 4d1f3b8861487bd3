"""OpenAI's chat request as Gemini's generateContent takes it (https://ai.google.dev/api/generate-content)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from atom_llm.domain.errors import InvalidRequest
from atom_llm.domain.exchange import Json, Target, WireRequest
from atom_llm.domain.failures import FailureKind, ProviderFailure

# OpenAI's name → Gemini's in `generationConfig`.
_CONFIG: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_completion_tokens": "maxOutputTokens",
    "n": "candidateCount",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
# Fields of Gemini's own that a caller may send as they are, by either spelling.
_NATIVE: Final[Mapping[str, str]] = {
    "safetySettings": "safetySettings",
    "safety_settings": "safetySettings",
    "cachedContent": "cachedContent",
    "cached_content": "cachedContent",
}
_HANDLED: Final = frozenset(
    {"messages", "tools", "functions", "tool_choice", "stop", "response_format", "reasoning_effort", "modalities"}
)
_MODES: Final[Mapping[str, str]] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_EFFORT_LEVELS: Final[Mapping[str, str]] = {
    "none": "low",
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "high",
}
_EFFORT_BUDGETS: Final[Mapping[str, int]] = {  # Google's own OpenAI compatibility maps them so
    "none": 0,
    "minimal": 1_024,
    "low": 1_024,
    "medium": 8_192,
    "high": 24_576,
    "xhigh": 24_576,
}
_MODALITIES: Final[Mapping[str, str]] = {"text": "TEXT", "audio": "AUDIO", "image": "IMAGE"}


def generate_request(target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
    """The request with its path; what Gemini has nothing like is left out by name, for it refuses unknown fields."""
    sent: Json = {"contents": contents_of(body["messages"])}
    system = _system(body["messages"])
    if system:
        sent["systemInstruction"] = {"parts": system}
    tools = _tools(body)
    if tools:
        sent["tools"] = [{"functionDeclarations": tools}]
    choice = _tool_choice(body.get("tool_choice"))
    if choice and tools:
        sent["toolConfig"] = {"functionCallingConfig": choice}
    config = _config(target, body)
    if config:
        sent["generationConfig"] = config
    for name, theirs in _NATIVE.items():
        if name in body:
            sent[theirs] = body[name]
    known = _HANDLED | _CONFIG.keys() | _NATIVE.keys()
    dropped = sorted(name for name, value in body.items() if name not in known and value is not None)
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return WireRequest(f"models/{quoted(target.model)}:{method}", sent, dropped=dropped)


def quoted(model: str) -> str:
    """A model's name as a part of a path; it comes from the catalogue, and could be anything there."""
    return quote(model, safe="-._~")


def contents_of(messages: Sequence[Json]) -> list[Json]:
    """The conversation without its system prompts; neighbours of one role are one turn."""
    names = {
        call.get("id"): (call.get("function") or {}).get("name")
        for message in messages
        for call in message.get("tool_calls") or ()
        if isinstance(call, dict)
    }
    turns: list[Json] = []
    for place, message in enumerate(messages):
        if message["role"] in ("system", "developer"):
            continue
        role = "model" if message["role"] == "assistant" else "user"
        parts = _parts_of(message, f"messages.{place}", names)
        if not parts:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        else:
            turns.append({"role": role, "parts": parts})
    return turns or [{"role": "user", "parts": [{"text": " "}]}]


def _system(messages: Sequence[Json]) -> list[Json]:
    return [
        part
        for place, message in enumerate(messages)
        if message["role"] in ("system", "developer")
        for part in _content_parts(message.get("content"), f"messages.{place}.content")
    ]


def _parts_of(message: Json, field: str, names: Mapping[Any, Any]) -> list[Json]:
    if message["role"] in ("tool", "function"):
        return [_result(message, field, names)]
    parts = _content_parts(message.get("content"), f"{field}.content")
    for place, call in enumerate(message.get("tool_calls") or ()):
        parts.append(_call(call, f"{field}.tool_calls.{place}"))
    return parts


def _content_parts(content: Any, field: str) -> list[Json]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    return [_content_part(part, f"{field}.{place}") for place, part in enumerate(content)]


def _content_part(part: Json, field: str) -> Json:
    match part.get("type"):
        case "text" | "refusal":
            return {"text": part.get("text") or part.get("refusal") or ""}
        case "image_url":
            image = part.get("image_url")
            url = image.get("url") if isinstance(image, dict) else image
            return _media(url, f"{field}.image_url.url")
        case "input_audio":
            audio = part.get("input_audio") or {}
            return _inline(f"audio/{audio.get('format', 'wav')}", audio.get("data"), f"{field}.input_audio.data")
        case "file":
            file = part.get("file") or {}
            return _media(file.get("file_data") or file.get("file_id"), f"{field}.file.file_data")
        case "video_url":
            return _media((part.get("video_url") or {}).get("url"), f"{field}.video_url.url")
        case kind:
            raise ProviderFailure(FailureKind.UNSUPPORTED, f"{field}: Gemini takes no part of type {kind}", param=field)


def _media(url: Any, field: str) -> Json:
    """Data goes along; an address goes as one, which Google fetches by itself: we never fetch for a caller."""
    if not isinstance(url, str) or not url:
        raise InvalidRequest(field, "must be an address or a data: URL")
    if not url.startswith("data:"):
        return {"fileData": {"fileUri": url}}
    kind, comma, data = url.removeprefix("data:").partition(",")
    if not comma or not kind.endswith(";base64"):
        raise InvalidRequest(field, "must be base64 data with its media type")
    return _inline(kind.removesuffix(";base64"), data, field)


def _inline(media_type: str, data: Any, field: str) -> Json:
    if not isinstance(data, str) or not data:
        raise InvalidRequest(field, "is missing")
    return {"inlineData": {"mimeType": media_type or "application/octet-stream", "data": data}}


def _call(call: Json, field: str) -> Json:
    function = call.get("function") or {}
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise InvalidRequest(f"{field}.function.arguments", "is no JSON object")
    part: Json = {"functionCall": {"name": function.get("name", ""), "args": arguments}}
    google = (call.get("extra_content") or {}).get("google") or {}
    if "thought_signature" in google:
        part["thoughtSignature"] = google["thought_signature"]
    return part


def _result(message: Json, field: str, names: Mapping[Any, Any]) -> Json:
    """A tool's answer; Gemini wants the tool's name, which only the call says."""
    name = names.get(message.get("tool_call_id")) or message.get("name")
    if not name:
        raise InvalidRequest(f"{field}.tool_call_id", "answers no call of the conversation")
    content = message.get("content")
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    return {"functionResponse": {"name": name, "response": told if isinstance(told, dict) else {"result": text}}}


def _tools(body: Mapping[str, Any]) -> list[Json]:
    """Declarations with whole JSON schemas (`parametersJsonSchema`), as they came."""
    declared: list[Json] = []
    functions = [tool.get("function") or {} for tool in body.get("tools") or () if tool.get("type") == "function"]
    for function in [*functions, *(body.get("functions") or ())]:
        declaration: Json = {"name": function.get("name", "")}
        if function.get("description"):
            declaration["description"] = function["description"]
        if function.get("parameters"):
            declaration["parametersJsonSchema"] = function["parameters"]
        declared.append(declaration)
    return declared


def _tool_choice(choice: Any) -> Json | None:
    if isinstance(choice, str) and choice in _MODES:
        return {"mode": _MODES[choice]}
    if isinstance(choice, dict) and isinstance(name := (choice.get("function") or {}).get("name"), str):
        return {"mode": "ANY", "allowedFunctionNames": [name]}
    return None


def _config(target: Target, body: Mapping[str, Any]) -> Json:
    config: Json = {
        theirs: body[name] for name, theirs in _CONFIG.items() if body.get(name) is not None and body[name] is not False
    }
    stop = body.get("stop")
    if stop:
        config["stopSequences"] = [stop] if isinstance(stop, str) else stop
    asked = body.get("response_format") or {}
    if asked.get("type") in ("json_object", "json_schema"):
        config["responseMimeType"] = "application/json"
    if asked.get("type") == "json_schema" and isinstance(schema := asked["json_schema"].get("schema"), dict):
        config["responseJsonSchema"] = schema
    effort = body.get("reasoning_effort")
    if effort is not None and "reasoning" in target.capabilities:
        config["thinkingConfig"] = _thinking(target.model, str(effort))
    modalities = body.get("modalities") or ()
    if any(each != "text" for each in modalities):
        config["responseModalities"] = [_MODALITIES[each] for each in modalities if each in _MODALITIES]
    return config


def _thinking(model: str, effort: str) -> Json:
    """Levels from Gemini 3 on, budgets of tokens before."""
    if model.startswith(("gemini-1", "gemini-2")):
        budget = _EFFORT_BUDGETS.get(effort, 8_192)
        return {"thinkingBudget": budget} | ({"includeThoughts": True} if budget else {})
    return {"thinkingLevel": _EFFORT_LEVELS.get(effort, "high"), "includeThoughts": True}
