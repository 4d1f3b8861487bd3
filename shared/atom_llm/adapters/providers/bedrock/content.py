"""The parts of a message's content as Converse's content blocks (botocore's `bedrock-runtime`, `ContentBlock`).

Bytes are base64 on the wire, as OpenAI has them; what has only an address cannot be sent.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from atom_llm.adapters.providers.request_parts import RequestedPart, requested_parts
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

IMAGE_FORMATS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
DOCUMENT_FORMATS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    f"{_OFFICE}.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    f"{_OFFICE}.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/markdown": "md",
}
VIDEO_FORMATS: Final[Mapping[str, str]] = {
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/mpeg": "mpeg",
    "video/x-flv": "flv",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
AUDIO_FORMATS: Final = frozenset({"mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "m4a", "mpeg", "webm"})
TEXT_TYPES: Final = ("application/json", "application/xml", "application/yaml", "application/x-yaml")
DOCUMENT_NAME: Final = "document"
LONGEST_ID: Final = 64  # characters of the id of a tool's use

_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9()\[\] -]+")  # DocumentBlock's `name`, and no two blanks in a row
_BLANKS: Final = re.compile(r" {2,}")
_NOT_IN_AN_ID: Final = re.compile(r"[^a-zA-Z0-9_.:-]")


def converse_blocks(content: object, field: str) -> list[Json]:
    """Translate a `content` that is a text, a list of parts or nothing; blank texts, which are a 400, are left out.

    A part that is marked for the cache is followed by a cache point. Raises `InvalidRequest` naming the field, and
    `ProviderFailure(UNSUPPORTED)` for what no model takes.
    """
    blocks: list[Json] = []
    for part in requested_parts(content, field):
        block = _block(part)
        if block is not None:
            blocks.append(block)
            blocks += cache_points(part.given.get("cache_control"))
    return blocks


def cache_points(marker: object) -> list[Json]:
    """Return the cache point that a `cache_control` of Anthropic's asks for; none where there is none."""
    if not isinstance(marker, dict):
        return []
    point: Json = {"type": "default"}
    if marker.get("ttl") == "1h":
        point["ttl"] = "1h"
    return [{"cachePoint": point}]


