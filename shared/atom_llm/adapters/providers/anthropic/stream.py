"""Anthropic's server-sent events as OpenAI's chunks.

Events: `platform.claude.com/docs/en/build-with-claude/streaming`. New kinds of events, blocks and deltas may come, says
the API's versioning policy; they are passed over.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from atom_llm.adapters.providers.anthropic.answer import PAUSED, PAUSED_TURN, annotation, finish_reason, refusal
from atom_llm.adapters.providers.anthropic.blocks import TurnBlocks
from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.adapters.providers.readable import readable_json
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import messages_usage

_NOTHING: Final[Sequence[Json]] = ()
_ANSWER: Final = -1  # instead of a call's index: the block's JSON is the answer's content


class MessagesReader:
    """Implements `StreamReader`."""

    def __init__(self, target: Target) -> None:
        """Begin to read one stream of a model's."""
        self._target = target
        self._usage: Json = {}
        self._is_finished = False
        self._calls: dict[int, int] = {}  # index of the block → index of the call
        self._silent: set[int] = set()  # blocks of calls of which no JSON has come yet
        self._blocks = TurnBlocks()
        self._thoughts: dict[int, Json] = {}  # blocks of thinking that are under way
        self._thinking_blocks = 0
        self._length = 0  # characters of content until now
        self._text_start = 0
        self._cited: list[Json] = []
        self._annotations: list[Json] = []
        self._citations: list[Json] = []

    @property
    def is_finished(self) -> bool:
        """Return whether the answer's stop reason has come."""
        return self._is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The first event's usage, with later counts in place of its own, for all count from the beginning."""
        return messages_usage(self._usage) if self._usage else None

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunks that an event becomes; raises `MalformedEvent`, and `ProviderFailure` for an error."""
        data = event_content(event)
        try:
            handler = _HANDLERS.get(data["type"])
            return _NOTHING if handler is None else handler(self, data)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise MalformedEvent from None

    def _message_start(self, data: Json) -> Sequence[Json]:
        self._add_usage(data["message"].get("usage"))
        return [_chunk({"role": "assistant", "content": ""})]

    def _block_start(self, data: Json) -> Sequence[Json]:
        block, place = data["content_block"], data["index"]
        self._blocks.start(place, block)
        start = _BLOCK_STARTS.get(block["type"])
        return _NOTHING if start is None else start(self, block, place)

    def _text_starts(self, block: Json, place: int) -> Sequence[Json]:
        self._text_start = self._length
        self._cited = list(block.get("citations") or ())
        return self._content(block["text"]) if block.get("text") else _NOTHING

    def _call_starts(self, block: Json, place: int) -> Sequence[Json]:
        is_answer = block["name"] == ANSWER_TOOL
        if is_answer and _ANSWER in self._calls.values():
            return _NOTHING  # one answer is the content; a second one after it would be no JSON any more
        given = json.dumps(block["input"], ensure_ascii=False) if block.get("input") else ""
        if not given:
            self._silent.add(place)
        if is_answer:
            self._calls[place] = _ANSWER
            return self._content(given) if given else _NOTHING
        index = self._calls[place] = sum(call != _ANSWER for call in self._calls.values())
        function = {"name": block["name"], "arguments": given}
        return [_chunk({"tool_calls": [{"index": index, "id": block["id"], "type": "function", "function": function}]})]

    def _thinking_starts(self, block: Json, place: int) -> Sequence[Json]:
        self._thoughts[place] = dict(block)
        return [_chunk({"reasoning_content": block["thinking"]})] if block.get("thinking") else _NOTHING

    def _block_delta(self, data: Json) -> Sequence[Json]:
        delta = data["delta"]
        kind = delta["type"]
        self._blocks.add(data.get("index"), delta)
        if kind == "text_delta":
            return self._content(delta["text"])
        handler = _DELTAS.get(kind)
        return _NOTHING if handler is None else handler(self, delta, data["index"])

    def _json_delta(self, delta: Json, place: int) -> Sequence[Json]:
        call, piece = self._calls.get(place), delta.get("partial_json")
        if call is None or not piece:  # input of a server's own tool; every call begins with an empty piece
            return _NOTHING
        self._silent.discard(place)
        return self._json(call, piece)

    def _json(self, call: int, piece: str) -> Sequence[Json]:
        if call == _ANSWER:
            return self._content(piece)
        return [_chunk({"tool_calls": [{"index": call, "function": {"arguments": piece}}]})]

    def _thinking_delta(self, delta: Json, place: int) -> Sequence[Json]:
        text, block = delta["thinking"], self._thoughts[place]
        block["thinking"] = block.get("thinking", "") + text
        return [_chunk({"reasoning_content": text})] if text else _NOTHING

    def _signature_delta(self, delta: Json, place: int) -> Sequence[Json]:
        block = self._thoughts[place]
        block["signature"] = block.get("signature", "") + delta["signature"]
        return _NOTHING

    def _citations_delta(self, delta: Json, place: int) -> Sequence[Json]:
        self._cited.append(delta["citation"])
        return _NOTHING

    def _block_stop(self, data: Json) -> Sequence[Json]:
        place = data["index"]
        if place in self._silent:
            self._silent.discard(place)
            return self._json(self._calls[place], "{}")  # a call without input is still one with JSON
        block = self._thoughts.pop(place, None)
        if block is not None:
            # Whole, and with a place: clients put lists together by it.
            index, self._thinking_blocks = self._thinking_blocks, self._thinking_blocks + 1
            return [_chunk({"thinking_blocks": [{"index": index} | readable_json(block)]})]
        if self._cited:
            self._take_citations()
        return _NOTHING

    def _message_delta(self, data: Json) -> Sequence[Json]:
        self._add_usage(data.get("usage"))
        delta = data["delta"]
        reason = delta.get("stop_reason")
        if reason is None:
            return _NOTHING
        self._is_finished = True
        last: Json = {}
        refused = refusal(reason, delta.get("stop_details"))
        if refused is not None:
            last["refusal"] = refused
        if self._annotations:
            last["annotations"] = self._annotations
        if self._citations:
            last["citations"] = self._citations
        if reason == PAUSED:
            last[PAUSED_TURN] = self._blocks.whole()
        calls = self._calls.values()
        has_answer = _ANSWER in calls
        reason = finish_reason(reason, has_calls=len(calls) > has_answer)
        return [_chunk(last, reason)]

    def _error(self, data: Json) -> Sequence[Json]:
        failure = error_within(self._target.provider.id, data)
        raise failure or ProviderFailure(FailureKind.TRANSIENT, "the provider broke off with an error")

    def _content(self, text: object) -> Sequence[Json]:
        if not isinstance(text, str):
            raise MalformedEvent
        if not text:
            return _NOTHING
        self._length += len(text)
        return [_chunk({"content": text})]

    def _take_citations(self) -> None:
        for citation in self._cited:
            found = annotation(citation, self._text_start, self._length)
            if found is not None:
                self._annotations.append(found)
            else:
                self._citations.append(citation)
        self._cited = []

    def _add_usage(self, usage: object) -> None:
        """Replace earlier counts by later ones; one that is left out, or null, stands as it was."""
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}


def _chunk(delta: Json, reason: str | None = None) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


_Handler = Callable[[MessagesReader, Json], Sequence[Json]]
_PlacedHandler = Callable[[MessagesReader, Json, int], Sequence[Json]]

_HANDLERS: Final[Mapping[str, _Handler]] = {
    "message_start": MessagesReader._message_start,
    "content_block_start": MessagesReader._block_start,
    "content_block_delta": MessagesReader._block_delta,
    "content_block_stop": MessagesReader._block_stop,
    "message_delta": MessagesReader._message_delta,
    "error": MessagesReader._error,
}
_BLOCK_STARTS: Final[Mapping[str, _PlacedHandler]] = {
    "text": MessagesReader._text_starts,
    "tool_use": MessagesReader._call_starts,
    "thinking": MessagesReader._thinking_starts,
    "redacted_thinking": MessagesReader._thinking_starts,
}
_DELTAS: Final[Mapping[str, _PlacedHandler]] = {
    "input_json_delta": MessagesReader._json_delta,
    "thinking_delta": MessagesReader._thinking_delta,
    "signature_delta": MessagesReader._signature_delta,
    "citations_delta": MessagesReader._citations_delta,
}
