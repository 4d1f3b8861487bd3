"""Google's signatures of thoughts in the dialects that have no place for them: held beside the thoughts, they come back
with the conversation.

Gemini signs the first call of a turn, or the end of its text, and newer models refuse calls that come back unsigned
(`ai.google.dev/gemini-api/docs/thought-signatures`). In chat completions they stand in `extra_content.google`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

GOOGLE: Final = "google"
_TEXT: Final = "text"
_CALLS: Final = "calls"


def signature_of(holder: Mapping[str, Any]) -> str | None:
    """Return the signature of a message, a delta or a call in the words of chat completions; None where it has none."""
    extra = holder.get("extra_content")
    google = extra.get(GOOGLE) if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) and signature else None


def signatures_of(message: Mapping[str, Any], identity: Callable[[Json, int], str]) -> Json:
    """Return the signatures of a whole answer; `identity` is the id by which its caller knows a call, of its place."""
    found: Json = {}
    if (of_text := signature_of(message)) is not None:
        found |= text_signature(of_text)
    for place, call in enumerate(message.get("tool_calls") or ()):
        if (of_call := signature_of(call)) is not None:
            found.setdefault(_CALLS, {})[identity(call, place)] = of_call
    return found


def text_signature(signature: str) -> Json:
    """Return the signature of an answer's text."""
    return {_TEXT: signature}


def call_signature(identity: str, signature: str) -> Json:
    """Return the signature of one call."""
    return {_CALLS: {identity: signature}}


def signed_again(message: Json, kept: Iterable[object]) -> None:
    """Put signatures where they stood in an answer that comes back; what is none of them says nothing."""
    of_calls: dict[str, object] = {}
    for each in kept:
        if isinstance(each, dict):
            _sign(message, each.get(_TEXT))
            of_calls |= each[_CALLS] if isinstance(each.get(_CALLS), dict) else {}
    for call in message.get("tool_calls") or ():
        _sign(call, of_calls.get(call["id"]))


def _sign(holder: Json, signature: object) -> None:
    if isinstance(signature, str) and signature:
        holder["extra_content"] = {GOOGLE: {"thought_signature": signature}}
