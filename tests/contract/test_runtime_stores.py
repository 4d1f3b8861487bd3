"""Circuits, rate limits and idempotent requests on real tables: many at once, as several processes see them."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Barrier

import pytest

from atom_llm.adapters.dynamodb.calls.idempotency import DynamoIdempotency
from atom_llm.adapters.dynamodb.routing.circuits import DynamoCircuits
from atom_llm.adapters.dynamodb.routing.rate_limits import DynamoRateLimits
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.adapters.sealing import AesGcmSeal
from atom_llm.domain.calls.idempotency import InProgress, KeptReply
from atom_llm.domain.core.errors import AnswerNotKept, IdempotencyMismatch, RateLimited
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.calls.idempotency import IdempotentCalls, Ticket
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from atom_llm.services.tenancy.rate_limiter import RateLimiter
from testing.fakes.service_keys import PeppersInMemory
from tests.contract.conftest import NewTable

AT_ONCE = 12
MODEL = ("openai", "gpt-5")
OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")
REQUEST, OTHER_REQUEST = sha256(b"a request").digest(), sha256(b"another").digest()
ANSWER = KeptReply(200, {"content-type": "application/json"}, b'{"choices": ["the canary sings"]}')


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def at_once[Result](works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run all functions, begun at the same moment, and return their results."""
    barrier = Barrier(len(works))

    def begun(work: Callable[[], Result]) -> Result:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(begun, works))


# Circuits


def breakers(table: Table, clock: SetClock, many: int = 2) -> list[CircuitBreaker]:
    """Processes that share a table and nothing else."""
    return [CircuitBreaker(DynamoCircuits(table), clock) for _ in range(many)]


def opened(processes: Sequence[CircuitBreaker]) -> None:
    for _ in range(5):
        processes[0].record(OURS, *MODEL, ok=False, was_probe=False)


def test_under_a_flapping_provider_it_opens_is_probed_by_one_at_a_time_and_closes_for_both(
    new_table: NewTable, clock: SetClock
) -> None:
    processes = breakers(new_table()[0], clock, AT_ONCE)
    opened(processes)
    assert {each.is_open(OURS, *MODEL) for each in processes} == {True}
    for pause_s in (2, 4, 5, 5):
        clock.pass_s(pause_s - 1)
        assert at_once([lambda each=each: each.take_probe(OURS, *MODEL) for each in processes]) == [False] * AT_ONCE  # type: ignore[misc]
        clock.pass_s(2)
        probes = at_once([lambda each=each: each.take_probe(OURS, *MODEL) for each in processes])  # type: ignore[misc]
        assert Counter(probes) == {True: 1, False: AT_ONCE - 1}
        processes[probes.index(True)].record(OURS, *MODEL, ok=False, was_probe=True)
    clock.pass_s(6)
    for _ in range(2):
        probes = at_once([lambda each=each: each.take_probe(OURS, *MODEL) for each in processes])  # type: ignore[misc]
        assert sum(probes) == 1
        processes[probes.index(True)].record(OURS, *MODEL, ok=True, was_probe=True)
        clock.pass_s(2)
    assert {each.is_open(OURS, *MODEL) for each in processes} == {False}


def test_failures_that_several_processes_see_at_the_same_moment_are_all_counted(
    new_table: NewTable, clock: SetClock
) -> None:
    table, _ = new_table()
    processes = breakers(table, clock, 3)
    for _ in range(2):
        at_once([lambda each=each: each.record(OURS, *MODEL, ok=False, was_probe=False) for each in processes])  # type: ignore[misc]
    [late] = breakers(table, clock, 1)
    assert late.is_open(OURS, *MODEL)
    assert not late.is_open(OURS, "openai", "another")


# Rate limits


def limiters(table: Table, clock: SetClock, limit: RateLimit, many: int) -> list[RateLimiter]:
    return [RateLimiter(DynamoRateLimits(table), limit, UNLIMITED, clock) for _ in range(many)]


CALLER = Caller(OURS, ServiceKeyId("AAAAAAAAAAAA"), frozenset())


def taken(limiter: RateLimiter, tokens: int = 1) -> bool:
    try:
        limiter.take_of_key(CALLER, tokens)
    except RateLimited:
        return False
    return True


def test_of_many_calls_at_once_no_more_are_let_through_than_a_minute_allows(
    new_table: NewTable, clock: SetClock
) -> None:
    table, _ = new_table()
    processes = limiters(table, clock, RateLimit(requests=7), AT_ONCE)
    passed = at_once([lambda each=each: taken(each) for each in processes])  # type: ignore[misc]
    assert sum(passed) == 7
    clock.pass_s(60 / 7 + 0.001)
    passed = [taken(each) for each in limiters(table, clock, RateLimit(requests=7), 3)]
    assert passed == [True, False, False]


