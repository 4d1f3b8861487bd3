"""The drill: inputs one after the other against one server, and what is not as it should be."""

import base64
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from atom_llm.domain.catalogue.errors import SourcesDown
from atom_llm.domain.registry.errors import BoardRefused
from testing.stand_in.server import StandIn
from tests.drills.fuzz.inputs import FuzzInput, Source
from tests.drills.fuzz.meter import used_by
from tests.drills.fuzz.server import FORGET, MEASURE, serve
from tests.drills.fuzz.wire import Answered, Wire
from tests.drills.fuzz.world import FuzzWorld

STALL_S: Final = 1.0
GROWTH: Final = 50 * 1024 * 1024  # bytes
LARGEST_ANSWER: Final = 16 * 1024 * 1024  # bytes
UNFORESEEN: Final = '"message":"unforeseen failure"'  # as the middleware logs it
# Inputs before the memory is measured first, or half of them: by then each index of models was made by somebody's
# question, 40 MB of them, and caches and pools have their size.
WARM: Final = 5_000
FORGOTTEN_EVERY: Final = 100  # inputs
# Said of prices and scores that no source gives: the world has none.
NOT_OURS: Final = frozenset({SourcesDown.code, BoardRefused.code})
CONFIRMED_BY: Final = 2  # further tries, alone, of an input that seemed to stall the server


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, with the first input that showed it."""

    what: str
    label: str
    number: int
    told: str
    sent: bytes = b""
    answer: str = ""

    @property
    def cause(self) -> tuple[str, str, str]:
        """What makes it the same finding as another."""
        return self.what, self.label, self.told


@dataclass(slots=True)
class FuzzOutcome:
    """The outcome of a run."""

    inputs: int = 0
    server_errors: int = 0
    stalls: int = 0
    growth: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)  # calls by provider
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep the first finding of a cause."""
        self.findings.setdefault(finding.cause, finding)

    def join(self, other: "FuzzOutcome") -> None:
        """Add another server's outcome."""
        self.inputs += other.inputs
        self.server_errors += other.server_errors
        self.stalls += other.stalls
        self.growth = max(self.growth, other.growth)
        self.statuses += other.statuses
        self.reached += other.reached
        for finding in other.findings.values():
            self.add(finding)

    def line(self) -> str:
        """The result in one line."""
        grown = max(self.growth, 0) / 1024 / 1024
        return (
            f"{self.inputs:,} inputs, {self.server_errors} 5xx, {self.stalls} stalls over {STALL_S:g} s, "
            f"growth {grown:.0f} MB, {len(self.findings)} findings"
        )


def run(numbers: Sequence[int], seed: int, folder: Path) -> FuzzOutcome:
    """Send inputs to a server in a process of its own; the providers' stand-in is in this one."""
    folder.mkdir(parents=True, exist_ok=True)
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe()
    with StandIn() as stand_in:
        log = folder / f"server-{os.getpid()}.log"
        server = spawning.Process(target=serve, args=(theirs, stand_in.port, log), daemon=True)
        server.start()
        theirs.close()
        try:
            port, keys = ours.recv()
            described = FuzzWorld(stand_in)
            source = Source(described.operations(), described.models(), keys, seed)
            outcome = FuzzOutcome()
            caller = _Caller(port, server.pid or 0, outcome)
            base: int | None = None
            for count, number in enumerate(numbers):
                if count == min(WARM, len(numbers) // 2):
                    ours.send(MEASURE)
                    base = ours.recv()
                if count % FORGOTTEN_EVERY == 0:
                    ours.send(FORGET)
                    ours.recv()
                caller.try_input(source.input_of(number))
                outcome.reached.update(call.provider for call in stand_in.calls)
                stand_in.calls.clear()
                if not server.is_alive():
                    break
            if base is not None and server.is_alive():
                ours.send(MEASURE)
                outcome.growth = ours.recv() - base
                if outcome.growth > GROWTH:
                    outcome.add(Finding("growth", "the server", 0, f"{outcome.growth / 1024 / 1024:.0f} MB"))
        finally:
            ours.close()
            server.join(10)
            if server.is_alive():
                server.kill()
    for path in _logged(log):
        outcome.add(Finding("a failure that nobody foresaw", path, 0, f"logged in {log}"))
    return outcome


def _logged(log: Path) -> Iterator[str]:
    """Iterate over the paths at which the server logged a failure that no answer told of, or may have told of."""
    for line in log.read_text(errors="replace").splitlines():
        if UNFORESEEN in line:
            yield str(json.loads(line)["path"])


class _Caller:
    def __init__(self, port: int, server: int, outcome: FuzzOutcome) -> None:
        self._wire = Wire(port)
        self._pids = (server, os.getpid())
        self._outcome = outcome

    def try_input(self, tried: FuzzInput) -> None:
        outcome = self._outcome
        answered, busy_s = self._timed(tried)
        outcome.inputs += 1
        outcome.statuses[answered.status] += 1
        if busy_s > STALL_S:
            busy_s = min(busy_s, *(self._timed(tried)[1] for _ in range(CONFIRMED_BY)))
            if busy_s > STALL_S:
                outcome.stalls += 1
                outcome.add(Finding("stall", tried.label, tried.number, tried.kind, tried.sent))
        if answered.status >= 500 and answered.code not in NOT_OURS:
            outcome.server_errors += 1
            told = f"{answered.status} {answered.code}"
            outcome.add(Finding("5xx", tried.label, tried.number, told, tried.sent, answered.told))
        if answered.size > LARGEST_ANSWER:
            told = f"an answer of {answered.size:,} bytes"
            outcome.add(Finding("size", tried.label, tried.number, told, tried.sent))
        if answered.status == 0 and tried.is_whole:
            outcome.add(Finding("no answer", tried.label, tried.number, tried.kind, tried.sent))

    def _timed(self, tried: FuzzInput) -> tuple[Answered, float]:
        """Return the answer, and the seconds that it took besides those in which either process waited to be run."""
        before = [used_by(pid) for pid in self._pids]
        began = time.monotonic()
        answered = self._wire.send(tried.sent, is_whole=tried.is_whole)
        wall_s = time.monotonic() - began
        if wall_s <= STALL_S:
            return answered, wall_s
        server, caller = (used_by(pid) - earlier for pid, earlier in zip(self._pids, before, strict=True))
        return answered, max(server.processor_s, wall_s - server.queued_s - caller.queued_s)


def write(outcome: FuzzOutcome, folder: Path) -> None:
    """Write the findings with the bytes that show them."""
    told = [
        {
            "what": each.what,
            "label": each.label,
            "number": each.number,
            "told": each.told,
            "answer": each.answer,
            "sent_base64": base64.b64encode(each.sent).decode(),
        }
        for each in outcome.findings.values()
    ]
    (folder / "findings.json").write_text(json.dumps(told, indent=1))
