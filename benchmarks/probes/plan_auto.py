"""Plans of the labelled prompts under `auto`, for a tenant with keys of all providers: few rows weighed, and all."""

import json
from collections.abc import Callable
from time import thread_time
from typing import Final

from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.routing.chat_request import chat_request
from testing.chat_world import OURS, ChatWorld
from testing.fakes.service_keys import SetClock
from testing.labelled import labelled
from testing.stand_in.server import StandIn

ROUNDS: Final = 6
PROMPTS: Final = 40


def main() -> None:
    """Measure once: both take turns, and the cheapest round of each counts."""
    world = ChatWorld(StandIn(), clock=SetClock())
    for provider in PROVIDER_BY_ID:
        world.provider_key(provider)
    routing = world.container.routing
    asked = [
        routing.planner.chat(OURS, chat_request({"model": "auto", "messages": [dict(each) for each in said.messages]}))
        for said in labelled()[:PROMPTS]
    ]

    def taken(explain: bool) -> Callable[[], float]:
        def one_round() -> float:
            started = thread_time()
            for each in asked:
                routing.planner.plan(each, explain=explain)
            return (thread_time() - started) / len(asked) * 1000

        return one_round

    few, every = taken(explain=False), taken(explain=True)
    few(), every()
    rounds = [(few(), every()) for _ in range(ROUNDS)]
    few_ms, every_ms = (min(each) for each in zip(*rounds, strict=True))
    rows = len(routing.eligible_models.current().whole.rows)
    print(json.dumps({"few_ms": few_ms, "every_ms": every_ms, "share": few_ms / every_ms, "rows": rows}))


main()
