"""A conversation in OpenAI's chat messages as the items of its Responses API."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.native_parts import as_openais_part
from atom_llm.adapters.providers.request_parts import (
    RequestedPart,
    answered_call_id,
    fitting_name,
    requested_parts,
    requested_tool_calls,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.held_thoughts import openai_item

_DETAILS: Final = ("auto", "low", "high")


class ResponsesConversation:
    """Implements `ConversationBuilder`; `left_out` names what has no place among the items."""

    def __init__(self) -> None:
        self.items: list[Json] = []
        self.left_out: set[str] = set()
        self._custom: set[str] = set()  # ids of calls of custom tools, whose results are items of their own kind

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        """Add instructions."""
        self._add(str(message["role"]), message, field)

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        """Add words of the user."""
        self._add("user", message, field)

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        """Add an earlier answer: its text, and each of its calls as an item."""
        blocks = message.get("thinking_blocks")
        thoughts = [item for block in (blocks if isinstance(blocks, list) else ()) if (item := openai_item(block))]
        self.items += thoughts
        if not thoughts and (message.get("reasoning_content") or blocks):
            self.left_out.add("reasoning_content")
        parts = [
            {"type": "output_text", "text": part.text, "annotations": []}
            if part.kind == "text"
            else {"type": "refusal", "refusal": part.text}
            for part in requested_parts(message.get("content"), f"{field}.content")
            if part.text
        ]
        if isinstance(message.get("refusal"), str):
            parts.append({"type": "refusal", "refusal": message["refusal"]})
        if parts:
            self.items.append({"type": "message", "role": "assistant", "content": parts})
        calls = message.get("tool_calls") or []
        for place, call in enumerate(calls if isinstance(calls, list) else []):
            self._add_call(call, f"{field}.tool_calls.{place}")

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        """Add the result of a tool."""
        call_id = answered_call_id(message, field)
        content = message.get("content")
        output = content if isinstance(content, str) else self._parts(content, f"{field}.content")
        kind = "custom_tool_call_output" if call_id in self._custom else "function_call_output"
        self.items.append({"type": kind, "call_id": call_id, "output": output})

    def _add(self, role: str, message: Mapping[str, Any], field: str) -> None:
        if message.get("name") is not None:
            self.left_out.add("messages.name")
        content = message.get("content")
        if not isinstance(content, str):
            content = self._parts(content, f"{field}.content")
        self.items.append({"role": role, "content": content})

    def _add_call(self, call: object, field: str) -> None:
        given = call if isinstance(call, dict) else {}
        custom = given.get("custom")
        if given.get("type") == "custom" and isinstance(custom, dict):
            identity, name, text = given.get("id"), custom.get("name"), custom.get("input")
            if not (isinstance(identity, str) and isinstance(name, str) and isinstance(text, str)):
                raise InvalidRequest(f"{field}.custom", "must have a name and an input, and the call an id")
            self._custom.add(identity)
            self.items.append({"type": "custom_tool_call", "call_id": identity, "name": name, "input": text})
            return
        (read,) = requested_tool_calls([call], field)
        arguments = read.arguments if isinstance(read.arguments, str) else "{}"
        self.items.append(
            {"type": "function_call", "call_id": read.id, "name": fitting_name(read.name), "arguments": arguments}
        )

    def _parts(self, content: object, field: str) -> list[Json]:
        return [self._part(part) for part in requested_parts(content, field)]

    def _part(self, part: RequestedPart) -> Json:
        if part.text is not None:
            return {"type": "input_text", "text": part.text}
        given = as_openais_part(part.given) or part.given
        match given.get("type"):
            case "text":
                return {"type": "input_text", "text": str(given.get("text"))}
            case "image_url":
                picture = given.get("image_url")
                shown = picture if isinstance(picture, dict) else {"url": picture}
                detail = shown.get("detail")
                return {
                    "type": "input_image",
                    "image_url": shown.get("url"),
                    "detail": detail if detail in _DETAILS else "auto",
                }
            case "file":
                file = given.get("file")
                kept = file if isinstance(file, dict) else {}
                return {"type": "input_file", **{name: value for name, value in kept.items() if value is not None}}
            case other:
                raise InvalidRequest(f"{part.field}.type", f"{str(other)[:60]} is none that the Responses API takes")
