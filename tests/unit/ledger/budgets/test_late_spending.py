"""Later looks at budgets, amid calls that end and roll-ups: in the end what is counted is what was spent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import timedelta
from decimal import Decimal
from itertools import chain
from random import Random
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import BudgetUnit
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.services.ledger.budgets.late_spending import LateSpending
from testing.audit import an_entry
from testing.fakes.service_keys import NOON
from testing.money_world import KEY, TENANT, MoneyWorld, usd
from tests.unit.ledger.budgets.busy_world import busy, nothing

WINDOWS = [each for each in WindowKind if each not in (WindowKind.MINUTE, WindowKind.ROLLING_MINUTE)]
SCOPES = ("tenant", f"service-key:{KEY}", "team:platform", "person:ada", "tag:app=search", "model:openai/gpt-4o-mini")
UNITS: tuple[BudgetUnit, ...] = ("usd", "usd", "calls", "tokens")
BEGINS = (
    NOON,
    NOON.replace(hour=13, minute=57),
    NOON.replace(hour=18, minute=27),
    NOON.replace(hour=23, minute=57),
)  # of the last three an hour, a day in India, and one of ours end within minutes
ZONES = ("UTC", "Asia/Kolkata", "Pacific/Auckland")
KEYS = (KEY, ServiceKeyId("another"))
PEOPLE = (EndUser("ada"), EndUser("bob"))
APPS = ("search", "chat")
MODELS = ("openai/gpt-4o-mini", "mistral/small")
TEAM = Team("platform", "Platform", frozenset({KEY}), frozenset({"ada"}))


@dataclass
class Schedule:
    """Calls of three processes around the setting of one budget, and what is to come of it."""

    chance: Random
    open_calls: list[tuple[MoneyWorld, Attempt]] = field(default_factory=list)
    ended_before: Decimal = Decimal(0)  # the setting began
    ended_by: Decimal = Decimal(0)  # the setting was done

    def __post_init__(self) -> None:
        pick = self.chance.choice
        self.world, _, self.sums = busy(tag_values_a_day=pick((1, 1_000)))
        self.world.chance = self.chance
        self.world.clock.now = pick(BEGINS) + timedelta(minutes=self.chance.uniform(0, 3))
        self.world.calendar = BudgetCalendar(ZoneInfo(pick(ZONES)))
        self.world.teams.put(TENANT, TEAM, an_entry())
        self.world.start_over()
        self.scope, self.window, self.unit = pick(SCOPES), pick(WINDOWS), pick(UNITS)
        self.processes = [self.world, changed(self.world), changed(self.world)]

    @property
    def spent(self) -> Decimal:
        """What calls of the scope that have ended spent in the window's time."""
        began = self.world.calendar.window(self.window, self.world.clock()).begins
        days = [NOON.date() + timedelta(days=each) for each in range(2)]
        found = (self.world.ledger.rows_of_day(TENANT, day, behind=None, page_size=100) for day in days)
        rows = [row for row in chain(*found) if began is None or row.attempt.counts_from >= began]
        return exact_sum(row.spent(self.unit) for row in rows if self._has(row.attempt))

    @property
    def counted(self) -> Decimal:
        """What the budget's window says."""
        (status,) = self.world.budgets.all(TENANT)
        return Decimal(0) if status.state is None else status.state.spent

    def step(self) -> None:
        """Let anything happen."""
        self.chance.choice((self.call, self.call, self.end, self.end, self.world.roll_up.run, self.wait))()

    def call(self) -> None:
        world, pick = self.chance.choice(self.processes), self.chance.choice
        attempt = world.attempt(
            usd("0.01"),
            key=pick(KEYS),
            model=pick(MODELS),
            tags={"app": pick(APPS)},
            end_user=pick(PEOPLE),
            hold_tokens=9_000,
        )
        self.open_calls.append((world, world.spending.hold(attempt)))

    def end(self) -> None:
        if self.open_calls:
            world, held = self.open_calls.pop(self.chance.randrange(len(self.open_calls)))
            world.spending.settle(held, world.settlement(Decimal(self.chance.randint(1, 9)) / 1000))

    def wait(self) -> None:
        self.world.clock.pass_s(self.chance.uniform(0.001, 8))

    def set_budget(self) -> None:
        self.ended_before = self.spent
        self._amid(lambda: self.world.budget("1000000000", scope=self.scope, window=self.window, unit=self.unit))
        self.ended_by = self.spent

    def sweep(self) -> None:
        self._amid(self.world.sweep)

    def _amid(self, does: Callable[[], object]) -> None:
        """Do something around whose readings calls begin, end and are posted."""

        def interrupts() -> None:
            if self.chance.random() < 0.1:
                self.sums.before = self.sums.behind = nothing
                self.step()
                self.sums.before = self.sums.behind = interrupts

        self.sums.before = self.sums.behind = interrupts
        does()
        self.sums.before = self.sums.behind = nothing

    def _has(self, attempt: Attempt) -> bool:
        if self.scope == "team:platform":
            return TEAM.has(attempt.service_key, attempt.end_user.user)
        return self.scope in map(str, attempt.scopes)


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_whatever_comes_in_whatever_order_nothing_is_counted_twice_and_in_the_end_all_of_it(first: int) -> None:
    for seed in range(first, first + 100):
        day = Schedule(Random(seed))
        for _ in range(day.chance.randint(0, 30)):
            day.step()
        day.set_budget()
        is_total = day.window is WindowKind.TOTAL
        for _ in range(30):
            assert day.counted <= day.spent - (day.ended_before if is_total else 0), seed
            day.step()
        while day.open_calls:
            day.end()
        for _ in range(28):
            day.world.clock.pass_s(60)
            day.sweep()
            assert day.counted <= day.spent - (day.ended_before if is_total else 0), seed
        while day.open_calls:
            day.end()
        day.world.sweep()
        assert day.world.young.all() == [], seed
        if is_total:
            assert day.spent - day.ended_by <= day.counted <= day.spent - day.ended_before, seed
        else:
            assert day.counted == day.spent, seed
        assert day.world.check().drift == {}, seed


