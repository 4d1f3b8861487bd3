"""Servers that say what they are told to, byte for byte, and note what they hear."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"


@dataclass
class Told:
    """What a server heard: how many connections, the requests on them, and how many callers hung up."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    hung_up: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/v1/chat"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """Return one request; nothing when the caller hung up."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    at = head.lower().find(b"content-length:")
    return head + (await reader.readexactly(int(head[at + 15 :].split(b"\r", 1)[0])) if at >= 0 else b"")


def saying(*pieces: bytes | float, then_close: bool = False) -> Answer:
    """Answer with pieces; a number is a pause in seconds."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                writer.write(piece)
                await writer.drain()
        if then_close:
            writer.close()

    return answer


@asynccontextmanager
async def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Told]:
    """Serve on loopback: each request gets the next answer, the last one again and again."""
    told, left = Told(), list(answers)
    at_work: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.connections += 1
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        try:
            while request := await request_of(reader):
                told.requests.append(request)
                await (left.pop(0) if len(left) > 1 else left[0])(reader, writer)
            told.hung_up += 1
        except ConnectionError:
            told.hung_up += 1
        finally:
            at_work.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        ending = list(at_work)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await asyncio.sleep(0.05)  # in which the loop closes what was ended