def test_tokens_are_counted_across_processes_and_corrected_to_what_was_used(
    new_table: NewTable, clock: SetClock
) -> None:
    table, _ = new_table()
    one, other = limiters(table, clock, RateLimit(tokens=1_000), 2)
    assert taken(one, 900)
    assert not taken(other, 200)
    one.correct_key(CALLER, 900, 100)
    assert taken(limiters(table, clock, RateLimit(tokens=1_000), 1)[0], 200)


# Idempotent requests


def calls(table: Table, clock: SetClock, peppers: PeppersInMemory) -> IdempotentCalls:
    return IdempotentCalls(DynamoIdempotency(table), peppers, AesGcmSeal(), clock)


def begun(
    process: IdempotentCalls, tenant: TenantId = OURS, request: bytes = REQUEST
) -> Ticket | InProgress | KeptReply:
    return process.begin(tenant, "order-1", request, timedelta(seconds=30))


def test_of_many_at_once_one_gets_the_ticket_and_the_others_its_answer(new_table: NewTable, clock: SetClock) -> None:
    table, peppers = new_table()[0], PeppersInMemory()
    processes = [calls(table, clock, peppers) for _ in range(AT_ONCE)]
    found = at_once([lambda each=each: begun(each) for each in processes])  # type: ignore[misc]
    assert Counter(type(each) for each in found) == {Ticket: 1, InProgress: AT_ONCE - 1}
    [place] = [number for number, each in enumerate(found) if isinstance(each, Ticket)]
    ticket = found[place]
    assert isinstance(ticket, Ticket)
    processes[place].finish(ticket, ANSWER)
    assert {begun(each) == ANSWER for each in processes} == {True}
    with pytest.raises(IdempotencyMismatch):
        begun(processes[0], request=OTHER_REQUEST)
    assert isinstance(begun(processes[0], THEIRS), Ticket)


def test_what_was_abandoned_or_whose_process_died_may_be_tried_anew_by_one(
    new_table: NewTable, clock: SetClock
) -> None:
    table, peppers = new_table()[0], PeppersInMemory()
    one, *others = (calls(table, clock, peppers) for _ in range(AT_ONCE))
    ticket = begun(one)
    assert isinstance(ticket, Ticket)
    one.abandon(ticket)
    found = at_once([lambda each=each: begun(each) for each in others])  # type: ignore[misc]
    assert sum(isinstance(each, Ticket) for each in found) == 1
    clock.pass_s(59)
    assert {type(begun(each)) for each in others} == {InProgress}
    clock.pass_s(2)  # its lease is over
    found = at_once([lambda each=each: begun(each) for each in others])  # type: ignore[misc]
    assert sum(isinstance(each, Ticket) for each in found) == 1


def test_a_kept_answer_cannot_be_read_without_its_request(new_table: NewTable, clock: SetClock) -> None:
    table, peppers = new_table()[0], PeppersInMemory()
    process = calls(table, clock, peppers)
    ticket = begun(process)
    assert isinstance(ticket, Ticket)
    process.finish(ticket, ANSWER)
    [stored] = table.query(f"idempotency#{OURS}")
    sealed = bytes(stored["answer"])
    assert b"canary" not in sealed
    table.put((stored["pk"], stored["sk"]), stored | {"answer": sealed[:-1] + bytes([sealed[-1] ^ 1])})
    with pytest.raises(AnswerNotKept):
        begun(process)


def test_a_large_answer_is_kept_in_parts_and_erased_with_its_tenant(new_table: NewTable, clock: SetClock) -> None:
    table, peppers = new_table()[0], PeppersInMemory()
    process = calls(table, clock, peppers)
    large = KeptReply(200, {}, bytes(range(256)) * 4_000)
    noise = KeptReply(200, {}, b"".join(bytes([(7 * n * n + n // 13) % 251]) for n in range(900_000)))
    for name, reply in (("order-1", large), ("order-2", noise)):
        ticket = process.begin(OURS, name, REQUEST, timedelta(seconds=30))
        assert isinstance(ticket, Ticket)
        process.finish(ticket, reply)
        assert process.begin(OURS, name, REQUEST, timedelta(seconds=30)) == reply
    assert DynamoIdempotency(table).erase(OURS) == {"idempotent_answers_deleted": 2}
    assert list(table.query(f"idempotency#{OURS}")) == []
