"""One call of a provider and its answer, or its misbehaviour, as bytes on a connection."""

import asyncio
import gzip
import json
import struct
import time
import zlib
from collections.abc import Mapping, Sequence
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any, Final

from testing.stand_in.conduct import Fault, Received
from testing.stand_in.media import answered, fault_of_media, serves
from testing.stand_in.said import counted
from testing.stand_in.schemas import fault_of
from testing.stand_in.wire import OF_STATUS, STATUS, USUAL_STATUS, Json, Piece, Refused
from testing.stand_in.wires import DECLARED, WIRES

if TYPE_CHECKING:
    from testing.stand_in.server import StandIn

LINE_ENDS: Final = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


class Gone(Exception):
    """The connection is to be broken off, or was."""


class Exchange:
    """One call and its answer."""

    def __init__(
        self,
        standing_in: "StandIn",
        provider: str,
        path: str,
        headers: Mapping[str, str],
        body: Json,
        writer: asyncio.StreamWriter,
        reader: asyncio.StreamReader,
    ) -> None:
        speaks_responses = provider == "openai" and path.startswith("responses")
        self._wire: Any = standing_in.responses if speaks_responses else WIRES[provider]
        self._speaks_responses = speaks_responses
        self._provider = provider
        self._path = path
        self._body = body
        self._writer = writer
        self._reader = reader
        self._model = self._wire.model(path, body)
        self._key = key_shown(provider, headers)
        self._is_stream = self._wire.streams(path, body)
        self._standing_in = standing_in
        self.received = Received(
            provider, path, self._model, self._key, dict(headers), body, self._is_stream, time.monotonic()
        )
        standing_in.calls.append(self.received)

    async def answer(self) -> bool:
        """Answer; return whether the connection may be used again."""
        fault = self._fault()
        self.received.fault = fault.name if fault else None
        if "key=" in self._path:
            return await self._say(400, {"error": "a key in an address is a key in a log"})
        needs_none = self._provider == DECLARED and not self._key
        if not needs_none and self._standing_in.is_dead(self._key):
            return await self._failed("invalid_key")
        if "broke" in self._key:
            return await self._failed("out_of_credit")
        if fault is not None and await self._misbehave(fault):
            return True
        if serves(self._path, self._body):
            return await self._media()
        try:
            if "mbed" in self._path:
                return await self._say(200, self._wire.embeddings(self._body))
            if self._path.endswith(("count_tokens", "input_tokens")):
                return await self._say(200, self._wire.count(self._body))
            told = self._wire.said(self._body)
            refused = None if self._speaks_responses else fault_of(self._provider, self._body)
            if refused is not None:
                raise Refused(400, self._wire.error(400, refused))
        except Refused as refused:
            return await self._say(refused.status, refused.body)
        except (AttributeError, KeyError, TypeError, ValueError):  # what it cannot read, a provider refuses
            return await self._say(400, self._wire.error(400, "request"))
        if self._standing_in.script is not None:
            told = self._standing_in.script.said(self._body) or told
        if self._standing_in.output_tokens is not None:
            told = counted(told, self._body, self._standing_in.output_tokens)
        if fault is not None and fault.name == "filtered_finish":
            told = type(told)(told.pieces, told.calls, "content_filter", completion_tokens=told.completion_tokens)
        if self._is_stream:
            pieces = self._wire.pieces(self._model, self._body, told)
            if self._speaks_responses:
                self._keep(json.loads(pieces[-1].data)["response"])
            return await self._stream(pieces, fault)
        content = self._wire.whole(self._model, self._body, told)
        if self._speaks_responses:
            self._keep(content)
        return await self._whole(content, fault)

    def _keep(self, response: Json) -> None:
        self._standing_in.responses.keep(self._key, self._body, response)

    async def _media(self) -> bool:
        if fault_of_media(self._provider, self._path, self._body) is not None:
            return await self._say(400, self._wire.error(400, "request"))
        kind, content = answered(self._provider, self._path, self._body)
        return await self._say(200, content, {"content-type": kind})

    def _fault(self) -> Fault | None:
        faults = self._standing_in.faults
        return next((each for each in faults if each.takes(self._provider, self._model, self._key)), None)

    async def _misbehave(self, fault: Fault) -> bool:
        """Show faults of the whole exchange; return whether it is over."""
        match fault.name:
            case "status":
                status = fault.number("status", 500)
                kind = str(fault.more.get("kind") or OF_STATUS.get(status, "server"))
                await self._say(status, self._wire.error(status, kind), fault.more.get("headers") or {})
            case "body":
                body = fault.more.get("body")
                self.received.answered = fault.number("status", 200)
                kind = str(fault.more.get("content_type", "application/json"))
                await write_whole(self._writer, fault.number("status", 200), body, {"content-type": kind})
            case "reset":
                _reset(self._writer)
                raise Gone
            case "silence":
                await self._wait_until_left()
            case "headers_only":
                kind = "text/event-stream" if self._is_stream else "application/json"
                self._writer.write(_head(200, {"content-type": kind, "transfer-encoding": "chunked"}))
                await self._wait_until_left()
            case "slow":
                await asyncio.sleep(fault.number("ms", 100) / 1000)
                return False
            case "html":
                await write_whole(self._writer, 200, "<html>Sign in</html>", {"content-type": "text/html"})
            case "empty":
                await write_whole(self._writer, 200, "", {"content-type": "application/json"})
            case "error_200":
                await self._say(200, self._wire.error(503, str(fault.more.get("kind", "server"))))
            case "redirect":
                await self._say(307, {}, {"location": f"{self._standing_in.url}/openai/chat/completions"})
            case "only_streams":
                if self._is_stream:
                    return False
                words = "This model only support stream mode, please enable the stream parameter to access the model. "
                await self._say(400, {"error": {"code": "invalid_parameter_error", "message": words}})
            case "context_length" | "content_filter" | "out_of_credit" | "invalid_key":
                await self._failed(fault.name)
            case _:
                return False
        return True

    async def _whole(self, content: Json, fault: Fault | None) -> bool:
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        match fault.name if fault else "":
            case "truncated" | "garbage":
                body = body[: len(body) // 2]
            case "malformed":
                body = b"{" + body
            case "cut" | "stall":
                self._writer.write(_head(200, {**headers, "content-length": str(len(body))}) + body[: len(body) // 2])
                await self._writer.drain()
                if fault is not None and fault.name == "stall":
                    await self._wait_until_left()
                raise Gone
            case "gzip":
                body, headers["content-encoding"] = gzip.compress(body), "gzip"
            case "huge":
                content["choices"] = ["x" * (fault.number("size", 21_000_000) if fault else 0)]
                body = json.dumps(content).encode()
            case "no_usage":
                for name in ("usage", "usageMetadata"):
                    content.pop(name, None)
                body = json.dumps(content, ensure_ascii=False).encode()
            case "split":
                await self._in_bits(_head(200, {**headers, "content-length": str(len(body))}) + body, 7)
                return True
            case "comments" | "drip" if fault is not None:  # white space, which JSON may begin with, and slowly
                raw = _head(200, {**headers, "content-length": str(len(body) + 1_000)}) + b" " * 1_000 + body
                await self._in_bits(raw, fault.number("size", 1), fault.number("ms", 1_000) / 1000)
                return True
            case "slow_first_token":
                await asyncio.sleep((fault.number("ms", 100) if fault else 0) / 1000)
        self.received.answered = 200
        await write_whole(self._writer, 200, body, headers)
        return True

    async def _stream(self, pieces: Sequence[Piece], fault: Fault | None) -> bool:
        headers = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        name, after = (fault.name, fault.number("after", 3)) if fault else ("", 0)
        if name == "gzip":
            headers["content-encoding"] = "gzip"
        self._writer.write(_head(200, headers))
        await self._writer.drain()
        self.received.answered = 200
        packed = zlib.compressobj(wbits=zlib.MAX_WBITS | 16) if name == "gzip" else None
        line_end = LINE_ENDS[str(fault.more.get("line_end", "lf")) if fault else "lf"]
        contents = 0
        watch = asyncio.ensure_future(self._reader.read(1))
        watch.add_done_callback(lambda read: read.cancelled() or read.exception())  # a reset is seen at the next write
        for piece in pieces:
            if piece.is_content:
                if contents == 0 and name == "slow_first_token" and fault is not None:
                    await asyncio.wait((watch,), timeout=fault.number("ms", 100) / 1000)
                if contents == after and name in ("cut", "end", "stall", "error_event", "comments"):
                    if name == "comments" and fault is not None:
                        await self._keep_alive(line_end, fault.number("ms", 100) / 1000, watch)
                    as_response = bool(fault and fault.more.get("as_response"))
                    await self._break(name, line_end, watch, as_response=as_response)
                    return False
                contents += 1
            if watch.done():
                self.received.left_after = contents
                raise Gone
            if piece.is_end and name == "no_done":
                await self._wait_until_left(watch)
            if (piece.is_end and name == "no_end") or (piece.is_usage and name == "no_usage"):
                continue
            data = piece.data
            if name == "garbage" or (name == "malformed" and piece.is_content and contents == after):
                data = data[: len(data) // 2]
            if name == "huge":
                data = "x" * (fault.number("size", 21_000_000) if fault else 0)
            text = (f"event: {piece.name}{line_end}" if piece.name else "") + f"data: {data}{line_end * 2}"
            if name == "split" and fault is not None:
                text = f": a comment{line_end}{text}"
                await self._in_bits(_chunk(text.encode()), fault.number("size", 3))
                continue
            raw = text.encode()
            if fault is not None and name == "drip":
                await self._in_bits(_chunk(raw), fault.number("size", 1), fault.number("ms", 1_000) / 1000)
                continue
            if packed is not None:
                raw = packed.compress(raw) + packed.flush(zlib.Z_SYNC_FLUSH)
            repeats = fault.number("repeat", 1_000) if fault and name == "wordy" and piece.is_content else 1
            try:
                for _ in range(repeats):
                    self._writer.write(_chunk(raw))
                    await self._writer.drain()
                    self.received.sent += len(raw)
            except ConnectionError:
                self.received.left_after = contents
                raise Gone from None
            if fault is not None and fault.name == "slow_chunks":
                await asyncio.sleep(fault.number("ms", 20) / 1000)
            else:
                await asyncio.sleep(0)
        if watch.done():
            raise Gone
        watch.cancel()
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()
        await asyncio.gather(watch, return_exceptions=True)
        return True

    async def _break(
        self, name: str, line_end: str, watch: "asyncio.Future[bytes]", *, as_response: bool = False
    ) -> None:
        match name:
            case "cut":
                await asyncio.wait((watch,), timeout=0.05)  # what was sent before is to arrive before the end does
                raise Gone
            case "stall":
                await self._wait_until_left(watch)
            case "error_event" if self._speaks_responses:
                piece = self._standing_in.responses.broken(as_response)
                text = f"event: {piece.name}{line_end}data: {piece.data}{line_end * 2}"
                self._writer.write(_chunk(text.encode()) + b"0\r\n\r\n")
            case "error_event":
                content = json.dumps(self._wire.error(529, "overloaded"))
                head = f"event: error{line_end}" if self._provider == "anthropic" else ""
                self._writer.write(_chunk(f"{head}data: {content}{line_end * 2}".encode()) + b"0\r\n\r\n")
            case _:
                self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def _keep_alive(self, line_end: str, every_s: float, watch: "asyncio.Future[bytes]") -> None:
        """Send what says that the connection lives, and nothing of the answer, until the caller has left."""
        ping = f'event: ping{line_end}data: {{"type": "ping"}}{line_end * 2}' if self._provider == "anthropic" else ""
        raw = f": keep-alive{line_end * 2}{ping}".encode()
        while not watch.done():
            self._writer.write(_chunk(raw))
            await self._writer.drain()
            await asyncio.wait((watch,), timeout=every_s)
        self.received.left_after = 0
        raise Gone

    async def _in_bits(self, raw: bytes, size: int, every_s: float = 0.0) -> None:
        """Send every few bytes by themselves, chunks included."""
        for start in range(0, len(raw), size):
            self._writer.write(raw[start : start + size])
            await self._writer.drain()
            await asyncio.sleep(every_s)

    async def _wait_until_left(self, watch: "asyncio.Future[bytes] | None" = None) -> None:
        await (watch if watch is not None else self._reader.read(1))
        self.received.left_after = 0
        raise Gone

    async def _failed(self, kind: str) -> bool:
        status = STATUS.get((self._provider, kind), USUAL_STATUS.get(kind, 500))
        return await self._say(status, self._wire.error(status, kind))

    async def _say(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> bool:
        self.received.answered = status
        await write_whole(self._writer, status, body, headers or {})
        return True


def key_shown(provider: str, headers: Mapping[str, str]) -> str:
    match provider:
        case "anthropic":
            return headers.get("x-api-key", "") if "anthropic-version" in headers else ""
        case "google":
            return headers.get("x-goog-api-key", "")
        case "azure":
            return headers.get("api-key", "")
        case _:
            return headers.get("authorization", "").removeprefix("Bearer ")


async def write_whole(
    writer: asyncio.StreamWriter, status: int, body: Any, headers: Mapping[str, str] | None = None
) -> None:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = {"content-type": "application/json", "content-length": str(len(raw)), **(headers or {})}
    writer.write(_head(status, head) + raw)
    await writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Said So\r\n{lines}\r\n".encode()


def _chunk(raw: bytes) -> bytes:
    return b"%x\r\n" % len(raw) + raw + b"\r\n"


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset, not an end."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
