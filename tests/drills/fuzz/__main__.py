"""`make fuzz`: bad inputs of every kind against the front door; prints one line of result, fails on a finding.

`FUZZ_ARGS="--seed 7 --inputs 100000"` says which ones; each is made of the seed and its number alone, so that
`--seed 7 --only 4711` repeats one. Findings are written to build/fuzz/findings.json with the bytes that show them.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tests.drills.fuzz.drill import FuzzOutcome, run, write

FOLDER: Final = Path("build/fuzz")


def main(arguments: list[str]) -> int:
    """Run the drill on several servers at once and print the result; returns the exit code."""
    asked = _asked(arguments)
    numbers = [asked.only] if asked.only is not None else range(asked.inputs)
    shares = [list(numbers[share :: asked.servers]) for share in range(asked.servers)]
    outcome = FuzzOutcome()
    with ProcessPoolExecutor(asked.servers, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(run, share, asked.seed, FOLDER) for share in shares if share]
        for each in running:
            outcome.join(each.result())
    write(outcome, FOLDER)
    for finding in outcome.findings.values():
        print(f"{finding.what}: {finding.label}: {finding.told} (--seed {asked.seed} --only {finding.number})")
    print("statuses: " + ", ".join(f"{status}: {count:,}" for status, count in sorted(outcome.statuses.items())))
    print("calls that reached a provider: " + ", ".join(f"{name} {n:,}" for name, n in sorted(outcome.reached.items())))
    print(outcome.line())
    return 1 if outcome.findings else 0


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--servers", type=int, default=2, help="processes under test, each with a caller of its own")
    parser.add_argument("--only", type=int, help="the number of one input")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
