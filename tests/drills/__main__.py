"""`make storm`: every drill in full, with what it found."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from atom_llm.adapters.dynamodb.table import dynamodb_client
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger import lanes
from local.emulator import Emulator, client_environment
from local.processes import free_port
from testing.money_world import in_memory
from testing.tables import CONNECTIONS
from tests.drills.fault_matrix import fault_matrix
from tests.drills.faults import FaultPlan, FaultsInMemory
from tests.drills.nested import LEVELS, nested_race, open_at_once, units_of_windows
from tests.drills.options_race import options_race
from tests.drills.race import hot_window, race, throughput
from tests.drills.schedules import Findings, random_day
from tests.drills.tables import Tables, fresh_tables

DAYS_IN_MEMORY = 10_000
DAYS_ON_TABLES = 200
CANARIES = ("tests/functions/http/test_canaries.py", "tests/functions/byok/test_byok_canaries.py")

ErrorWords = tuple[bool, str]


def race_of_a_thousand(tables: Tables) -> ErrorWords:
    """1,000 calls at once on a budget for 100."""
    found = race(tables.world(), calls=1_000, room_for=100, threads=CONNECTIONS)
    text = f"calls admitted {found.admitted}, refused {found.refused}, overshoot {found.overshoot}"
    return found.admitted == 100 and not found.overshoot and not found.other, f"{text}, other refusals {found.other}"


def five_levels(tables: Tables) -> ErrorWords:
    """1,000 calls at once under tenant, team, person, session and model, each with room for a tenth of them."""
    found = nested_race(tables.world(), calls=1_000, room_for=100, threads=CONNECTIONS)
    text = f"calls admitted {found.admitted}, refused {found.refused}, overshoot at any level {found.overshoot}, "
    text += f"refused with room everywhere {found.short}, other refusals {found.other}"
    return found.admitted == 100 and not found.overshoot and not found.other, text


def two_thousand_open(tables: Tables) -> ErrorWords:
    """2,000 calls open at once under two hard budgets."""
    admitted, overshoot = open_at_once(tables.world(), calls=2_000, threads=CONNECTIONS)
    return admitted == 2_000 and not overshoot, f"open at once {admitted}, overshoot {overshoot}"


def units_by_open_calls(tables: Tables) -> ErrorWords:
    """Write units of a call in its budgets' windows, by how many calls are open."""
    two = [units_of_windows(tables, dynamodb_client(CONNECTIONS), n, LEVELS[:2], 32) for n in (1, 100, 1_000)]
    five = units_of_windows(tables, dynamodb_client(CONNECTIONS), 100, LEVELS, 32)
    text = f"two budgets, with 1, 100, 1,000 open: {', '.join(f'{units:.2f}' for units in two)}; five levels {five:.2f}"
    return max(two) <= 4.05, text


def race_with_options(tables: Tables) -> ErrorWords:
    """1,000 calls at once with searches, files and tools, billed at their worst, twice."""
    found = options_race(tables.world(), calls=1_000, threads=CONNECTIONS, room_for=100)
    text = f"calls admitted {found.admitted}, refused {found.full}, without a bound {found.unbounded}, spent "
    text += f"${found.spent:.2f} of ${found.limit:.2f}, overshoot {found.overshoot}, other refusals {found.other}"
    return found.admitted > 100 and not found.overshoot and not found.other, text


def busy_budget(tables: Tables) -> ErrorWords:
    """6,000 whole calls on one budget, as fast as this machine goes."""
    found = throughput(tables, dynamodb_client(CONNECTIONS), calls=6_000, threads=48)
    units = found.hold_units + found.settle_units
    text = f"{(found.calls - 1) / found.seconds:.0f} calls a second, refused {found.refused}, write units: hold "
    text += f"{found.hold_units:g} + settle {found.settle_units:g} = {units:g}, roll-up {found.roll_up_units:.2f}"
    return (
        not found.refused and units <= 6 and found.roll_up_units <= 2.4 and not found.drift,
        f"{text}, sums that differ {found.drift}",
    )


def one_window(tables: Tables) -> ErrorWords:
    """6,000 calls reserved and settled on one budget's item alone."""
    rate, refused = hot_window(tables.world(), calls=6_000, threads=24)
    return not refused, f"{rate:.0f} calls a second, refused {refused}"


