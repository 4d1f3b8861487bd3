"""`python -m benchmarks.gateways`: ours beside the others in one run; `--write` puts it into docs/performance.md."""

import argparse
import asyncio
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import earlier_build
from benchmarks.engines import WORK
from benchmarks.gateways.contenders import CLIENTS, CONTENDERS, ON_TABLES, SERVERS, Contender, client_alone
from benchmarks.gateways.load import Aim, Measured, Round, measure, measure_paced, memory_mb
from benchmarks.gateways.own_network import enter_own_network
from benchmarks.real_files import ROOT
from local.emulator import Emulator, client_environment
from local.processes import Server, free_port

DOCUMENT: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: python -m benchmarks.gateways --write -->"
END: Final = "<!-- end: python -m benchmarks.gateways --write -->"
STEADY: Final = (10, 20, 30)  # seconds after which the memory of ours is looked at
IN_FLIGHT: Final = (1, 16, 64)
ROUNDS: Final = 3  # of all gateways in turn, so that what else the machine does meets each alike
TURN_S: Final = 1.5
PACED: Final = ("ours", f"build {earlier_build.COMMIT}", "Ferro")  # what their names begin with
PACED_STREAMS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements of one gateway, by requests in flight; seconds, megabytes."""

    name: str
    start_s: float
    idle_mb: float
    whole: Mapping[int, Measured]
    streamed: Mapping[int, Measured]
    loaded_mb: float


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that runs: where it is asked, its process, and how it was before it was asked anything."""

    name: str
    aim: Aim
    pid: int
    start_s: float
    idle_mb: float


def main() -> int:
    """Measure those that are asked for, in turns; the exit code is 0 whatever they reach."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways", description=__doc__)
    parser.add_argument("--only", action="append", help="part of a name; may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="of the time, for a quick look")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    wanted = [each for each in CONTENDERS if not chosen.only or any(part in each.name for part in chosen.only)]
    WORK.mkdir(parents=True, exist_ok=True)
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))  # a connection is one on each side
    for each in wanted:
        each.install()
    if not enter_own_network():
        told = [each.name for each in wanted if each.listens_everywhere]
        print(f"left out, for there is no network of its own to be had here: {', '.join(told)}", file=sys.stderr)
        wanted = [each for each in wanted if not each.listens_everywhere]
    with ExitStack() as servers:
        url, direct = servers.enter_context(_upstream())
        on_tables = servers.enter_context(_emulated()) if any(each.on_tables for each in wanted) else {}
        running = [servers.enter_context(_started(each, url, on_tables)) for each in wanted]
        base = Running("upstream", direct, _pid_of(direct.port), 0, 0)
        results = _in_turns([base, *running], chosen.share)
        ours = next((each for each in running if each.name == CONTENDERS[0].name), None)
        steady = _steady(ours, chosen.share) if ours else []
        paced = _paced([each for each in running if each.name.startswith(PACED) and ON_TABLES not in each.name])
        clients = _clients(url) if any("bare" in each.name for each in wanted) else []
    content = "\n".join((_tables(results[1:], (results[0].whole, results[0].streamed)), *steady, *paced, *clients))
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
def _emulated() -> Iterator[Mapping[str, str]]:
    """Run the AWS emulator, and yield the environment of its clients."""
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        yield client_environment(emulator.url)


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


@contextmanager
def _started(contender: Contender, upstream: str, on_tables: Mapping[str, str]) -> Iterator[Running]:
    port = free_port()
    command = list(contender.command(contender.folder, port, upstream))
    environment = dict(on_tables if contender.on_tables else os.environ) | dict(contender.environment)
    print(f"starting {contender.name}", file=sys.stderr, flush=True)
    with _running(contender.name, command, environment, port, contender.health) as start_s:
        pid = _pid_of(port)
        yield Running(contender.name, contender.aim(port, upstream), pid, start_s, memory_mb(pid))


def _in_turns(running: Sequence[Running], share: float) -> list[Result]:
    """Ask all of them in turns, load by load, and tell on the way what each turn cost."""
    turns: dict[tuple[str, bool, int], list[Round]] = {}
    for turn in range(ROUNDS):
        for is_stream in (False, True):
            for in_flight in IN_FLIGHT:
                for each in running:
                    measured = asyncio.run(
                        measure(
                            each.aim,
                            each.pid,
                            seconds=TURN_S * share,
                            in_flight=in_flight,
                            stream=is_stream,
                            warms=not turn,
                        )
                    )
                    turns.setdefault((each.name, is_stream, in_flight), []).append(measured)
                    _tell(turn, each.name, in_flight, measured, is_stream=is_stream)

    def of(name: str, *, is_stream: bool) -> dict[int, Measured]:
        return {in_flight: Measured.of(turns[name, is_stream, in_flight]) for in_flight in IN_FLIGHT}

    return [
        Result(
            each.name,
            each.start_s,
            each.idle_mb,
            of(each.name, is_stream=False),
            of(each.name, is_stream=True),
            memory_mb(each.pid),
        )
        for each in running
    ]


def _tell(turn: int, name: str, in_flight: int, measured: Round, *, is_stream: bool) -> None:
    kind = "streams" if is_stream else "answers"
    many = max(len(measured.times), 1)
    cpu = measured.cpu_s * 1000 / many
    print(
        f"round {turn + 1}, {in_flight} in flight: {name}: {many:,} {kind}, {cpu:.2f} ms CPU each",
        file=sys.stderr,
        flush=True,
    )


def _steady(ours: Running, share: float) -> list[str]:
    """Return lines on the memory of ours over many calls."""
    done, seen, before = 0, [], 0.0
    for until in STEADY:
        turn = measure(ours.aim, ours.pid, seconds=(until - before) * share, in_flight=64, stream=False, warms=False)
        done, before = done + len(asyncio.run(turn).times), until
        seen.append(f"{memory_mb(ours.pid):.0f} MB after {done:,}")
    return ["", f"Memory of ours over more calls at 64 in flight: {', '.join(seen)}."]


def _paced(running: Sequence[Running]) -> list[str]:
    """Return the table of streams that come as models write, a thousand at once."""
    lines = ["", f"{PACED_STREAMS:,} streams at once, a piece every half second, behind the loads above.", ""]
    lines += ["| | CPU a stream | memory before · at most | a stream | broken |", "|---|---|---|---|---|"]
    for each in running:
        of = asyncio.run(measure_paced(each.aim, each.pid, PACED_STREAMS))
        kilobytes = (of.most_mb - of.before_mb) * 1000 / of.streams
        print(f"paced: {each.name}: {of.cpu_ms:.2f} ms CPU, {of.most_mb:.0f} MB", file=sys.stderr, flush=True)
        lines.append(
            f"| {each.name} | {of.cpu_ms:.2f} ms | {of.before_mb:.0f} · {of.most_mb:.0f} MB "
            f"| {kilobytes:.0f} KB | {of.errors} |"
        )
    return lines if running else []


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
        f"{os.cpu_count()} cores shared by upstream, load and gateway; one worker each, asked in turns. "
        f"The upstream itself: {direct}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
