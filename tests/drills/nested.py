"""Many calls at once under budgets of five levels, and what a call costs as more of them are open."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from atom_llm.adapters.aws.json_client import Requests
from atom_llm.adapters.dynamodb.ledger.window_items import window_key
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.domain.core.errors import AtomError, BudgetExceeded
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.ledger.scopes import Team
from testing.audit import an_entry
from testing.money_world import KEY, TENANT, MoneyWorld, key_scope, usd
from tests.drills.race import CapacityMeter
from tests.drills.tables import Tables

HOLD = usd("0.01")
CALLS = 60  # that units are measured over
MODEL = "openai/gpt-4o-mini"
PERSON = EndUser("ann", "run-7")
LEVELS = ("tenant", "team:platform", "person:ann", "session:run-7", f"model:{MODEL}")


@dataclass
class NestedRace:
    """The outcome of a race under several levels. `short` are calls that were refused though every level had room."""

    admitted: int
    refused: int
    other: list[str]
    overshoot: Decimal
    short: int


def nest(world: MoneyWorld, room_for: int, hold: Decimal = HOLD) -> None:
    """Set a budget for so many calls at every level, the narrowest the tightest by nothing: all are as tight."""
    world.teams.put(TENANT, Team("platform", "Platform", service_keys=frozenset({KEY})), an_entry())
    for scope in LEVELS:
        world.clock.pass_s(0.001)
        world.budget(str(hold * room_for), scope=scope)


def nested_race(world: MoneyWorld, calls: int, room_for: int, threads: int) -> NestedRace:
    """Hold for all of them at once and settle none."""
    nest(world, room_for)
    attempts = [world.attempt(HOLD, end_user=PERSON, model=MODEL) for _ in range(calls)]

    def outcome(attempt: Attempt) -> str:
        try:
            world.spending.hold(attempt)
        except BudgetExceeded:
            return "refused"
        except AtomError as error:
            return error.code
        return "admitted"

    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(outcome, attempts))
    admitted = outcomes.count("admitted")
    states = [state for scope in LEVELS if (state := world.state(scope)) is not None]
    assert len(states) == len(LEVELS)
    overshoot = max(Decimal(0), *(state.spent + state.held - HOLD * room_for for state in states))
    other = [each for each in outcomes if each not in ("admitted", "refused")]
    return NestedRace(admitted, outcomes.count("refused"), other, overshoot, room_for - admitted)


def units_of_windows(tables: Tables, client: Requests, open_calls: int, scopes: Sequence[str], threads: int) -> float:
    """Return the write units that holding and settling a call takes in its budgets' windows, with so many open.

    As DynamoDB says itself, over 60 calls during which no window got more lanes, for those are paid once; what a call
    is written to beside its windows is left out.
    """
    meter = CapacityMeter(client)
    world = tables.world(meter)
    world.teams.put(TENANT, Team("platform", "Platform", service_keys=frozenset({KEY})), an_entry())
    for scope in scopes:
        world.clock.pass_s(0.001)
        world.budget("1000000", scope=scope)
    stay_open = [world.attempt(HOLD, end_user=PERSON, model=MODEL) for _ in range(open_calls)]
    known = world.book.of(TENANT)
    keys = [window_key((TENANT, ref)) for _, ref in known.applying(stay_open[0].scopes, stay_open[0].opened_at)]
    usage = Table(client, tables.usage)

    def hold(attempt: Attempt) -> None:
        for budget, ref in known.applying(attempt.scopes, attempt.opened_at):
            assert world.windows.reserve(budget, ref, attempt.hold_id, HOLD).outcome == "held"

    def settle(attempt: Attempt) -> None:
        for _, ref in known.applying(attempt.scopes, attempt.opened_at):
            assert world.windows.settle(TENANT, ref, attempt.hold_id, HOLD, HOLD / 4) is not None

    def lanes() -> int:
        return sum(int(item.get("lanes", 1)) for item in usage.get_many(keys))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(hold, stay_open))
        before = -1
        while (now := lanes()) != before:
            before, meter.units = now, 0.0
            for _ in range(CALLS):
                attempt = world.attempt(HOLD, end_user=PERSON, model=MODEL)
                hold(attempt)
                settle(attempt)
        units = meter.units / CALLS
        list(pool.map(settle, stay_open))
    return units


def open_at_once(world: MoneyWorld, calls: int, threads: int) -> tuple[int, Decimal]:
    """Return how many of so many calls one hard budget has open at once, and by how much it was exceeded."""
    world.budget(str(HOLD * calls))
    world.clock.pass_s(0.001)
    world.budget(str(HOLD * calls), scope=key_scope(KEY))
    attempts = [world.attempt(HOLD) for _ in range(calls + 20)]

    def is_admitted(attempt: Attempt) -> bool:
        try:
            world.spending.hold(attempt)
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        admitted = sum(pool.map(is_admitted, attempts))
    state = world.state()
    assert state is not None
    return admitted, max(Decimal(0), state.held - HOLD * calls)
