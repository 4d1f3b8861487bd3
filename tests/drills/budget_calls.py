"""`{"calls": N, "threads": N, "open": N}`: whole calls under one hard budget, on the emulator that the environment has.

Runs in any build whose path it is given: of a build it knows what its drills know. Each call is opened, held, written
and settled; `open` further ones are held before, and stay until all have ended.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

from atom_llm.adapters.dynamodb.table import dynamodb_client
from tests.drills.race import CapacityMeter
from tests.drills.tables import fresh_tables

HOLD = Decimal("0.01")


def measured(calls: int, threads: int, more: int) -> dict[str, float]:
    """Return how many calls a second there were; of each the processor time of this process, in milliseconds, and the
    write units, as the answers say."""
    client = dynamodb_client()
    meter = CapacityMeter(client)
    with fresh_tables() as tables:
        world = tables.world(meter if hasattr(meter, "ask") else client)
        world.budget("1000000")
        attempts = [world.attempt(HOLD) for _ in range(calls + more)]

        def whole(attempt: Any) -> None:
            world.spending.settle(world.spending.hold(attempt), world.settlement())

        with ThreadPoolExecutor(threads) as pool:
            held = list(pool.map(world.spending.hold, attempts[:more]))
            began, used, meter.units = perf_counter(), process_time(), 0.0
            list(pool.map(whole, attempts[more:]))
            took, used, units = perf_counter() - began, process_time() - used, meter.units
            list(pool.map(lambda each: world.spending.settle(each, world.settlement()), held))
        state = world.state()
        spent = Decimal("0.0025") * (calls + more)
        if state is None or state.holds or state.spent != spent:
            raise SystemExit(f"the budget's window says {state}, and {spent} was spent")
    return {"per_second": calls / took, "cpu_ms": used * 1000 / calls, "units": units / calls}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.stdout.write(json.dumps(measured(given["calls"], given["threads"], given["open"])))
