"""OpenAI's messages as those of Cohere's second version, which takes roles in any order.

Shapes: `docs.cohere.com/reference/chat` and the pages on images and tool use.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.request_parts import (
    RequestedPart,
    RequestedToolCall,
    add_messages,
    answered_call_id,
    marks_of_caches,
    requested_parts,
    requested_tool_calls,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_DETAILS: Final = frozenset({"auto", "low", "high"})
# Parts of OpenAI's that no model of Cohere's takes.
_NOT_TAKEN: Final[Mapping[str, str]] = {"input_audio": "audio", "file": "files", "video_url": "video"}


class CohereMessages(NamedTuple):
    """A translated conversation; `dropped` names the fields left out."""

    messages: list[Json]
    dropped: tuple[str, ...]


def cohere_messages(messages: Sequence[Any], *, thinks: bool) -> CohereMessages:
    """Translate a conversation; with `thinks`, the model takes its earlier thoughts back.

    Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for parts that no model takes.
    """
    said = _Messages(thinks=thinks)
    add_messages(said, messages)
    names = ("messages.name",) if said.has_names else ()
    return CohereMessages(said.translated, (*names, *marks_of_caches(messages)))


class _Messages:
    """A conversation while it is put together."""

    def __init__(self, *, thinks: bool) -> None:
        self._thinks = thinks
        self.translated: list[Json] = []
        self.has_names = False

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        self._add(message, {"role": "system", "content": _content(message.get("content"), f"{field}.content")})

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        self._add(message, {"role": "user", "content": _content(message.get("content"), f"{field}.content")})

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        self._add(message, _assistant(message, field, thinks=self._thinks))

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        self._add(message, _tool(message, field))

    def _add(self, message: Mapping[str, Any], translated: Json) -> None:
        self.translated.append(translated)
        self.has_names = self.has_names or message.get("name") is not None


def _assistant(message: Mapping[str, Any], field: str, *, thinks: bool) -> Json:
    said = _content(message.get("content"), f"{field}.content")
    calls = [_call(each) for each in requested_tool_calls(message.get("tool_calls"), f"{field}.tool_calls")]
    thought = message.get("reasoning_content") if thinks else None
    blocks: list[Json] = [{"type": "thinking", "thinking": thought}] if isinstance(thought, str) and thought else []
    turn: Json = {"role": "assistant"}
    if calls:
        # What is said before a call is the plan for it, and came to the caller as content.
        plan = message.get("tool_plan") or (said if isinstance(said, str) else "".join(map(_text_of, said)))
        if plan:
            turn["tool_plan"] = plan
        turn["tool_calls"] = calls
        if blocks:
            turn["content"] = blocks
    elif blocks:
        turn["content"] = [*blocks, *([{"type": "text", "text": said}] if isinstance(said, str) else said)]
    else:
        turn["content"] = said
    if isinstance(message.get("citations"), list):
        turn["citations"] = message["citations"]
    return turn


def _tool(message: Mapping[str, Any], field: str) -> Json:
    call = answered_call_id(message, field)
    content = _content(message.get("content"), f"{field}.content")
    if isinstance(content, list) and any(block["type"] == "image_url" for block in content):
        raise _unsupported(f"{field}.content", "pictures in the result of a tool")
    return {"role": "tool", "tool_call_id": call, "content": content}


def _content(content: object, field: str) -> str | list[Json]:
    """Return a text, or blocks; one block of text is a text."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    blocks = list(map(_block, requested_parts(content, field)))
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        return str(blocks[0]["text"])
    return blocks


def _block(part: RequestedPart) -> Json:
    """Translate a part; types that are none of OpenAI's are taken for Cohere's own, as `document`, and pass."""
    if part.text is not None:
        return {"type": "text", "text": part.text}
    if part.kind == "image_url":
        return _image(part.given.get("image_url"), f"{part.field}.image_url")
    if part.kind in _NOT_TAKEN:
        raise _unsupported(part.field, _NOT_TAKEN[part.kind])
    return dict(part.given)


def _image(given: object, field: str) -> Json:
    image = given if isinstance(given, dict) else {"url": given}
    url = image.get("url")
    if not isinstance(url, str) or not url[:8].lower().startswith(("https://", "http://", "data:")):
        raise InvalidRequest(f"{field}.url", "must be a URL or a data: URI")
    block: Json = {"url": url}
    detail = image.get("detail")
    if isinstance(detail, str) and detail in _DETAILS:
        block["detail"] = detail
    return {"type": "image_url", "image_url": block}


def _call(call: RequestedToolCall) -> Json:
    given = call.arguments
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False) if given else ""
    function = {"name": call.name, "arguments": arguments.strip() or "{}"}
    return {"id": call.id, "type": "function", "function": function}


def _text_of(block: Mapping[str, Any]) -> str:
    return str(block["text"]) if block["type"] == "text" else ""


def _unsupported(field: str, what: str) -> ProviderFailure:
    return ProviderFailure(FailureKind.UNSUPPORTED, f"Cohere's models take no {what}", param=field)
