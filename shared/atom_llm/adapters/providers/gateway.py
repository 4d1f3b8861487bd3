"""The providers over HTTP: a dialect's request goes out, what comes back is read, judged and translated."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.providers.dialect import Dialect
from atom_llm.adapters.providers.http import Connections
from atom_llm.adapters.providers.http_stream import (
    EventFraming,
    HttpStream,
    PieceReader,
    TranslatedPieces,
    redacted_failure,
)
from atom_llm.adapters.providers.native import NativeDialect, NativePieces, counted
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.readable import SPELT_HALF_IN_BYTES, readable_json
from atom_llm.adapters.providers.signer import EVENT_STREAM, RequestSigner
from atom_llm.adapters.providers.sse import EventParser
from atom_llm.adapters.providers.well_formed import well_formed_answer
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.converse_usage import converse_usage
from atom_llm.domain.providers.exchange import (
    Json,
    MediaMode,
    NativeRequest,
    ProviderAnswer,
    Refusal,
    Target,
    WireRequest,
)
from atom_llm.domain.providers.failure_reading import classified, error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.held_thoughts import without_openai_items
from atom_llm.domain.providers.reported_usage import (
    chat_usage,
    cohere_usage,
    generate_content_usage,
    messages_usage,
    responses_usage,
)
from atom_llm.observability import hide, redacted_json
from atom_llm.ports.providers import TimeLimits
from atom_llm.process_cache import BoundedMap
from atom_llm.quick_json import parsed_mended, spelt

MOST_ONLY_STREAMS: Final = 1_000  # models that a process remembers to answer only as streams
_JSON_TYPES: Final = ("application/json", "text/json")
_EVENTS: Final = "text/event-stream"
OUTPUT_LIMIT: Final = "max_completion_tokens"  # the field of a body that has the limit on its answer
_UNOPENED_CODE: Final = "invalid_encrypted_content"  # OpenAI's, for thoughts of another organisation's models
UNOPENED: Final = "thinking_blocks"  # what is then left out
_ABOUT_THE_REQUEST: Final = (FailureKind.REQUEST, FailureKind.UNSUPPORTED)


class HttpGateway:
    """Implements `ProviderGateway`."""

    def __init__(
        self,
        dialects: Mapping[str, Dialect],
        addresses: OtherAddresses,
        connections: Connections,
        clock: Callable[[], datetime],
        natives: Mapping[str, NativeDialect] | None = None,
        signers: Mapping[str, RequestSigner] | None = None,
    ) -> None:
        """Take the dialects, the connections, and `addresses`, the environment's in place of published ones.

        `natives` are the dialects of providers that callers speak too, by their styles; `signers` are of providers to
        which a signature is shown in place of a key.
        """
        self._natives = natives or {}
        self._signers = signers or {}
        self._dialects = dialects
        self._addresses = addresses
        self._connections = connections
        self._clock = clock
        self._only_streams: BoundedMap[tuple[str, str], bool] = BoundedMap(MOST_ONLY_STREAMS)

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return the field and the reason that the provider's dialect gives; None where it takes the request."""
        return self._dialects[target.provider.id].refuses(target, body)

    def speaks(self, target: Target, native: NativeRequest) -> bool:
        """Return whether a model takes a request in its caller's own dialect as it is."""
        return self._native(target, native) is not None

    async def ask(
        self,
        target: Target,
        key: str,
        body: Mapping[str, Any],
        limits: TimeLimits,
        native: NativeRequest | None = None,
    ) -> ProviderAnswer:
        """Return a whole chat answer; raises `ProviderFailure`, its sentence redacted.

        Thoughts that the provider cannot open, for another key brought them, are left out where it says so.
        """
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        try:
            return await self._ask(target, key, body, limits, native)
        except ProviderFailure as failure:
            opened = self._without_unopened(target, body, native, failure)
            if opened is None:
                raise
        left_s = until - asyncio.get_running_loop().time()
        answer = await self._ask(target, key, opened, replace(limits, first_byte_s=left_s), native)
        return replace(answer, dropped=(*answer.dropped, UNOPENED))

    async def _ask(
        self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits, native: NativeRequest | None
    ) -> ProviderAnswer:
        """Return a whole answer of one request.

        A model that says that it answers only as a stream is asked for one, from then on at once.
        """
        dialect = self._dialects[target.provider.id]
        spoken = self._native(target, native)
        if native is not None and spoken is not None:
            request = spoken.request(target, native, body.get(OUTPUT_LIMIT))
            return await self._natively(target, key, spoken, request, limits)
        model = (target.provider.id, target.model)
        if model in self._only_streams:
            return _with_left_out(await self._assembled(target, key, body, limits), native)
        request = _translated(lambda: dialect.chat(target, body, stream=False), native)
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        try:
            content = await self._whole(target, key, request, limits)
        except ProviderFailure as failure:
            if failure.kind not in _ABOUT_THE_REQUEST or not _wants_a_stream(failure):
                raise
            self._only_streams.put(model, True)
            left_s = until - asyncio.get_running_loop().time()
            assembled = await self._assembled(target, key, body, replace(limits, first_byte_s=left_s))
            return _with_left_out(assembled, native)
        try:
            answer = well_formed_answer(lambda: dialect.answer(target, content))
        except ProviderFailure as failure:
            failure.reported = _usage_of(target, content)
            raise
        return _with_dropped(answer, request)

    async def embed(self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits) -> ProviderAnswer:
        """Return embeddings; raises `ProviderFailure`, its sentence redacted."""
        dialect = self._dialects[target.provider.id]
        request = _translated(lambda: dialect.embeddings(target, body))
        answered = await self._posted(target, key, request, limits)
        content, headers = self._content(target, answered), answered.headers
        return _with_dropped(well_formed_answer(lambda: dialect.embedded(target, body, content, headers)), request)

    async def make(
        self, mode: MediaMode, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits
    ) -> ProviderAnswer:
        """Return a moderation, pictures, speech or a transcript; raises `ProviderFailure`, its sentence redacted."""
        from atom_llm.adapters.providers.openai.media import media_answer, media_request  # rare

        request = _translated(lambda: media_request(mode, target, body))
        accepted = "*/*" if mode == "audio_speech" else _JSON_TYPES[0]
        answered = await self._posted(target, key, request, limits, accepted)
        told = answered.headers.get("content-type", "")
        if answered.status != 200 or mode != "audio_speech" or told.startswith(_JSON_TYPES):
            self._content(target, answered)  # raises for everything that is a failure
        if told.startswith((*_JSON_TYPES, "text/")):
            answered = _without_echoes(answered)
        answer = media_answer(mode, target, body, answered)
        return replace(answer, dropped=request.dropped)

    async def count_tokens(self, target: Target, key: str, native: NativeRequest, limits: TimeLimits) -> int:
        """Return the provider's own count of a request's prompt; raises `ProviderFailure`."""
        request = self._natives[native.style].count_request(target, native)
        return counted(self._content(target, await self._posted(target, key, request, limits)))

    async def stream(
        self,
        target: Target,
        key: str,
        body: Mapping[str, Any],
        limits: TimeLimits,
        native: NativeRequest | None = None,
    ) -> HttpStream:
        """Return a stream, once its headers are there and say that it is one; thoughts are left out as in `ask`."""
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        try:
            return await self._stream(target, key, body, limits, native)
        except ProviderFailure as failure:
            opened = self._without_unopened(target, body, native, failure)
            if opened is None:
                raise
        left_s = until - asyncio.get_running_loop().time()
        stream = await self._stream(target, key, opened, replace(limits, first_byte_s=left_s), native)
        stream.dropped = (*stream.dropped, UNOPENED)
        return stream

    async def _stream(
        self, target: Target, key: str, body: Mapping[str, Any], limits: TimeLimits, native: NativeRequest | None
    ) -> HttpStream:
        dialect = self._dialects[target.provider.id]
        spoken = self._native(target, native)
        if native is not None and spoken is not None:
            request = spoken.request(target, native, body.get(OUTPUT_LIMIT))
            pieces: PieceReader = NativePieces(spoken.reader(target))
        else:
            request = _translated(lambda: dialect.chat(target, body, stream=True), native)
            pieces = TranslatedPieces(dialect.reader(target, body), self._framing(target))
        until = asyncio.get_running_loop().time() + limits.first_byte_s
        url, sent = await self._url(target, request), spelt(request.body)
        events = EVENT_STREAM if target.provider.api_style == "bedrock" else _EVENTS
        headers = await self._headers(target, key, request, events, url, sent)
        opened = await self._connections.open(url, headers, sent, limits)
        try:
            if opened.status == 200 and opened.headers.get("content-type", "").startswith(events):
                return HttpStream(pieces, opened, request.dropped)
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

    def _without_unopened(
        self, target: Target, body: Mapping[str, Any], native: NativeRequest | None, failure: ProviderFailure
    ) -> Json | None:
        """Return a request without the thoughts that the provider could not open; None where that was not its fault."""
        if failure.provider_code != _UNOPENED_CODE or self._native(target, native) is not None:
            return None
        return without_openai_items(body)

    def _native(self, target: Target, native: NativeRequest | None) -> NativeDialect | None:
        if native is None or not native.is_spoken_by(target.provider):
            return None
        spoken = self._natives.get(native.style)
        return spoken if spoken is not None and spoken.takes(target, native) else None

    async def _natively(
        self, target: Target, key: str, spoken: NativeDialect, request: WireRequest, limits: TimeLimits
    ) -> ProviderAnswer:
        answered = _without_echoes(await self._posted(target, key, request, limits))
        content = self._content(target, answered)
        try:
            answer = well_formed_answer(lambda: spoken.answer(target, content))
        except ProviderFailure as failure:
            failure.reported = _usage_of(target, content)
            raise
        return replace(answer, dropped=request.dropped, native=answered.body)

    async def _whole(self, target: Target, key: str, request: WireRequest, limits: TimeLimits) -> Json:
        return self._content(target, await self._posted(target, key, request, limits))

    async def _posted(
        self, target: Target, key: str, request: WireRequest, limits: TimeLimits, accepted: str = _JSON_TYPES[0]
    ) -> HttpAnswer:
        url, form_type = await self._url(target, request), None
        if request.file is None:
            sent = spelt(request.body)
        else:
            from atom_llm.adapters.providers.forms import form  # rare

            form_type, sent = form(request.body, request.file)
        headers = await self._headers(target, key, request, accepted, url, sent)
        if form_type is not None:
            headers["content-type"] = form_type
        try:
            return await self._connections.post(url, headers, sent, limits)
        except ProviderFailure as failure:
            if failure.kind is FailureKind.CUT:  # nothing of it has reached anybody: it may be asked again
                status = failure.status
                raise ProviderFailure(
                    FailureKind.TRANSIENT, failure.message, status=status, was_begun=status == 200
                ) from failure
            raise

    def _refusal(self, target: Target, answered: HttpAnswer) -> ProviderFailure:
        failure = classified(target.provider.id, answered.status, answered.headers, answered.body, self._clock())
        return redacted_failure(failure)

    def _content(self, target: Target, answered: HttpAnswer) -> Json:
        """Return the object in a whole answer; raises `ProviderFailure` for everything else."""
        provider = target.provider.id
        answered = _without_echoes(answered)
        if answered.status != 200:
            raise self._refusal(target, answered)
        if not answered.headers.get("content-type", "").startswith(_JSON_TYPES):
            raise unreadable("the provider answered with something else than JSON")
        try:
            content = parsed_mended(answered.body)
            if SPELT_HALF_IN_BYTES.search(answered.body):
                content = readable_json(content)
        except (ValueError, RecursionError):
            raise unreadable("the provider's answer is no JSON", was_begun=bool(answered.body)) from None
        if isinstance(content, list) and len(content) == 1:  # how Google wraps some failures
            content = content[0]
        if not isinstance(content, dict):
            raise unreadable("the provider's answer is no object")
        within = error_within(provider, content)
        if within is not None:
            within.reported = _usage_of(target, content)  # an error in a success may have been billed all the same
            raise redacted_failure(within)
        return content

    async def _headers(
        self, target: Target, key: str, request: WireRequest, accept: str, url: str, sent: bytes
    ) -> dict[str, str]:
        signer = self._signers.get(target.provider.id)
        if signer is None:
            return _headers(target, key, request, accept)
        unsigned = _headers(target, "", request, accept)
        return dict(await signer.signed(url, unsigned, sent, key))

    def _framing(self, target: Target) -> EventFraming:
        if target.provider.api_style != "bedrock":
            return EventParser()
        from atom_llm.adapters.providers.bedrock.event_stream import EventStreamParser

        return EventStreamParser()

    async def _url(self, target: Target, request: WireRequest) -> str:
        await self._addresses.judge(target.provider.id)
        base = self._addresses.base_url(target.provider.id, target.provider.base_url)
        return f"{base.rstrip('/')}/{request.path}"


