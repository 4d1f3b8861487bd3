"""`make recovery`: a provider fails under live traffic and recovers, through the front door; or it flaps.

A caller asks every quarter of a second, whatever it hears. What counts is how long after its recovery the provider
serves again, and how many calls it met while it was down. By default the circuits' clock is set by hand, so that an
outage of a minute is over in seconds; the command waits for real.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

import httpx

from testing.chat_world import ANTHROPIC, OPENAI, ChatWorld, asking, served
from testing.fakes.service_keys import RunningClock, SetClock
from testing.stand_in.server import StandIn

PAGE: Final = Path("docs/reliability.md")
BEGIN: Final = "<!-- begin: make recovery -->"
END: Final = "<!-- end: make recovery -->"
WRITE: Final = "--write"
EVERY_S: Final = 0.25
WARM: Final = 5  # calls before the outage
PATIENCE_S: Final = 120.0  # behind the recovery; then it did not serve again
MOST_S: Final = 10.0
CHAINS: Final[Mapping[str, str]] = {"alone": OPENAI, "first of two": f"{OPENAI},{ANTHROPIC}"}
OUTAGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "503": {"name": "status", "status": 503},
    "connections reset": {"name": "reset"},
    "silence": {"name": "silence"},
}
FLAP_S: Final = 4.0  # down, then as long up


@dataclass(frozen=True, slots=True)
class Recovered:
    """The outcome of one outage: seconds from the recovery to an answer of the provider's own, and calls it met."""

    what: str
    outage_s: float
    served_again_s: float
    met_while_down: int
    asked_while_down: int
    unanswered_while_down: int


class Traffic:
    """A caller that goes on asking."""

    def __init__(self, world: ChatWorld, caller: httpx.Client, chain: str, *, is_real: bool) -> None:
        self._world = world
        self._caller = caller
        self._chain = chain
        self._is_real = is_real

    def now(self) -> float:
        return self._world.clock().timestamp()

    def ask(self) -> str | None:
        """Ask once and wait for the next turn; return the model that served, None where none did."""
        answer = self._caller.post("/chat/completions", json=asking(self._chain))
        if self._is_real:
            time.sleep(EVERY_S)
        else:
            self._world.clock.pass_s(EVERY_S)
        return answer.headers.get("x-llm-model") if answer.status_code == 200 else None

    def until(self, instant: float) -> list[str | None]:
        heard = []
        while self.now() < instant:
            heard.append(self.ask())
        return heard


def outage(what: str, chain: str, fault: Mapping[str, Any], outage_s: float, *, is_real: bool) -> Recovered:
    """Return how a provider serves again after it has failed for so many seconds."""
    with StandIn() as stand_in:
        clock = RunningClock() if is_real else SetClock()
        with served(ChatWorld(stand_in, clock=clock)) as world, world.client() as caller:
            for provider in ("openai", "anthropic"):
                world.provider_key(provider)
            traffic = Traffic(world, caller, chain, is_real=is_real)
            for _ in range(WARM):
                traffic.ask()
            before = len(stand_in.seen("openai"))
            stand_in.fault(**fault, provider="openai")
            heard = traffic.until(traffic.now() + outage_s)
            met = len(stand_in.seen("openai")) - before
            stand_in.faults.clear()
            recovered = traffic.now()
            while traffic.now() < recovered + PATIENCE_S:
                asked_at = traffic.now()
                if traffic.ask() == OPENAI:
                    break
            else:
                asked_at = float("inf")
            unanswered = sum(model is None for model in heard)
            return Recovered(what, outage_s, asked_at - recovered, met, len(heard), unanswered)


def flapping(lasts_s: float, *, is_real: bool) -> Recovered:
    """Return what a provider meets that is down for four seconds, up for four, and so on; the second candidate is
    well."""
    with StandIn() as stand_in:
        clock = RunningClock() if is_real else SetClock()
        with served(ChatWorld(stand_in, clock=clock)) as world, world.client() as caller:
            for provider in ("openai", "anthropic"):
                world.provider_key(provider)
            traffic = Traffic(world, caller, CHAINS["first of two"], is_real=is_real)
            for _ in range(WARM):
                traffic.ask()
            met, heard, end = 0, list[str | None](), traffic.now() + lasts_s
            while traffic.now() < end:
                stand_in.fault("status", provider="openai", status=503)
                before = len(stand_in.seen("openai"))
                heard += traffic.until(traffic.now() + FLAP_S)
                met += len(stand_in.seen("openai")) - before
                stand_in.faults.clear()
                traffic.until(traffic.now() + FLAP_S)
            recovered = traffic.now()
            while traffic.ask() != OPENAI and traffic.now() < recovered + PATIENCE_S:
                pass
            again_s = traffic.now() - recovered - EVERY_S
            return Recovered("flaps: 4 s down, 4 s up", lasts_s, again_s, met, len(heard), heard.count(None))


def rehearsals(outage_s: float, *, is_real: bool) -> Iterator[Callable[[], Recovered]]:
    """Yield everything that is shown."""
    for told, chain in CHAINS.items():
        for name, fault in OUTAGES.items():

            def shown(what: str = f"{name}, {told}", chain: str = chain, fault: Mapping[str, Any] = fault) -> Recovered:
                return outage(what, chain, fault, outage_s, is_real=is_real)

            yield shown
    yield lambda: flapping(2 * outage_s, is_real=is_real)


def table(found: Sequence[Recovered]) -> Iterator[str]:
    """Yield the lines of the table; the last has the longest way back."""
    yield "| the provider | for | served again after | met while it was down | of calls | of these unanswered |"
    yield "|---|---|---|---|---|---|"
    for each in found:
        counts = f"{each.met_while_down} | {each.asked_while_down} | {each.unanswered_while_down}"
        yield f"| {each.what} | {each.outage_s:.0f} s | {each.served_again_s:.1f} s | {counts} |"
    yield f"| **longest** | | **{max(each.served_again_s for each in found):.1f} s** | | | |"


def main(arguments: Sequence[str]) -> int:
    """Show every outage in real time, side by side; fails where one takes longer than ten seconds to be over."""
    shown = list(rehearsals(45.0, is_real=True))
    logging.disable(logging.CRITICAL)  # the faults are ours
    with redirect_stdout(StringIO()), ThreadPoolExecutor(len(shown)) as at_once:
        found = [each.result() for each in [at_once.submit(each) for each in shown]]
    lines = list(table(found))
    sys.stdout.write("\n".join(lines) + "\n")
    if WRITE in arguments:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{'\n'.join(lines)}\n{END}{rest.partition(END)[2]}")
    return 1 if any(each.served_again_s > MOST_S for each in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
