"""A provider's streamed answer over HTTP: pieces of bytes come in, chunks go out."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from atom_llm.adapters.providers.dialect import MalformedEvent, StreamReader
from atom_llm.adapters.providers.http import OpenHttpAnswer
from atom_llm.adapters.providers.readable import SPELT_HALF, ReadableDeltas, readable_json
from atom_llm.adapters.providers.sse import EventParser, EventTooLarge
from atom_llm.adapters.providers.well_formed import OTHER_SHAPE, are_well_formed
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ServerSentEvent
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.observability import has_own_secrets, redacted, redacted_json

MAX_MALFORMED: Final = 3  # events of a stream that are skipped; one garbled piece happens, a garbled stream is cut


class PieceReader(Protocol):
    """A reader of a stream's bytes; made anew for each stream."""

    def read(self, piece: bytes | None, chunks: list[Json]) -> bool:
        """Add the chunks that a piece completes, or the end (None); returns whether any event came.

        Raises `ProviderFailure`; chunks that were added before it stand.
        """
        ...

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason."""
        ...

    @property
    def is_over(self) -> bool:
        """Return whether nothing more is for the caller."""
        ...

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far; None before any was."""
        ...


class EventFraming(Protocol):
    """A parser of a stream's bytes to events."""

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Return the events that a piece completes; raises `EventTooLarge`, and `ProviderFailure` for damage."""
        ...

    def end(self) -> list[ServerSentEvent]:
        """Return the events that the stream's end completes."""
        ...


class HttpStream:
    """Implements `ProviderStream`."""

    def __init__(self, pieces: PieceReader, opened: OpenHttpAnswer, dropped: Sequence[str]) -> None:
        self._pieces = pieces
        self._opened = opened
        opened.headers = {}  # two dozen, which have said what they had to
        self._until = 0.0
        self._is_ended = False
        self._failure: ProviderFailure | None = None
        self.dropped = dropped

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason."""
        return self._pieces.is_finished

    @property
    def is_over(self) -> bool:
        """Return whether nothing more of it is for the caller."""
        return self._pieces.is_over

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far; None before any was."""
        return self._pieces.reported

    async def next(self, limit_s: float) -> list[Json] | None:
        """Return the chunks of the next piece that has any; behind the finish reason, of any piece.

        The limit is of all pieces together: comments, pings and parts of events are no chunks, and do not stretch it.
        """
        clock = asyncio.get_running_loop().time
        self._until = clock() + limit_s
        chunks: list[Json] = []
        while not chunks:
            if self._failure is not None:
                raise self._failure
            if self._is_ended:
                return None
            piece = await self._opened.next(self._until - clock())
            self._is_ended = piece is None
            try:
                has_events = self._pieces.read(piece, chunks)
            except ProviderFailure as failure:  # chunks from before it are given out first
                self._failure = redacted_failure(failure)
                continue
            if has_events and self._pieces.is_finished:
                break  # usage or the sentinel: the caller decides whether to go on waiting
        return chunks

    def hurry(self, limit_s: float) -> None:
        """Shorten the wait for the next chunks to at most `limit_s` seconds, from now on."""
        self._until = min(self._until, asyncio.get_running_loop().time() + limit_s)
        self._opened.hurry(limit_s)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._opened.close()


class TranslatedPieces:
    """Implements `PieceReader` with a dialect's reader: each event is parsed, and becomes OpenAI's chunks."""

    def __init__(self, reader: StreamReader, framing: "EventFraming | None" = None) -> None:
        """Take a dialect's reader, and the parser of its events' framing; server-sent events without one."""
        self._reader = reader
        self._parser = framing or EventParser()
        self._deltas = ReadableDeltas()
        self._malformed = 0

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason."""
        return self._reader.is_finished

    @property
    def is_over(self) -> bool:
        """Return whether the answer is finished, and counted."""
        return self._reader.is_finished and self._reader.reported is not None

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far."""
        return self._reader.reported

    def read(self, piece: bytes | None, chunks: list[Json]) -> bool:
        """Add the chunks of the events that a piece completes; up to three that are malformed are skipped."""
        try:
            events = self._parser.end() if piece is None else self._parser.feed(piece)
        except EventTooLarge:
            raise endless_event() from None
        said = "\n".join([event.data for event in events])  # no secret, and no escape, goes on from one to the next
        if has_own_secrets(said.encode("utf-8", "replace")):
            events = [ServerSentEvent(event.name, _redacted(event.data)) for event in events]
        has_halves = SPELT_HALF.search(said) is not None
        for event in events:
            try:
                came = self._well_formed(event)
                chunks += self._readable(came) if has_halves or self._deltas.waits else came
            except MalformedEvent:
                self._malformed += 1
                if self._malformed > MAX_MALFORMED:
                    raise unreadable_stream() from None
        return bool(events)

    def _well_formed(self, event: ServerSentEvent) -> Sequence[Json]:
        try:
            chunks = self._reader.read(event)
        except OTHER_SHAPE:
            raise MalformedEvent from None
        if not are_well_formed(chunks):
            raise MalformedEvent
        return chunks

    def _readable(self, chunks: Sequence[Json]) -> Sequence[Json]:
        self._deltas.read(chunks)
        return [readable_json(chunk) for chunk in chunks]


def _redacted(data: str) -> str:
    """Return an event's data without the request's own secrets."""
    return redacted_json(data.encode("utf-8", "replace")).decode()


def endless_event() -> ProviderFailure:
    """Return the failure of a stream whose event does not end."""
    return ProviderFailure(FailureKind.CUT, "the provider sent an event without end")


def unreadable_stream() -> ProviderFailure:
    """Return the failure of a stream with too many events that cannot be read."""
    return ProviderFailure(FailureKind.CUT, "the provider's stream cannot be read")


def redacted_failure(failure: ProviderFailure) -> ProviderFailure:
    """Return a failure whose words are the provider's, without anything that has the shape of a key."""
    return ProviderFailure(
        failure.kind,
        redacted(failure.message),
        status=failure.status,
        retry_after_s=failure.retry_after_s,
        provider_code=failure.provider_code and redacted(failure.provider_code),
        param=failure.param and redacted(failure.param),
        reported=failure.reported,
    )
