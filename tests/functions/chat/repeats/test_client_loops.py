"""A process outlives the threads and event loops that make its first calls."""

import asyncio
import threading
from collections.abc import Callable

import pytest
import uvloop

from atom_llm.adapters.providers.http import Connections
from atom_llm.ports.providers import TimeLimits
from testing.stand_in.server import StandIn

LIMITS = TimeLimits(connect_s=5.0, first_byte_s=5.0, idle_s=5.0)


@pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_calls_follow_each_other_on_event_loops_that_end(
    stand_in: StandIn, make: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Each loop closes its connections at its end: one that is left open is a warning, and fails this."""
    connections, statuses = Connections(5.0), []

    async def asked() -> None:
        for _ in range(2):
            answer = await connections.post(f"{stand_in.url}/openai/nowhere", {}, b"{}", LIMITS)
            statuses.append(answer.status)

    for _ in range(3):
        thread = threading.Thread(target=lambda: asyncio.run(asked(), loop_factory=make))
        thread.start()
        thread.join()
    assert statuses == [401] * 6  # it has no key
