"""The parts of a message's content as Gemini's: text, and media within the request or at an address.

Shapes and media types: `ai.google.dev/gemini-api/docs/file-input-methods` and the pages on image, audio, video and
document understanding. An address is fetched by Google, never by us.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from atom_llm.adapters.providers.gemini.models import fetches_addresses
from atom_llm.adapters.providers.request_parts import RequestedPart, requested_parts
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

PDF: Final = "application/pdf"
FILES: Final = "https://generativelanguage.googleapis.com/v1beta/"  # before the name of an uploaded file, `files/…`
_OWN_ADDRESSES: Final = (
    FILES,
    "https://www.youtube.com/",
    "https://youtube.com/",
    "https://youtu.be/",
    "gs://",
)
_TYPE_OF_EXTENSION: Final[Mapping[str, str]] = {
    **{name: f"image/{name}" for name in ("png", "jpeg", "webp", "heic", "heif", "gif", "bmp")},
    **{name: f"audio/{name}" for name in ("wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a", "opus")},
    **{name: f"video/{name}" for name in ("mp4", "mpeg", "mov", "avi", "mpg", "webm", "wmv")},
    **{name: f"text/{name}" for name in ("html", "css", "csv", "xml", "rtf")},
    "jpg": "image/jpeg",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "pdf": PDF,
    "txt": "text/plain",
    "md": "text/markdown",
    "json": "application/json",
}
_CORRECTED: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/mpeg": "audio/mp3",
}

_Part = Mapping[str, Any]
_Translation = Callable[[_Part, str, str], Json]


def content_parts(content: object, field: str, model: str) -> list[Json]:
    """Translate a `content` that is a text, a list of parts or nothing; empty texts are left out.

    Raises `InvalidRequest` naming the part, and `ProviderFailure(UNSUPPORTED)` for what Gemini has nothing like.
    """
    found = (_part(part, model) for part in requested_parts(content, field))
    return [part for part in found if part is not None]


def _part(part: RequestedPart, model: str) -> Json | None:
    if part.text is not None:
        return {"text": part.text} if part.text else None
    translate = _TRANSLATIONS.get(part.kind)
    if translate is None:
        told = f"Gemini takes no parts of the type {part.kind[:40]}"
        raise ProviderFailure(FailureKind.UNSUPPORTED, told, param=part.field)
    return translate(part.given, part.field, model)


def _image(part: _Part, field: str, model: str) -> Json:
    return _at(part.get("image_url"), f"{field}.image_url", model, "image/jpeg")


def _video(part: _Part, field: str, model: str) -> Json:
    return _at(part.get("video_url"), f"{field}.video_url", model, "video/mp4")


def _audio(part: _Part, field: str, model: str) -> Json:
    given = part.get("input_audio")
    if not isinstance(given, dict):
        raise InvalidRequest(f"{field}.input_audio", "must be an object")
    data, form = given.get("data"), given.get("format")
    if not isinstance(data, str) or not data:
        raise InvalidRequest(f"{field}.input_audio.data", "must be a text in base64")
    if not isinstance(form, str) or not form.isascii() or not form.isalnum():
        raise InvalidRequest(f"{field}.input_audio.format", "must be a format: wav, mp3 …")
    media_type = _TYPE_OF_EXTENSION.get(form.lower(), f"audio/{form.lower()}")
    return (
        _resource(data, f"{field}.input_audio.data", model, media_type) if _is_url(data) else _inline(media_type, data)
    )


def _file(part: _Part, field: str, model: str) -> Json:
    given = part.get("file")
    if not isinstance(given, dict):
        raise InvalidRequest(f"{field}.file", "must be an object")
    name = given.get("filename")
    media_type = _said_type(given) or (_type_of(name) if isinstance(name, str) else None)
    identity = given.get("file_id")
    if isinstance(identity, str) and identity:
        if identity.startswith("files/"):
            identity = FILES + identity
        if not _is_url(identity):
            raise ProviderFailure(
                FailureKind.UNSUPPORTED, "the file is none that was uploaded to Google", param=f"{field}.file.file_id"
            )
        return _resource(identity, f"{field}.file.file_id", model, media_type)
    where = "file_data" if given.get("file_data") is not None else "file_url"
    data = given.get(where)
    if not isinstance(data, str) or not data:
        raise InvalidRequest(f"{field}.file.file_data", "must be a text in base64, or a data: URI")
    if where == "file_data" and not _is_url(data):
        return _inline(media_type or PDF, data)  # without a media type, as some clients send it
    return _resource(data, f"{field}.file.{where}", model, media_type or PDF)


def _at(given: object, field: str, model: str, usual_type: str) -> Json:
    holder = given if isinstance(given, dict) else {"url": given}
    url = holder.get("url")
    if not isinstance(url, str) or not _is_url(url):
        raise InvalidRequest(f"{field}.url", "must be a URL or a data: URI")
    return _resource(url, f"{field}.url", model, _said_type(holder), usual_type)


def _resource(url: str, field: str, model: str, said: str | None, usual: str | None = None) -> Json:
    if url[:5].lower() == "data:":
        header, comma, data = url[5:].partition(",")
        if not comma:
            raise InvalidRequest(field, "is a data: URI without data")
        media_type, *options = header.lower().split(";")
        media_type = media_type.strip() or said or "text/plain"
        is_base64 = bool(options) and options[-1].strip() == "base64"
        return _inline(media_type, data if is_base64 else b64encode(unquote_to_bytes(data)).decode())
    found: Json = {"fileUri": url}
    is_own = url.startswith(_OWN_ADDRESSES)
    if not is_own and not fetches_addresses(model):
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"{model} takes no media from an address", param=field)
    told = said or _type_of(urlsplit(url).path) or (None if is_own else usual)
    if told is not None:
        found["mimeType"] = told
    return {"fileData": found}


def _inline(media_type: str, data: str) -> Json:
    return {"inlineData": {"mimeType": _CORRECTED.get(media_type, media_type), "data": data}}


def _is_url(text: str) -> bool:
    return text[:8].lower().startswith(("data:", "https://", "http://", "gs://"))


def _said_type(holder: Mapping[str, Any]) -> str | None:
    """Return the media type that the caller gives, under LiteLLM's name or the plain ones."""
    for name in ("format", "mime_type", "media_type"):
        value = holder.get(name)
        if isinstance(value, str) and "/" in value:
            return value
    return None


def _type_of(name: str) -> str | None:
    return _TYPE_OF_EXTENSION.get(name.rpartition(".")[2].lower())


_TRANSLATIONS: Final[Mapping[str, _Translation]] = {
    "image_url": _image,
    "video_url": _video,
    "input_audio": _audio,
    "file": _file,
}
