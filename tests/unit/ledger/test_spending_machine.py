"""Holds, settlements, deaths, faults, roll-ups and the clock, in every order that Hypothesis thinks of."""

from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import exact_sum
from testing.money_world import in_memory, usd
from tests.drills.faults import KINDS, FaultPlan, FaultsInMemory
from tests.drills.schedules import Day, random_day

faults = st.none() | st.tuples(st.sampled_from(KINDS), st.integers(0, 9))


class SpendingMachine(RuleBasedStateMachine):
    """One tenant under a day's budget of its own and one of its service key."""

    @initialize(limit=st.sampled_from(["0", "0.01", "0.025", "0.05"]))
    def begins(self, limit: str) -> None:
        plan = FaultPlan()
        self.day = Day(in_memory(FaultsInMemory(plan)), plan, TenantId("tenant-a"), usd(limit))
        self.day.begin()

    @rule(fault=faults)
    def calls(self, fault: tuple[object, int] | None) -> None:
        self.day.call(*(fault or (None, 0)))  # type: ignore[arg-type]

    @precondition(lambda self: self.day.open_calls)
    @rule(fault=faults, which=st.integers(0, 20))
    def answers(self, fault: tuple[object, int] | None, which: int) -> None:
        held = self.day.open_calls[which % len(self.day.open_calls)]
        self.day.answer(held, *(fault or (None, 0)))  # type: ignore[arg-type]

    @rule(fault=faults)
    def rolls_up(self, fault: tuple[object, int] | None) -> None:
        self.day.roll_up(*(fault or (None, 0)))  # type: ignore[arg-type]

    @rule(seconds=st.sampled_from([0.01, 1, 11, 29, 70]))
    def waits(self, seconds: float) -> None:
        self.day.wait(seconds)

    @invariant()
    def spends_and_holds_within_the_limit(self) -> None:
        assert self.day.found.overshoot == 0

    @invariant()
    def sums_hold_what_is_posted(self) -> None:
        world = self.day.world
        waiting = {attempt.hold_id for attempt in world.ledger.open_attempts_of(self.day.tenant)}
        posted = exact_sum(row.settlement.cost for row in world.rows() if row.attempt.hold_id not in waiting)
        assert self.day.world.summed() == posted

    def teardown(self) -> None:
        if hasattr(self, "day"):
            found = self.day.end()
            assert found.is_clean, found


TestSpendingMachine = SpendingMachine.TestCase
TestSpendingMachine.settings = settings(
    max_examples=300, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_after_five_hundred_random_days_nothing_is_lost_or_doubled() -> None:
    for seed in range(500):
        plan = FaultPlan()
        found = random_day(in_memory(FaultsInMemory(plan)), plan, TenantId("tenant-a"), Random(seed))
        assert found.is_clean, (seed, found)
