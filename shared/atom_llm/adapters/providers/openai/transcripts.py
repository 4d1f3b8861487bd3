"""Transcripts as plain text and as subtitles, made of the one format that tells its segments."""

from collections.abc import Mapping
from typing import Any

from atom_llm.domain.providers.failure_reading import unreadable


def formatted(wanted: str, text: str, segments: object) -> str:
    """Return a transcript as `text`, `srt` or `vtt`; raises `ProviderFailure` where subtitles have no times."""
    if wanted == "text":
        return text.rstrip("\n") + "\n"
    if not isinstance(segments, list) or not all(isinstance(each, dict) for each in segments):
        raise unreadable("the provider's transcript has no segments")
    point = "," if wanted == "srt" else "."
    blocks = [_block(place, each, point, is_numbered=wanted == "srt") for place, each in enumerate(segments, 1)]
    return ("" if wanted == "srt" else "WEBVTT\n\n") + "".join(blocks)


def _block(place: int, segment: Mapping[str, Any], point: str, *, is_numbered: bool) -> str:
    number = f"{place}\n" if is_numbered else ""
    times = f"{_time(segment.get('start'), point)} --> {_time(segment.get('end'), point)}"
    return f"{number}{times}\n{str(segment.get('text', '')).strip()}\n\n"


def _time(seconds: object, point: str) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise unreadable("the provider's transcript has a segment without a time")
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
