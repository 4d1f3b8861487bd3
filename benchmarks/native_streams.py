"""`python -m benchmarks.native_streams`: CPU of a stream that passes as it came, beside one that is translated.

Both in one run, interleaved, the best of several rounds each: the reading and writing of its events alone, and a whole
call with the HTTP client, the event loop and the books, at a stand-in in a process of its own. Only ratios tell
anything on a shared machine. The floor is the ratio that a native call would have whose events cost nothing.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from time import process_time, sleep
from types import SimpleNamespace
from typing import Any, Final

import httpx

from atom_llm.adapters.providers.http_stream import PieceReader, TranslatedPieces
from atom_llm.adapters.providers.native import NativePieces
from atom_llm.adapters.providers.table import DIALECTS, NATIVE_DIALECTS
from atom_llm.domain.core.providers import PROVIDER_BY_ID, RESPONSES
from atom_llm.domain.providers.exchange import Target
from atom_llm.domain.routing.call_limits import CallLimits
from functions.chat.messages.stream import EventWriter
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.request import responses_request
from functions.chat.openai_responses.stream import ResponseEventWriter
from functions.chat.responses import StreamWriter
from testing.chat_world import ChatWorld
from testing.fakes.service_keys import NOON
from testing.stand_in.anthropic_wire import AnthropicWire
from testing.stand_in.openai_wire import OpenAIWire
from testing.stand_in.responses import ResponsesWire
from testing.stand_in.server import StandIn
from testing.stand_in.wire import Wire

ROUNDS: Final = 7
PORT: Final = 18_765
HEADERS: Final = {"authorization": "", "content-type": "application/json"}
ASKED: Final = [{"role": "user", "content": "Say hello"}]
CHAT: Final = {"model": "gpt-4o-mini", "messages": ASKED, "stream": True, "stream_options": {"include_usage": True}}
CLAUDE: Final = Target(PROVIDER_BY_ID["anthropic"], "claude-haiku-4-5")
MINI: Final = Target(PROVIDER_BY_ID["openai"], "gpt-4o-mini")
# By dialect: the path, the native request and the translated one.
CALLS: Final[Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "messages": (
        "/v1/messages",
        {"model": "anthropic/claude-haiku-4-5", "max_tokens": 100, "messages": ASKED, "stream": True},
        {"model": "openai/gpt-4o-mini", "max_tokens": 100, "messages": ASKED, "stream": True},
    ),
    "responses": (
        "/v1/responses",
        {"model": "openai/gpt-4o-mini", "input": "Say hello", "stream": True, "store": False},
        # What a model that does not reason refuses: it is asked in a translation, at the same provider.
        {
            "model": "openai/gpt-4o-mini",
            "input": "Say hello",
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
        },
    ),
}

Round = Callable[[], None]


def main() -> int:
    """Measure, and print a line for each dialect."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.native_streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=300, help="of events alone, a round")
    parser.add_argument("--calls", type=int, default=60, help="whole calls, a round")
    parser.add_argument("--port", type=int, default=PORT, help="of the stand-in")
    chosen = parser.parse_args()
    of_events: dict[str, tuple[float, float]] = {}
    for dialect, (native, translated) in events().items():
        of_events[dialect] = _best(native, translated, chosen.streams)
        _tell(f"{dialect}, events alone", *of_events[dialect])
    with stand_in(chosen.port) as running, asyncio.Runner() as runner, open(os.devnull, "w") as nowhere:
        for dialect, (native, translated) in calls(running, runner).items():
            with redirect_stdout(nowhere):  # each call writes its line, to where the first did
                found = _best(native, translated, chosen.calls)
            _tell(f"{dialect}, a whole call", *found)
            print(f"{dialect}, its floor: {1 - of_events[dialect][1] / found[1]:.2f} x")
    return 0


