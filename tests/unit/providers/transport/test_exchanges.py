"""Exchanges with providers over HTTP/1.1: every framing, every limit, and whose connection is used again."""

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
import uvloop

from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.providers.http import MAX_ANSWER, Connections
from atom_llm.adapters.providers.transport.connection import MAX_HEAD
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.ports.providers import TimeLimits
from tests.unit.providers.transport.servers import HELLO, request_of, saying, serving

LIMITS = TimeLimits(connect_s=2.0, first_byte_s=2.0, idle_s=2.0)
SOON = TimeLimits(connect_s=0.2, first_byte_s=0.2, idle_s=0.2)
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, uvloop.new_event_loop]


def chunk(content: bytes) -> bytes:
    """Return a chunk of a body."""
    return b"%x\r\n%s\r\n" % (len(content), content)


@asynccontextmanager
async def client(connect_s: float = 2.0) -> AsyncIterator[Connections]:
    """Make a client; the loop closes its connections at its end."""
    yield Connections(connect_s)


def on_each_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test on asyncio's own loop, as under Mangum, and on uvloop, as under uvicorn."""
    for make in LOOPS:
        with asyncio.Runner(loop_factory=make) as runner:
            runner.run(work())


async def asked(url: str, connections: Connections, limits: TimeLimits = LIMITS, body: bytes = b"{}") -> HttpAnswer:
    """Ask once, whole."""
    return await connections.post(url, {"content-type": "application/json"}, body, limits)


async def failure_of(asking: Awaitable[object]) -> ProviderFailure:
    """Return the failure with which something ends."""
    with pytest.raises(ProviderFailure) as raised:
        await asking
    return raised.value


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (saying(HELLO), b"hello"),
        (saying(*(HELLO[place : place + 1] for place in range(len(HELLO)))), b"hello"),
        (saying(b"HTTP/1.1 100 Continue\r\n\r\n", HELLO), b"hello"),
        (saying(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + HELLO), b"hello"),
        (saying(STREAM + chunk(b"hel") + chunk(b"lo") + b"0\r\n\r\n"), b"hello"),
        (
            saying(STREAM, chunk(b"hel")[:4], 0.01, chunk(b"hel")[4:] + chunk(b"lo"), b"0\r\nx-trailer: 1\r\n\r\n"),
            b"hello",
        ),
        (saying(b"HTTP/1.0 200 OK\r\n\r\nhel", 0.01, b"lo", then_close=True), b"hello"),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), b""),
        (saying(b"HTTP/1.1 204 No Content\r\n\r\n"), b""),
    ],
    ids=[
        "length",
        "byte by byte",
        "continue",
        "early hints",
        "chunks",
        "split chunks",
        "until the end",
        "empty",
        "204",
    ],
)
def test_an_answer_is_read_in_every_framing(answer: Any, expected: bytes) -> None:
    async def work() -> None:
        async with serving(answer) as told, client() as connections:
            assert (await asked(told.url, connections)).body == expected

    on_each_loop(work)


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(b"hello" * 99)),
        ("x-gzip", gzip.compress(b"hello" * 99)),
        ("deflate", zlib.compress(b"hello" * 99)),
    ],
    ids=["gzip", "x-gzip", "deflate"],
)
def test_an_answer_that_is_packed_unasked_is_unpacked(name: str, packed: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: {len(packed)}\r\n\r\n".encode()

    async def work() -> None:
        async with serving(saying(head + packed[:20], 0.01, packed[20:])) as told, client() as connections:
            assert (await asked(told.url, connections)).body == b"hello" * 99

    on_each_loop(work)


def test_a_request_says_where_it_goes_how_long_it_is_and_what_is_in_it() -> None:
    async def work() -> None:
        async with serving(saying(HELLO)) as told, client() as connections:
            await connections.post(f"http://localhost:{told.port}/v1/a b?c=d", {"x-key": "sk-1"}, b'{"a":1}', LIMITS)
            head, _, body = told.requests[0].partition(b"\r\n\r\n")
            first, *rest = head.split(b"\r\n")
            assert (first, body) == (b"POST /v1/a%20b?c=d HTTP/1.1", b'{"a":1}')
            assert {b"x-key: sk-1", b"content-length: 7", f"host: localhost:{told.port}".encode()} <= set(rest)

    on_each_loop(work)


def test_a_header_never_ends_where_its_value_says() -> None:
    async def work() -> None:
        async with serving(saying(HELLO)) as told, client() as connections:
            for value in ("a\r\nx-evil: 1", "a\nb", "a\0b", "你好"):
                failure = await failure_of(connections.post(told.url, {"x-key": value}, b"", LIMITS))
                assert failure.kind is FailureKind.TRANSIENT
            assert told.connections == 0

    on_each_loop(work)


def test_calls_one_after_the_other_share_a_connection() -> None:
    async def work() -> None:
        async with serving(saying(HELLO)) as told, client() as connections:
            for _ in range(5):
                await asked(told.url, connections)
            assert (told.connections, len(told.requests)) == (1, 5)

    on_each_loop(work)


def test_sixty_four_calls_at_once_have_a_connection_each_which_the_next_ones_use_again() -> None:
    async def work() -> None:
        async with serving(saying(0.05, HELLO)) as told, client() as connections:
            for _ in range(3):
                answers = await asyncio.gather(*(asked(told.url, connections) for _ in range(64)))
                assert {answer.body for answer in answers} == {b"hello"}
            assert (told.connections, len(told.requests)) == (64, 192)

    on_each_loop(work)


@pytest.mark.parametrize(
    "last_words",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        HELLO + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
        HELLO + b"HTTP/1.1 200 O",
        HELLO + b"no HTTP",
    ],
    ids=["it says so", "1.0", "a second answer", "half of one", "rubbish"],
)
def test_a_connection_that_says_that_it_ends_or_more_than_was_asked_is_not_used_again(last_words: bytes) -> None:
    async def work() -> None:
        async with serving(saying(last_words), saying(HELLO)) as told, client() as connections:
            assert [(await asked(told.url, connections)).body for _ in range(2)] == [b"hello"] * 2
            assert told.connections == 2

    on_each_loop(work)


