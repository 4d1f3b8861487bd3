"""The daily check in slices: each tenant once a day, whatever interrupts it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.checks import CheckProgress
from atom_llm.services.ledger.check_sums import SumCheck, SumChecker
from atom_llm.services.ledger.daily_check import NOTED_EVERY, CheckRun, DailyCheck
from testing.fakes.ledger.check_log import CheckLogInMemory

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
YESTERDAY = date(2026, 11, 28)
A_TENANT = timedelta(seconds=1)  # of the check's time


@dataclass
class World(SumChecker):
    """Tenants that take a second each; `drifting` ones differ, at a `failing` one the tables do not answer."""

    tenants: int = 10
    drifting: set[TenantId] = field(default_factory=set)
    failing: TenantId | None = None
    now: datetime = NOON
    checked: list[tuple[date, TenantId]] = field(default_factory=list)
    log: CheckLogInMemory = field(default_factory=CheckLogInMemory)

    def everyone(self, after: TenantId | None) -> Iterator[TenantId]:
        ids = (TenantId(f"t{number:05d}") for number in range(self.tenants))
        return (each for each in ids if after is None or each > after)

    def check(self, tenant: TenantId, day: date, into: SumCheck) -> None:
        if tenant == self.failing:
            raise Unavailable("the table does not answer")
        self.now += A_TENANT
        self.checked.append((day, tenant))
        into.tenants += 1
        if tenant in self.drifting:
            into.drift[f"{tenant} {day}"] = Decimal("0.5")

    def run(self, seconds: int = 240) -> CheckRun:
        return DailyCheck(self, self.log, self.everyone, lambda: self.now).run(self.now + timedelta(seconds=seconds))

    def all_of(self, *days: date) -> list[tuple[date, TenantId]]:
        return [(day, tenant) for day in days for tenant in self.everyone(None)]


def test_one_slice_is_enough_for_few_tenants_and_the_next_has_nothing_to_do() -> None:
    world = World()
    first, second = world.run(), world.run()
    assert world.checked == world.all_of(YESTERDAY)
    assert (first.days, first.found.tenants, first.is_finished) == (1, 10, True)
    assert (second.days, second.found.tenants, second.is_finished) == (0, 0, True)


@pytest.mark.parametrize("tenants", [1_000, NOTED_EVERY * 4, 10_000])
def test_slices_check_every_tenant_once_however_many_there_are(tenants: int) -> None:
    world, slices = World(tenants=tenants), 1
    while not world.run().is_finished:
        slices += 1
    assert world.checked == world.all_of(YESTERDAY)
    assert slices == tenants // 240 + 1


def test_the_next_day_begins_with_the_first_tenant() -> None:
    world = World()
    world.run()
    world.now += timedelta(days=1)
    assert world.run().days == 1
    assert world.checked == world.all_of(YESTERDAY, YESTERDAY + timedelta(days=1))


def test_a_day_that_no_slice_came_to_is_checked_later() -> None:
    world = World(tenants=100)
    assert not world.run(seconds=30).is_finished
    world.now += timedelta(days=2)
    assert (world.run(seconds=1_000).days, world.run().is_finished) == (3, True)
    assert world.checked == world.all_of(*(YESTERDAY + timedelta(days=each) for each in range(3)))


def test_a_table_that_does_not_answer_loses_no_more_work_than_was_not_noted() -> None:
    world = World(tenants=200, failing=TenantId("t00120"))
    with pytest.raises(Unavailable):
        world.run()
    world.failing = None
    assert world.run(seconds=1_000).is_finished
    twice = len(world.checked) - len(set(world.checked))
    assert set(world.checked) == set(world.all_of(YESTERDAY))
    assert twice == 120 % NOTED_EVERY


def test_a_slice_beside_another_stops_and_notes_nothing() -> None:
    world = World(tenants=NOTED_EVERY * 3)
    other = CheckProgress(YESTERDAY, TenantId("t00140"))
    slow = world.everyone

    def overtaken(after: TenantId | None) -> Iterator[TenantId]:
        world.log.put_progress(other)
        return slow(after)

    run = DailyCheck(world, world.log, overtaken, lambda: world.now).run(world.now + timedelta(hours=1))
    assert (run.is_finished, run.found.tenants) == (False, NOTED_EVERY)
    assert world.log.came is not None
    assert world.log.came.after == other.after


def test_what_differs_is_told_in_the_slice_that_found_it() -> None:
    world = World(tenants=300, drifting={TenantId("t00003"), TenantId("t00290")})
    first, second = world.run(), world.run()
    assert (list(first.found.drift), list(second.found.drift)) == (["t00003 2026-11-28"], ["t00290 2026-11-28"])
