"""Holds of processes that died are given back within a minute, and those of processes that live are left alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from atom_llm.adapters.runtime import RunningProcess
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.ledger.sweep import BEAT_S, CHARGED_AT_ESTIMATE, LEASE
from atom_llm.services.calls.settlements import ProcessLease
from functions.byok.ledger import SECOND_LOOK_S, run
from testing.fakes.ledger.rows import LedgerInMemory
from testing.money_world import MoneyWorld, in_memory
from tests.functions.byok.byok_world import ByokWorld

LONG = timedelta(minutes=16)  # a stream's deadline
SWEEP_EVERY_S = 60.0


def streaming(world: MoneyWorld) -> Attempt:
    """A stream's attempt that this process has begun."""
    attempt = world.attempt(maker=world.maker)
    return world.spending.hold(replace(attempt, deadline=attempt.opened_at + LONG))


def held(world: MoneyWorld) -> bool:
    state = world.state()
    return state is not None and bool(state.holds)


def test_the_hold_of_a_stream_whose_process_died_is_given_back_when_its_lease_is_over() -> None:
    world = in_memory()
    world.budget("1")
    streaming(world)
    world.clock.pass_s(LEASE.total_seconds() - 1)
    world.roll_up.run()
    assert held(world)
    world.clock.pass_s(1)
    world.roll_up.run()
    assert not held(world)
    assert world.rows()[0].settlement.reason == CHARGED_AT_ESTIMATE


def test_a_process_that_says_that_it_lives_keeps_its_holds_and_loses_them_when_it_falls_silent() -> None:
    world = in_memory()
    world.budget("1")
    streaming(world)
    for _ in range(30):
        world.clock.pass_s(BEAT_S)
        world.ledger.renew(world.maker, world.clock() + LEASE)
        world.roll_up.run()
        assert held(world)
    world.clock.pass_s(LEASE.total_seconds())
    world.roll_up.run()
    assert not held(world)


def test_another_process_s_life_saves_nobody_s_holds() -> None:
    world = in_memory()
    world.budget("1")
    streaming(world)
    world.start_over()
    world.clock.pass_s(LEASE.total_seconds())
    world.ledger.renew(world.maker, world.clock() + LEASE)
    world.roll_up.run()
    assert not held(world)


def test_an_attempt_that_names_no_process_stands_until_its_deadline() -> None:
    world = in_memory()
    world.budget("1")
    held_attempt = world.spending.hold(world.attempt())
    world.clock.now = held_attempt.deadline - timedelta(seconds=1)
    world.roll_up.run()
    assert held(world)
    world.clock.pass_s(1)
    world.roll_up.run()
    assert not held(world)


@pytest.mark.parametrize("died_before_s", [0.0, 1.0, 20.0, 24.0, 31.0, 59.0])
def test_whenever_a_process_dies_the_minute_s_sweep_gives_its_holds_back_within_a_minute(
    died_before_s: float,
) -> None:
    byok = ByokWorld()
    money = byok.money
    money.budget("1")
    streaming(money)
    died = money.clock()
    money.clock.pass_s(died_before_s)
    while held(money):  # the rule comes as it comes, and a look while a call is open is followed by another
        began = money.clock()
        run({"trigger": "sweep"}, byok.container, money.clock.pass_s)
        if held(money):
            money.clock.now = began + timedelta(seconds=SWEEP_EVERY_S)
    assert money.clock() - died <= timedelta(seconds=60)


def test_a_sweep_that_leaves_nothing_open_looks_once() -> None:
    byok = ByokWorld()
    pauses: list[float] = []
    run({"trigger": "sweep"}, byok.container, pauses.append)
    assert pauses == []
    streaming(byok.money)
    run({"trigger": "sweep"}, byok.container, pauses.append)
    assert pauses == [SECOND_LOOK_S]


# The process's own word


class CountingLedger(LedgerInMemory):
    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.renewals = 0
        self.fails = fails

    def renew(self, maker: str, until: object) -> None:
        self.renewals += 1
        if self.fails:
            raise StoreUnavailable("the table does not answer")


