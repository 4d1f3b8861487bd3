"""Requests and answers in a dialect that caller and provider both speak: they pass as they are."""

import re
from typing import Final, Protocol

from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.adapters.providers.http_stream import MAX_MALFORMED, endless_event, unreadable_stream
from atom_llm.adapters.providers.sse import MAX_EVENT
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.chunks import native_chunk
from atom_llm.domain.providers.exchange import Json, NativeRequest, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failure_reading import unreadable
from atom_llm.domain.providers.reported_counts import count
from atom_llm.observability import has_own_secrets, redacted_json

_EVENT: Final = b"event: "
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_NAME: Final = re.compile(rb"^event: ?([^\r\n]*)", re.MULTILINE)
_DATA: Final = re.compile(rb"^data: ?([^\r\n]*)", re.MULTILINE)


class NativeReader(Protocol):
    """A reader of a native stream's events, of which most are only recognised; made anew for each stream."""

    def note(self, name: bytes, event: bytes) -> bool:
        """Note an event, its name apart, and return whether it has a part of the answer; `data_of` reads it.

        Raises `MalformedEvent`, and `ProviderFailure` where the event says that the provider failed.
        """
        ...

    @property
    def is_finished(self) -> bool:
        """Return whether the answer's stop reason has come."""
        ...

    @property
    def is_over(self) -> bool:
        """Return whether the stream's last event has come."""
        ...

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far; None before any was."""
        ...


class NativeDialect(Protocol):
    """A provider's dialect that callers speak too."""

    def takes(self, target: Target, native: NativeRequest) -> bool:
        """Return whether a model takes the request as it is; otherwise it is translated."""
        ...

    def request(self, target: Target, native: NativeRequest, limit: int | None) -> WireRequest:
        """Return the request as it was given, but for the model's name and what a budget needs: the `limit` of output
        tokens that is held for, where it is not the model's own."""
        ...

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Return a whole answer in the words of chat completions, with its usage; raises `ProviderFailure`."""
        ...

    def reader(self, target: Target) -> NativeReader:
        """Return a reader of the stream."""
        ...

    def count_request(self, target: Target, native: NativeRequest) -> WireRequest:
        """Return the request for a count of the prompt's tokens."""
        ...


def counted(content: Json) -> int:
    """Return the tokens in an answer to a count, which all native dialects word alike.

    Raises `ProviderFailure` where there are none.
    """
    tokens = count(content.get("input_tokens"))
    if tokens is None:
        raise unreadable("the provider's answer is no count")
    return tokens


class NativePieces:
    """Implements `PieceReader`: whole events are passed on byte for byte, each piece's together."""

    def __init__(self, reader: NativeReader) -> None:
        self._reader = reader
        self._rest = b""
        self._malformed = 0

    @property
    def is_finished(self) -> bool:
        """Return whether the answer's stop reason has come."""
        return self._reader.is_finished

    @property
    def is_over(self) -> bool:
        """Return whether the stream's last event has come."""
        return self._reader.is_over

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far."""
        return self._reader.reported

    def read(self, piece: bytes | None, chunks: list[Json]) -> bool:
        """Add a chunk of the events that a piece completes; what is malformed is left out.

        The last event stands in a chunk of its own: it goes out when the call is settled.
        """
        came = self._rest + (piece or b"")
        events = _whole_events(came, is_end=piece is None)
        self._rest = came[sum(map(len, events)) :]
        if len(self._rest) > MAX_EVENT:
            raise endless_event()
        if self._reader.is_over:
            return bool(events)
        if events and has_own_secrets(came):
            events = [_redacted(event) for event in events]
        passed: list[bytes] = []
        carries, last = False, b""
        try:
            for place, event in enumerate(events):
                carried = self._noted(event)
                if self.is_over:
                    last = b"".join(events[place:])  # with what stands right behind it
                    break
                if carried is not None:
                    passed.append(event)
                    carries = carries or carried
        finally:
            if passed:
                chunks.append(native_chunk(b"".join(passed), carries=carries))
        if last:
            chunks.append(native_chunk(last, carries=False, last=True))
        return bool(events)

    def _noted(self, event: bytes) -> bool | None:
        """Return whether an event has a part of the answer; None for one that cannot be read."""
        name = _name(event)
        try:
            return self._reader.note(name, event)
        except MalformedEvent:
            self._malformed += 1
            if self._malformed > MAX_MALFORMED:
                raise unreadable_stream() from None
            return None


def data_of(event: bytes) -> bytes | None:
    """Return the data of an event; None for a comment, which has none."""
    found = _DATA.search(event)
    return None if found is None else found[1]


def _name(event: bytes) -> bytes:
    """Return an event's name, which stands in its first line wherever there is no comment before it."""
    if event.startswith(_EVENT):
        return event[len(_EVENT) : event.find(b"\n")].rstrip(b"\r")
    found = _NAME.search(event)
    return b"" if found is None else found[1]


def _whole_events(came: bytes, *, is_end: bool) -> list[bytes]:
    """Return the events of a piece with their blank lines; at the end also one that saves itself the blank line."""
    if came.endswith(b"\n\n") and came.count(b"\n\n") == 1 and b"\r" not in came:
        return [came]  # as nearly every piece is
    events, start = [], 0
    for found in _BLANK_LINE.finditer(came):
        events.append(came[start : found.end()])
        start = found.end()
    if is_end and came[start:].strip():
        events.append(came[start:])
    return events


def _redacted(event: bytes) -> bytes:
    """Return an event without the request's own secrets in its data."""
    return _DATA.sub(lambda found: b"data: " + redacted_json(found[1]), event)
