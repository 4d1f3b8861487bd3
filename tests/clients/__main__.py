"""`make clients`: unmodified clients against the front door, each in an environment of its own, stand-ins behind it.

`CLIENTS_ARGS="llm aider"` tries those alone; `--write` puts the table into docs/clients.md.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from atom_llm.observability import logger
from testing.served_app import served_app
from testing.stand_in.server import StandIn
from tests.clients.listed import CLIENTS
from tests.clients.matrix import ABSENT, DOORS, NEEDS, OTHER_MAKERS, PASSED, THINGS, Outcome, Served, tried
from tests.drills.fuzz.world import FuzzWorld

PAGE: Final = Path("docs/clients.md")
BEGIN: Final = "<!-- begin: make clients -->"
END: Final = "<!-- end: make clients -->"
TOLD: Final = 160  # characters of why a client failed


def main(arguments: Sequence[str]) -> int:
    """Try the clients one after the other and print the table; returns the exit code."""
    asked = _asked(arguments)
    wanted = [each for each in CLIENTS if not asked.clients or each.name in asked.clients]
    with served() as service:
        outcomes = []
        for client in wanted:
            outcomes.append(tried(client, service))
            print(_progress(outcomes[-1]), file=sys.stderr, flush=True)
    print(table(outcomes))
    for outcome in outcomes:
        for why in dict.fromkeys(verdict for verdict in outcome.verdicts.values() if verdict != PASSED):
            print(f"{outcome.client.name}, {DOORS[outcome.client.door]}: {' '.join(why.split())[:TOLD]}")
    if asked.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table(outcomes)}\n\n{END}{rest.partition(END)[2]}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"{passed} passed, {len(outcomes) - passed} failed")
    return 0 if passed == len(outcomes) else 1


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table in Markdown, a row a client and door."""
    rows = ["| client | door | whole | stream | tools | structured | needs |", "|---|---|---|---|---|---|---|"]
    for outcome in outcomes:
        cells = [_cell(outcome.verdicts.get(thing, ABSENT)) for thing in THINGS]
        needs = next((each.removeprefix(NEEDS) for each in outcome.verdicts.values() if each.startswith(NEEDS)), "")
        rows.append(f"| {outcome.client.name} | `{DOORS[outcome.client.door]}` | {' | '.join(cells)} | {needs} |")
    return "\n".join(rows)


def _cell(verdict: str) -> str:
    return verdict if verdict in (PASSED, ABSENT) else "fail"


def _progress(outcome: Outcome) -> str:
    failed = [thing for thing, verdict in outcome.verdicts.items() if verdict != PASSED]
    return f"{outcome.client.name}, {outcome.client.door}: {PASSED if outcome.passed else ', '.join(failed)}"


@contextmanager
def served() -> Iterator[Served]:
    """Serve the front door in memory for as long as the context lasts, with the stand-ins behind it."""
    logger().setLevel(logging.ERROR)
    with StandIn() as stand_in:
        world = FuzzWorld(stand_in)
        with served_app(world.door) as url:
            paths = httpx.get(f"{url}/v1/openapi.json", timeout=60, trust_env=False).json()["paths"]
            keys = (world.keys[0], world.chat.service_key(own_names=OTHER_MAKERS))
            yield Served(url, keys, frozenset(paths), stand_in)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make clients")
    parser.add_argument("clients", nargs="*", help="names of clients; all without any")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
