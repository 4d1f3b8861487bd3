"""OpenAI's Responses dialect at the door: whole responses and headers."""

import json
from functools import partial
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.tenancy.rate_limit import headers as rate_limit_headers
from atom_llm.ports.core import Clock
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.call_stream import CallStream
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.request import ResponsesRequest
from functions.chat.openai_responses.sealed import sealed
from functions.chat.openai_responses.stream import ResponseEventWriter
from functions.chat.openai_responses.tools import OfferedTool, OfferedTools
from functions.chat.openai_responses.words import (
    annotations_told,
    begun_response,
    call_item,
    ended_response,
    logprobs_told,
    message_item,
    reasoning_item,
    refusal_part,
    status_of_last,
    text_part,
)
from functions.chat.signatures import GOOGLE, signatures_of

_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class ResponsesDialect:
    """Implements `CallerDialect`."""

    def __init__(self, asked: ResponsesRequest, request_id: str, clock: Clock, ids: KeptIds) -> None:
        self._asked = asked
        self._ids = ids
        self._request_id = request_id
        self._clock = clock

    def whole(self, completed: CompletedCall) -> bytes:
        """Return the provider's own response, or another provider's answer as one."""
        if completed.native is not None:
            key, provider = completed.provider_key, completed.candidate.entry.provider
            return completed.native if key is None else self._ids.renamed(completed.native, provider, key)
        return _spelt(response(self._asked, completed)).encode()

    def headers(self, answered: CompletedCall | CallStream) -> dict[str, str]:
        """Return OpenAI's headers on rate limits."""
        return rate_limit_headers(answered.standings.get("requests"), answered.standings.get("tokens"))

    def writer(self) -> ResponseEventWriter:
        """Return a writer of events."""
        return ResponseEventWriter(self._asked, self._request_id, self._clock, self._ids)


def response(asked: ResponsesRequest, completed: CompletedCall) -> Json:
    """Return an answer in the words of chat completions as a response."""
    call = completed.call
    begun = begun_response(asked, call.call_id, call.opened_at.timestamp(), completed.candidate.id)
    choice = completed.body["choices"][0]
    output = _items(choice, call.call_id, asked.tools)
    finish = choice.get("finish_reason")
    if output and "status" in output[-1]:
        output[-1]["status"] = status_of_last(finish)
    return ended_response(begun, output, finish, completed.usage)


def _items(choice: Json, call_id: str, tools: OfferedTools) -> list[Json]:
    answer: Json = choice["message"]
    items: list[Json] = []
    encrypted = sealed({**answer, GOOGLE: signatures_of(answer, partial(_call_id, call_id))})
    if encrypted is not None:
        items.append(reasoning_item(f"rs_{call_id}_0", _text(answer.get("reasoning_content")), encrypted))
    parts = []
    if text := _text(answer.get("content")):
        parts.append(text_part(text, annotations_told(answer.get("annotations")), logprobs_told(choice)))
    if refusal := _text(answer.get("refusal")):
        parts.append(refusal_part(refusal))
    calls = answer.get("tool_calls") or ()
    if parts or not (items or calls):
        items.append(message_item(f"msg_{call_id}_{len(items)}", parts, "completed"))
    for place, call in enumerate(calls):
        function = call.get("function") or {}
        name = function.get("name") or ""
        identity = _call_id(call_id, call, place)
        tool = tools.get(name) or OfferedTool(name)
        item_id = f"{'ctc' if tool.is_custom else 'fc'}_{call_id}_{len(items)}"
        items.append(call_item(item_id, identity, tool, function.get("arguments") or "{}", "completed"))
    return items


def _call_id(call_id: str, call: Json, place: int) -> str:
    return call.get("id") or f"call_{call_id}_{place}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
