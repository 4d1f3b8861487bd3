"""Moderation, pictures, speech and transcripts in OpenAI's words, and how Groq's and Mistral's differ; Google's and
MiniMax's are other APIs.

Everything that can be asked for in a form that counts is asked for so: a transcript of any format comes of one that
tells its seconds, and speech that is sold by the token of a stream of events, whose last one tells them.
"""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.providers.gemini import media as gemini
from atom_llm.adapters.providers.openai import minimax_speech
from atom_llm.adapters.providers.openai.transcripts import formatted
from atom_llm.adapters.providers.sse import EventParser
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import (
    Json,
    MediaMode,
    ProviderAnswer,
    RawContent,
    Target,
    UploadedFile,
    WireRequest,
)
from atom_llm.domain.providers.failure_reading import unreadable
from atom_llm.domain.providers.media_usage import picture_usage, speech_usage, spoken_characters, transcript_usage

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_NO_SOUND: Final = ("text/", "application/xml", "application/xhtml")  # a page of a proxy or a portal
_COUNTS_IN_EVENTS: Final = "gpt-4o-mini-tts"  # OpenAI's models of speech by the token; tts-1 knows no events
_PATHS: Final[Mapping[str, str]] = {
    "moderation": "moderations",
    "image_generation": "images/generations",
    "audio_speech": "audio/speech",
    "audio_transcription": "audio/transcriptions",
}
# What of OpenAI's fields a provider knows; the others are left out, and named.
_KNOWN: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("moderation", "mistral"): frozenset({"input"}),
    ("audio_speech", "groq"): frozenset({"input", "voice", "response_format", "speed"}),
    ("audio_speech", "mistral"): frozenset({"input", "voice", "response_format"}),
    ("audio_transcription", "groq"): frozenset(
        {"file", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]"}
    ),
    ("audio_transcription", "mistral"): frozenset(
        {"file", "language", "temperature", "timestamp_granularities[]", "diarize"}
    ),
}


