"""`make deadlines`: the longest that any fault of a provider keeps a caller past its deadline.

Every provider of the chain shows the fault, as unkindly as it can; whole answers, streams, and streams held back.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.calls.llm_service import CallOptions, LLMService
from testing.chat_world import ANTHROPIC, LIMITS, OPENAI, ChatWorld, asking
from testing.stand_in.conduct import FAULTS
from testing.stand_in.server import StandIn

PAGE: Final = Path("docs/reliability.md")
BEGIN: Final = "<!-- begin: make deadlines -->"
END: Final = "<!-- end: make deadlines -->"
WRITE: Final = "--write"
MOST_S: Final = 1.0
AT_ONCE: Final = 4
# As unkind as each fault can be.
AT_WORST: Final[dict[str, dict[str, Any]]] = {
    "status": {"status": 500},
    "slow": {"ms": 60_000},
    "slow_first_token": {"ms": 60_000},
    "comments": {"after": 0, "ms": 50},
    "drip": {"ms": 50},
}

Ask = Callable[[LLMService, Caller, str, CallOptions], Awaitable[None]]


def world_of(stand_in: StandIn) -> ChatWorld:
    world = ChatWorld(stand_in, limits=replace(LIMITS, idle_s=30.0))
    for provider in ("openai", "anthropic"):
        world.provider_key(provider)
    return world


def caller_of(world: ChatWorld) -> Caller:
    return world.container.tenancy.authenticator.authenticate(world.service_key())


async def whole(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    await (await llm.complete(caller, asking(model), options)).settled


async def streamed(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    stream = await llm.stream(caller, asking(model, stream=True), options)
    stream.abandon()
    await stream.finish()


async def held_back(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    await streamed(llm, caller, model, replace(options, buffer=True))


ASKS: Final[Sequence[Ask]] = (whole, streamed, held_back)


async def waited_s(fault: str, ask: Ask, model: str, deadline_s: float) -> float:
    """Return the seconds until a caller hears of an answer or an error, where every provider shows a fault."""
    async with StandIn() as stand_in:
        stand_in.fault(fault, **AT_WORST.get(fault, {}))
        world = world_of(stand_in)
        caller, began = caller_of(world), time.monotonic()
        with suppress(AtomError):
            await ask(world.container.calls.llm, caller, model, CallOptions({}, deadline_s=deadline_s))
        return time.monotonic() - began


async def past_deadline(ask: Ask, deadline_s: float) -> dict[str, float]:
    """Return the seconds that each fault keeps a caller past its deadline; below 0 where it heard before."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def measured(fault: str) -> tuple[str, float]:
        async with turns:
            return fault, await waited_s(fault, ask, f"{OPENAI},{ANTHROPIC}", deadline_s) - deadline_s

    return dict(await asyncio.gather(*(measured(fault) for fault in FAULTS)))


def table(found: Mapping[str, Mapping[str, float]], deadline_s: float) -> Iterator[str]:
    """Yield a line for each way to ask, with its worst fault, and one for all."""
    yield f"| a caller with a deadline of {deadline_s:.0f} s | faults | past it at most | by |"
    yield "|---|---|---|---|"
    for name, late in found.items():
        worst = max(late, key=lambda fault: late[fault])
        yield f"| {name.replace('_', ' ')} | {len(late)} | {late[worst]:.2f} s | {worst} |"
    longest = max(seconds for late in found.values() for seconds in late.values())
    yield f"| **longest** | | **{longest:.2f} s** | |"


def main(arguments: Sequence[str]) -> int:
    """Show every fault each way; fails where one keeps a caller more than a second past its deadline."""
    logging.disable(logging.CRITICAL)  # the faults are ours
    with redirect_stdout(StringIO()):
        found = {ask.__name__: asyncio.run(past_deadline(ask, 5.0)) for ask in ASKS}
    lines = list(table(found, 5.0))
    sys.stdout.write("\n".join(lines) + "\n")
    if WRITE in arguments:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{'\n'.join(lines)}\n{END}{rest.partition(END)[2]}")
    return 1 if any(seconds > MOST_S for late in found.values() for seconds in late.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
