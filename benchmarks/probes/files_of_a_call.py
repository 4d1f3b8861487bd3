"""The files of ours that a warm call of `auto` passes: those that run any Python between its request and its answer.

The chat function as it is, with its stores in memory and a stand-in for the providers; files of `shared/` and
`functions/` count, on whatever thread they run.
"""

import asyncio
import logging
import sys
from pathlib import Path
from types import CodeType
from typing import Final

import httpx

from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.observability import logger
from benchmarks.real_files import ROOT
from testing.chat_world import ChatWorld, asking
from testing.stand_in.server import StandIn

WARM_UP: Final = 3  # calls; the first loads the catalogue, and what is looked up behind a call is there for the next
COUNTED: Final = (ROOT / "shared", ROOT / "functions")
PER_MINUTE: Final = 10_000_000  # limits that are counted and never reached
QUESTION: Final = [{"role": "user", "content": "Which of these two sorting algorithms is stable, and why?"}]


class FilesRun:
    """A listener that notes the files of ours whose code begins or resumes while it listens."""

    def __init__(self) -> None:
        self.seen: set[Path] = set()

    def __enter__(self) -> "FilesRun":
        events = sys.monitoring
        events.use_tool_id(events.PROFILER_ID, "files of a call")
        for event in (events.events.PY_START, events.events.PY_RESUME):
            events.register_callback(events.PROFILER_ID, event, self._note)
        events.set_events(events.PROFILER_ID, events.events.PY_START | events.events.PY_RESUME)
        return self

    def __exit__(self, *_: object) -> None:
        sys.monitoring.set_events(sys.monitoring.PROFILER_ID, 0)
        sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)

    def _note(self, code: CodeType, _: int) -> object:
        file = Path(code.co_filename)
        if any(file.is_relative_to(each) for each in COUNTED):
            self.seen.add(file)
        return sys.monitoring.DISABLE


async def files_of_a_call(stand_in: StandIn) -> list[Path]:
    """Return the files that a warm, whole call of `auto` passes, relative to the repository and in order."""
    limit = RateLimit(requests=PER_MINUTE, tokens=PER_MINUTE)
    world = ChatWorld(stand_in, key_limit=limit, provider_limit=limit)
    for provider in ("openai", "anthropic", "google"):
        world.provider_key(provider)
    world.budget("1000")
    caller = httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app),
        base_url="http://chat",
        headers={"authorization": f"Bearer {world.service_key()}"},
    )
    async with caller:
        for _ in range(WARM_UP):
            await _asked(caller)
        with FilesRun() as run:
            await _asked(caller)
    return sorted(file.relative_to(ROOT) for file in run.seen)


async def _asked(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/v1/chat/completions", json=asking("auto", messages=QUESTION))
    if answer.status_code != 200:
        raise RuntimeError(f"the call was answered with {answer.status_code}: {answer.text[:300]}")


def main() -> None:
    """Print the files and their number; the requests' own log lines go to standard error."""
    handler = logger().handlers[0]
    if isinstance(handler, logging.StreamHandler):
        handler.setStream(sys.stderr)
    with StandIn() as stand_in:
        files = asyncio.run(files_of_a_call(stand_in))
    print(*files, sep="\n")
    print(len(files))


if __name__ == "__main__":
    main()
