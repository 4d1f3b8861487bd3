"""The content of answers and of their chunks, in OpenAI's words."""

from collections.abc import Iterable
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

# What of a delta is read by somebody; a role alone is not.
_CARRIED: Final = ("content", "tool_calls", "reasoning_content", "refusal", "function_call", "audio", "images")


def carries_content(chunk: Json) -> bool:
    """Return whether a chunk has anything of the answer: from then on no other model's answer may take its place."""
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta") or {}
        if any(delta.get(name) for name in _CARRIED):
            return True
    return False


def texts_of(chunk: Json) -> Iterable[str]:
    """Yield the texts that a chunk adds to the answer, for an estimate of its tokens."""
    for choice in chunk.get("choices", ()):
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        for name in ("content", "reasoning_content", "refusal"):
            if isinstance(text := delta.get(name), str):
                yield text
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            yield f"{function.get('name') or ''}{function.get('arguments') or ''}"
