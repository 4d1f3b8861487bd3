"""Forms with a file, as RFC 7578 spells them."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from atom_llm.domain.providers.exchange import UploadedFile


def form(fields: Mapping[str, Any], file: UploadedFile) -> tuple[str, bytes]:
    """Return the media type and the bytes of a form; a list is a field that is repeated."""
    boundary = token_hex(24)  # not in any file but by a chance of 2^-192
    parts: list[bytes] = []
    for name, value in fields.items():
        head = _part(boundary, f'name="{_quoted(name)}"')
        parts += [head + _spelt(each) + b"\r\n" for each in (value if isinstance(value, list) else [value])]
    about = f'name="file"; filename="{_quoted(file.name)}"\r\ncontent-type: {file.content_type}'
    parts.append(_part(boundary, about) + file.content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, about: str) -> bytes:
    return f"--{boundary}\r\ncontent-disposition: form-data; {about}\r\n\r\n".encode()


def _quoted(name: str) -> str:
    """Return a name as browsers spell it between quotes: what would end it, or the line, is escaped."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _spelt(value: object) -> bytes:
    return ("true" if value is True else "false" if value is False else str(value)).encode()
