"""Answers of models as HTTP, whole or as a stream of events, in whichever dialect their caller speaks."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.money import plain
from atom_llm.domain.providers.exchange import Json
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.call import Call
from atom_llm.services.calls.call_stream import CallStream

PING_EVERY_S: Final = 10.0  # while nothing has come: proxies in between close what is silent for 30 s and more
PING: Final = b": waiting for the model\n\n"
MAX_WARNING: Final = 500  # characters of a header

Headers = list[tuple[bytes, bytes]]


class StreamWriter(Protocol):
    """The writer of one stream's events in its caller's dialect. It is whole if and only if it has its `end`."""

    def begin(self, stream: CallStream) -> bytes:
        """Return what comes before the first chunk."""
        ...

    def chunks(self, chunks: Sequence[Json]) -> bytes:
        """Return the events that chunks become."""
        ...

    def end(self, stream: CallStream) -> bytes:
        """Return what ends a stream that is whole, its usage among it; the call is settled."""
        ...

    def error(self, error: AtomError) -> bytes:
        """Return the event by which a stream ends that broke, or that came to nothing."""
        ...


class CallerDialect(Protocol):
    """The dialect that a request's caller speaks; made anew for each request."""

    def whole(self, completed: CompletedCall) -> bytes:
        """Return a whole answer's body in JSON."""
        ...

    def headers(self, answered: "CompletedCall | CallStream") -> dict[str, str]:
        """Return the headers beside those that every dialect has: the service key's rate limits."""
        ...

    def writer(self) -> StreamWriter:
        """Return a writer of a stream."""
        ...


class OwnResponse(Response):
    """A response that says its head and its body itself when it is called: none are made for it before."""

    def __init__(self) -> None:
        pass


class WholeAnswer(OwnResponse):
    """An ASGI response that goes out when nothing of its call is under way any more.

    By its length a server's caller knows its last byte, and a Lambda may be frozen behind it.
    """

    def __init__(self, completed: CompletedCall, dialect: CallerDialect) -> None:
        super().__init__()
        self._waiting = [completed]
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the call's settlement, and send the answer, once."""
        completed = self._waiting.pop()
        await completed.settled
        raw = completed.raw
        body = self._dialect.whole(completed) if raw is None else raw.content
        headers = _headers(completed, self._dialect)
        headers += [
            (b"content-type", b"application/json" if raw is None else raw.content_type.encode("ascii", "replace")),
            (b"content-length", str(len(body)).encode()),
            (b"x-llm-cost-usd", plain(completed.cost).encode()),
        ]
        del completed, raw  # a large answer is not there twice while it leaves
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class StreamedAnswer(OwnResponse):
    """An ASGI response that passes chunks on as they come.

    One that broke ends with an error event, and `is_whole` stays false. Whatever happens, also to the caller, the call
    is settled before the response ends.
    """

    def __init__(
        self,
        call: Call,
        opening: "asyncio.Future[CallStream]",
        leaving: "asyncio.Future[None]",
        dialect: CallerDialect,
    ) -> None:
        """Take the call and `opening`, its stream, which has its first content or is still being waited for.

        `leaving` ends when the caller has left.
        """
        super().__init__()
        self._call_id = call.call_id
        self._opening = [opening]
        self._leaving = leaving
        self._dialect = dialect
        self._writer = dialect.writer()
        self._has_begun = False
        self.is_whole = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the chunks, and settle the call."""
        caller = self._leaving
        try:
            try:
                stream = await self._opened(send)
            except AtomError as error:  # the status has gone out with the first ping
                await send(_piece(_as_comments(error.about_call.items()) + self._writer.error(error)))
                return
            caller.add_done_callback(lambda left: None if left.cancelled() else stream.abandon())
            await self._pass_on(stream, send)
        finally:
            caller.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _opened(self, send: Send) -> CallStream:
        """Return the stream, and keep the connection alive until it is there; raises the error that came instead."""
        opening = self._opening.pop()  # which nobody needs beside an open stream
        if not opening.done():
            await send(_start([(b"x-llm-call-id", self._call_id.encode())]))
            self._has_begun = True
        while not opening.done():
            await send(_piece(PING))
            await asyncio.wait((opening,), timeout=PING_EVERY_S)
        return opening.result()

    def _head(self, stream: CallStream) -> Message:
        headers = _headers(stream, self._dialect)
        if self._has_begun:  # with the first ping, before anything of this was known
            return _piece(_as_comments((name.decode(), value.decode()) for name, value in headers))
        return _start(headers)

    async def _pass_on(self, stream: CallStream, send: Send) -> None:
        await send(self._head(stream))
        writer = self._writer
        begun = writer.begin(stream)
        try:
            while (chunks := await stream.next()) is not None:
                if not stream.is_abandoned:
                    await send(_piece(begun + writer.chunks(chunks)))
                    begun = b""
                chunks.clear()  # what was parsed is large, and the next may be long in coming
        except AtomError as error:
            await send(_piece(begun + writer.error(error)))
        else:
            await stream.settle()
            if not stream.is_abandoned:
                self.is_whole = True
                await send(_piece(begun + writer.end(stream)))
        finally:
            await stream.finish()


async def opened(opening: "asyncio.Future[CallStream]") -> None:
    """Wait for a stream as long as its caller can be kept waiting without a word; raises the stream's error."""
    await asyncio.wait((opening,), timeout=PING_EVERY_S)
    if opening.done():
        opening.result()