def test_what_is_said_unasked_on_a_kept_connection_is_no_answer_to_the_next_request() -> None:
    async def work() -> None:
        late = saying(HELLO, 0.02, HELLO.replace(b"hello", b"wrong"))
        async with serving(late, saying(HELLO)) as told, client() as connections:
            await asked(told.url, connections)
            await asyncio.sleep(0.1)
            assert (await asked(told.url, connections)).body == b"hello"

    on_each_loop(work)


def test_a_kept_connection_that_the_provider_ended_meanwhile_is_not_used() -> None:
    async def work() -> None:
        async with serving(saying(HELLO, then_close=True), saying(HELLO)) as told, client() as connections:
            await asked(told.url, connections)
            await asyncio.sleep(0.05)
            assert (await asked(told.url, connections)).body == b"hello"
            assert told.connections == 2

    on_each_loop(work)


def test_a_kept_connection_that_ended_while_the_process_was_frozen_is_not_used() -> None:
    """The loop has not run between the provider's end and the next call, so nothing has told of it."""
    connections = Connections(2.0)

    async def first(url: str) -> None:
        await asked(url, connections)

    async def provider(ready: "asyncio.Future[int]") -> None:
        async with serving(saying(HELLO, 0.05, then_close=True), saying(HELLO)) as told:
            ready.get_loop().call_soon_threadsafe(ready.set_result, told.port)
            await asyncio.sleep(1.0)

    async def work() -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[int] = loop.create_future()
        serving_elsewhere = loop.run_in_executor(None, lambda: asyncio.run(provider(ready)))
        url = f"http://127.0.0.1:{await ready}/"
        await first(url)
        time.sleep(0.3)
        assert (await asked(url, connections)).body == b"hello"
        await serving_elsewhere

    on_each_loop(work)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (saying(then_close=True), FailureKind.TRANSIENT),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-le", then_close=True), FailureKind.TRANSIENT),
        (saying(b"no HTTP at all\r\n\r\n"), FailureKind.TRANSIENT),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * MAX_HEAD + b"\r\n\r\n"), FailureKind.TRANSIENT),
        (
            saying(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"),
            FailureKind.TRANSIENT,
        ),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", then_close=True), FailureKind.CUT),
        (saying(STREAM + chunk(b"hello"), then_close=True), FailureKind.CUT),
        (saying(STREAM + b"zz\r\nhello"), FailureKind.CUT),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello"), FailureKind.TRANSIENT),
        (saying(2.0), FailureKind.SILENT),
        (saying(STREAM, 2.0), FailureKind.SILENT),
        (saying(STREAM, *(part for _ in range(40) for part in (chunk(b"x"), 0.05))), FailureKind.SILENT),
    ],
    ids=[
        *("no answer", "half a head", "no HTTP", "endless headers", "an upgrade", "too short", "cut chunks"),
        *("wrong chunk", "wrongly packed", "silence", "silence behind the headers", "a byte now and then"),
    ],
)
def test_a_whole_answer_that_does_not_come_says_why(answer: Any, kind: FailureKind) -> None:
    async def work() -> None:
        async with serving(answer) as told, client() as connections:
            limits = SOON if kind is FailureKind.SILENT else LIMITS
            failure = await failure_of(asked(told.url, connections, limits))
            assert (failure.kind, failure.was_sent) == (kind, True)
            assert str(told.port) not in failure.message
            await asyncio.sleep(0.05)
            assert kind is not FailureKind.SILENT or told.requests

    on_each_loop(work)


def test_an_answer_that_is_too_large_or_unpacks_without_end_is_given_up() -> None:
    bomb = gzip.compress(b"\0" * (MAX_ANSWER + 1))
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s" % (len(bomb), bomb)
    large = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (MAX_ANSWER + 1, b"x" * (MAX_ANSWER + 1))

    async def work() -> None:
        for answer in (packed, large):
            async with serving(saying(answer)) as told, client() as connections:
                assert (await failure_of(asked(told.url, connections))).kind is FailureKind.TRANSIENT

    on_each_loop(work)


