"""Many calls at once on one budget: as many pass as there is room for, and not one more."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from time import perf_counter
from typing import Any

from atom_llm.adapters.aws.json_client import Requests
from atom_llm.domain.core.errors import AtomError, BudgetExceeded, TooManyOpenCalls
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.rows import Attempt
from testing.money_world import KEY, TENANT, MoneyWorld, key_scope, usd
from tests.drills.tables import Tables

HOLD = usd("0.01")


@dataclass
class Race:
    """The outcome of a race. `other` are refusals that no budget caused; there must be none."""

    calls: int
    admitted: int
    refused: int
    other: list[str]
    overshoot: Decimal
    seconds: float


def race(world: MoneyWorld, calls: int, room_for: int, threads: int) -> Race:
    """Hold for all of them at once and settle none."""
    limit = HOLD * room_for
    world.budget(str(limit))
    world.clock.pass_s(0.001)
    world.budget(str(limit * 2), scope=key_scope(KEY))
    attempts = [world.attempt(HOLD) for _ in range(calls)]
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(lambda attempt: _outcome(world, attempt), attempts))
    seconds = perf_counter() - began
    state = world.state()
    assert state is not None
    other = [each for each in outcomes if each not in ("admitted", "refused")]
    overshoot = max(Decimal(0), state.spent + state.held - limit)
    return Race(calls, outcomes.count("admitted"), outcomes.count("refused"), other, overshoot, seconds)


def _outcome(world: MoneyWorld, attempt: Any) -> str:
    try:
        world.spending.hold(attempt)
    except BudgetExceeded:
        return "refused"
    except AtomError as error:
        return error.code
    return "admitted"


def hot_window(world: MoneyWorld, calls: int, threads: int) -> tuple[float, int]:
    """Reserve and settle every call on one budget alone: calls a second, and how many were refused for whatever reason.

    This is what the item of a window has to bear; the rest of a call is written to items of its own.
    """
    status = world.budget("1000000")
    ref = WindowRef(status.budget.scope, status.window_id)
    attempts = [world.attempt(HOLD) for _ in range(calls)]

    def whole(attempt: Attempt) -> bool:
        held = world.windows.reserve(status.budget, ref, attempt.hold_id, HOLD).outcome == "held"
        return held and world.windows.settle(TENANT, ref, attempt.hold_id, HOLD, HOLD / 4) is not None

    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        refused = list(pool.map(whole, attempts)).count(False)
    return calls / (perf_counter() - began), refused


@dataclass
class Throughput:
    """Whole calls under two budgets, and what they consumed in DynamoDB's own units."""

    calls: int
    seconds: float
    refused: int
    hold_units: float
    settle_units: float
    roll_up_units: float
    drift: int


class CapacityMeter:
    """Adds up what DynamoDB says that a client's writes consumed."""

    def __init__(self, client: Requests) -> None:
        self.units = 0.0
        self._client = client
        self._lock = Lock()

    def ask(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, Any]:
        """Ask, for a write with the question what it consumed."""
        if operation not in WRITES:
            return self._client.ask(operation, request, repeats=repeats)
        answer = self._client.ask(operation, {**request, "ReturnConsumedCapacity": "TOTAL"}, repeats=repeats)
        told = answer.get("ConsumedCapacity", [])
        for each in told if isinstance(told, list) else [told]:
            with self._lock:
                self.units += each["CapacityUnits"]
        return answer


WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})


def throughput(tables: Tables, client: Requests, calls: int, threads: int) -> Throughput:
    """Hold and settle every call, `threads` at a time, then bring all of them into the sums."""
    meter = CapacityMeter(client)
    world = tables.world(meter)
    world.budget("1000000")
    world.clock.pass_s(0.001)
    world.budget("1000000", scope=key_scope(KEY))
    attempts = [world.attempt(HOLD, tags={"team": "a"}) for _ in range(calls)]

    def whole(attempt: Any) -> bool:
        try:
            held = world.spending.hold(attempt)
        except TooManyOpenCalls:
            return False
        world.spending.settle(held, world.settlement())
        return True

    meter.units = 0.0
    first = world.spending.hold(attempts[0])
    hold_units, meter.units = meter.units, 0.0
    world.spending.settle(first, world.settlement())
    settle_units, meter.units = meter.units, 0.0
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        refused = list(pool.map(whole, attempts[1:])).count(False)
    seconds = perf_counter() - began
    meter.units = 0.0
    posted = world.roll_up.run().posted
    return Throughput(calls, seconds, refused, hold_units, settle_units, meter.units / posted, len(world.check().drift))
