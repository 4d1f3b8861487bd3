"""The content of answers and of their chunks: in OpenAI's words, or the events of a native stream as they came."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

NATIVE: Final = "native"  # the field of a chunk with events of the provider, byte for byte
CARRIES: Final = "carries_content"  # the field beside it: whether any of them has a part of the answer
LAST: Final = "last"  # the field beside it: the event that ends the stream

_DELTA_TEXTS: Final = ("text", "thinking", "partial_json")
_OF_THOUGHTS: Final = "response.reasoning"  # begins the types of events that have thoughts, or their summary
_DATA: Final = re.compile(rb"^data: ?(.*)$", re.MULTILINE)

# What of a delta is read by somebody; a role alone is not.
_CARRIED: Final = ("content", "tool_calls", "reasoning_content", "refusal", "function_call", "audio", "images")


def carries_content(chunk: Json) -> bool:
    """Return whether a chunk has anything of the answer: from then on no other model's answer may take its place."""
    if NATIVE in chunk:
        return bool(chunk[CARRIES])
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta") or {}
        for name in _CARRIED:
            if delta.get(name):
                return True
    return False


def texts_of(chunk: Json) -> Iterable[str]:
    """Yield the texts that a chunk adds to the answer, for an estimate of its tokens."""
    if NATIVE in chunk:
        yield from _native_texts(chunk[NATIVE])
    for choice in chunk.get("choices", ()):
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        for name in ("content", "reasoning_content", "refusal"):
            if isinstance(text := delta.get(name), str):
                yield text
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            yield f"{function.get('name') or ''}{function.get('arguments') or ''}"


def thoughts_of(chunk: Json) -> Iterable[str]:
    """Yield those of a chunk's texts that are thoughts."""
    if NATIVE in chunk:
        yield from _native_texts(chunk[NATIVE], thoughts=True)
    for choice in chunk.get("choices", ()):
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        if isinstance(text := delta.get("reasoning_content"), str):
            yield text


def native_chunk(events: bytes, *, carries: bool, last: bool = False) -> Json:
    """Return a chunk of events as they came; `last`: they are the one that ends the stream."""
    return {NATIVE: events, CARRIES: carries, LAST: last}


def _native_texts(events: bytes, *, thoughts: bool = False) -> Iterable[str]:
    for data in _DATA.findall(events):
        try:
            event = json.loads(data)
            delta = event.get("delta")
        except (ValueError, RecursionError, AttributeError):
            continue
        if isinstance(delta, str):
            if not thoughts or str(event.get("type")).startswith(_OF_THOUGHTS):
                yield delta
        elif isinstance(delta, dict):
            names = ("thinking",) if thoughts else _DELTA_TEXTS
            yield from (delta[name] for name in names if isinstance(delta.get(name), str))