def thought_blocks(given: object, field: str) -> list[Json]:
    """Return the thinking of an earlier answer as Converse wants it back; unsigned thinking cannot go back."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise InvalidRequest(field, "must be a list")
    blocks: list[Json] = []
    for place, each in enumerate(given):
        if not isinstance(each, dict):
            raise InvalidRequest(f"{field}.{place}", "must be an object")
        if each.get("type") == "thinking" and each.get("signature"):
            thought = {"text": str(each.get("thinking") or ""), "signature": each["signature"]}
            blocks.append({"reasoningContent": {"reasoningText": thought}})
        elif each.get("type") == "redacted_thinking" and each.get("data"):
            blocks.append({"reasoningContent": {"redactedContent": each["data"]}})
    return blocks


def tool_use_id(identity: str) -> str:
    """Return an id as the API takes it, the same for a call and its result; one that is too long becomes its hash."""
    spelt = _NOT_IN_AN_ID.sub("_", identity)
    return spelt if len(spelt) <= LONGEST_ID else sha256(spelt.encode()).hexdigest()[:LONGEST_ID]


def named_apart(messages: list[Json]) -> None:
    """Give documents of the same name different ones: a request in which two share one is refused."""
    seen: dict[str, int] = {}
    for message in messages:
        for document in _documents(message["content"]):
            name = document["name"]
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                document["name"] = f"{name} {seen[name]}"


def _documents(blocks: list[Json]) -> list[Json]:
    found = [block["document"] for block in blocks if "document" in block]
    for block in blocks:
        if "toolResult" in block:
            found += _documents(block["toolResult"]["content"])
    return found


def _block(part: RequestedPart) -> Json | None:
    if part.text is not None:
        return {"text": part.text} if part.text.strip() else None
    translate = _TRANSLATIONS.get(part.kind)
    if translate is None:
        raise _unsupported(f"{part.field}.type", f"parts of the type {part.kind[:80]}")
    return translate(part.given, part.field)


def _image(part: Mapping[str, Any], field: str) -> Json:
    given = part.get("image_url")
    media_type, data = _embedded(given.get("url") if isinstance(given, dict) else given, f"{field}.image_url.url")
    if media_type not in IMAGE_FORMATS:
        raise _unsupported(field, f"pictures of the type {media_type[:80] or '(none)'}")
    return {"image": {"format": IMAGE_FORMATS[media_type], "source": {"bytes": data}}}


def _file(part: Mapping[str, Any], field: str) -> Json:
    given = part.get("file")
    if not isinstance(given, dict):
        raise InvalidRequest(f"{field}.file", "must be an object")
    if given.get("file_id"):
        raise _unsupported(f"{field}.file.file_id", "files that were uploaded elsewhere")
    where = "file_data" if given.get("file_data") is not None else "file_url"
    data = given.get(where)
    if where == "file_data" and isinstance(data, str) and data and not data[:5].lower().startswith(("data:", "http")):
        media_type = "application/pdf"  # without a media type, as some clients send it
    else:
        media_type, data = _embedded(data, f"{field}.file.{where}")
    if media_type in IMAGE_FORMATS:
        return {"image": {"format": IMAGE_FORMATS[media_type], "source": {"bytes": data}}}
    if media_type in VIDEO_FORMATS:
        return {"video": {"format": VIDEO_FORMATS[media_type], "source": {"bytes": data}}}
    is_text = media_type.startswith("text/") or media_type in TEXT_TYPES
    form = DOCUMENT_FORMATS.get(media_type) or ("txt" if is_text else None)
    if form is None:
        raise _unsupported(field, f"files of the type {media_type[:80] or '(none)'}")
    document: Json = {"format": form, "name": _document_name(given.get("filename")), "source": {"bytes": data}}
    if isinstance(part.get("citations"), dict):
        document["citations"] = {"enabled": bool(part["citations"].get("enabled"))}
    if isinstance(part.get("context"), str):
        document["context"] = part["context"]
    return {"document": document}


def _audio(part: Mapping[str, Any], field: str) -> Json:
    given = part.get("input_audio")
    form = given.get("format") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(given.get("data"), str) or not given["data"]:
        raise InvalidRequest(f"{field}.input_audio.data", "must be in base64")
    if form not in AUDIO_FORMATS:
        raise _unsupported(f"{field}.input_audio.format", f"sound of the format {str(form)[:80]}")
    return {"audio": {"format": form, "source": {"bytes": given["data"]}}}


def _video(part: Mapping[str, Any], field: str) -> Json:
    given = part.get("video_url")
    media_type, data = _embedded(given.get("url") if isinstance(given, dict) else given, f"{field}.video_url.url")
    if media_type not in VIDEO_FORMATS:
        raise _unsupported(field, f"videos of the type {media_type[:80] or '(none)'}")
    return {"video": {"format": VIDEO_FORMATS[media_type], "source": {"bytes": data}}}


def _embedded(url: object, field: str) -> tuple[str, str]:
    """Return the media type and the base64 of a data: URI."""
    if not isinstance(url, str) or not url:
        raise InvalidRequest(field, "must be a URL or a data: URI")
    if url[:5].lower() != "data:":
        raise _unsupported(field, "addresses: content has to be sent along")
    header, comma, data = url[5:].partition(",")
    if not comma or not data:
        raise InvalidRequest(field, "is a data: URI without data")
    media_type, *options = header.lower().split(";")
    if not options or options[-1].strip() != "base64":
        data = b64encode(unquote_to_bytes(data)).decode()
    return media_type.strip() or "text/plain", data


def _document_name(given: object) -> str:
    name = given.rpartition(".")[0] or given if isinstance(given, str) else ""
    spelt = _BLANKS.sub(" ", _NOT_IN_A_NAME.sub("-", name)).strip()
    return spelt[:200] or DOCUMENT_NAME


def _unsupported(field: str, what: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.UNSUPPORTED, f"Bedrock's models take no {what}", param=field)


_TRANSLATIONS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Json]]] = {
    "image_url": _image,
    "file": _file,
    "input_audio": _audio,
    "video_url": _video,
}