def media_request(mode: MediaMode, target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Return a request in the provider's words; raises `InvalidRequest` for what it cannot say."""
    provider = target.provider.id
    if provider == "google":
        return gemini.media_request(mode, target, body)
    if provider == "minimax":
        return minimax_speech.media_request(target, body)
    known = _KNOWN.get((mode, provider))
    dropped = [] if known is None else sorted(name for name in body if name not in known and name != "response_format")
    sent: Json = {"model": target.model} | {name: value for name, value in body.items() if name not in dropped}
    match mode:
        case "moderation" if provider == "mistral":
            sent["input"] = _plain_inputs(body["input"])
        case "audio_speech":
            _speech(target, sent)
        case "audio_transcription":
            return _transcription(target, sent, dropped)
        case _:
            pass
    return WireRequest(_PATHS[mode], sent, dropped=dropped)


def media_answer(mode: MediaMode, target: Target, body: Mapping[str, Any], answered: HttpAnswer) -> ProviderAnswer:
    """Return an answer in OpenAI's words, with what it says was used; raises `ProviderFailure` for what is none."""
    if target.provider.id == "google":
        return gemini.media_answer(mode, body, _object(answered))
    if target.provider.id == "minimax":
        return minimax_speech.media_answer(body, _object(answered))
    match mode:
        case "moderation":
            return _moderated(body, _object(answered))
        case "image_generation":
            return _pictures(_object(answered))
        case "audio_speech":
            return _spoken(target, body, answered)
        case "audio_transcription":
            return _transcribed(target, body, _object(answered))


def _speech(target: Target, sent: Json) -> None:
    voice = sent.get("voice")
    if target.provider.id == "mistral":
        sent["voice_id"] = voice.get("id") if isinstance(voice, dict) else voice
        del sent["voice"]
    elif isinstance(voice, dict) and target.provider.id != "openai":
        raise InvalidRequest("voice", f"must be a name at {target.provider.id}")
    sent.pop("stream_format", None)
    if target.provider.id == "openai" and target.model.startswith(_COUNTS_IN_EVENTS):
        sent["stream_format"] = "sse"


def _transcription(target: Target, sent: Json, dropped: Sequence[str]) -> WireRequest:
    file: UploadedFile = sent.pop("file")
    wanted = sent.pop("response_format", "json")
    if target.provider.id != "mistral":
        is_simple = target.provider.id == "openai" and not target.model.startswith("whisper")
        if is_simple and wanted not in ("json", "text"):
            raise InvalidRequest("response_format", f"{wanted} is nothing that {target.model} gives; whisper-1 does")
        sent["response_format"] = "json" if is_simple else "verbose_json"
    return WireRequest(_PATHS["audio_transcription"], sent, dropped=dropped, file=file)


def _moderated(body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the verdicts; Mistral's lack the word whether any category was met, which OpenAI's clients read."""
    results = content.get("results")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise unreadable("the provider's answer has no verdicts")
    given = body["input"]  # parts, as pictures are, have one verdict together
    if len(results) < (len(given) if isinstance(given, list) and all(isinstance(each, str) for each in given) else 1):
        raise unreadable("the provider's answer has not one verdict a text")
    for each in results:
        categories = each.get("categories")
        met = any(categories.values()) if isinstance(categories, dict) else False
        each.setdefault("flagged", met)
    return ProviderAnswer(content, speech_usage(content.get("usage")))


def _pictures(content: Json) -> ProviderAnswer:
    data = content.get("data")
    if not isinstance(data, list) or not data or not all(map(_is_picture, data)):
        raise unreadable("the provider's answer has no pictures")
    return ProviderAnswer(content, picture_usage(content.get("usage"), len(data), content.get("svg_usage")))


def _is_picture(found: object) -> bool:
    return isinstance(found, dict) and any(found.get(name) for name in ("b64_json", "url"))


def _spoken(target: Target, body: Mapping[str, Any], answered: HttpAnswer) -> ProviderAnswer:
    kind = MEDIA_TYPES[body.get("response_format") or "mp3"]
    told = answered.headers.get("content-type", "").lower()
    sound: bytes = answered.body
    counted: ReportedUsage | None = spoken_characters(body["input"])
    if told.startswith("text/event-stream"):
        sound, usage = _of_events(answered.body)
        counted = speech_usage(usage)
    elif told.startswith("application/json"):
        sound = _decoded(_object(answered).get("audio_data"))
    elif told.startswith(_NO_SOUND):
        raise unreadable("the provider's answer is no sound")
    else:
        kind = told.partition(";")[0] or kind
    if not sound:
        raise unreadable("the provider's answer has no sound")
    return ProviderAnswer({}, counted, raw=RawContent(kind, sound))


def _of_events(content: bytes) -> tuple[bytes, object]:
    """Return the sound of a stream of events, and the usage that its last one tells."""
    parser, pieces = EventParser(), list[bytes]()
    for event in (*parser.feed(content), *parser.end()):
        try:
            said = json.loads(event.data)
        except ValueError:
            said = None
        if not isinstance(said, dict):  # it may have been a piece of the sound
            raise unreadable("a part of the provider's speech cannot be read")
        if said.get("type") == "speech.audio.delta":
            pieces.append(_decoded(said.get("audio")))
        elif said.get("type") == "speech.audio.done":
            return b"".join(pieces), said.get("usage")
    raise unreadable("the provider's speech broke off")


def _transcribed(target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    text = content.get("text")
    if not isinstance(text, str):
        raise unreadable("the provider's answer has no transcript")
    reported = transcript_usage(target.provider.id, content)
    wanted = body.get("response_format") or "json"
    if wanted == "verbose_json":
        return ProviderAnswer(content, reported)
    if wanted == "json":
        kept: Json = {name: content[name] for name in ("text", "usage", "logprobs") if name in content}
        return ProviderAnswer(kept, reported)
    raw = RawContent("text/plain; charset=utf-8", formatted(wanted, text, content.get("segments")).encode())
    return ProviderAnswer({}, reported, raw=raw)


def _object(answered: HttpAnswer) -> Json:
    try:
        content = json.loads(answered.body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise unreadable("the provider's answer is no JSON") from None
    if not isinstance(content, dict):
        raise unreadable("the provider's answer is no object")
    return content


def _decoded(value: object) -> bytes:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else b""
    except NotBase64:
        raise unreadable("the provider's sound is no base64") from None


def _plain_inputs(inputs: object) -> list[str]:
    """Return the texts that Mistral takes; raises `InvalidRequest` for a picture."""
    found = []
    for each in inputs if isinstance(inputs, list) else [inputs]:
        text = each.get("text") if isinstance(each, dict) else each
        if not isinstance(text, str):
            raise InvalidRequest("input", "has a picture, and Mistral moderates texts alone")
        found.append(text)
    return found
