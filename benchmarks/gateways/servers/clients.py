"""`URL CLIENT`: the cost of one HTTP client a call, alone in a process: prints a JSON object.

Runs in an environment that has all of them, with our own packages on its path. Whole answers one after the other and
64 at a time, and streams; CPU is the process's, threads of the client included.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

CALLS, STREAMS, IN_FLIGHT = 2_000, 300, 64
BODY = json.dumps(
    {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}], "stream": False}
).encode()
STREAM_BODY = BODY.replace(b"false", b"true")
HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-x"}

Ask = Callable[[bytes], Awaitable[int]]
"""Sends a request and reads the answer as it comes; how many bytes that were."""


async def _httpx(url: str, closing: AsyncExitStack) -> Ask:
    import httpx

    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    client = await closing.enter_async_context(httpx.AsyncClient(limits=limits, trust_env=False))

    async def ask(body: bytes) -> int:
        async with client.stream("POST", url, content=body, headers=HEADERS) as answer:
            return sum([len(piece) async for piece in answer.aiter_raw()])

    return ask


async def _aiohttp(url: str, closing: AsyncExitStack) -> Ask:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    client = await closing.enter_async_context(aiohttp.ClientSession(connector=connector))

    async def ask(body: bytes) -> int:
        async with client.post(url, data=body, headers=HEADERS) as answer:
            return sum([len(piece) async for piece in answer.content.iter_any()])

    return ask


async def _ours(url: str, _: AsyncExitStack) -> Ask:
    from atom_llm.adapters.providers.http import Connections
    from atom_llm.ports.providers import TimeLimits

    connections, limits = Connections(5.0), TimeLimits(5.0, 60.0, 60.0)

    async def ask(body: bytes) -> int:
        total = 0
        async with await connections.open(url, HEADERS, body, limits) as answer:
            while (piece := await answer.next(60.0)) is not None:
                total += len(piece)
        return total

    return ask


async def _pyreqwest(url: str, closing: AsyncExitStack) -> Ask:
    from pyreqwest.client import ClientBuilder

    client = await closing.enter_async_context(ClientBuilder().no_proxy().build())

    async def ask(body: bytes) -> int:
        request = client.post(url).headers(HEADERS).body_bytes(body).streamed_read_buffer_limit(0).build_streamed()
        total = 0
        async with request as answer:
            while (piece := await answer.body_reader.read_chunk()) is not None:
                total += len(piece)
        return total

    return ask


CLIENTS = {"ours": _ours, "httpx": _httpx, "aiohttp": _aiohttp, "pyreqwest": _pyreqwest}


async def measure(url: str, name: str) -> dict[str, float]:
    """Return milliseconds of import, and milliseconds of CPU a call by kind."""
    before = time.perf_counter()
    async with AsyncExitStack() as closing:
        ask = await CLIENTS[name](url, closing)
        measured = {"import": (time.perf_counter() - before) * 1000}

        async def one_by_one(body: bytes, many: int) -> None:
            for _ in range(many):
                assert await ask(body)

        async def spent(body: bytes, many: int, in_flight: int) -> float:
            await one_by_one(body, 100)
            began = time.process_time()
            await asyncio.gather(*(one_by_one(body, many // in_flight) for _ in range(in_flight)))
            return (time.process_time() - began) * 1000 / (many // in_flight * in_flight)

        measured["whole"] = await spent(BODY, CALLS, 1)
        measured["whole_at_64"] = await spent(BODY, CALLS, IN_FLIGHT)
        measured["stream"] = await spent(STREAM_BODY, STREAMS, 1)
    return measured


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(measure(sys.argv[1], sys.argv[2]))))
