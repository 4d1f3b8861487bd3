"""The middleware around every request: its id, limits, log line, metrics, CORS, and the answer to unhandled errors."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from secrets import token_bytes
from time import perf_counter
from typing import Any, Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atom_llm.composition import Container
from atom_llm.domain.core.errors import AtomError, BodyTimeout, TooLarge
from atom_llm.domain.core.ids import RANDOM_BYTES, ulid
from atom_llm.http.body import check_body, check_encoding, is_form, readable_body
from atom_llm.http.gateway import gateway_context, under_its_base
from atom_llm.http.headers import headers_of, with_each_header_once
from atom_llm.http.problems import Dialect, Problem, problem_of, rendered, status_of
from atom_llm.observability import RequestWithSecrets, logger, record

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_LEFT: Final = 499  # for the log and the metrics alone: nobody is there to be told
VERSION_HEADER: Final = "anthropic-version"  # that every client of Anthropic's sends
# Paths that, with what is below them, speak a dialect of their own.
_DIALECTS_OF_PATHS: Final[Mapping[str, Dialect]] = {"/messages": "anthropic", "/responses": "responses"}
TOKEN_PATHS: Final = ("/token", "/iam/token")  # of the control plane: these have their failures by RFC 6749
_EITHERS: Final = ("/models", "/route")  # the paths whose dialect the header tells
_IS_CLOSED: Final = "handler is closed"  # what uvloop says to whoever writes for a caller that left
MAX_PIECE: Final = 1024 * 1024  # bytes that are handed to the server at once
_NOT_KEPT: Final = (b"cache-control", b"no-store")
_GATEWAY_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


class _CallerLeft(Exception):
    """The connection was closed before its answer was written."""


class RequestMiddleware:
    """The outermost ASGI layer of a function."""

    def __init__(
        self,
        app: ASGIApp,
        group: str,
        prefix: str,
        dialect: Dialect,
        max_body: int,
        max_body_s: float,
        container: Callable[[], Container],
    ) -> None:
        self._app = app
        self._group = group
        self._prefix = prefix
        self._dialect = dialect
        self._max_body = max_body
        self._max_body_s = max_body_s
        self._container = container

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; everything but HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with RequestWithSecrets():
            await self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        scope = with_each_header_once(scope)
        context = gateway_context(scope)
        scope = under_its_base(scope, context, self._prefix)
        request_id = self._request_id(context)
        scope.setdefault("state", {})["request_id"] = request_id
        dialect = scope["state"]["dialect"] = spoken_dialect(scope, self._prefix, self._dialect)
        is_head = scope["method"] == "HEAD"
        if is_head:  # the headers of what GET would answer, without its body
            scope = {**scope, "method": "GET"}
        fixed = {b"x-request-id": request_id.encode(), b"x-content-type-options": b"nosniff"}
        if dialect == "anthropic":
            fixed[b"request-id"] = request_id.encode()
        status = 0
        is_recorded = False

        def record_once() -> None:
            nonlocal is_recorded
            if not is_recorded:
                is_recorded = True
                method = "HEAD" if is_head else scope["method"]
                self._record(scope, method, status, request_id, perf_counter() - started)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = [each for each in message.get("headers", ()) if each[0] not in fixed]
                kept = () if any(name == _NOT_KEPT[0] for name, _ in given) else (_NOT_KEPT,)
                message = {**message, "headers": [*given, *fixed.items(), *kept]}
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            for piece in _pieces(message):
                if piece["type"] == "http.response.body" and not piece.get("more_body", False):
                    record_once()  # a Lambda may be frozen behind the last byte
                try:
                    await send(piece)
                except RuntimeError as error:
                    if _IS_CLOSED not in str(error):
                        raise
                    raise _CallerLeft from error

        try:
            body = await self._body(scope, receive)
            if body is None:
                status = CLIENT_LEFT
                return
            if body:
                check_encoding(headers_of(scope))
            if not (self._dialect == "openai" and is_form(headers_of(scope))):  # a recording is no text
                if self._dialect == "openai":
                    body = readable_body(body)
                check_body(body)
            replayed = _replayed(body, receive)
            del body  # it may be large, and the answer long
            await self._app(scope, replayed, send_with_headers)
        except AtomError as error:
            await self._answer(problem_of(error), scope, receive, send_with_headers)
        except _CallerLeft:
            status = CLIENT_LEFT
        except Exception:
            logger().exception("unforeseen failure", request_id=request_id, path=scope["path"])
            if status:
                raise  # the answer has begun; the server has to break it off
            problem = Problem(500, "internal_error", f"a mistake of ours; the request id is {request_id}")
            await self._answer(problem, scope, receive, send_with_headers)
        finally:
            record_once()

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the whole body within its limits: a refused one never reaches the app; None if the client left."""
        try:
            async with asyncio.timeout(self._max_body_s):
                return await self._arrived(scope, receive)
        except TimeoutError:
            raise BodyTimeout(f"the body did not arrive within {self._max_body_s:g} seconds") from None

    async def _arrived(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = headers_of(scope).get("content-length") or ""
        if declared.isdigit() and int(declared) > self._max_body:
            raise self._too_large()
        pieces: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > self._max_body:
                raise self._too_large()
            more = message.get("more_body", False)
        return b"".join(pieces)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is larger than {self._max_body:,} bytes", max_bytes=self._max_body)

    async def _answer(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        dialect, request_id = scope["state"]["dialect"], scope["state"]["request_id"]
        body = rendered(problem, dialect, self._container().clock(), request_id)
        await JSONResponse(body, status_of(problem, dialect), dict(problem.headers))(scope, receive, send)

    def _request_id(self, context: Mapping[str, Any]) -> str:
        """Return API Gateway's id, so that its access log and ours speak of the same request; else an id of our own."""
        given = context.get("requestId")
        if isinstance(given, str) and _GATEWAY_ID.fullmatch(given):
            return given
        return ulid(self._container().clock(), token_bytes(RANDOM_BYTES))

    def _record(self, scope: Scope, method: str, status: int, request_id: str, seconds: float) -> None:
        caller = scope.get("state", {}).get("caller")
        route = getattr(scope.get("route"), "path", None)
        milliseconds = round(seconds * 1000, 3)
        record(
            "request",
            {
                "request_id": request_id,
                "method": method if method in METHODS else "other",
                "route": route,
                "status": status,
                "duration_ms": milliseconds,
                "tenant": caller.tenant if caller else None,
                "service_key": caller.key_id if caller else None,
            },
            {
                "Requests": ("Count", 1),
                "Failures": ("Count", int(status >= 500 or status == 0)),
                "Latency": ("Milliseconds", milliseconds),
            },
            self._group,
        )


class ConfiguredCors:
    """CORS for the origins that the environment names; without any, cross-origin requests get no permission."""

    def __init__(self, app: ASGIApp, container: Callable[[], Container]) -> None:
        self._app = app
        self._container = container
        self._chosen: ASGIApp | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a request on; the environment is asked at the first one."""
        if self._chosen is None:
            origins = self._container().settings.cors_origins
            self._chosen = self._app
            if origins:
                from starlette.middleware.cors import CORSMiddleware

                every = ["*"]  # what a call cost, and when it may come again, is told in headers
                self._chosen = CORSMiddleware(
                    self._app, origins, allow_methods=every, allow_headers=every, expose_headers=every
                )
        return self._chosen(scope, receive, send)


def _pieces(message: Message) -> Iterator[Message]:
    """Return a message, one with a large body as several: the server copies each before it writes it."""
    body = message.get("body", b"")
    if len(body) <= MAX_PIECE:
        yield message
        return
    for start in range(0, len(body), MAX_PIECE):
        is_last = start + MAX_PIECE >= len(body)
        piece = body[start : start + MAX_PIECE]
        yield {**message, "body": piece, "more_body": not is_last or message.get("more_body", False)}


def spoken_dialect(scope: Scope, prefix: str, dialect: Dialect) -> Dialect:
    """Return the dialect of a request and of its failures: its group's, or in OpenAI's group that of the path, or
    Anthropic's where the header says so.
    """
    path = str(scope["path"]).removeprefix(scope.get("root_path", "")).removeprefix(prefix)
    if dialect == "control" and path in TOKEN_PATHS:
        return "oauth"
    if dialect != "openai":
        return dialect
    of_path = _DIALECTS_OF_PATHS.get("/" + path.lstrip("/").partition("/")[0])
    if of_path is not None:
        return of_path
    return "anthropic" if path.startswith(_EITHERS) and VERSION_HEADER in headers_of(scope) else dialect


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a receiver of the body that was read already, as one message; afterwards of the server's own messages."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
