"""A stream in Anthropic's events, in Anthropic's order, each with its `event:` line.

`platform.claude.com/docs/en/build-with-claude/streaming`: a message begins, its blocks begin, grow and end one after
the other, and the message ends with its stop reason and usage.
"""

import json
from collections.abc import Sequence
from typing import Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.providers.exchange import UNSIGNED, Json
from atom_llm.http.problems import problem_of, rendered
from atom_llm.ports.core import Clock
from atom_llm.services.calls.call_stream import CallStream
from functions.chat.messages.words import begun_message, held_signatures, stop_reason, tool_use_id, usage_told
from functions.chat.native_events import NativeEvents
from functions.chat.signatures import call_signature, signature_of, text_signature

_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class EventWriter:
    """Implements `StreamWriter`: events of the provider's own as they came, or chunks as events."""

    def __init__(self, request_id: str, clock: Clock) -> None:
        self._request_id = request_id
        self._clock = clock
        self._call_id = ""
        self._begun: Json | None = None  # the message that begins, until there is something of it
        self._native = NativeEvents()
        self._open: str | None = None  # the type of the block that is open
        self._blocks = 0  # that have begun
        self._calls: dict[int, int] = {}  # index of a call → index of its block
        self._growing: int | None = None  # index of the call whose block is open
        self._arguments = ""  # of that call, until now
        self._waiting: dict[int, list[Json]] = {}  # pieces of calls that begin before it is whole
        self._signature = UNSIGNED
        # Google's, of a text that has come. It is told before a call alone: Claude Code shows the last block of an
        # answer as its result, and Google wants signatures of calls, not those of texts.
        self._text_signature: str | None = None
        self._finish: object = None

    def begin(self, stream: CallStream) -> bytes:
        """Keep the first events back until it shows whether the provider sends its own."""
        self._call_id = stream.call.call_id
        message = begun_message(self._call_id, stream.candidate.id)
        message["usage"] = usage_told(None, stream.call.wanted.requirements.about_tokens)
        self._begun = message
        return b""

    def chunks(self, chunks: Sequence[Json]) -> bytes:
        """Return the events that chunks become."""
        passed = self._native.take(chunks)
        if passed is not None:
            return passed
        written: list[bytes] = []
        for chunk in chunks:
            for choice in chunk.get("choices") or ():
                if choice.get("index", 0) == 0:
                    self._start(written)
                    self._add(choice.get("delta") or {}, written)
                    self._finish = choice.get("finish_reason") or self._finish
        return b"".join(written)

    def end(self, stream: CallStream) -> bytes:
        """Return the end of the open block, the stop reason with the usage, and the message's end."""
        if self._native.are_told:
            return self._native.last
        written: list[bytes] = []
        self._start(written)
        self._end_calls(written)
        self._close(written)
        usage = usage_told(stream.usage, stream.call.wanted.requirements.about_tokens)
        delta = {"stop_reason": stop_reason(self._finish, has_calls=bool(self._calls)), "stop_sequence": None}
        written.append(_event({"type": "message_delta", "delta": delta, "usage": usage}))
        written.append(_event({"type": "message_stop"}))
        return b"".join(written)

    def error(self, error: AtomError) -> bytes:
        """Return an event with Anthropic's error object."""
        return _event(rendered(problem_of(error), "anthropic", self._clock(), self._request_id))

    def _start(self, written: list[bytes]) -> None:
        if self._begun is not None:
            written += [_event({"type": "message_start", "message": self._begun}), _event({"type": "ping"})]
            self._begun = None

    def _add(self, delta: Json, written: list[bytes]) -> None:
        thought = delta.get("reasoning_content")
        if thought:
            self._enter("thinking", {"type": "thinking", "thinking": "", "signature": ""}, written)
            written.append(self._delta({"type": "thinking_delta", "thinking": thought}))
        for block in delta.get("thinking_blocks") or ():
            self._add_thinking(block, written)
        for name in ("content", "refusal"):
            if delta.get(name):
                self._enter("text", {"type": "text", "text": ""}, written)
                written.append(self._delta({"type": "text_delta", "text": delta[name]}))
        self._text_signature = signature_of(delta) or self._text_signature
        for call in delta.get("tool_calls") or ():
            self._add_call(call, written)

    def _add_thinking(self, block: Json, written: list[bytes]) -> None:
        """End a thought whose text has come already with its signature, or add one of which nobody shows the text."""
        if block.get("type") == "redacted_thinking":
            self._enter("redacted_thinking", {"type": "redacted_thinking", "data": block.get("data")}, written)
        else:
            self._enter("thinking", {"type": "thinking", "thinking": "", "signature": ""}, written)
            self._signature = block.get("signature") or UNSIGNED
        self._close(written)

    def _hold(self, signatures: Json, written: list[bytes]) -> None:
        block = held_signatures(signatures)
        self._enter(block["type"], block, written)
        self._close(written)

    def _add_call(self, call: Json, written: list[bytes]) -> None:
        """Add a piece of a call: blocks grow one after the other, and calls may grow side by side."""
        place = call.get("index", 0)
        if place in self._waiting or (place not in self._calls and self._growing is not None and not self._is_whole()):
            self._waiting.setdefault(place, []).append(call)
        elif place not in self._calls or place == self._growing:  # behind whole arguments there are blanks at most
            self._grow(place, call, written)
        while self._waiting and self._is_whole():
            self._go_on(written)

    def _grow(self, place: int, call: Json, written: list[bytes]) -> None:
        function = call.get("function") or {}
        if place not in self._calls:
            self._close(written)
            identity = tool_use_id(call.get("id"), self._call_id, place)
            if self._text_signature is not None:
                self._hold(text_signature(self._text_signature), written)
                self._text_signature = None
            if (signature := signature_of(call)) is not None:
                self._hold(call_signature(identity, signature), written)
            block: Json = {"type": "tool_use", "id": identity, "name": function.get("name") or "", "input": {}}
            self._enter("tool_use", block, written)
            self._calls[place], self._growing, self._arguments = self._blocks - 1, place, ""
        if function.get("arguments"):
            self._arguments += function["arguments"]
            written.append(self._delta({"type": "input_json_delta", "partial_json": function["arguments"]}))

    def _is_whole(self) -> bool:
        """Return whether the arguments of the call that grows are an object of JSON, to which nothing can be added."""
        try:
            return isinstance(json.loads(self._arguments), dict)
        except (ValueError, RecursionError):
            return False

    def _go_on(self, written: list[bytes]) -> None:
        """Begin the first of the calls that wait, with all that has come of it."""
        place = next(iter(self._waiting))
        for piece in self._waiting.pop(place):
            self._grow(place, piece, written)

    def _end_calls(self, written: list[bytes]) -> None:
        """Tell the calls that wait, whatever the one before them lacks."""
        while self._waiting:
            self._go_on(written)

    def _enter(self, kind: str, block: Json, written: list[bytes]) -> None:
        """Begin a block, unless one of its kind is open: a call's is closed before the next."""
        if self._open == kind:
            return
        if kind in ("text", "thinking"):
            self._end_calls(written)
        self._close(written)
        written.append(_event({"type": "content_block_start", "index": self._blocks, "content_block": block}))
        self._open = kind
        self._blocks += 1

    def _close(self, written: list[bytes]) -> None:
        if self._open is None:
            return
        if self._open == "thinking":
            written.append(self._delta({"type": "signature_delta", "signature": self._signature}))
            self._signature = UNSIGNED
        written.append(_event({"type": "content_block_stop", "index": self._blocks - 1}))
        self._open = self._growing = None

    def _delta(self, delta: Json) -> bytes:
        return _event({"type": "content_block_delta", "index": self._blocks - 1, "delta": delta})


def _event(content: Json) -> bytes:
    return f"event: {content['type']}\ndata: {_spelt(content)}\n\n".encode()