def days_in_memory(_: Tables) -> ErrorWords:
    """Random calls, deaths, faults and roll-ups in memory."""
    found = Findings()
    for seed in range(DAYS_IN_MEMORY):
        plan = FaultPlan()
        found.add(random_day(in_memory(FaultsInMemory(plan)), plan, TenantId("tenant-a"), Random(seed)))
    return found.is_clean, _told(DAYS_IN_MEMORY, found)


def nested_days(_: Tables) -> ErrorWords:
    """The same under budgets of five levels."""
    found = Findings()
    for seed in range(DAYS_IN_MEMORY):
        plan = FaultPlan()
        world = in_memory(FaultsInMemory(plan))
        found.add(random_day(world, plan, TenantId("tenant-a"), Random(seed), LEVELS))
    return found.is_clean, _told(DAYS_IN_MEMORY, found)


def nested_days_in_lanes(tables: Tables) -> ErrorWords:
    """The same on real tables, in lanes that begin with every other hold."""
    found = Findings()
    with _lanes_of(2):
        for seed in range(DAYS_ON_TABLES // 4):
            plan = FaultPlan()
            tenant = TenantId(f"nested-{seed}")
            found.add(random_day(tables.failing_world(plan), plan, tenant, Random(seed), LEVELS))
    return found.is_clean, _told(DAYS_ON_TABLES // 4, found)


def days_on_tables(tables: Tables) -> ErrorWords:
    """The same on real tables, with faults of the AWS client."""
    found = Findings()
    for seed in range(DAYS_ON_TABLES):
        plan = FaultPlan()
        found.add(random_day(tables.failing_world(plan), plan, TenantId(f"tenant-{seed}"), Random(seed)))
    return found.is_clean, _told(DAYS_ON_TABLES, found)


def every_fault(tables: Tables) -> ErrorWords:
    """Every AWS call of a call x throttled, failed before, timed out after, killed before and after, answer lost."""
    found = fault_matrix(tables)
    cells = ", ".join(f"{part} {count}" for part, count in found.cells.items())
    return not found.failed, f"cells: {cells}; books that did not agree: {found.failed}"


def audited_changes(_: Tables) -> ErrorWords:
    """Every audited change x every fault of any AWS call of it: change and entry are both there or both absent."""
    return _pytest("tests/contract/audit")


def canaries(_: Tables) -> ErrorWords:
    """Recognisable keys through every route and failure, and then a search of everything that was written."""
    return _pytest(*CANARIES)


DRILLS: tuple[Callable[[Tables], ErrorWords], ...] = (
    race_of_a_thousand,
    five_levels,
    two_thousand_open,
    units_by_open_calls,
    race_with_options,
    one_window,
    busy_budget,
    days_in_memory,
    nested_days,
    nested_days_in_lanes,
    days_on_tables,
    every_fault,
    audited_changes,
    canaries,
)


def main() -> int:
    """Run the drills one after the other on an emulator of their own; the last line counts them."""
    logging.disable(logging.CRITICAL)  # the faults are ours
    passed = 0
    with _emulator():
        for drill in DRILLS:
            began = perf_counter()
            with fresh_tables() as tables, redirect_stdout(StringIO()):
                well, told = drill(tables)
            passed += well
            print(
                f"{'ok ' if well else 'BAD'} {drill.__doc__} ({perf_counter() - began:.0f} s)\n    {told}", flush=True
            )
    print(f"{passed} passed, {len(DRILLS) - passed} failed")
    return 0 if passed == len(DRILLS) else 1


def _pytest(*tests: str) -> ErrorWords:
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode == 0, f"pytest says {ended.stdout.strip().rpartition(chr(10))[2]}"


def _told(days: int, found: Findings) -> str:
    return (
        f"{days} schedules, {found.calls} calls, calls admitted {found.admitted}, overshoot {found.overshoot}, "
        f"rows lost {len(found.lost)}, rows doubled {len(found.doubled)}, otherwise wrong {found.wrong[:5]}"
    )


@contextmanager
def _lanes_of(holds: int) -> Iterator[None]:
    """Have windows get more lanes from so many holds on."""
    before = lanes.LANE_HOLDS
    lanes.LANE_HOLDS = holds  # type: ignore[misc]  # a constant of the rule, which the drill has more often than days do
    try:
        yield
    finally:
        lanes.LANE_HOLDS = before  # type: ignore[misc]


@contextmanager
def _emulator() -> Iterator[None]:
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        os.environ.update(client_environment(emulator.url))
        yield


if __name__ == "__main__":
    sys.exit(main())
