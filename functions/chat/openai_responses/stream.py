"""A stream in the Responses API's events, in its order, each with its `event:` line and its number.

`platform.openai.com/docs/api-reference/responses-streaming`: a response begins, its items begin, grow and end, and the
response ends complete, incomplete or failed, with all of them in it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.providers.exchange import Json
from atom_llm.http.problems import problem_of
from atom_llm.ports.core import Clock
from atom_llm.services.calls.call_stream import CallStream
from functions.chat.native_events import NativeEvents
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.open_items import OpenCall, OpenMessage, OpenReasoning
from functions.chat.openai_responses.request import ResponsesRequest
from functions.chat.openai_responses.tools import OfferedTool
from functions.chat.openai_responses.words import (
    annotations_told,
    begun_response,
    ended_response,
    logprobs_told,
    status_of_last,
)
from functions.chat.signatures import call_signature, signature_of, text_signature

# A failure's status → the code of a response that failed, `insufficient_quota` among them: a client that knows it ends
# there, and asks again after any other. What is not here is the server's.
FAILED_CODES: Final[Mapping[int, str]] = {
    400: "invalid_prompt",
    402: "insufficient_quota",
    422: "invalid_prompt",
    429: "rate_limit_exceeded",
}

_DATA: Final = re.compile(rb"^data: ?(.*)$", re.MULTILINE)
_NUMBER: Final = re.compile(rb'"sequence_number": ?([0-9]{1,9})')

_spelt: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class ResponseEventWriter:
    """Implements `StreamWriter`."""

    def __init__(self, asked: ResponsesRequest, request_id: str, clock: Clock, ids: KeptIds) -> None:
        self._asked = asked
        self._ids = ids
        self._request_id = request_id
        self._clock = clock
        self._native = NativeEvents()
        self._stream: CallStream | None = None
        self._identity = ""
        self._begun: Json | None = None
        self._written: list[bytes] = []
        self._events = 0
        self._items: list[Json | None] = []  # None: it grows
        self._reasoning: OpenReasoning | None = None
        self._message: OpenMessage | None = None
        self._calls: dict[int, OpenCall] = {}  # by their index, those that grow
        self._ended_calls: set[int] = set()
        self._text_signature: str | None = None  # which stands behind the text that it signs
        self._finish: object = None

    def begin(self, stream: CallStream) -> bytes:
        """Keep the first events back until it shows whether the provider sends its own."""
        self._stream = stream
        return b""

    def chunks(self, chunks: Sequence[Json]) -> bytes:
        """Return the events that chunks become."""
        passed = self._native.take(chunks)
        if passed is not None:
            return self._renamed(passed)
        self._begin()
        for chunk in chunks:
            for choice in chunk.get("choices") or ():
                if choice.get("index", 0) == 0:
                    self._add(choice.get("delta") or {}, choice)
                    self._finish = choice.get("finish_reason") or self._finish
        return self._taken()

    def end(self, stream: CallStream) -> bytes:
        """Return the ends of the items that are open, and that of the response, with its usage."""
        if self._native.are_told:
            return self._renamed(self._native.last)
        self._begin()
        self._close_all(status_of_last(self._finish))
        ended = ended_response(self._begun or {}, self._output, self._finish, stream.usage)
        self._tell(str(ended["status"]), {"response": ended})
        return self._taken()

    def error(self, error: AtomError) -> bytes:
        """Return the end of a response that failed; its beginning before it, where that has not gone out."""
        if self._native.are_told:
            self._go_on()
        self._begin()
        problem = problem_of(error)
        told = {"code": FAILED_CODES.get(problem.status, "server_error"), "message": problem.message}
        failed = {**(self._begun or {}), "status": "failed", "error": told, "output": self._output}
        self._tell("failed", {"response": failed})
        return self._taken()

    @property
    def _output(self) -> list[Json]:
        return [item for item in self._items if item is not None]

    def _begin(self) -> None:
        """Tell that a response begins, once; it has the call's id, or the request's where there is no stream."""
        if self._begun is not None:
            return
        stream = self._stream
        if stream is None:
            model = ",".join(self._asked.chat.models)
            self._identity, created_at = self._request_id, self._clock().timestamp()
        else:
            model, created_at = stream.candidate.id, stream.call.opened_at.timestamp()
            self._identity = stream.call.call_id
        self._begun = begun_response(self._asked, self._identity, created_at, model)
        self._tell("created", {"response": self._begun})
        self._tell("in_progress", {"response": self._begun})

    def _renamed(self, events: bytes) -> bytes:
        """Return events of the provider's own with our ids for what it keeps."""
        stream = self._stream
        if stream is None or self._ids.change_nothing:
            return events
        return self._ids.renamed(events, stream.candidate.entry.provider, stream.provider_key)

    def _go_on(self) -> None:
        """Take up the provider's own stream where it broke off: its response, and the number of its last event."""
        for data in _DATA.findall(self._renamed(self._native.first)):
            try:
                self._begun = json.loads(data)["response"]
                break
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
        numbers = _NUMBER.findall(self._native.latest)
        self._events = int(numbers[-1]) + 1 if numbers else 0

    def _add(self, delta: Json, choice: Json) -> None:
        if thought := delta.get("reasoning_content"):
            self._thinking().add(thought)
        for block in delta.get("thinking_blocks") or ():
            self._thinking().sign(block)
        if text := delta.get("content"):
            self._speaking().add(text, logprobs_told(choice))
        if refusal := delta.get("refusal"):
            self._speaking().refuse(refusal)
        for annotation in annotations_told(delta.get("annotations")):
            self._speaking().annotate(annotation)
        self._text_signature = signature_of(delta) or self._text_signature
        for call in delta.get("tool_calls") or ():
            self._add_call(call)

    def _thinking(self) -> OpenReasoning:
        if self._reasoning is None:
            self._close_words()
            index = self._place()
            self._reasoning = OpenReasoning(self._tell, index, f"rs_{self._identity}_{index}")
        return self._reasoning

    def _speaking(self) -> OpenMessage:
        if self._message is None:
            self._close_words()
            index = self._place()
            self._message = OpenMessage(self._tell, index, f"msg_{self._identity}_{index}")
        return self._message

    def _add_call(self, call: Json) -> None:
        place, function = call.get("index", 0), call.get("function") or {}
        if place in self._ended_calls:
            return  # blanks behind whole arguments
        if place not in self._calls:
            call_id = call.get("id") or f"call_{self._identity}_{place}"
            if (signature := signature_of(call)) is not None:
                self._thinking().keep(call_signature(call_id, signature))
            self._close_words()
            self._close_calls(only_whole=True)
            index, name = self._place(), function.get("name") or ""
            tool = self._asked.tools.get(name) or OfferedTool(name)
            item_id = f"{'ctc' if tool.is_custom else 'fc'}_{self._identity}_{index}"
            self._calls[place] = OpenCall(self._tell, index, item_id, call_id, tool)
        if function.get("arguments"):
            self._calls[place].add(function["arguments"])

    def _place(self) -> int:
        """Return the place of a new item."""
        self._items.append(None)
        return len(self._items) - 1

    def _close_words(self, status: str = "completed") -> None:
        """End what is thought or said: only calls grow side by side."""
        for item in (self._reasoning, self._message):
            if item is not None:
                self._items[item.index] = item.close(status)
        self._reasoning = self._message = None

    def _close_calls(self, status: str = "completed", *, only_whole: bool = False) -> None:
        """End the calls that are open: an agent carries out each one that has ended."""
        for place, call in list(self._calls.items()):
            if not only_whole or call.is_whole:
                self._items[call.index] = call.close(status)
                self._ended_calls.add(place)
                del self._calls[place]

    def _close_all(self, status: str) -> None:
        """End what is open; what grew last is where the answer was cut off, if it was."""
        if not self._items:
            self._speaking()
        has_words = self._message is not None or self._reasoning is not None
        self._close_calls("completed" if has_words else status)
        self._close_words(status)
        if self._text_signature is not None:
            self._thinking().keep(text_signature(self._text_signature))
            self._close_words()

    def _tell(self, kind: str, fields: Json) -> None:
        name = f"response.{kind}"
        content = _spelt({"type": name, "sequence_number": self._events, **fields})
        self._events += 1
        self._written.append(f"event: {name}\ndata: {content}\n\n".encode())

    def _taken(self) -> bytes:
        """Return the events that were written since."""
        written, self._written = b"".join(self._written), []
        return written
