"""The wire models of moderation, pictures, speech and transcripts, for the OpenAPI document."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from atom_llm.domain.routing.media_request import (
    DEFAULT_MODERATION,
    MAX_PICTURES,
    MAX_PROMPT,
    MAX_SPOKEN,
    TRANSCRIPT_FORMATS,
)
from functions.chat import options
from functions.chat.schemas import ANSWERED, ModelField


class _Passing(BaseModel):
    """An object whose other fields pass to the provider, and back."""

    model_config = ConfigDict(extra="allow")


class ModerationIn(_Passing):
    """OpenAI's request for moderation."""

    model: ModelField = DEFAULT_MODERATION
    input: str | list[str] | list[dict[str, Any]]


class ModerationOut(_Passing):
    """OpenAI's verdicts; `model` is the one that answered."""

    model: str
    results: list[dict[str, Any]]


class ImageIn(_Passing):
    """OpenAI's request for pictures."""

    model: ModelField
    prompt: Annotated[str, Field(min_length=1, max_length=MAX_PROMPT)]
    n: Annotated[int, Field(ge=1, le=MAX_PICTURES)] | None = None
    size: str | None = None
    quality: str | None = None


class ImageOut(_Passing):
    """OpenAI's pictures."""

    data: list[dict[str, Any]]
    usage: dict[str, Any] | None = None


class SpeechIn(_Passing):
    """OpenAI's request for speech."""

    model: ModelField
    input: Annotated[str, Field(min_length=1, max_length=MAX_SPOKEN)]
    voice: str | dict[str, Any]
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: Annotated[float, Field(ge=0.25, le=4)] | None = None
    stream_format: Literal["audio"] | None = None


class TranscriptionOut(_Passing):
    """OpenAI's transcript; without the times that `verbose_json` has."""

    text: str
    usage: dict[str, Any] | None = None


SOUND: Final[dict[str, Any]] = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("audio/mpeg", "audio/ogg", "audio/aac", "audio/flac", "audio/wav", "audio/pcm")
}
TRANSCRIPT: Final[dict[str, Any]] = {"text/plain": {"schema": {"type": "string"}}}


def form_by_hand() -> dict[str, Any]:
    """Return the OpenAPI of the form that asks for a transcript."""
    text = {"type": "string"}
    fields = {
        "file": {"type": "string", "format": "binary"},
        "model": {"type": "string", "minLength": 1, "description": "As in the other requests."},
        "language": text,
        "prompt": text,
        "response_format": {"type": "string", "enum": list(TRANSCRIPT_FORMATS)},
        "temperature": {"type": "number"},
        "timestamp_granularities[]": {"type": "array", "items": text},
    }
    schema = {"type": "object", "required": ["file", "model"], "properties": fields}
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return {"requestBody": body, "parameters": options.DOCUMENTED, **ANSWERED}
