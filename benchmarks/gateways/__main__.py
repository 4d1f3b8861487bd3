"""`python -m benchmarks.gateways`: ours beside the others in one run; `--write` puts it into docs/performance.md."""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.engines import WORK
from benchmarks.gateways.contenders import CLIENTS, CONTENDERS, SERVERS, Contender, client_alone
from benchmarks.gateways.load import Aim, Measured, measure, memory_mb
from benchmarks.real_files import ROOT
from local.processes import Server, free_port

DOCUMENT: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: python -m benchmarks.gateways --write -->"
END: Final = "<!-- end: python -m benchmarks.gateways --write -->"
STEADY: Final = (10_000, 50_000, 100_000)  # calls after which the memory of ours is looked at
LOADS: Final = ((1, 2_000, 500), (16, 4_000, 1_000), (64, 6_000, 1_500))  # in flight, whole answers, streams


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements of one gateway, by requests in flight; seconds, megabytes."""

    name: str
    start_s: float
    idle_mb: float
    whole: Mapping[int, Measured]
    streamed: Mapping[int, Measured]
    loaded_mb: float


def main() -> int:
    """Measure those that are asked for, one after the other; the exit code is 0 whatever they reach."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways", description=__doc__)
    parser.add_argument("--only", action="append", help="part of a name; may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="of the requests, for a quick look")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    wanted = [each for each in CONTENDERS if not chosen.only or any(part in each.name for part in chosen.only)]
    WORK.mkdir(parents=True, exist_ok=True)
    for each in wanted:
        each.install()
    results = []
    with _upstream() as (url, direct):
        for each in wanted:
            print(f"measuring {each.name}", file=sys.stderr, flush=True)
            results.append(_of(each, url, chosen.share))
        base = _loads(direct, _pid_of(direct.port), chosen.share)
        steady = _steady(CONTENDERS[0], url, chosen.share) if CONTENDERS[0] in wanted else []
        clients = _clients(url) if any("bare" in each.name for each in wanted) else []
    content = "\n".join((_tables(results, base), *steady, *clients))
    print(content)
    if chosen.write:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")
    return 0


_PIDS: Final[dict[int, int]] = {}


def _pid_of(port: int) -> int:
    return _PIDS[port]


@contextmanager
def _upstream() -> Iterator[tuple[str, Aim]]:
    port = free_port()
    command: list[str | Path] = [sys.executable, SERVERS / "upstream.py", str(port)]
    with _running("upstream", command, dict(os.environ), port, "/"):
        yield f"http://127.0.0.1:{port}", Aim(port, "/v1/chat/completions", "gpt-4o-mini", "sk-x")


@contextmanager
def _running(
    name: str, command: list[str | Path], environment: Mapping[str, str], port: int, health: str
) -> Iterator[float]:
    """Run a server, and yield the seconds to its first answer once Python's bytecode was written."""
    log = WORK / "logs" / f"{name.split()[0]}.log"
    environment = {key: value for key, value in environment.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(WORK / "bytecode")
    server = Server(name, command, environment, port=port, health=health, log=log)
    with server:
        pass
    began = time.perf_counter()
    with server:
        _PIDS[port] = server.pid
        yield time.perf_counter() - began


def _of(contender: Contender, upstream: str, share: float) -> Result:
    port = free_port()
    command = list(contender.command(contender.folder, port, upstream))
    environment = dict(os.environ) | dict(contender.environment)
    with _running(contender.name, command, environment, port, contender.health) as start_s:
        pid = _pid_of(port)
        aim = contender.aim(port, upstream)
        idle = memory_mb(pid)
        whole, streamed = _loads(aim, pid, share)
        return Result(contender.name, start_s, idle, whole, streamed, memory_mb(pid))


def _loads(aim: Aim, pid: int, share: float) -> tuple[dict[int, Measured], dict[int, Measured]]:
    whole, streamed = {}, {}
    for in_flight, answers, streams in LOADS:
        many = max(in_flight * 4, int(answers * share))
        whole[in_flight] = asyncio.run(measure(aim, pid, requests=many, in_flight=in_flight, stream=False))
        many = max(in_flight * 4, int(streams * share))
        streamed[in_flight] = asyncio.run(measure(aim, pid, requests=many, in_flight=in_flight, stream=True))
    return whole, streamed


def _steady(ours: Contender, upstream: str, share: float) -> list[str]:
    """Return lines on the memory of ours over many calls."""
    port = free_port()
    environment = dict(os.environ) | dict(ours.environment)
    with _running(ours.name, list(ours.command(ours.folder, port, upstream)), environment, port, ours.health):
        pid, aim, done, seen = _pid_of(port), ours.aim(port, upstream), 0, []
        for calls in STEADY:
            wanted = int(calls * share)
            asyncio.run(measure(aim, pid, requests=wanted - done, in_flight=64, stream=False))
            done = wanted
            seen.append(f"{memory_mb(pid):.0f} MB after {done:,}")
    return ["", f"Memory of ours over calls at 64 in flight: {', '.join(seen)}."]


def _clients(upstream: str) -> list[str]:
    """Return the table of HTTP clients alone."""
    lines = ["", "HTTP clients alone, CPU of a call in milliseconds.", ""]
    lines += ["| | whole, one by one | whole, 64 at a time | a stream of 20 pieces | import |", "|---|---|---|---|---|"]
    for name in CLIENTS:
        of = client_alone(name, upstream)
        lines.append(
            f"| {name} | {of['whole']:.3f} | {of['whole_at_64']:.3f} | {of['stream']:.3f} | {of['import']:.0f} ms |"
        )
    return lines


def _tables(results: list[Result], base: tuple[Mapping[int, Measured], Mapping[int, Measured]]) -> str:
    whole, streamed = base
    lines = [
        "Whole answers; times at one request in flight are over direct calls of the upstream.",
        "",
        "| | added p50 · p99 | CPU a request | a second at 16 · 64 | errors | idle · after the load | start |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in results:
        one = each.whole[1]
        errors = sum(measured.errors for measured in each.whole.values())
        lines.append(
            f"| {each.name} | {one.p50 - whole[1].p50:.2f} · {one.p99 - whole[1].p99:.2f} ms | {one.cpu:.2f} ms "
            f"| {each.whole[16].per_second:,.0f} · {each.whole[64].per_second:,.0f} | {errors} "
            f"| {each.idle_mb:.0f} · {each.loaded_mb:.0f} MB | {each.start_s:.1f} s |"
        )
    lines += [
        "",
        "Streams of 20 pieces of content.",
        "",
        "| | first token added p50 | whole stream added p50 · p99 | CPU a stream at 1 · 64 | a second at 16 · 64 |",
        "|---|---|---|---|---|",
    ]
    for each in results:
        one = each.streamed[1]
        if broken := sum(measured.errors for measured in each.streamed.values()):
            lines.append(f"| {each.name} | {broken:,} streams were no whole answer | | | |")
            continue
        lines.append(
            f"| {each.name} | {one.first_token_p50 - streamed[1].first_token_p50:.2f} ms "
            f"| {one.p50 - streamed[1].p50:.2f} · {one.p99 - streamed[1].p99:.2f} ms "
            f"| {one.cpu:.2f} · {each.streamed[64].cpu:.2f} ms "
            f"| {each.streamed[16].per_second:,.0f} · {each.streamed[64].per_second:,.0f} |"
        )
    day = datetime.now(UTC).date().isoformat()
    direct = (
        f"p50 {whole[1].p50:.2f} ms, CPU {whole[1].cpu:.3f} ms, {whole[64].per_second:,.0f} a second at 64 in flight"
    )
    lines += [
        "",
        f"Measured {day}: Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores shared by upstream, load and gateway; one worker each. The upstream itself: {direct}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
