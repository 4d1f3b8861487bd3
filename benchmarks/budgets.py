"""`python -m benchmarks.budgets`: what budgets cost calls, beside an earlier build; `--write` puts it into the page.

Calls a second under one hard budget: the money path of both builds in turns, on one emulator. What five levels add:
two servers of this build with their tables in memory, asked in turns.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import earlier_build
from benchmarks.engines import WORK
from benchmarks.gateways.contenders import CHAT, OWN_PATH, SERVERS
from benchmarks.gateways.load import Aim, Round, cpu_s, measure
from benchmarks.real_files import ROOT
from local.emulator import Emulator, client_environment
from local.processes import Server, free_port

DOCUMENT: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: python -m benchmarks.budgets --write -->"
END: Final = "<!-- end: python -m benchmarks.budgets --write -->"
DRILL: Final = ROOT / "tests" / "drills" / "budget_calls.py"
BUILDS: Final = {"this": ROOT, "earlier": earlier_build.FOLDER}
OPEN: Final = (0, 200)  # calls that are open besides; the earlier build takes 250
CALLS: Final = 800
THREADS: Final = 32
ROUNDS: Final = 5  # of both builds in turn
TURNS: Final = 40  # of both servers in turn
TURN_S: Final = 1.5
REACH_TIMES: Final = 3.0
REACH_MS: Final = 0.5


def main() -> int:
    """Measure both, and print the tables; the exit code is 0 whatever they reach."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budgets", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the rounds, for a quick look")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    earlier_build.prepare()
    content = "\n".join((*_one_budget(max(1, round(ROUNDS * chosen.share))), *_levels(round(TURNS * chosen.share))))
    print(content)
    if chosen.write:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")
    return 0


def _one_budget(rounds: int) -> Iterator[str]:
    """Yield the table of calls under one hard budget, by build and by how many are open besides."""
    seen: dict[tuple[str, int], list[Mapping[str, float]]] = {}
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        os.environ |= client_environment(emulator.url)
        for turn in range(rounds):
            for more in OPEN:
                for build, root in BUILDS.items():
                    spent = cpu_s(emulator.pid)
                    told = _calls(root, more)
                    told["emulator_ms"] = (cpu_s(emulator.pid) - spent) * 1000 / (CALLS + more)
                    print(f"round {turn + 1}, {more} open: {build}: {told}", file=sys.stderr, flush=True)
                    seen.setdefault((build, more), []).append(told)
    yield f"Whole calls of the money path under one hard budget, {THREADS} at once, {rounds} rounds in turns, medians."
    yield ""
    yield "| open besides | build | a second | processor time of a call | – of the emulator | write units |"
    yield "|---|---|---|---|---|---|"
    for more in OPEN:
        for build in BUILDS:
            name = "this" if build == "this" else earlier_build.COMMIT
            each = {word: median(told[word] for told in seen[build, more]) for word in seen[build, more][0]}
            yield (
                f"| {more} | {name} | {each['per_second']:.0f} | {each['cpu_ms']:.2f} ms "
                f"| {each['emulator_ms']:.2f} ms | {each['units']:.1f} |"
            )
    yield ""
    for more in OPEN:
        times, cpu = (
            [round_of[0] / round_of[1] for round_of in zip(*(_column(seen, more, word)), strict=True)]
            for word in ("per_second", "cpu_ms")
        )
        verdict = "met" if median(times) >= REACH_TIMES else "**missed**"
        yield (
            f"With {more} open besides: {median(times):.2f} × as many a second ({min(times):.2f}–{max(times):.2f}; "
            f"to reach: {REACH_TIMES:g}: {verdict}), at {1 / median(cpu):.2f} × less processor time of our own."
        )


def _column(
    seen: Mapping[tuple[str, int], list[Mapping[str, float]]], more: int, word: str
) -> tuple[list[float], list[float]]:
    """Return a figure of every round, of this build and of the earlier one."""
    return [told[word] for told in seen["this", more]], [told[word] for told in seen["earlier", more]]


