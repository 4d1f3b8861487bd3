"""Anthropic's dialect at the door: whole messages, usage, stop reasons and headers."""

import json
from datetime import timedelta
from typing import Any, Final

from atom_llm.domain.providers.exchange import UNSIGNED, Json
from atom_llm.http.timestamps import timestamp
from atom_llm.ports.core import Clock
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.call_stream import CallStream
from functions.chat.messages.stream import EventWriter
from functions.chat.messages.words import begun_message, held_signatures, stop_reason, tool_use_id, usage_told
from functions.chat.signatures import signatures_of

_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class MessagesDialect:
    """Implements `CallerDialect`. What comes from a provider that speaks it goes out as it came."""

    def __init__(self, request_id: str, clock: Clock) -> None:
        self._request_id = request_id
        self._clock = clock

    def whole(self, completed: CompletedCall) -> bytes:
        """Return the provider's own message, or another provider's answer as one."""
        return _spelt(message(completed)).encode() if completed.native is None else completed.native

    def headers(self, answered: CompletedCall | CallStream) -> dict[str, str]:
        """Return Anthropic's headers on rate limits (platform.claude.com/docs/en/api/rate-limits)."""
        told: dict[str, str] = {}
        for name in ("requests", "tokens"):
            standing = answered.standings.get(name)
            if standing is not None:
                told[f"anthropic-ratelimit-{name}-limit"] = str(standing.limit)
                told[f"anthropic-ratelimit-{name}-remaining"] = str(standing.remaining)
                reset = self._clock() + timedelta(seconds=standing.reset_s)
                told[f"anthropic-ratelimit-{name}-reset"] = timestamp(reset)
        return told

    def writer(self) -> EventWriter:
        """Return a writer of events."""
        return EventWriter(self._request_id, self._clock)


def message(completed: CompletedCall) -> Json:
    """Return an answer in OpenAI's words as a message of Anthropic's."""
    call = completed.call
    choice = completed.body["choices"][0]
    told = begun_message(call.call_id, completed.candidate.id)
    told["content"] = _blocks(choice["message"], call.call_id)
    told["stop_reason"] = stop_reason(choice.get("finish_reason"), has_calls=bool(choice["message"].get("tool_calls")))
    told["usage"] = usage_told(completed.usage, call.wanted.requirements.about_tokens)
    return told


def _blocks(answer: Json, call_id: str) -> list[Json]:
    thoughts, reasoning = answer.get("thinking_blocks"), answer.get("reasoning_content")
    blocks: list[Json] = list(thoughts) if isinstance(thoughts, list) else []
    if isinstance(reasoning, str) and reasoning and all(block.get("type") != "thinking" for block in blocks):
        blocks.insert(0, {"type": "thinking", "thinking": reasoning, "signature": UNSIGNED})
    signatures = signatures_of(answer, lambda call, place: tool_use_id(call.get("id"), call_id, place))
    if signatures:
        blocks.append(held_signatures(signatures))
    text = answer.get("content") or answer.get("refusal")
    if isinstance(text, str) and text:
        blocks.append({"type": "text", "text": text})
    for place, call in enumerate(answer.get("tool_calls") or ()):
        function = call.get("function") or {}
        identity = tool_use_id(call.get("id"), call_id, place)
        arguments = _object(function.get("arguments"))
        blocks.append({"type": "tool_use", "id": identity, "name": function.get("name"), "input": arguments})
    return blocks


def _object(arguments: Any) -> Json:
    """Return a call's arguments as an object; a model writes them, and not always as JSON."""
    try:
        read = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return {"raw": arguments}
    return read if isinstance(read, dict) else {"raw": arguments}
