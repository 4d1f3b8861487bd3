"""The content of answers and of their chunks: in OpenAI's words, or the events of a native stream as they came."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

NATIVE: Final = "native"  # the field of a chunk with events of the provider, byte for byte
CARRIES: Final = "carries_content"  # the field beside it: whether any of them has a part of the answer
LAST: Final = "last"  # the field beside it: the event that ends the stream

# The texts of a delta and of an event's, and of each whether it is a thought.
_TEXTS: Final = (("content", False), ("reasoning_content", True), ("refusal", False))
_DELTA_TEXTS: Final = (("text", False), ("thinking", True), ("partial_json", False))
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


def parts_of(chunk: Json) -> Iterable[tuple[str, bool]]:
    """Yield the texts that a chunk adds to the answer, and of each whether it is a thought."""
    if NATIVE in chunk:
        yield from _native_parts(chunk[NATIVE])
    for choice in chunk.get("choices", ()):
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        for name, is_thought in _TEXTS:
            if isinstance(text := delta.get(name), str):
                yield text, is_thought
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            yield f"{function.get('name') or ''}{function.get('arguments') or ''}", False


def texts_of(chunk: Json) -> Iterable[str]:
    """Yield the texts that a chunk adds to the answer, for an estimate of its tokens."""
    return (text for text, _ in parts_of(chunk))


def native_chunk(events: bytes, *, carries: bool, last: bool = False) -> Json:
    """Return a chunk of events as they came; `last`: they are the one that ends the stream."""
    return {NATIVE: events, CARRIES: carries, LAST: last}


def _native_parts(events: bytes) -> Iterable[tuple[str, bool]]:
    for data in _DATA.findall(events):
        try:
            event = json.loads(data)
            delta = event.get("delta")
        except (ValueError, RecursionError, AttributeError):
            continue
        if isinstance(delta, str):
            yield delta, str(event.get("type")).startswith(_OF_THOUGHTS)
        elif isinstance(delta, dict):
            for name, is_thought in _DELTA_TEXTS:
                if isinstance(text := delta.get(name), str):
                    yield text, is_thought