def _calls(root: Path, more: int) -> dict[str, float]:
    """Run the drill in a build's own code, and return what it reports."""
    path = {"PYTHONPATH": os.pathsep.join((str(root), str(root / "shared")))}
    arguments = json.dumps({"calls": CALLS, "threads": THREADS, "open": more})
    command: list[str | Path] = [sys.executable, "-P", DRILL, arguments]
    ended = subprocess.run(
        command, cwd=root, env=dict(os.environ) | path, capture_output=True, text=True, timeout=300, check=True
    )
    told: dict[str, float] = json.loads(ended.stdout.strip().splitlines()[-1])
    return told


def _levels(turns: int) -> Iterator[str]:
    """Yield what five levels of budgets add to a call over none, its tables in memory."""
    seen: dict[str, list[Round]] = {"none": [], "five": []}
    with ExitStack() as servers:
        upstream = servers.enter_context(_served("upstream", [SERVERS / "upstream.py"], "/"))[0]
        aims = {budgets: servers.enter_context(_chat(budgets, upstream)) for budgets in seen}
        for turn in range(turns + 1):
            for budgets, (aim, pid) in aims.items():
                measured = asyncio.run(measure(aim, pid, seconds=TURN_S, in_flight=1, stream=False, warms=not turn))
                if turn:  # the first one only warms
                    seen[budgets].append(measured)
    errors = sum(each.errors for rounds in seen.values() for each in rounds)
    if errors:
        raise SystemExit(f"{errors} calls were not answered well")
    cuts = {
        budgets: quantiles([time * 1000 for each in rounds for time in each.times], n=100)
        for budgets, rounds in seen.items()
    }
    cpu = {
        budgets: sum(each.cpu_s for each in rounds) * 1000 / sum(len(each.times) for each in rounds)
        for budgets, rounds in seen.items()
    }
    # What else the machine does is in the slowest of calls: of each turn's pair it meets both, and the median tells.
    of_turns = {
        budgets: [quantiles(each.times, n=100)[98] * 1000 for each in rounds] for budgets, rounds in seen.items()
    }
    pairs = [five - none for five, none in zip(of_turns["five"], of_turns["none"], strict=True)]
    added = median(pairs)
    yield ""
    yield "| budgets of a call, tables in memory, one at a time | p50 | p90 | p99 | processor time |"
    yield "|---|---|---|---|---|"
    for budgets, title in (("none", "none"), ("five", "five levels")):
        at = cuts[budgets]
        yield f"| {title} | {at[49]:.2f} ms | {at[89]:.2f} ms | {at[98]:.2f} ms | {cpu[budgets]:.2f} ms |"
    yield ""
    verdict = "met" if added <= REACH_MS else "**missed**"
    many = {budgets: sum(len(each.times) for each in rounds) for budgets, rounds in seen.items()}
    yield (
        f"Added by five levels: {cuts['five'][49] - cuts['none'][49]:.2f} ms at p50, {added:.2f} ms at p99, the median "
        f"of turns (the middle half of them {quantiles(pairs, n=4)[0]:.2f} to {quantiles(pairs, n=4)[2]:.2f} ms; to "
        f"reach: ≤ {REACH_MS:g} ms: {verdict}), {cpu['five'] - cpu['none']:.2f} ms of processor time; {many['none']:,} "
        f"and {many['five']:,} calls in {turns} turns each."
    )
    yield ""
    yield (
        f"Measured {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores that all processes share."
    )


@contextmanager
def _chat(budgets: str, upstream: int) -> Iterator[tuple[Aim, int]]:
    """Run the chat function with its tables in memory; yields where to ask it, and its process."""
    key = WORK / f"service-key-{budgets}"
    command = ["-m", "benchmarks.gateways.servers.ours"]
    more = [f"http://127.0.0.1:{upstream}", str(key), budgets]
    with _served(budgets, command, "/v1/health", more) as (port, pid):
        yield Aim(port, CHAT, "openai/gpt-4o-mini", key.read_text()), pid


@contextmanager
def _served(
    name: str, command: Sequence[str | Path], health: str, more: list[str] | None = None
) -> Iterator[tuple[int, int]]:
    """Run a server until the block ends; yields its port and the id of its process."""
    port = free_port()
    log = WORK / "logs" / f"{name}.log"
    whole: list[str | Path] = [sys.executable, *command, str(port), *(more or [])]
    with Server(name, whole, dict(os.environ) | OWN_PATH, port=port, health=health, log=log) as server:
        yield port, server.pid


if __name__ == "__main__":
    sys.exit(main())