def events() -> dict[str, tuple[Round, Round]]:
    """Return one reading and writing of a stream of 20 pieces, native and translated, for each dialect."""
    asked = responses_request({"model": "openai/gpt-4o-mini", "input": "Say hello"}, 60)

    def messages() -> StreamWriter:
        return EventWriter("r", lambda: NOON)

    def responses() -> StreamWriter:
        return ResponseEventWriter(asked, "r", lambda: NOON, KeptIds(None))

    def claude() -> PieceReader:
        return NativePieces(NATIVE_DIALECTS["anthropic"].reader(CLAUDE))

    def openai() -> PieceReader:
        return NativePieces(NATIVE_DIALECTS[RESPONSES].reader(MINI))

    def chats() -> PieceReader:
        return TranslatedPieces(DIALECTS["openai"].reader(MINI, CHAT))

    of_chats = _spelt(OpenAIWire("openai"), "gpt-4o-mini", CHAT)
    of_claude = _spelt(AnthropicWire(), "claude-haiku-4-5", {"model": "c", "max_tokens": 100, "messages": ASKED})
    of_responses = _spelt(ResponsesWire(), "gpt-4o-mini", {"model": "gpt-4o-mini", "input": "Say hello"})
    return {
        "messages": (_through(claude, messages, of_claude), _through(chats, messages, of_chats)),
        "responses": (_through(openai, responses, of_responses), _through(chats, responses, of_chats)),
    }


def calls(running: StandIn, runner: asyncio.Runner) -> dict[str, tuple[Round, Round]]:
    """Return one whole streamed call, native and translated, for each dialect."""
    limits = CallLimits(deadline_s=60.0, connect_s=10.0, first_byte_s=30.0, first_token_s=30.0, idle_s=30.0)
    world = ChatWorld(running, limits=limits)
    for provider in ("openai", "anthropic"):
        world.provider_key(provider)
    headers = {**HEADERS, "authorization": f"Bearer {world.service_key()}"}

    def asking(path: str, body: dict[str, Any]) -> Round:
        raw = json.dumps(body).encode()
        return lambda: runner.run(_called(world, path, headers, raw))

    return {name: (asking(path, native), asking(path, other)) for name, (path, native, other) in CALLS.items()}


@contextmanager
def stand_in(port: int) -> Iterator[StandIn]:
    """Run the stand-ins in a process of their own, whose CPU is not counted; yield where they are."""
    command = [sys.executable, "-m", "testing.stand_in", "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        with httpx.Client(trust_env=False) as client:
            for _ in range(200):
                try:
                    client.get(f"http://127.0.0.1:{port}/_control/health")
                    break
                except httpx.TransportError:
                    sleep(0.1)
        yield StandIn(port)
    finally:
        process.terminate()
        process.wait(10)


async def _called(world: ChatWorld, path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send one request to the app, and take its whole stream; raises `RuntimeError` where it is none."""
    received: list[bytes] = []
    statuses: list[int] = []
    asked = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if asked.is_set():
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        else:
            received.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()]
        + [(b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    await world.app(scope, receive, send)
    if statuses != [200] or b"".join(received).count(b"\n\n") < 20:  # pieces that come together are one
        raise RuntimeError(f"no stream: {statuses} {b''.join(received)[:500]!r}")


def _spelt(wire: Wire, model: str, body: dict[str, Any]) -> list[bytes]:
    pieces = wire.pieces(model, body, wire.said(body))
    return [
        (f"event: {each.name}\n" if each.name else "").encode() + f"data: {each.data}\n\n".encode() for each in pieces
    ]


def _through(reader: Callable[[], PieceReader], writer: Callable[[], StreamWriter], pieces: list[bytes]) -> Round:
    requirements = SimpleNamespace(requirements=SimpleNamespace(about_tokens=10))
    call = SimpleNamespace(call_id="c", opened_at=NOON, wanted=requirements)
    stream: Any = SimpleNamespace(call=call, candidate=SimpleNamespace(id="openai/gpt-4o-mini"), usage=None)

    def once() -> None:
        reading, writing = reader(), writer()
        written = writing.begin(stream)
        for piece in pieces:
            chunks: list[Any] = []
            reading.read(piece, chunks)
            if chunks:
                written += writing.chunks(chunks)
        written += writing.end(stream)
        assert reading.is_finished
        assert len(written) > 1_000

    return once


def _best(native: Round, translated: Round, times: int) -> tuple[float, float]:
    """Return the CPU of one of each, in milliseconds: the best of rounds that take turns."""
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for place, once in enumerate((native, translated)):
            once()
            began = process_time()
            for _ in range(times):
                once()
            best[place] = min(best[place], (process_time() - began) * 1000 / times)
    return best[0], best[1]


def _tell(name: str, native: float, translated: float) -> None:
    print(f"{name}: {native:.3f} ms native, {translated:.3f} ms translated ({native / translated:.2f} x)")


if __name__ == "__main__":
    sys.exit(main())
