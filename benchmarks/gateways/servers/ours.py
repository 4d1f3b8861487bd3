"""`PORT UPSTREAM KEY_FILE [none|five]`: the chat function as it is, under uvicorn as `run.sh` starts it.

The whole path: keys, plan, circuit, rate limits, a hold in two budgets, in none or in five, ledger, settlement; one
worker. Its tables are in memory, where the ledger keeps the newest rows alone, and as nothing there ever waits, they
are asked at once.
"""

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from atom_llm.adapters.runtime import RunningProcess
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.tenancy.rate_limit import RateLimit
from testing.audit import an_entry
from testing.chat_world import OURS, ChatWorld
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.service_keys import SetClock

ROWS = 1_000
PER_MINUTE = 10_000_000  # a limit that is counted and never reached
FIVE = ("tenant", "team:bench", "service-key:{key}", "provider:openai", "model:openai/gpt-4o-mini")
BUDGETS = {"none": (), "two": ("tenant", "service-key:{key}"), "five": FIVE}


class DeployedClock(SetClock):
    """The clock of a deployed process, where a world takes one that can be set."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class AtOnce(RunningProcess):
    """A runtime for stores that never wait."""

    def in_thread[Result](self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            done.set_exception(error)
        return done


class Newest[Key, Value](OrderedDict[Key, Value]):
    """A store of rows of which only the newest stay, so that the process's own memory is seen, and not its ledger's."""

    def setdefault(self, key: Key, value: Value) -> Value:
        there = super().setdefault(key, value)
        if len(self) > ROWS:
            self.popitem(last=False)
        return there


class Upstream:
    """The providers' addresses for a world."""

    def __init__(self, url: str) -> None:
        self.url = url

    def addresses(self) -> dict[str, str]:
        """Return OpenAI's address, and no other."""
        return {"openai": f"{self.url}/v1"}


def make(upstream: str, key_file: Path, budgets: str) -> ChatWorld:
    """Make the world, with a key of OpenAI and budgets; its service key goes into a file."""
    limit = RateLimit(requests=PER_MINUTE, tokens=PER_MINUTE)
    world = ChatWorld(
        Upstream(upstream),  # type: ignore[arg-type]
        limits=CallLimits(),
        key_limit=limit,
        provider_limit=limit,
        clock=DeployedClock(),
    )
    world.ports.runtime = AtOnce()
    ledger = world.money.ledger
    assert isinstance(ledger, LedgerInMemory)
    ledger.rows, ledger.waiting = Newest(), Newest()
    world.provider_key("openai")
    key = world.service_key()
    key_id = key.split("_")[2]
    world.ports.teams.put(OURS, Team("bench", "Bench", service_keys=frozenset({ServiceKeyId(key_id)})), an_entry())
    for scope in BUDGETS[budgets]:
        world.budget("1000000", scope.format(key=key_id))
    key_file.write_text(key)
    _ = world.container.calls.llm
    return world


if __name__ == "__main__":
    wanted = next((each for each in sys.argv[4:] if each in BUDGETS), "two")
    world = make(sys.argv[2], Path(sys.argv[3]), wanted)
    uvicorn.run(
        world.app.own(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        log_level="warning",
    )
