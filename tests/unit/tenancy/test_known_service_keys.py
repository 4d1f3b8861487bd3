"""Revoked keys open nothing after five seconds, in every process, at no read a call and none before a steady one."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import timedelta
from typing import Any

import pytest

from atom_llm.domain.core.errors import StoreUnavailable, Unauthenticated
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import Scope, ServiceKey
from atom_llm.services.tenancy.authenticate import Authenticator
from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
from atom_llm.services.tenancy.known_service_keys import READ_AFTER, TRUSTED_FOR, TRUSTED_UNREAD_FOR
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import NOON, KeysInMemory, PeppersInMemory, SetClock

TENANT = TenantId("tenant-a")
DOWN = StoreUnavailable("the table does not answer")


class Behind(Executor):
    """Runs what was handed to it when it is told to, as another thread would sooner or later."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except StoreUnavailable as error:
                future.set_exception(error)

        self.waiting.append(run)
        return future

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()


class Keys(KeysInMemory):
    """Service keys of which one answer is late: something happens between the reading and its return."""

    meanwhile: Callable[[], None] | None = None

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        found = super().find(key_id)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return found


class Process:
    """A process of a deployment, which has called once with its key."""

    def __init__(self, keys: KeysInMemory, clock: SetClock, behind: Executor | None = None) -> None:
        self._authenticator = Authenticator(keys, PeppersInMemory(), "dev", clock, behind)

    def lets_in(self, shown: str) -> bool:
        """Return whether a call passes, as the front door asks."""
        if self._authenticator.remembered(shown) is not None:
            return True
        try:
            self._authenticator.authenticate(shown)
        except Unauthenticated:
            return False
        return True

    def waits(self, shown: str) -> bool:
        """Return whether a call has to ask the table, or the whole check, before it passes."""
        return self._authenticator.remembered(shown) is None


class World:
    """A deployment with one key, which has been used, so that reading it finds nothing new."""

    def __init__(self) -> None:
        self.keys, self.clock, self.behind = Keys(), SetClock(), Behind()
        issued = ServiceKeyIssuer(self.keys, PeppersInMemory(), "dev", self.clock).issue(
            TENANT, frozenset({Scope.CHAT}), SOMEBODY
        )
        self.shown, self.key_id = issued.plaintext, issued.key.key_id
        self.keys.used(self.key_id, self.clock.now)

    def process(self, behind: Executor | None = None) -> Process:
        made = Process(self.keys, self.clock, behind)
        assert made.lets_in(self.shown)
        return made

    def revoke(self) -> None:
        self.keys.revoke(TENANT, self.key_id, self.clock.now, an_entry())


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("calls_each_s", [0.1, 1.0, 4.9])
def test_a_revocation_holds_in_every_process_within_five_seconds(world: World, calls_each_s: float) -> None:
    revoking, steady, rare = world.process(), world.process(world.behind), world.process()
    world.clock.pass_s(0.001)
    world.revoke()
    revoked_at = world.clock.now
    while world.clock.now - revoked_at < TRUSTED_FOR:
        steady.lets_in(world.shown)
        world.behind.run()
        world.clock.pass_s(calls_each_s)
    assert [process.lets_in(world.shown) for process in (revoking, steady, rare)] == [False] * 3


def test_a_key_in_steady_use_is_read_behind_its_calls_once_in_four_seconds(world: World) -> None:
    process = world.process(world.behind)
    before, waited = world.keys.reads, 0
    for _ in range(400):  # forty seconds, ten calls each
        waited += process.waits(world.shown)
        assert process.lets_in(world.shown)
        world.behind.run()
        world.clock.pass_s(0.1)
    assert world.keys.reads - before == 40 / READ_AFTER.total_seconds() - 1
    assert waited == 0


def test_of_many_calls_at_the_same_moment_one_asks(world: World) -> None:
    process = world.process(world.behind)
    world.clock.now += READ_AFTER
    for _ in range(100):
        assert process.lets_in(world.shown)
    assert len(world.behind.waiting) == 1


def test_what_is_asked_behind_is_not_waited_for_and_never_trusted_longer_for_it(world: World) -> None:
    process = world.process(world.behind)
    world.clock.now += READ_AFTER
    assert process.lets_in(world.shown)
    world.revoke()
    world.clock.now += TRUSTED_FOR - READ_AFTER  # the thread that reads has been frozen with its process
    assert not process.lets_in(world.shown)
    world.behind.run()
    assert not process.lets_in(world.shown)


def test_a_reading_that_comes_late_does_not_undo_a_later_one(world: World) -> None:
    process = world.process(world.behind)

    def is_overtaken() -> None:
        world.clock.pass_s(2)
        world.revoke()
        assert not process.lets_in(world.shown)

    world.clock.now += READ_AFTER
    assert process.lets_in(world.shown)
    world.keys.meanwhile = is_overtaken
    world.behind.run()
    assert not process.lets_in(world.shown)


def test_a_key_that_is_used_less_often_pays_a_read_in_front_of_its_call(world: World) -> None:
    process, before = world.process(world.behind), world.keys.reads
    for _ in range(10):
        world.clock.now += TRUSTED_FOR
        assert process.waits(world.shown)
        assert process.lets_in(world.shown)
    assert (world.keys.reads - before, world.behind.waiting) == (10, [])


def test_while_the_table_cannot_be_read_a_key_is_trusted_for_a_minute_and_no_longer(world: World) -> None:
    process = world.process()
    world.keys.fails_with = DOWN
    world.clock.now = NOON + TRUSTED_UNREAD_FOR - timedelta(seconds=0.001)
    assert process.lets_in(world.shown)
    world.clock.now = NOON + TRUSTED_UNREAD_FOR
    with pytest.raises(StoreUnavailable):
        process.lets_in(world.shown)


def test_a_table_that_does_not_answer_is_left_alone_for_five_seconds(world: World) -> None:
    process, before = world.process(), world.keys.reads
    world.keys.fails_with = DOWN
    for _ in range(100):  # ten seconds, of which the key is trusted for five
        world.clock.pass_s(0.1)
        assert process.lets_in(world.shown)
    assert world.keys.reads - before == 2


def test_a_table_that_answers_again_is_believed_at_once(world: World) -> None:
    process = world.process()
    world.keys.fails_with = DOWN
    world.clock.now += TRUSTED_FOR
    assert process.lets_in(world.shown)
    world.keys.fails_with = None
    world.revoke()
    world.clock.pass_s(5)
    assert not process.lets_in(world.shown)


def test_a_reading_behind_that_fails_turns_nobody_away_and_is_told(world: World, log: Any) -> None:
    process = world.process(world.behind)
    world.keys.fails_with = DOWN
    world.clock.now += READ_AFTER
    assert process.lets_in(world.shown)
    world.behind.run()
    world.clock.now += TRUSTED_FOR - READ_AFTER
    assert not process.waits(world.shown)
    assert "a service key was not read behind a call" in log.getvalue()


def test_a_key_of_which_nothing_is_known_opens_nothing_while_the_table_cannot_be_read(world: World) -> None:
    world.keys.fails_with = DOWN
    with pytest.raises(StoreUnavailable):
        Process(world.keys, world.clock).lets_in(world.shown)