def _wants_a_stream(failure: ProviderFailure) -> bool:
    from atom_llm.adapters.providers.assembled import wants_a_stream  # rare: it is not loaded with the rest

    return wants_a_stream(failure)


def _without_echoes(answered: HttpAnswer) -> HttpAnswer:
    """Return an answer without the request's own secrets, before anything of it is cut, joined or read."""
    kept = redacted_json(answered.body)
    return answered if kept is answered.body else HttpAnswer(answered.status, answered.headers, kept)


def _headers(target: Target, key: str, request: WireRequest, accept: str) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "accept": accept,
        "accept-encoding": "identity",
        **request.headers,
    }
    if key:  # a declared server may want none
        hide(key)
        shown = target.provider.key_header
        headers[shown.name] = f"{shown.prefix}{key}"
    return headers


def _translated(translate: Callable[[], WireRequest], native: NativeRequest | None = None) -> WireRequest:
    """Return a dialect's request; what it finds wrong is this candidate's failure, for another dialect may take it.

    What was left out includes what `native` could not be translated of.
    """
    try:
        request = translate()
        return request if native is None else replace(request, dropped=(*native.left_out, *request.dropped))
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
        case "bedrock":
            return converse_usage(content)
        case "cohere":
            return cohere_usage(usage) if isinstance(usage, dict) else None
        case _ if content.get("object") == "response":
            return responses_usage(target.provider.id, content)
        case _:
            return chat_usage(target.provider.id, content)


def _with_left_out(answer: ProviderAnswer, native: NativeRequest | None) -> ProviderAnswer:
    return answer if native is None else replace(answer, dropped=(*native.left_out, *answer.dropped))


def _with_dropped(answer: ProviderAnswer, request: WireRequest) -> ProviderAnswer:
    return ProviderAnswer(answer.body, answer.reported, request.dropped) if request.dropped else answer
