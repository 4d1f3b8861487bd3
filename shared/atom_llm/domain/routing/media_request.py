"""Requests for moderation, pictures, speech and transcripts in OpenAI's words, checked as far as routing depends on it.

All other fields pass to the provider.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.token_estimate import attached_tokens_at_most
from atom_llm.domain.providers.exchange import Json, MediaMode, UploadedFile
from atom_llm.domain.routing.chat_request import model_names
from atom_llm.domain.routing.media_demand import MediaDemand

DEFAULT_MODERATION: Final = "omni-moderation-latest"  # OpenAI's own, where a request names no model
MAX_MODERATED: Final = 2_048  # inputs of one request
MAX_PICTURES: Final = 10  # OpenAI's own limit on `n`
MAX_PROMPT: Final = 32_000  # characters, of the newest models; older ones refuse less by themselves
MAX_SPOKEN: Final = 4_096  # characters, OpenAI's own limit
DRAWN_BY_ANOTHER: Final = "output_format"  # of an SVG, which OpenAI has another model write
SPEECH_FORMATS: Final = ("mp3", "opus", "aac", "flac", "wav", "pcm")
TRANSCRIPT_FORMATS: Final = ("json", "text", "srt", "verbose_json", "vtt")


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """The fields of such a request that routing needs; `texts` are all that will be read as text."""

    models: tuple[str, ...]
    body: Json
    texts: tuple[str, ...]
    demand: MediaDemand
    most_attached: int = 0

    @property
    def mode(self) -> MediaMode:
        """The kind of model that takes it, as the catalogue names it."""
        return self.demand.mode


def moderation_request(content: object) -> MediaRequest:
    """Read a request for moderation; raises `InvalidRequest` naming the first field that is wrong."""
    given = _mapping(content)
    inputs = given.get("input")
    texts, pictures = [], 0
    for place, each in enumerate(inputs if isinstance(inputs, list) else [inputs]):
        field = f"input.{place}" if isinstance(inputs, list) else "input"
        if isinstance(each, str) and each:
            texts.append(each)
        elif isinstance(each, dict) and each.get("type") == "text" and isinstance(each.get("text"), str):
            texts.append(each["text"])
        elif isinstance(each, dict) and each.get("type") == "image_url" and isinstance(each.get("image_url"), dict):
            pictures += 1
        else:
            raise InvalidRequest(field, "must be a text, or a part of type text or image_url")
    if not texts and not pictures:
        raise InvalidRequest("input", "must be a text, or a list of texts or parts")
    if len(texts) + pictures > MAX_MODERATED:
        raise InvalidRequest("input", f"has more than {MAX_MODERATED:,} entries")
    attached = pictures * attached_tokens_at_most("vision", None, is_text=False)
    named = given.get("model")
    names = model_names(DEFAULT_MODERATION if named is None else named)
    return MediaRequest(names, _rest(given), tuple(texts), MediaDemand("moderation"), attached)


def image_request(content: object) -> MediaRequest:
    """Read a request for pictures; raises `InvalidRequest` naming the first field that is wrong."""
    given = _mapping(content)
    prompt = _text(given, "prompt", MAX_PROMPT)
    _not_streamed(given, "stream", "partial_images")
    size, quality = _optional(given, "size"), _optional(given, "quality")
    number = _whole(given, "n", 1, MAX_PICTURES)
    by_another = DRAWN_BY_ANOTHER if given.get(DRAWN_BY_ANOTHER) == "svg" else None
    demand = MediaDemand("image_generation", pictures=number, size=size, quality=quality, unbounded=by_another)
    return MediaRequest(model_names(given.get("model")), _rest(given), (prompt,), demand)


def speech_request(content: object) -> MediaRequest:
    """Read a request for speech; raises `InvalidRequest` naming the first field that is wrong."""
    given = _mapping(content)
    text = _text(given, "input", MAX_SPOKEN)
    voice = given.get("voice")
    if not (isinstance(voice, str) and voice) and not (isinstance(voice, dict) and isinstance(voice.get("id"), str)):
        raise InvalidRequest("voice", "must name a voice")
    _one_of(given, "response_format", SPEECH_FORMATS)
    _one_of(given, "stream_format", ("audio",))
    speed = given.get("speed")
    speed = 1 if speed is None else speed
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0.25 <= speed <= 4:
        raise InvalidRequest("speed", "must be a number from 0.25 to 4")
    instructions = _optional(given, "instructions") or ""
    demand = MediaDemand("audio_speech", characters=len(text))
    texts = (text, instructions) if instructions else (text,)
    return MediaRequest(model_names(given.get("model")), _rest(given), texts, demand)


def transcription_request(fields: Mapping[str, Any], file: UploadedFile | None) -> MediaRequest:
    """Read a form that asks for a transcript; raises `InvalidRequest` naming the first field that is wrong."""
    if file is None or not file.content:
        raise InvalidRequest("file", "must be a recording, as a file of the form")
    _not_streamed(fields, "stream")
    _one_of(fields, "response_format", TRANSCRIPT_FORMATS)
    prompt = _optional(fields, "prompt") or ""
    body = {**_rest(fields), "file": file}
    demand = MediaDemand("audio_transcription", recorded_bytes=len(file.content))
    return MediaRequest(model_names(fields.get("model")), body, (prompt,) if prompt else (), demand)


def _rest(given: Mapping[str, Any]) -> Json:
    return {name: value for name, value in given.items() if name != "model" and value is not None}


def _mapping(content: object) -> Json:
    if not isinstance(content, dict):
        raise InvalidRequest("body", "must be an object")
    return content


def _text(given: Mapping[str, Any], field: str, most: int) -> str:
    value = given.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(field, "must be a text")
    if len(value) > most:
        raise InvalidRequest(field, f"is longer than {most:,} characters")
    return value


def _optional(given: Mapping[str, Any], field: str) -> str | None:
    value = given.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(field, "must be a text")
    return value


def _whole(given: Mapping[str, Any], field: str, least: int, most: int) -> int:
    value = given.get(field)
    if value is None:
        return least
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidRequest(field, f"must be a whole number from {least} to {most}")
    return value


def _one_of(given: Mapping[str, Any], field: str, words: Collection[str]) -> None:
    if given.get(field) is not None and given[field] not in words:
        raise InvalidRequest(field, f"must be one of {', '.join(words)}")


def _not_streamed(given: Mapping[str, Any], *fields: str) -> None:
    for field in fields:
        if given.get(field) not in (None, False, 0, "false"):
            raise InvalidRequest(field, "is not served: these answers come whole")
