"""The load: requests over kept connections, timed one by one, and the CPU and memory of the server meanwhile."""

import asyncio
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Final

MESSAGES: Final = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "What is the capital of France, and what is it known for? " * 3},
]
SLOWLY: Final = {"role": "user", "content": "Count to twenty, slowly."}  # the upstream paces its pieces
TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
TIMEOUT_S: Final = 120.0  # of a whole measurement
PACED_START_S: Final = 2.0  # in which streams that are paced begin
LOOK_S: Final = 0.5  # between two looks at memory


@dataclass(frozen=True, slots=True)
class Round:
    """A gateway's turn: the seconds of each request and to its first content, and the whole turn's time and CPU."""

    times: tuple[float, ...]
    firsts: tuple[float, ...]
    took_s: float
    cpu_s: float
    errors: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in milliseconds; CPU in milliseconds a request, of the server's whole process tree."""

    p50: float
    p99: float
    first_token_p50: float
    per_second: float
    cpu: float
    errors: int

    @staticmethod
    def of(rounds: Iterable[Round]) -> "Measured":
        """Return what all turns of a gateway say together."""
        turns = tuple(rounds)
        times = [each for turn in turns for each in turn.times]
        cuts = quantiles(times, n=100)
        return Measured(
            p50=cuts[49] * 1000,
            p99=cuts[98] * 1000,
            first_token_p50=quantiles([each for turn in turns for each in turn.firsts], n=100)[49] * 1000,
            per_second=len(times) / sum(turn.took_s for turn in turns),
            cpu=sum(turn.cpu_s for turn in turns) * 1000 / len(times),
            errors=sum(turn.errors for turn in turns),
        )


@dataclass(frozen=True, slots=True)
class Aim:
    """The target of requests: its port, path, model and key."""

    port: int
    path: str
    model: str
    key: str
    headers: tuple[tuple[str, str], ...] = ()

    def request(self, *, stream: bool, is_slow: bool = False) -> bytes:
        """Return one request, whole, as bytes of HTTP/1.1."""
        messages = [*MESSAGES[:1], SLOWLY] if is_slow else MESSAGES
        body = json.dumps({"model": self.model, "messages": messages, "stream": stream}, separators=(",", ":")).encode()
        lines = [
            f"POST {self.path} HTTP/1.1",
            "host: 127.0.0.1",
            "content-type: application/json",
            f"authorization: Bearer {self.key}",
            f"content-length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def measure(aim: Aim, pid: int, *, seconds: float, in_flight: int, stream: bool, warms: bool = True) -> Round:
    """Send requests for so long, so many at a time; `warms` for a quarter of the time first, which does not count."""
    request = aim.request(stream=stream)
    times: list[float] = []
    firsts: list[float] = []
    errors = 0

    async def caller(until: float) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection("127.0.0.1", aim.port)
        started = time.perf_counter()
        while started < until:
            writer.write(request)
            is_good, first = await _answer(reader, stream=stream)
            errors += not is_good
            ended = time.perf_counter()
            times.append(ended - started)
            firsts.append(first - started)
            started = ended
        writer.close()

    async def run(lasts_s: float) -> None:
        until = time.perf_counter() + lasts_s
        async with asyncio.timeout(TIMEOUT_S):
            await asyncio.gather(*(caller(until) for _ in range(in_flight)))

    if warms:
        await run(seconds / 4)
        times.clear()
        firsts.clear()
        errors = 0
    spent, began = cpu_s(pid), time.perf_counter()
    await run(seconds)
    return Round(tuple(times), tuple(firsts), time.perf_counter() - began, cpu_s(pid) - spent, errors)


@dataclass(frozen=True, slots=True)
class Paced:
    """Many streams at once, as models write: CPU of the server a stream, and its memory before and at most, in MB."""

    streams: int
    errors: int
    cpu_ms: float
    before_mb: float
    most_mb: float


async def measure_paced(aim: Aim, pid: int, streams: int) -> Paced:
    """Open streams side by side, evenly over `PACED_START_S`, and read each to its end."""
    request = aim.request(stream=True, is_slow=True)
    before, spent = memory_mb(pid), cpu_s(pid)
    most = before

    async def stream(number: int) -> bool:
        await asyncio.sleep(number * PACED_START_S / streams)
        reader, writer = await asyncio.open_connection("127.0.0.1", aim.port)
        writer.write(request)
        try:
            is_good, _ = await _answer(reader, stream=True)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            is_good = False
        writer.close()
        return is_good

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, memory_mb(pid))
            await asyncio.sleep(LOOK_S)

    watching = asyncio.ensure_future(watch())
    async with asyncio.timeout(TIMEOUT_S):
        done = await asyncio.gather(*(stream(number) for number in range(streams)))
    watching.cancel()
    return Paced(streams, done.count(False), (cpu_s(pid) - spent) * 1000 / streams, before, most)


async def _answer(reader: asyncio.StreamReader, *, stream: bool) -> tuple[bool, float]:
    """Read one answer; return whether it is a good one, and the instant of its first content."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    is_good = head.startswith(b"http/1.1 200")
    at = head.find(b"content-length:")
    if at >= 0:
        body = await reader.readexactly(int(head[at + 15 :].split(b"\r", 1)[0]))
        return is_good and b"hello" in body, time.perf_counter()
    first, whole = 0.0, b""
    while True:
        size = int(await reader.readline(), 16)
        piece = await reader.readexactly(size + 2)
        whole += piece[:-2]
        if not first and (b"token " in whole or b"hello" in whole):
            first = time.perf_counter()
        if size == 0:
            break
    is_whole = whole.count(b"token ") == 20 if stream else b"hello" in whole
    return is_good and is_whole, first or time.perf_counter()


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU that a process and its children have spent."""
    total = 0.0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) * TICK_S
    return total


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process and its children, in megabytes."""
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def tree(pid: int) -> list[int]:
    """Return a process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *(child for each in children.read_text().split() for child in tree(int(each)))]
