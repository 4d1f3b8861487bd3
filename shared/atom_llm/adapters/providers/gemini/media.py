"""Pictures and speech of Gemini's models, in OpenAI's words: `generateContent` with another modality.

ai.google.dev/gemini-api/docs/image-generation and …/speech-generation. Imagen, which has another API, is not called.
"""

import re
import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from atom_llm.adapters.providers.gemini.request import path
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, MediaMode, ProviderAnswer, RawContent, Target, WireRequest
from atom_llm.domain.providers.failure_reading import unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import generate_content_usage

RATIOS: Final[Mapping[str, str]] = {"1024x1024": "1:1", "1536x1024": "3:2", "1024x1536": "2:3"}
USUAL_RATE: Final = 24_000  # samples a second, where the answer does not say
SAMPLE_BYTES: Final = 2

_READ: Final[Mapping[str, frozenset[str]]] = {
    "image_generation": frozenset({"prompt", "n", "size"}),
    "audio_speech": frozenset({"input", "voice", "instructions", "response_format", "stream_format"}),
}
_RATE: Final = re.compile(r"rate=(\d{4,6})")


def media_request(mode: MediaMode, target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Return a request for pictures or speech; raises `InvalidRequest` for what Gemini does not make."""
    if target.model.startswith("imagen"):
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"{target.model} is not called: Imagen has an API of its own")
    text, config = _picture(body) if mode == "image_generation" else _speech(body)
    sent = {"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": config}
    return WireRequest(path(target.model, "generateContent"), sent, dropped=sorted(body.keys() - _READ[mode]))


def media_answer(mode: MediaMode, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the pictures or the sound of an answer; raises `ProviderFailure` for one that has none."""
    found = list(_inline(content))
    if not found:
        raise unreadable("the provider's answer has no picture or sound")
    reported = generate_content_usage(content)
    if mode == "image_generation":
        return ProviderAnswer({"data": [{"b64_json": data} for _, data in found]}, reported)
    kind = found[0][0]
    try:
        sound = b"".join(b64decode(data, validate=True) for _, data in found)
    except NotBase64:
        raise unreadable("the provider's sound is no base64") from None
    if body.get("response_format") == "pcm":
        return ProviderAnswer({}, reported, raw=RawContent("audio/pcm", sound))
    rate = _RATE.search(kind)
    return ProviderAnswer({}, reported, raw=RawContent("audio/wav", _wav(sound, int(rate[1]) if rate else USUAL_RATE)))


def _picture(body: Mapping[str, Any]) -> tuple[str, Json]:
    if body.get("n") not in (None, 1):
        raise InvalidRequest("n", "must be 1: Gemini draws one picture a call")
    config: Json = {"responseModalities": ["IMAGE"]}
    size = body.get("size")
    if size not in (None, "auto"):
        if size not in RATIOS:
            raise InvalidRequest("size", f"must be auto, or at Gemini one of {', '.join(RATIOS)}")
        config["imageConfig"] = {"aspectRatio": RATIOS[size]}
    return body["prompt"], config


def _speech(body: Mapping[str, Any]) -> tuple[str, Json]:
    if body.get("response_format") not in (None, "wav", "pcm"):
        raise InvalidRequest("response_format", "must be wav or pcm: Gemini speaks nothing else")
    voice = body["voice"]
    if not isinstance(voice, str):
        raise InvalidRequest("voice", "must be a name at Gemini")
    named = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
    instructions = body.get("instructions")
    text = f"{instructions}: {body['input']}" if instructions else body["input"]
    return text, {"responseModalities": ["AUDIO"], "speechConfig": named}


def _inline(content: Json) -> Iterator[tuple[str, str]]:
    """Yield the media type and the base64 of everything that is no text."""
    for candidate in content.get("candidates") or ():
        parts = (candidate.get("content") or {}).get("parts") if isinstance(candidate, dict) else None
        for part in parts if isinstance(parts, list) else ():
            data = part.get("inlineData") if isinstance(part, dict) else None
            if isinstance(data, dict) and isinstance(data.get("data"), str) and not part.get("thought"):
                yield str(data.get("mimeType", "")), data["data"]


def _wav(samples: bytes, rate: int) -> bytes:
    """Return 16-bit samples of one channel with the head that makes them a file."""
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE")
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return head + kind + struct.pack("<4sI", b"data", len(samples)) + samples