def test_while_rows_of_the_window_are_posted_all_the_time_nothing_is_counted_and_the_look_stays_due() -> None:
    world, _, sums = busy()
    late = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("100")
    world.spending.settle(late, world.settlement(usd("0.2")))
    world.clock.pass_s(90)
    world.roll_up.run()

    def posts_one() -> None:
        sums.before = nothing
        world.spend(usd("0.01"))
        world.roll_up.run()
        sums.before = posts_one

    sums.before = posts_one
    noted = world.young.all()
    assert (world.late.count(world.clock() + timedelta(minutes=1)), world.young.all()) == (0, noted)
    sums.before = nothing
    assert world.sweep() == 1


def test_looks_that_do_not_fit_into_a_sweep_are_the_next_one_s() -> None:
    world, _, _ = busy()
    for scope in ("tenant", f"service-key:{KEY}", "person:ada"):
        world.budget("1", scope=scope)
    world.clock.pass_s(90)
    assert world.late.count(world.clock()) == 0
    assert {each.looks for each in world.young.all()} == {0}
    world.sweep()
    assert {each.looks for each in world.young.all()} == {1}


def test_one_that_is_counted_by_somebody_else_meanwhile_is_looked_at_anew() -> None:
    world, _, sums = busy()
    late = world.spending.hold(world.attempt(usd("0.2")))
    world.budget("1")
    world.spending.settle(late, world.settlement(usd("0.2")))
    world.clock.pass_s(90)
    world.roll_up.run()
    other: LateSpending = changed(world).late

    def counts() -> None:
        sums.behind = nothing
        assert other.count(world.clock() + timedelta(minutes=1)) == 1

    sums.behind = counts
    assert world.late.count(world.clock() + timedelta(minutes=1)) == 0
    assert world.sweep() == 0
    state = world.state()
    assert state is not None
    assert state.spent == usd("0.2")
