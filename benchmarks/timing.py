"""Timing a call and reading a process's memory, alike in every environment; imports the standard library only."""

import sys
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time

ROUNDS = 7  # of which the median counts: an interruption falls into one or two
ROUND_S = 0.003  # long against the clock's own 0.1 µs, short against a time slice


def per_call_us(call: Callable[[], object]) -> float:
    """Return microseconds of one call, warm: the median of some rounds of many calls each."""
    call()
    started = process_time()
    call()
    number = max(1, int(ROUND_S / max(process_time() - started, 1e-9)))
    rounds = []
    for _ in range(ROUNDS):
        started = process_time()
        for _ in range(number):
            call()
        rounds.append((process_time() - started) / number * 1e6)
    return median(rounds)


def once_us(call: Callable[[], object]) -> float:
    """Return microseconds of this one call."""
    started = process_time()
    call()
    return (process_time() - started) * 1e6


def peak_mb() -> float:
    """Return the largest resident memory of this process so far, in megabytes.

    Linux hands `ru_maxrss` down from the process that started this one; VmHWM is the same figure of this one alone.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
