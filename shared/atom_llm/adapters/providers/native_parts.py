"""Content parts in Anthropic's words, which callers may send beside OpenAI's, as OpenAI's parts.

`platform.claude.com/docs/en/api/messages`: `image` and `document` with a `source` of base64, an address or a text.
"""

from collections.abc import Mapping
from typing import Any

from atom_llm.domain.providers.exchange import Json


def as_openais_part(part: Mapping[str, Any]) -> Json | None:
    """Return an `image` or `document` part as `image_url`, `file` or `text`; None for a part that is none of these."""
    source = part.get("source")
    if not isinstance(source, dict):
        return None
    match part.get("type"), source.get("type"):
        case "image", "base64":
            return {"type": "image_url", "image_url": {"url": _data_url(source, "image/png")}}
        case "image", "url":
            return {"type": "image_url", "image_url": {"url": source.get("url")}}
        case "document", "base64":
            name = part.get("title") or "document.pdf"
            return {"type": "file", "file": {"filename": name, "file_data": _data_url(source, "application/pdf")}}
        case "document", "text":
            return {"type": "text", "text": source.get("data")}
        case _:
            return None


def _data_url(source: Mapping[str, Any], usual_type: str) -> str:
    return f"data:{source.get('media_type') or usual_type};base64,{source.get('data')}"
