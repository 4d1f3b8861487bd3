"""The providers over HTTP: a dialect's request goes out, what comes back is read, judged and translated."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from atom_llm.adapters.providers.dialect import Dialect, MalformedEvent, StreamReader
from atom_llm.adapters.providers.http import Connections, HttpAnswer, OpenHttpAnswer
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.readable import SPELT_HALF, SPELT_HALF_IN_BYTES, ReadableDeltas, readable_json
from atom_llm.adapters.providers.sse import EventParser, EventTooLarge
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, ServerSentEvent, Target, WireRequest
from atom_llm.domain.providers.failure_reading import classified, error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import chat_usage, cohere_usage, generate_content_usage, messages_usage
from atom_llm.observability import hide, redacted, redacted_json
from atom_llm.ports.providers import TimeLimits
from atom_llm.process_cache import BoundedMap

MOST_ONLY_STREAMS: Final = 1_000  # models that a process remembers to answer only as streams
MAX_MALFORMED: Final = 3  # events of a stream that are skipped; one garbled piece happens, a garbled stream is cut
_SPELL: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_JSON_TYPES: Final = ("application/json", "text/json")
_EVENTS: Final = "text/event-stream"
_ABOUT_THE_REQUEST: Final = (FailureKind.REQUEST, FailureKind.UNSUPPORTED)


class HttpGateway:
    """Implements `ProviderGateway`."""

    def __init__(
        self,
        dialects: Mapping[str, Dialect],
        addresses: OtherAddresses,
        connections: Connections,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the dialects, the connections, and `addresses`, the environment's in place of published ones."""
        self._dialects = dialects
        self._addresses = addresses
        self._connections = connections
        self._clock = clock
        self._only_streams: BoundedMap[tuple[str, str], bool] = BoundedMap(MOST_ONLY_STREAMS)

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Return the reason that the provider's dialect gives; None where it takes the request."""
        return self._dialects[target.provider.id].refuses(target, body)

    async def ask(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """Return a whole chat answer; raises `ProviderFailure`, its sentence redacted.

        A model that says that it answers only as a stream is asked for one, from then on at once.
        """
        dialect = self._dialects[target.provider.id]
        model = (target.provider.id, target.model)
        if model in self._only_streams:
            return await self._assembled(target, key, body, limits)
        request = _translated(lambda: dialect.chat(target, body, stream=False))
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        try:
            content = await self._whole(target, key, request, limits)
        except ProviderFailure as failure:
            if failure.kind not in _ABOUT_THE_REQUEST or not _wants_a_stream(failure):
                raise
            self._only_streams.put(model, True)
            left_s = until - asyncio.get_running_loop().time()
            return await self._assembled(target, key, body, replace(limits, first_byte_s=left_s))
        try:
            answer = dialect.answer(target, content)
        except ProviderFailure as failure:
            failure.reported = _usage_of(target, content)
            raise
        return _with_dropped(answer, request)

    async def embed(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """Return embeddings; raises `ProviderFailure`, its sentence redacted."""
        dialect = self._dialects[target.provider.id]
        request = _translated(lambda: dialect.embeddings(target, body))
        content = await self._whole(target, key, request, limits)
        return _with_dropped(dialect.embedded(target, body, content), request)

    async def stream(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> "HttpStream":
        """Return a stream, once its headers are there and say that it is one."""
        dialect = self._dialects[target.provider.id]
        request = _translated(lambda: dialect.chat(target, body, stream=True))
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        opened = await self._connections.open(
            await self._url(target, request),
            _headers(target, key, request, _EVENTS),
            _SPELL(request.body).encode(),
            limits,
        )
        try:
            if opened.status == 200 and opened.headers.get("content-type", "").startswith(_EVENTS):
                return HttpStream(target.provider.id, dialect.reader(target, body), opened, request.dropped)
            answered = HttpAnswer(opened.status, opened.headers, await opened.whole(until))
        except BaseException:
            await opened.close()
            raise
        await opened.close()
        self._content(target, answered)  # raises for everything that is a failure
        raise unreadable("the provider answered a stream with one piece")

    async def _assembled(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        from atom_llm.adapters.providers.assembled import assembled

        return await assembled(lambda times: self.stream(target, key, body, times), limits)

    async def _whole(self, target: Target, key: str, request: WireRequest, limits: TimeLimits) -> Json:
        headers = _headers(target, key, request, _JSON_TYPES[0])
        try:
            answered = await self._connections.post(
                await self._url(target, request), headers, _SPELL(request.body).encode(), limits
            )
        except ProviderFailure as failure:
            if failure.kind is FailureKind.CUT:  # nothing of it has reached anybody: it may be asked again
                raise ProviderFailure(FailureKind.TRANSIENT, failure.message, status=failure.status) from failure
            raise
        return self._content(target, answered)

    def _content(self, target: Target, answered: HttpAnswer) -> Json:
        """Return the object in a whole answer; raises `ProviderFailure` for everything else."""
        provider = target.provider.id
        answered = _without_echoes(answered)
        if answered.status != 200:
            failure = classified(provider, answered.status, answered.headers, answered.body, self._clock())
            raise redacted_failure(failure)
        if not answered.headers.get("content-type", "").startswith(_JSON_TYPES):
            raise unreadable("the provider answered with something else than JSON")
        try:
            content = json.loads(answered.body.decode("utf-8-sig", errors="replace"))
            if SPELT_HALF_IN_BYTES.search(answered.body):
                content = readable_json(content)
        except (ValueError, RecursionError):
            raise unreadable("the provider's answer is no JSON") from None
        if isinstance(content, list) and len(content) == 1:  # how Google wraps some failures
            content = content[0]
        if not isinstance(content, dict):
            raise unreadable("the provider's answer is no object")
        within = error_within(provider, content)
        if within is not None:
            within.reported = _usage_of(target, content)  # an error in a success may have been billed all the same
            raise redacted_failure(within)
        return content

    async def _url(self, target: Target, request: WireRequest) -> str:
        await self._addresses.judge(target.provider.id)
        base = self._addresses.base_url(target.provider.id, target.provider.base_url)
        return f"{base.rstrip('/')}/{request.path}"


class HttpStream:
    """Implements `ProviderStream`."""

    def __init__(self, provider: str, reader: StreamReader, opened: OpenHttpAnswer, dropped: Sequence[str]) -> None:
        self._provider = provider
        self._reader = reader
        self._opened = opened
        self._parser = EventParser()
        self._deltas = ReadableDeltas()
        self._malformed = 0
        self._until = 0.0
        self._is_over = False
        self._failure: ProviderFailure | None = None
        self.dropped = dropped

    @property
    def is_finished(self) -> bool:
        """Return whether every choice has its finish reason."""
        return self._reader.is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage reported so far; None before any was."""
        return self._reader.reported

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
            if self._is_over:
                return None
            piece = await self._opened.next(self._until - clock())
            try:
                events = self._parser.end() if piece is None else self._parser.feed(piece)
            except EventTooLarge:
                raise ProviderFailure(FailureKind.CUT, "the provider sent an event without end") from None
            self._is_over = piece is None
            self._read(events, chunks)
            if events and self._reader.is_finished:
                break  # usage or the sentinel: the caller decides whether to go on waiting
        return chunks

    def hurry(self, limit_s: float) -> None:
        """Shorten the wait for the next chunks to at most `limit_s` seconds, from now on."""
        self._until = min(self._until, asyncio.get_running_loop().time() + limit_s)
        self._opened.hurry(limit_s)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._opened.close()

    def _read(self, events: Sequence[ServerSentEvent], chunks: list[Json]) -> None:
        """Translate events; chunks from before a failure are given out before it is raised."""
        for said in events:
            event = ServerSentEvent(said.name, redacted_json(said.data))
            try:
                chunks += self._readable(event, self._reader.read(event))
            except MalformedEvent:
                self._skip()
            except ProviderFailure as failure:
                self._failure = redacted_failure(failure)
                return

    def _readable(self, event: ServerSentEvent, chunks: Sequence[Json]) -> Sequence[Json]:
        has_halves = SPELT_HALF.search(event.data) is not None
        if not has_halves and not self._deltas.waits:
            return chunks
        self._deltas.read(chunks)
        return [readable_json(chunk) for chunk in chunks]

    def _skip(self) -> None:
        self._malformed += 1
        if self._malformed > MAX_MALFORMED:
            raise ProviderFailure(FailureKind.CUT, "the provider's stream cannot be read")


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


def _wants_a_stream(failure: ProviderFailure) -> bool:
    from atom_llm.adapters.providers.assembled import wants_a_stream  # rare: it is not loaded with the rest

    return wants_a_stream(failure)


def _without_echoes(answered: HttpAnswer) -> HttpAnswer:
    """Return an answer without the request's own secrets, before anything of it is cut, joined or read."""
    said = answered.body.decode("utf-8-sig", errors="replace")
    kept = redacted_json(said)
    return answered if kept is said else HttpAnswer(answered.status, answered.headers, kept.encode())


def _headers(target: Target, key: str, request: WireRequest, accept: str) -> dict[str, str]:
    hide(key)
    shown = target.provider.key_header
    return {
        "content-type": "application/json",
        "accept": accept,
        "accept-encoding": "identity",
        **request.headers,
        shown.name: f"{shown.prefix}{key}",
    }


def _translated(translate: Callable[[], WireRequest]) -> WireRequest:
    """Return a dialect's request; what it finds wrong is this candidate's failure, for another dialect may take it."""
    try:
        return translate()
    except InvalidRequest as error:
        raise ProviderFailure(FailureKind.UNTRANSLATABLE, error.fault, param=error.field) from error


def _usage_of(target: Target, content: Json) -> ReportedUsage | None:
    """Return the usage that a whole answer counts, also one that has nothing else to use."""
    usage = content.get("usage")
    match target.provider.api_style:
        case "google":
            return generate_content_usage(content)
        case "anthropic":
            return messages_usage(usage) if isinstance(usage, dict) else None
        case "cohere":
            return cohere_usage(usage) if isinstance(usage, dict) else None
        case _:
            return chat_usage(target.provider.id, content)


def _with_dropped(answer: ProviderAnswer, request: WireRequest) -> ProviderAnswer:
    return ProviderAnswer(answer.body, answer.reported, request.dropped) if request.dropped else answer
