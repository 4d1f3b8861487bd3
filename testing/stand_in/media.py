"""Moderation, pictures, speech and transcripts of the providers that have them, as strict as their references.

Written from OpenAI's, Groq's and Mistral's own, and not from the product's tables.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

import jsonschema_rs

from testing.stand_in.schemas import ANY, TEXT, Json, closed, listed, one_of

SOUND: Final = bytes(range(256)) * 8  # what is spoken, whatever is asked
SPOKEN_TOKENS: Final = {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}
PICTURE: Final = b64encode(b"\x89PNG stand-in").decode()
PICTURE_TOKENS: Final = 1056  # of a picture of medium quality
GEMINI_TOKENS: Final = {"IMAGE": 1290, "AUDIO": 48}
HEARD_S: Final = 12.4  # seconds that every recording lasts
SHORT_S: Final = 3.2  # and those of fewer bytes than `SHORT_BYTES`
SHORT_BYTES: Final = 1_000
TRANSCRIPT: Final = "Hello there. Goodbye."
SEGMENTS: Final = ((0.0, 1.5, " Hello there."), (1.5, 3.2, " Goodbye."))
FORMATS: Final = ("mp3", "opus", "aac", "flac", "wav", "pcm")

WHOLE: Final[Json] = {"type": "integer"}
NUMBER: Final[Json] = {"type": "number"}
FILE: Final[Json] = {"type": "object", "required": ["name", "size"]}

_PARTS: Final = one_of(
    closed(["type", "text"], type={"const": "text"}, text=TEXT),
    closed(["type", "image_url"], type={"const": "image_url"}, image_url=closed(["url"], url=TEXT)),
)
_INSTRUCTED: Final = {"gpt-4o-mini-tts"}

_SCHEMAS: Final[Mapping[tuple[str, str], Json]] = {
    ("openai", "moderations"): closed(["input"], model=TEXT, input=one_of(TEXT, listed(TEXT), listed(_PARTS))),
    ("mistral", "moderations"): closed(["model", "input"], model=TEXT, input=one_of(TEXT, listed(TEXT)), metadata=ANY),
    ("openai", "images/generations"): closed(
        ["model", "prompt"],
        model=TEXT,
        prompt=TEXT,
        n={"type": "integer", "minimum": 1, "maximum": 10},
        size={"enum": ["auto", "1024x1024", "1536x1024", "1024x1536"]},
        quality={"enum": ["auto", "low", "medium", "high"]},
        background={"enum": ["auto", "transparent", "opaque"]},
        moderation={"enum": ["auto", "low"]},
        output_format={"enum": ["png", "jpeg", "webp"]},
        output_compression=WHOLE,
        stream={"const": False},
        user=TEXT,
    ),
    ("openai", "audio/speech"): closed(
        ["model", "input", "voice"],
        model=TEXT,
        input={"type": "string", "minLength": 1, "maxLength": 4096},
        voice=one_of(TEXT, closed(["id"], id=TEXT)),
        instructions=TEXT,
        response_format={"enum": list(FORMATS)},
        speed={"type": "number", "minimum": 0.25, "maximum": 4},
        stream_format={"enum": ["audio", "sse"]},
    ),
    ("groq", "audio/speech"): closed(
        ["model", "input", "voice"],
        model=TEXT,
        input=TEXT,
        voice=TEXT,
        response_format={"enum": ["flac", "mp3", "mulaw", "ogg", "wav"]},
        sample_rate=WHOLE,
        speed={"type": "number", "minimum": 0.5, "maximum": 5},
    ),
    ("mistral", "audio/speech"): closed(
        ["model", "input"],
        model=TEXT,
        input=TEXT,
        voice_id=TEXT,
        ref_audio=TEXT,
        response_format={"enum": ["pcm", "wav", "mp3", "flac", "opus"]},
        stream={"const": False},
    ),
    ("openai", "audio/transcriptions"): closed(
        ["file", "model"],
        file=FILE,
        model=TEXT,
        language=TEXT,
        prompt=TEXT,
        response_format={"enum": ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]},
        temperature=TEXT,
        chunking_strategy=TEXT,
        **{"timestamp_granularities[]": ANY, "include[]": ANY},
    ),
    ("groq", "audio/transcriptions"): closed(
        ["file", "model"],
        file=FILE,
        model=TEXT,
        language=TEXT,
        prompt=TEXT,
        response_format={"enum": ["json", "text", "verbose_json"]},
        temperature=TEXT,
        **{"timestamp_granularities[]": ANY},
    ),
    ("mistral", "audio/transcriptions"): closed(
        ["file", "model"],
        file=FILE,
        model=TEXT,
        language=TEXT,
        temperature=TEXT,
        diarize=TEXT,
        **{"timestamp_granularities[]": ANY},
    ),
}
_TEXT_TURN: Final = closed(["role", "parts"], role={"const": "user"}, parts=listed(closed(["text"], text=TEXT)))
_VOICE: Final = closed(
    ["voiceConfig"],
    voiceConfig=closed(["prebuiltVoiceConfig"], prebuiltVoiceConfig=closed(["voiceName"], voiceName=TEXT)),
)
_RATIO: Final = closed([], aspectRatio={"enum": ["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9"]}, imageSize=TEXT)


def _of_google(modality: str, **config: Json) -> Json:
    wanted = closed(["responseModalities"], responseModalities={"const": [modality]}, maxOutputTokens=WHOLE, **config)
    return closed(["contents", "generationConfig"], contents=listed(_TEXT_TURN), generationConfig=wanted)


_GOOGLE: Final = {
    "IMAGE": jsonschema_rs.validator_for(_of_google("IMAGE", imageConfig=_RATIO)),
    "AUDIO": jsonschema_rs.validator_for(_of_google("AUDIO", speechConfig=_VOICE)),
}
_MINIMAX: Final = closed(
    ["model", "text", "voice_setting"],
    model=TEXT,
    text={"type": "string", "minLength": 1, "maxLength": 10_000},
    stream={"const": False},
    output_format={"enum": ["hex", "url"]},
    voice_setting=closed(
        ["voice_id"],
        voice_id=TEXT,
        speed={"type": "number", "minimum": 0.5, "maximum": 2},
        vol=NUMBER,
        pitch=WHOLE,
    ),
    audio_setting=closed(
        [], format={"enum": ["mp3", "pcm", "flac", "wav"]}, sample_rate=WHOLE, bitrate=WHOLE, channel=WHOLE
    ),
)
_VALIDATORS: Final = {place: jsonschema_rs.validator_for(schema) for place, schema in _SCHEMAS.items()} | {
    ("minimax", "t2a_v2"): jsonschema_rs.validator_for(_MINIMAX)
}

Answer = tuple[str, bytes]
"""A media type and a body."""


def serves(path: str, body: Mapping[str, Any]) -> bool:
    """Return whether a request is one of these."""
    return any(path == each for _, each in _VALIDATORS) or _modality(body) in _GOOGLE


def _modality(body: Mapping[str, Any]) -> str:
    asked = (body.get("generationConfig") or {}).get("responseModalities")
    return str(asked[0]) if isinstance(asked, list) and len(asked) == 1 else ""


def fault_of_media(provider: str, path: str, body: Mapping[str, Any]) -> str | None:
    """Return what a provider would refuse in a request, or None."""
    validator = _GOOGLE.get(_modality(body)) if provider == "google" else _VALIDATORS.get((provider, path))
    if validator is None:
        return f"{provider} has nothing at {path}"
    fault = next((error.message for error in validator.iter_errors(body)), None)
    if fault is None and path == "audio/speech" and provider == "openai":
        knows_events = any(str(body["model"]).startswith(each) for each in _INSTRUCTED)
        if body.get("stream_format") == "sse" and not knows_events:
            return "stream_format sse is not supported by this model"
    if fault is None and path == "audio/transcriptions":
        is_simple = str(body["model"]).startswith("gpt-")
        if is_simple and body.get("response_format", "json") not in ("json", "text"):
            return "response_format is not compatible with this model"
    return fault


def answered(provider: str, path: str, body: Mapping[str, Any]) -> Answer:
    """Return a provider's answer to a request that it takes."""
    if provider == "google":
        return _json(_of_gemini(_modality(body)))
    match path:
        case "t2a_v2":
            said = {"usage_characters": len(body["text"]), "audio_format": body["audio_setting"]["format"]}
            done = {"status_code": 0, "status_msg": "success"}
            return _json({"data": {"audio": SOUND.hex(), "status": 2}, "extra_info": said, "base_resp": done})
        case "moderations":
            return _json(_moderated(provider, body))
        case "images/generations":
            return _json(_drawn(body))
        case "audio/speech":
            return _spoken(provider, body)
        case _:
            return _json(_written(provider, body))