def spoken(ledger: CountingLedger, calls: int, beats: int) -> tuple[int, int]:
    """Return the words that a process gave by the beats' end, and those after its calls had ended."""
    world = in_memory()

    async def live() -> tuple[int, int]:
        lease = ProcessLease(ledger, world.clock, RunningProcess(), beat_s=0.05)
        attempts = [world.attempt(maker=lease.maker) for _ in range(calls)]
        for attempt in attempts:
            lease.keep(attempt)
        while ledger.renewals < beats:
            await asyncio.sleep(0.01)
        for attempt in attempts:
            lease.let_go(attempt)
        said = ledger.renewals
        await asyncio.sleep(0.2)
        return said, ledger.renewals - said

    return asyncio.run(live())


def test_a_call_that_ends_within_a_beat_costs_no_word() -> None:
    assert spoken(CountingLedger(), calls=1, beats=0)[1] == 0


def test_many_long_calls_of_a_process_share_one_word_a_beat_and_it_falls_silent_after_them() -> None:
    said, after = spoken(CountingLedger(), calls=40, beats=3)
    assert said < 40
    assert after <= 1  # one may have been on its way


def test_a_word_that_cannot_be_written_is_given_again_and_ends_no_call() -> None:
    assert spoken(CountingLedger(fails=True), calls=1, beats=3)[0] >= 3


def test_a_call_that_another_one_s_end_leaves_alone_is_spoken_for_within_a_beat_of_its_own() -> None:
    world, ledger = in_memory(), CountingLedger()

    async def live() -> float:
        lease = ProcessLease(ledger, world.clock, RunningProcess(), beat_s=0.5)
        older, younger = (world.attempt(maker=lease.maker) for _ in range(2))
        lease.keep(older)
        await asyncio.sleep(0.2)
        lease.keep(younger)
        began = asyncio.get_running_loop().time()
        lease.let_go(older)
        while not ledger.renewals:
            await asyncio.sleep(0.01)
        lease.let_go(younger)
        return asyncio.get_running_loop().time() - began

    assert 0.45 <= asyncio.run(live()) < 1


def test_a_call_is_spoken_for_whatever_became_of_the_calls_of_a_loop_that_has_ended() -> None:
    world, ledger = in_memory(), CountingLedger()
    lease = ProcessLease(ledger, world.clock, RunningProcess(), beat_s=0.05)

    async def breaks_off() -> None:
        lease.keep(world.attempt(maker=lease.maker))

    async def live() -> None:
        attempt = world.attempt(maker=lease.maker)
        lease.keep(attempt)
        async with asyncio.timeout(5):
            while not ledger.renewals:
                await asyncio.sleep(0.01)
        lease.let_go(attempt)

    asyncio.run(breaks_off())
    asyncio.run(live())


def test_a_process_s_name_is_its_own() -> None:
    world = in_memory()
    leases = [ProcessLease(world.ledger, world.clock, RunningProcess()) for _ in range(2)]
    assert leases[0].maker != leases[1].maker
    assert leases[0].maker == leases[0].maker


def test_the_last_attempt_that_ends_is_known_for_it_and_words_are_beside_a_beat() -> None:
    world = in_memory()
    told: list[str] = []

    async def live() -> list[bool]:
        lease = ProcessLease(
            CountingLedger(), world.clock, RunningProcess(), beat_s=0.05, beside=lambda: told.append("told")
        )
        first, second = (world.attempt(maker=lease.maker) for _ in range(2))
        for attempt in (first, second):
            lease.keep(attempt)
        while not told:
            await asyncio.sleep(0.01)
        found = [lease.is_last(first), lease.is_last(second)]
        lease.keep(first)
        found.append(lease.is_last(second))
        for attempt in (first, second):
            lease.let_go(attempt)
        return [*found, lease.is_last(second)]

    assert asyncio.run(live()) == [False, True, False, True]