async def gone(receive: Receive) -> None:
    """End when the caller has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def has_left(receive: Receive) -> bool:
    """Return whether the server knows by now that the caller has left; nothing is waited for."""
    return not under_way(gone(receive)).cancel()


def under_way[Result](work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """Return work as a task that has run up to its first wait already."""
    return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)


def _start(headers: Headers) -> Message:
    fixed = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    return {"type": "http.response.start", "status": 200, "headers": fixed + headers}


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _as_comments(headers: Iterable[tuple[str, str]]) -> bytes:
    """Spell headers that are known too late as comments of the stream, a line each."""
    return "".join(f": {name}: {value}\n" for name, value in headers).encode() + b"\n"


def _own_names(call: Call) -> str:
    """Return which models stood for the caller's names."""
    return ", ".join(f"{name} -> {target}" for name, target in call.wanted.names_used)[:MAX_WARNING]


def _headers(completed: CompletedCall | CallStream, dialect: CallerDialect) -> Headers:
    """Return the headers on the model that answered, and on the service key's rate limits."""
    candidate, call, dropped = completed.candidate, completed.call, completed.dropped
    told = {
        "x-llm-provider": candidate.entry.provider,
        "x-llm-model": candidate.id,
        "x-llm-own-name": _own_names(call),
        "x-llm-tier": call.tier or "",
        "x-llm-slowed-down": call.slowed_down,
        "x-llm-stepped-down": "" if call.choice is None else call.choice.stepped_down,
        "x-llm-attempts": str(completed.attempts),
        "x-llm-escalated": ", ".join(completed.escalations) if isinstance(completed, CompletedCall) else "",
        "x-llm-call-id": call.call_id,
        "x-llm-budget-remaining-usd": _amount(completed.seen.remaining),
        "x-llm-overflow": ", ".join(completed.seen.pools),
        "x-llm-run-cost-usd": _amount(completed.seen.run_cost),
        "x-llm-warnings": f"left out: {', '.join(dropped)}"[:MAX_WARNING] if dropped else "",
        **dialect.headers(completed),
    }
    return [(name.encode(), _in_a_header(value)) for name, value in told.items() if value]


def _amount(usd: Decimal | None) -> str:
    return "" if usd is None else plain(usd)


def _in_a_header(text: str) -> bytes:
    """Return a text, in which callers' names may be, with a question mark for what no header can show."""
    if text.isascii() and text.isprintable():
        return text.encode()
    return "".join(each if " " <= each <= "~" else "?" for each in text).encode()
