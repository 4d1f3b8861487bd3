"""Repeats that a client sends by itself: the same call within seconds is carried out, and billed, once.

docs/calling.md, "Repeats", states the rule. A store that does not answer keeps nobody from being answered: the call is
carried out as if it had never been seen.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.calls.idempotency import HEADER, InProgress, KeptReply
from atom_llm.domain.core.errors import AnswerNotKept, AtomError, RequestInProgress
from atom_llm.domain.ledger.end_users import SESSION_HEADERS, session_of
from atom_llm.observability import logger
from atom_llm.services.calls.idempotency import POLL_EVERY_S, IdempotentCalls, Ticket
from functions.chat.idempotency import REPLAYED, ResponseToKeep, answer_once, digest_of

RETRY_COUNT: Final = "x-stainless-retry-count"  # of OpenAI's and Anthropic's SDKs: 0 on a first request
NOTED_AFTER_S: Final = 0.25  # a call that ends sooner cannot be repeated meanwhile, and a refusal costs no write
MARKED_KEPT_FOR: Final = timedelta(seconds=60)  # from the end of a call: the longest that an SDK waits
SESSION_KEPT_FOR: Final = timedelta(seconds=10)  # whoever asks an agent for another answer takes longer

_TELLING: Final = frozenset({RETRY_COUNT, *SESSION_HEADERS})


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """The reason why a request is the repeat of another: it says so itself, or it is of an agent's session."""

    is_repeat: bool
    kept_for: timedelta


async def answer_without_repeating(
    request: Request, container: Container, deadline_s: float, carry_out: Callable[[], Awaitable[Response]]
) -> Response:
    """Return the answer of `carry_out`, or that of the request which this one repeats.

    An `Idempotency-Key` comes first: its caller's own word is worth more than a guess. Raises what `carry_out` does,
    and `RequestInProgress` where the first takes longer than its repeat may wait.
    """
    if HEADER in request.headers:
        return await answer_once(request, container, deadline_s, carry_out)
    rule = _rule(request)
    if rule is None:
        return await carry_out()
    repeats = _Repeats(request, container, deadline_s, rule, await digest_of(request))
    return await (repeats.again(carry_out) if rule.is_repeat else repeats.first(carry_out))


def _rule(request: Request) -> RepeatRule | None:
    if _TELLING.isdisjoint(request.headers):
        return None
    counted = request.headers.get(RETRY_COUNT, "")
    if counted.isascii() and counted.isdigit() and int(counted[:9]) > 0:
        return RepeatRule(True, MARKED_KEPT_FOR)
    if session_of(request.headers) is not None:  # within it the same words twice are a repeat: the talk did not go on
        return RepeatRule(True, SESSION_KEPT_FOR)
    return RepeatRule(False, MARKED_KEPT_FOR) if counted else None


class _Repeats:
    """One request and what is known of those with the same service key, path and body."""

    def __init__(
        self, request: Request, container: Container, deadline_s: float, rule: RepeatRule, digest: bytes
    ) -> None:
        self._digest = digest
        # No header can hold this: an Idempotency-Key is printable.
        self._key = f"\0repeat {request.state.caller.key_id} {digest.hex()}"
        self._tenant = request.state.caller.tenant
        self._container = container
        self._calls: IdempotentCalls = container.calls.idempotent_calls
        self._within = timedelta(seconds=deadline_s)
        self._deadline_s = deadline_s
        self._kept_for = rule.kept_for
        self._is_noting = False

    async def again(self, carry_out: Callable[[], Awaitable[Response]]) -> Response:
        """Return the first request's answer, waiting for it; carry the request out where there was none."""
        runtime = self._container.runtime
        until = runtime.monotonic() + self._deadline_s
        while True:
            match await self._begun():
                case KeptReply() as kept:
                    return Response(kept.body, kept.status, {**kept.headers, REPLAYED: "true"})
                case InProgress():
                    if runtime.monotonic() + POLL_EVERY_S > until:
                        raise RequestInProgress("the same request is still being carried out", POLL_EVERY_S)
                    await runtime.pause(POLL_EVERY_S)
                case ticket:
                    return await self._carried_out(carry_out, _settled(ticket))

    async def first(self, carry_out: Callable[[], Awaitable[Response]]) -> Response:
        """Carry a request out, and note it as soon as it takes so long that its client may repeat it."""
        return await self._carried_out(carry_out, asyncio.ensure_future(self._noted_later()))

    async def _noted_later(self) -> Ticket | None:
        await asyncio.sleep(NOTED_AFTER_S)
        self._is_noting = True
        begun = await self._begun()
        return begun if isinstance(begun, Ticket) else None  # another one with the same words is under way, or was

    async def _carried_out(
        self, carry_out: Callable[[], Awaitable[Response]], noting: "asyncio.Future[Ticket | None]"
    ) -> Response:
        try:
            response = await carry_out()
        except BaseException:
            await asyncio.shield(self._given_up(noting))
            raise
        return ResponseToKeep(
            response, lambda: ticket_of(noting, is_late=not self._is_noting), self._container, self._kept_for
        )

    async def _given_up(self, noting: "asyncio.Future[Ticket | None]") -> None:
        """Let the next one try anew; a note that was not written yet never is."""
        ticket = await ticket_of(noting, is_late=not self._is_noting)
        if ticket is not None:
            await self._container.runtime.in_thread(lambda: self._calls.abandon(ticket))

    async def _begun(self) -> Ticket | InProgress | KeptReply | None:
        """Return what the store knows; None where it knows nothing that helps."""
        begin = self._calls.begin
        try:
            return await self._container.runtime.in_thread(
                lambda: begin(self._tenant, self._key, self._digest, self._within, self._within + self._kept_for)
            )
        except AnswerNotKept:
            return None
        except AtomError as error:
            logger().warning("a repeat cannot be recognised now", code=error.code)
            return None


async def ticket_of(noting: "asyncio.Future[Ticket | None]", *, is_late: bool) -> Ticket | None:
    """Return the ticket of a request that is noted, or being noted; one that is not by now never is."""
    if is_late and not noting.done():
        noting.cancel()
        return None
    return await noting


def _settled(ticket: Ticket | None) -> "asyncio.Future[Ticket | None]":
    future: asyncio.Future[Ticket | None] = asyncio.get_running_loop().create_future()
    future.set_result(ticket)
    return future
