"""Speech of MiniMax's models, whose API is its own: platform.minimax.io/docs/api-reference/speech-t2a-http."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, RawContent, Target, WireRequest
from atom_llm.domain.providers.failure_reading import unreadable
from atom_llm.domain.providers.media_usage import spoken_characters
from atom_llm.domain.providers.reported_counts import count, inner

FORMATS: Final[Mapping[str, str]] = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "pcm": "audio/pcm",
}
_READ: Final = frozenset({"input", "voice", "speed", "response_format", "stream_format"})


def media_request(target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Return a request for speech; raises `InvalidRequest` for what MiniMax does not speak."""
    wanted = body.get("response_format") or "mp3"
    if wanted not in FORMATS:
        raise InvalidRequest("response_format", f"must be one of {', '.join(FORMATS)} at MiniMax")
    voice = body["voice"]
    if not isinstance(voice, str):
        raise InvalidRequest("voice", "must be a name at MiniMax")
    speed = body.get("speed", 1)
    if not 0.5 <= speed <= 2:
        raise InvalidRequest("speed", "must be from 0.5 to 2 at MiniMax")
    sent = {
        "model": target.model,
        "text": body["input"],
        "stream": False,
        "output_format": "hex",
        "voice_setting": {"voice_id": voice, "speed": speed},
        "audio_setting": {"format": wanted},
    }
    return WireRequest("t2a_v2", sent, dropped=sorted(body.keys() - _READ))


def media_answer(body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the sound, with the characters that MiniMax counts: some are two. Raises `ProviderFailure`."""
    try:
        sound = bytes.fromhex(str(inner(content, "data").get("audio", "")))
    except ValueError:
        raise unreadable("the provider's sound is not spelt in hex") from None
    if not sound:
        raise unreadable("the provider's answer has no sound")
    told = inner(content, "extra_info")
    characters = count(told.get("usage_characters"))
    reported = spoken_characters(body["input"])
    if characters is not None:
        usage = Usage({Unit.CHARACTERS: characters} if characters else {}, 0)
        reported = ReportedUsage(usage, {"usage_characters": characters})  # the rest of it describes the sound
    return ProviderAnswer({}, reported, raw=RawContent(FORMATS[body.get("response_format") or "mp3"], sound))
