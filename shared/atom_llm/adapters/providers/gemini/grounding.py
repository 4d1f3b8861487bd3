"""The grounding of an answer as OpenAI's citations of pages, `ai.google.dev/gemini-api/docs/google-search`."""

from collections.abc import Mapping
from typing import Any

from atom_llm.domain.providers.exchange import Json


def annotations(grounding: Mapping[str, Any], text: str) -> list[Json]:
    """Return a citation for every page that supports a stretch of the text; pages that support none are left out."""
    pages, supports = grounding.get("groundingChunks"), grounding.get("groundingSupports")
    if not isinstance(pages, list) or not isinstance(supports, list):
        return []
    cited = []
    encoded = text.encode("utf-8", "replace")
    for support in supports:
        segment = support.get("segment") if isinstance(support, dict) else None
        stretch = _stretch(segment, text, encoded) if isinstance(segment, dict) else None
        places = support.get("groundingChunkIndices") if isinstance(support, dict) else None
        if stretch is None or not isinstance(places, list):
            continue
        for place in places:
            page = _page(pages[place]) if isinstance(place, int) and 0 <= place < len(pages) else None
            if page is not None:
                cited.append({"type": "url_citation", "url_citation": {**page, **stretch}})
    return cited


def _page(chunk: object) -> Json | None:
    for kind in ("web", "maps"):
        source = chunk.get(kind) if isinstance(chunk, dict) else None
        if isinstance(source, dict) and isinstance(source.get("uri"), str):
            return {"url": source["uri"], "title": source.get("title") or ""}
    return None


def _stretch(segment: Mapping[str, Any], text: str, encoded: bytes) -> Json | None:
    """Convert a segment, which is counted in bytes of a part of the answer, to characters of the whole text."""
    start, end, quoted = segment.get("startIndex", 0), segment.get("endIndex"), segment.get("text")
    if isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(encoded):
        begins = len(encoded[:start].decode("utf-8", "ignore"))
        found = encoded[start:end].decode("utf-8", "ignore")
        if not isinstance(quoted, str) or found == quoted:
            return {"start_index": begins, "end_index": begins + len(found)}
    if not isinstance(quoted, str) or not quoted or quoted not in text:
        return None
    begins = text.index(quoted)  # the answer has several parts, and the segment is of another than the first
    return {"start_index": begins, "end_index": begins + len(quoted)}
