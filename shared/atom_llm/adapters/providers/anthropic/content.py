"""The parts of a message's content as Anthropic's content blocks: text, pictures and documents.

Shapes: `platform.claude.com/docs/en/api/messages` and the pages on vision, PDF support, files and prompt caching.
"""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from atom_llm.adapters.providers.request_parts import RequestedPart, requested_parts
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.held_thoughts import is_held

IMAGE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PDF: Final = "application/pdf"
# Documents that the model reads as plain text.
TEXT_TYPES: Final = frozenset({"application/json", "application/xml", "application/yaml", "application/x-yaml"})

_BLOCK_OPTIONS: Final = ("cache_control", "citations", "context")
# What a thinking block has; the API refuses any other field, as the place in a stream.
_THINKING_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
}


def content_blocks(content: object, field: str) -> list[Json]:
    """Translate a `content` that is a text, a list of parts or nothing; blank texts, which are a 400, are left out.

    Parts of types that are none of OpenAI's are taken for Anthropic's own and pass. Raises `InvalidRequest` naming the
    part, and `ProviderFailure(UNSUPPORTED)` for what no model of Anthropic's takes.
    """
    blocks = map(_block, requested_parts(content, field))
    return [block for block in blocks if block is not None]


def mark_last(blocks: list[Json], marker: object) -> None:
    """Put a message's own prompt-cache marker on its last block that can carry one."""
    if marker is None:
        return
    for block in reversed(blocks):
        if block.get("type") not in _THINKING_FIELDS:
            block["cache_control"] = marker
            return


def thinking_blocks(given: object, field: str) -> list[Json]:
    """Return the thinking of an earlier answer as the API wants it back; unsigned thinking cannot go back."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise InvalidRequest(field, "must be a list")
    blocks = []
    for place, block in enumerate(given):
        if not isinstance(block, dict):
            raise InvalidRequest(f"{field}.{place}", "must be an object")
        kind = block.get("type")
        fields = _THINKING_FIELDS.get(kind) if isinstance(kind, str) else None
        if fields is not None and block.get(fields[-1]) and not is_held(block[fields[-1]]):
            blocks.append({"type": kind} | {name: block.get(name) or "" for name in fields})
    return blocks


def _block(part: RequestedPart) -> Json | None:
    if part.text is not None:
        block: Json | None = {"type": "text", "text": part.text} if part.text.strip() else None
    else:
        translate = _TRANSLATIONS.get(part.kind)
        if translate is None:
            return dict(part.given)
        block = translate(part.given, part.field)
    if block is not None:
        block |= {name: part.given[name] for name in _BLOCK_OPTIONS if part.given.get(name) is not None}
    return block


def _image(part: Mapping[str, object], field: str) -> Json:
    given = part.get("image_url")
    url = given.get("url") if isinstance(given, dict) else given
    return _referenced(url, f"{field}.image_url.url", "image", None)


def _file(part: Mapping[str, object], field: str) -> Json:
    given = part.get("file")
    if not isinstance(given, dict):
        raise InvalidRequest(f"{field}.file", "must be an object")
    name = given.get("filename")
    title = name if isinstance(name, str) and name else None
    file_id = given.get("file_id")
    if isinstance(file_id, str) and file_id:
        return _titled({"type": "document", "source": {"type": "file", "file_id": file_id}}, title)
    where = "file_data" if given.get("file_data") is not None else "file_url"
    data = given.get(where)
    if where == "file_data" and isinstance(data, str) and data and data[:5].lower() not in ("data:", "https", "http:"):
        return _embedded(PDF, data, f"{field}.file.file_data", title)  # without a media type, as some clients send it
    return _referenced(data, f"{field}.file.{where}", "document", title)


def _referenced(url: object, field: str, kind: str, title: str | None) -> Json:
    if not isinstance(url, str) or not url:
        raise InvalidRequest(field, "must be a URL or a data: URI")
    if url[:5].lower() == "data:":
        header, comma, data = url[5:].partition(",")
        if not comma:
            raise InvalidRequest(field, "is a data: URI without data")
        media_type, *options = header.lower().split(";")
        if not options or options[-1].strip() != "base64":
            return _percent_encoded(media_type, data, field, title)
        return _embedded(media_type.strip(), data, field, title)
    if not url[:8].lower().startswith(("https://", "http://")):
        raise InvalidRequest(field, "must be a URL or a data: URI")
    return _titled({"type": kind, "source": {"type": "url", "url": url}}, title if kind == "document" else None)


def _embedded(media_type: str, data: str, field: str, title: str | None) -> Json:
    if media_type == "image/jpg":
        media_type = "image/jpeg"
    if media_type in IMAGE_TYPES:
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}
    if media_type == PDF:
        return _titled(
            {"type": "document", "source": {"type": "base64", "media_type": PDF, "data": data}},
            title,
        )
    if _is_text(media_type):
        try:
            return _plain(b64decode(data, validate=True).decode(), title)
        except (NoBase64, ValueError):
            raise InvalidRequest(field, "is not a text in base64") from None
    raise _unsupported(field, f"files of the type {media_type[:80] or '(none)'}")


def _percent_encoded(media_type: str, data: str, field: str, title: str | None) -> Json:
    if not _is_text(media_type):
        raise InvalidRequest(field, "must be in base64")
    try:
        return _plain(unquote_to_bytes(data).decode(), title)
    except ValueError:
        raise InvalidRequest(field, "is not a text in UTF-8") from None


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in TEXT_TYPES


def _plain(text: str, title: str | None) -> Json:
    return _titled(
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}},
        title,
    )


def _titled(block: Json, title: str | None) -> Json:
    if title is not None:
        block["title"] = title
    return block


def _audio(part: Mapping[str, object], field: str) -> Json:
    raise _unsupported(field, "audio" if part["type"] == "input_audio" else "video")


def _unsupported(field: str, what: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.UNSUPPORTED, f"Anthropic's models take no {what}", param=field)


_TRANSLATIONS: Final[Mapping[str, Callable[[Mapping[str, object], str], Json]]] = {
    "image_url": _image,
    "file": _file,
    "input_audio": _audio,
    "video_url": _audio,
}