def form_of(content_type: str, raw: bytes) -> Json:
    """Return the fields of a form; a file is its name and its size."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    fields: Json = {}
    for part in raw.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]+)"', head)
        if named is None:
            raise ValueError("a part without a name")
        name, content = named[1].decode(), content.removesuffix(b"\r\n")
        if file := re.search(rb'filename="([^"]*)"', head):
            fields[name] = {"name": file[1].decode(), "size": len(content)}
        elif name in fields:
            fields[name] = [*(fields[name] if isinstance(fields[name], list) else [fields[name]]), content.decode()]
        else:
            fields[name] = content.decode()
    return fields


def _json(content: Json) -> Answer:
    return "application/json", json.dumps(content).encode()


def _moderated(provider: str, body: Mapping[str, Any]) -> Json:
    inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
    parts = all(isinstance(each, dict) for each in inputs)
    results: list[Json] = []
    for each in [inputs] if parts else inputs:
        is_harmful = "harm" in str(each)
        verdict: Json = {"categories": {"violence": is_harmful}, "category_scores": {"violence": float(is_harmful)}}
        results.append(verdict if provider == "mistral" else verdict | {"flagged": is_harmful})
    return {"id": "modr-1", "model": body.get("model", "omni-moderation-latest"), "results": results}


def _drawn(body: Mapping[str, Any]) -> Json:
    pictures = body.get("n", 1)
    made = PICTURE_TOKENS * pictures
    usage = {
        "input_tokens": 12,
        "input_tokens_details": {"text_tokens": 12, "image_tokens": 0},
        "output_tokens": made,
        "total_tokens": 12 + made,
    }
    return {"created": 1762000000, "data": [{"b64_json": PICTURE}] * pictures, "usage": usage}


def _spoken(provider: str, body: Mapping[str, Any]) -> Answer:
    if provider == "mistral":
        return _json({"audio_data": b64encode(SOUND).decode()})
    if body.get("stream_format") == "sse":
        halves = (SOUND[:1000], SOUND[1000:])
        events: list[Json] = [{"type": "speech.audio.delta", "audio": b64encode(each).decode()} for each in halves]
        events.append({"type": "speech.audio.done", "usage": SPOKEN_TOKENS})
        return "text/event-stream", b"".join(f"data: {json.dumps(each)}\n\n".encode() for each in events)
    return "audio/mpeg", SOUND


def _of_gemini(modality: str) -> Json:
    kind, data = ("image/png", PICTURE) if modality == "IMAGE" else ("audio/L16;codec=pcm;rate=24000", _spelt(SOUND))
    produced = GEMINI_TOKENS[modality]
    usage = {
        "promptTokenCount": 8,
        "candidatesTokenCount": produced,
        "totalTokenCount": 8 + produced,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}],
        "candidatesTokensDetails": [{"modality": modality, "tokenCount": produced}],
    }
    parts = [{"inlineData": {"mimeType": kind, "data": data}}]
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini", "responseId": "r-1"}


def _spelt(content: bytes) -> str:
    return b64encode(content).decode()


def _written(provider: str, body: Mapping[str, Any]) -> Json:
    seconds = SHORT_S if body["file"]["size"] < SHORT_BYTES else HEARD_S
    content: Json = {"text": TRANSCRIPT}
    if provider == "mistral":
        counts = {
            "prompt_audio_seconds": round(seconds),
            "prompt_tokens": 4,
            "completion_tokens": 7,
            "total_tokens": 90,
        }
        return content | {"model": body["model"], "language": "en", "segments": [], "usage": counts}
    if str(body["model"]).startswith("gpt-"):
        details = {"text_tokens": 0, "audio_tokens": 124}
        usage = {"type": "tokens", "input_tokens": 124, "input_token_details": details, "output_tokens": 9}
        return content | {"usage": usage | {"total_tokens": 133}}
    if body.get("response_format") == "verbose_json":
        segments = [{"id": place, "start": a, "end": b, "text": text} for place, (a, b, text) in enumerate(SEGMENTS)]
        content |= {"task": "transcribe", "language": "english", "duration": seconds, "segments": segments}
    if provider == "openai":
        content |= {"usage": {"type": "duration", "seconds": -int(-seconds // 1)}}
    return content
