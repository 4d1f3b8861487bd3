"""Spending when the books cannot be written: nothing is lost in silence, and what is repeated is entered once."""

from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import StoreUnavailable, Unavailable
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import Budget, WindowRef
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus
from atom_llm.ports.ledger import Reservation
from testing.fakes.ledger.budget_windows import BudgetWindowsInMemory
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.ledger.sums import SumsInMemory
from testing.money_world import CALL_TIME, TENANT, in_memory, usd
from tests.drills.faults import FaultPlan, FaultsInMemory


def test_a_late_correction_that_cannot_be_written_is_an_error_and_is_entered_once_when_repeated() -> None:
    plan = FaultPlan()
    world = in_memory(FaultsInMemory(plan))
    held = world.spending.hold(world.attempt(usd("0.01"), estimate=usd("0.002")))
    world.clock.pass_s(CALL_TIME.total_seconds())
    world.roll_up.run()
    late = world.settlement(usd("0.0075"))
    plan.arm("failed before", 1)  # the row is there already; the correction's entry is next
    with pytest.raises(StoreUnavailable):
        world.spending.settle(held, late)
    assert plan.fired
    plan.disarm()
    for _ in range(2):
        world.spending.settle(held, late)
    assert exact_sum(row.settlement.cost for row in world.rows()) == usd("0.0075")


class HalfSilentLedger(LedgerInMemory):
    """A ledger whose last shard cannot be read."""

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        if shard == self.shards - 1:
            raise StoreUnavailable("throttled")
        return super().open_attempts(shard, after=after, limit=limit)


def test_a_shard_that_cannot_be_read_keeps_no_other_from_the_sums() -> None:
    world = in_memory()
    ledger = HalfSilentLedger()
    world.ledger, world.sums = ledger, SumsInMemory(ledger)
    world.start_over()
    rows = [world.spend(usd("0.0025")) for _ in range(40)]
    with pytest.raises(StoreUnavailable):
        world.roll_up.run()
    waiting = ledger.open_attempts_of(TENANT)
    assert 0 < len(waiting) < len(rows)
    assert world.summed() == usd("0.0025") * (len(rows) - len(waiting))


class RestlessWindows(BudgetWindowsInMemory):
    """Windows whose limit somebody else changes all the time."""

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        return Reservation("outdated", self.all[budget.tenant, ref])


def test_a_window_that_keeps_changing_refuses_the_call_and_leaves_nothing_open() -> None:
    world = in_memory()
    world.windows = RestlessWindows()
    world.start_over()
    world.budget("1")
    with pytest.raises(Unavailable):
        world.spending.hold(world.attempt())
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.FAILED]
    world.roll_up.run()
    assert world.ledger.open_attempts_of(TENANT) == []
