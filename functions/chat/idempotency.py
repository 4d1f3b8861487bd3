"""Requests with an Idempotency-Key: the first is carried out, and every repeat gets the same answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from atom_llm.composition import Container
from atom_llm.domain.calls.idempotency import HEADER, InProgress, KeptReply, checked_key
from atom_llm.domain.core.errors import RequestInProgress
from atom_llm.http.body import without_boundary
from atom_llm.services.calls.idempotency import POLL_EVERY_S, IdempotentCalls, Ticket
from functions.chat.responses import OwnResponse, StreamedAnswer

REPLAYED: Final = "x-llm-idempotent-replay"
_OF_ONE_REQUEST: Final = (  # beginnings of names
    "x-request-id",
    "content-length",
    "date",
    "x-llm-budget-remaining-usd",
    "x-llm-run-cost-usd",
    "x-llm-slowed-down",
    "x-ratelimit-",
    "anthropic-ratelimit-",
)


async def answer_once(
    request: Request, container: Container, deadline_s: float, carry_out: Callable[[], Awaitable[Response]]
) -> Response:
    """Return the answer of `carry_out`, or that of an earlier request with the same key (`HEADER`) and body.

    Raises `IdempotencyMismatch` for another body, and `RequestInProgress` where the first takes longer than this may
    wait. A request that failed leaves nothing behind: its repeat is a new one.
    """
    key = checked_key(request.headers[HEADER])
    calls, runtime = container.calls.idempotent_calls, container.runtime
    asked = await digest_of(request)
    within = timedelta(seconds=deadline_s)
    until = runtime.monotonic() + deadline_s
    while True:
        begun = await runtime.in_thread(lambda: calls.begin(request.state.caller.tenant, key, asked, within))
        match begun:
            case KeptReply():
                return Response(begun.body, begun.status, {**begun.headers, REPLAYED: "true"})
            case InProgress():
                if runtime.monotonic() + POLL_EVERY_S > until:
                    raise RequestInProgress("the first request with this key is still being carried out", POLL_EVERY_S)
                await runtime.pause(POLL_EVERY_S)
            case Ticket():
                return await _kept(begun, container, carry_out)


async def digest_of(request: Request) -> bytes:
    """Return the SHA-256 of what a request has in common with its repeat: the path and the body."""
    digest = sha256(request.url.path.encode() + b"\0")
    digest.update(without_boundary(request.headers, await request.body()))
    return digest.digest()


async def _kept(ticket: Ticket, container: Container, carry_out: Callable[[], Awaitable[Response]]) -> Response:
    try:
        response = await carry_out()
    except BaseException:
        await asyncio.shield(container.runtime.in_thread(lambda: container.calls.idempotent_calls.abandon(ticket)))
        raise

    async def held() -> Ticket:
        return ticket

    return ResponseToKeep(response, held, container)


class ResponseToKeep(OwnResponse):
    """An ASGI response that is passed on as it is and kept when it is whole."""

    def __init__(
        self,
        response: Response,
        ticket: Callable[[], Awaitable[Ticket | None]],
        container: Container,
        kept_for: timedelta | None = None,
    ) -> None:
        """Take the response; a streamed answer says itself whether it was whole.

        `ticket` is asked when it has ended: without one nothing is kept. It is kept for `kept_for` from its end on, or
        else as long as its record says.
        """
        super().__init__()
        self._response = response
        self._ticket = ticket
        self._container = container
        self._kept_for = kept_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; its last message waits until it is kept, for a Lambda may be frozen behind it."""
        pieces: list[bytes] = []
        begun: Message = {}

        async def listen(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = message
            else:
                pieces.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._end(begun, b"".join(pieces))
            await send(message)

        try:
            await self._response(scope, receive, listen)
        except BaseException:
            await asyncio.shield(self._given_up())
            raise

    async def _given_up(self) -> None:
        ticket = await self._ticket()
        if ticket is not None:
            calls = self._container.calls.idempotent_calls
            await self._container.runtime.in_thread(lambda: calls.abandon(ticket))

    async def _end(self, begun: Message, body: bytes) -> None:
        ticket = await self._ticket()
        if ticket is None:
            return
        calls: IdempotentCalls = self._container.calls.idempotent_calls
        headers = {name.decode(): value.decode() for name, value in begun["headers"]}
        streamed = self._response
        if streamed.is_whole if isinstance(streamed, StreamedAnswer) else begun["status"] == 200:
            kept = {name: value for name, value in headers.items() if not name.lower().startswith(_OF_ONE_REQUEST)}
            reply = KeptReply(begun["status"], kept, body)
            await self._container.runtime.in_thread(lambda: calls.finish(ticket, reply, self._kept_for))
        else:
            await self._container.runtime.in_thread(lambda: calls.abandon(ticket))
