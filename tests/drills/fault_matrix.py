"""Every AWS call of the money path x everything that can happen to it: afterwards the books agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from atom_llm.domain.core.ids import TenantId
from tests.drills.faults import KINDS, FaultPlan, Kind
from tests.drills.schedules import Day
from tests.drills.tables import Tables

PARTS = ("hold", "settle", "roll up")
MAX_STEPS = 60  # of one part; the longest has half of that


@dataclass
class Matrix:
    """Cells that were tried, by part, and those after which the books did not agree."""

    cells: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def fault_matrix(tables: Tables, parts: Sequence[str] = PARTS, kinds: Sequence[Kind] = KINDS) -> Matrix:
    """One day a cell, each of a tenant of its own: a call before, the call with the fault, and a call after."""
    found = Matrix()
    for part in parts:
        for kind in kinds:
            for step in count():
                if step == MAX_STEPS:
                    raise AssertionError(f"{part} has more than {MAX_STEPS} steps")
                reached, fault = _cell(tables, part, kind, step)
                if not reached:
                    break
                found.cells[part] = found.cells.get(part, 0) + 1
                found.failed += fault
    return found


def _cell(tables: Tables, part: str, kind: Kind, step: int) -> tuple[bool, list[str]]:
    """Return whether the part has that many steps, and the faults afterwards."""
    plan = FaultPlan()
    name = f"{part}-{kind}-{step}".replace(" ", "-")
    day = Day(tables.failing_world(plan), plan, TenantId(name))
    day.begin()
    day.call()
    day.answer(day.open_calls[0])
    if part == "hold":
        day.call(kind, step)
    else:
        day.call()
    reached = plan.fired
    if day.open_calls:
        day.answer(day.open_calls[0], *((kind, step) if part == "settle" else (None, 0)))
        reached = reached or plan.fired
    day.roll_up(*((kind, step) if part == "roll up" else (None, 0)))
    reached = reached or plan.fired
    day.call()
    ended = day.end()
    faults = [*ended.lost, *ended.doubled, *ended.wrong, *([str(ended.overshoot)] if ended.overshoot else [])]
    return reached, [f"{name}: {fault}" for fault in faults]