def test_a_request_that_is_sent_is_not_kept_beside_its_body_while_the_answer_is_waited_for() -> None:
    large = b"x" * 1_000_000

    async def work() -> None:
        async with serving(saying(0.5, HELLO)) as told, client() as connections:
            tracemalloc.start()
            try:
                asking = asyncio.ensure_future(asked(told.url, connections, body=large))
                while not told.requests:
                    await asyncio.sleep(0.01)
                kept = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/providers/http.py")])
            finally:
                tracemalloc.stop()
            assert sum(each.size for each in kept.traces) < len(large) / 10
            assert (await asking).body == b"hello"

    on_each_loop(work)


def test_nobody_listening_is_told_apart_from_silence_at_connecting() -> None:
    async def work() -> None:
        async with serving(saying(HELLO)) as told:
            port = told.port
        async with client() as connections:
            failure = await failure_of(asked(f"http://127.0.0.1:{port}/", connections))
            assert (failure.kind, str(port) in failure.message) == (FailureKind.TRANSIENT, False)
            failure = await failure_of(asked("http://no-such-host.invalid/", connections))
            assert (failure.kind, "invalid" in failure.message) == (FailureKind.TRANSIENT, False)
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
            for _ in range(3):  # beyond its backlog the kernel answers nobody
                caller = waiting.enter_context(socket.socket())
                caller.setblocking(False)
                caller.connect_ex(full.getsockname())
            async with client(connect_s=0.1) as connections:
                failure = await failure_of(asked(f"http://127.0.0.1:{full.getsockname()[1]}/", connections))
                assert (failure.kind, failure.was_sent) == (FailureKind.SILENT, False)

    on_each_loop(work)


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    away = b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"

    async def work() -> None:
        async with serving(saying(away)) as told, client() as connections:
            assert (await asked(told.url, connections)).status == 302

    on_each_loop(work)


def test_the_pieces_of_a_stream_come_when_they_are_sent() -> None:
    async def work() -> None:
        gate = asyncio.Event()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(STREAM)
            for word in (b"one", b"two"):
                writer.write(chunk(word))
                await gate.wait()
                gate.clear()
            writer.write(chunk(b"three") + chunk(b"four") + b"0\r\n\r\n")

        async with serving(answer) as told, client() as connections:
            opened = await connections.open(told.url, {}, b"", LIMITS)
            for word in (b"one", b"two"):
                assert await opened.next(1.0) == word
                gate.set()
            assert [await opened.next(1.0), await opened.next(1.0)] == [b"threefour", None]
            await opened.close()
            assert told.connections == 1

    on_each_loop(work)


def test_a_wait_is_shortened_while_it_lasts_and_a_later_one_has_its_own_time() -> None:
    async def work() -> None:
        async with (
            serving(saying(STREAM + chunk(b"one"), 0.3, chunk(b"two"), 5.0)) as told,
            client() as connections,
            await connections.open(told.url, {}, b"", LIMITS) as opened,
        ):
            assert await opened.next(0.1) == b"one"
            assert await opened.next(2.0) == b"two"  # the first wait's timer is not the second's
            loop = asyncio.get_running_loop()
            began = loop.time()
            loop.call_later(0.05, opened.hurry, 0.1)
            assert (await failure_of(opened.next(10.0))).kind is FailureKind.SILENT
            assert 0.1 < loop.time() - began < 2.0

    on_each_loop(work)


@pytest.mark.parametrize("moment", ["before the headers", "in the middle of the body"])
def test_whoever_leaves_takes_the_connection_along(moment: str) -> None:
    async def work() -> None:
        begun = asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if moment == "in the middle of the body":
                writer.write(STREAM + chunk(b"one"))
            begun.set()
            assert await request_of(reader) == b""  # until the caller hangs up
            raise ConnectionResetError

        async with serving(answer) as told, client() as connections:
            asking = asyncio.ensure_future(asked(told.url, connections))
            await begun.wait()
            await asyncio.sleep(0.02)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            await asyncio.sleep(0.05)
            assert told.hung_up == 1

    on_each_loop(work)


def test_a_caller_that_reads_slowly_slows_the_provider_down() -> None:
    """256 MB are never held: what is sent ahead of its reader waits at the provider."""

    async def work() -> None:
        sent = 0

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(STREAM)
            for _piece in range(300):
                writer.write(chunk(b"x" * 100_000))
                await writer.drain()
                sent += 100_000
            writer.write(b"0\r\n\r\n")

        async with (
            serving(answer) as told,
            client() as connections,
            await connections.open(told.url, {}, b"", LIMITS) as opened,
        ):
            await asyncio.sleep(0.3)
            assert sent < 15_000_000  # the kernel's buffers, and little more
            came = 0
            while (piece := await opened.next(2.0)) is not None:
                came += len(piece)
            assert came == 30_000_000

    on_each_loop(work)
