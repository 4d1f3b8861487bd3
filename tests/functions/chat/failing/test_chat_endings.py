"""Nothing that an answer or an error has caused is still under way when its caller hears it."""

import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from atom_llm.domain.core.errors import AtomError, BudgetExceeded, ModelNotFound
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.budgets import TENANT_SCOPE, WindowRef
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.domain.tenancy.provider_keys import KeyStatus
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.calls.llm_service import LLMService
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld, asking, served
from testing.fakes.ledger.budget_windows import BudgetWindowsInMemory
from testing.stand_in.server import StandIn

pytestmark = pytest.mark.anyio

LIMIT = RateLimit(requests=10, tokens=1_000_000)
PATIENCE_S = 5.0
LATE_S = 0.3  # by which a write is late; an answer that does not wait for it is heard before


class LateOnce:
    """The first attempt's hold comes back late, so that whoever does not wait for it sees it still held."""

    def __init__(self) -> None:
        self._was_late = Event()

    def __call__(self, step: str) -> None:
        if step == "give back" and not self._was_late.is_set():
            self._was_late.set()
            Event().wait(LATE_S)


@pytest.fixture
def world(stand_in: StandIn) -> ChatWorld:
    stand_in.behave()
    world = ChatWorld(stand_in)
    for provider in ("openai", "anthropic"):
        world.provider_key(provider)
    world.budget("1")
    windows = world.money.windows
    assert isinstance(windows, BudgetWindowsInMemory)
    windows.reached = LateOnce()
    return world


def caller_of(world: ChatWorld) -> Caller:
    return world.container.tenancy.authenticator.authenticate(world.service_key())


def held(world: ChatWorld) -> str:
    """USD that the tenant's budget of today holds."""
    ref = WindowRef(TENANT_SCOPE, BudgetCalendar(ZoneInfo("UTC")).window(WindowKind.DAY, world.container.clock()).name)
    return plain(world.money.windows.states([(OURS, ref)])[OURS, ref].held)


async def whole(llm: LLMService, caller: Caller) -> object:
    return await llm.complete(caller, asking(OPENAI))


async def streamed(llm: LLMService, caller: Caller) -> object:
    return await llm.stream(caller, asking(OPENAI, stream=True))


async def embedded(llm: LLMService, caller: Caller) -> object:
    return await llm.embed(caller, {"model": "openai/text-embedding-3-small", "input": "Hello"})


@pytest.mark.parametrize("ask", [whole, streamed, embedded])
@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("invalid_key", {}),
        ("status", {"status": 429, "headers": {"retry-after": "60"}}),
        ("status", {"status": 500}),
        ("silence", {}),
        ("reset", {}),
    ],
    ids=["key", "limit", "failure", "silence", "cut"],
)
async def test_a_call_that_fails_is_over_when_its_holds_are_given_back_and_its_news_is_told(
    world: ChatWorld, ask: Callable[[LLMService, Caller], Awaitable[object]], fault: str, more: dict[str, Any]
) -> None:
    world.stand_in.fault(fault, provider="openai", **more)
    with pytest.raises(AtomError):
        await ask(world.container.calls.llm, caller_of(world))
    assert (held(world), world.open_attempts()) == ("0", 0)
    (key,) = [each for each in world.provider_keys.of(OURS)[0] if each.provider == "openai"]
    assert (key.status is KeyStatus.INVALID) == (fault == "invalid_key")
    assert world.health.writes == (0 if fault == "invalid_key" else len(world.rows()))


async def test_an_answer_is_settled_when_the_attempts_before_it_are_too(world: ChatWorld) -> None:
    world.stand_in.fault("status", provider="openai", status=401)
    completed = await world.container.calls.llm.complete(caller_of(world), asking(f"{OPENAI},{ANTHROPIC}"))
    await completed.settled
    assert (completed.attempts, held(world)) == (2, "0")


def test_a_whole_answer_has_arrived_when_its_holds_are_given_back(world: ChatWorld) -> None:
    with served(world), world.client() as client:
        assert client.post("/chat/completions", json=asking(OPENAI)).status_code == 200
        assert held(world) == "0"


def test_no_second_attempt_is_made_for_a_caller_who_has_left(world: ChatWorld) -> None:
    world.stand_in.fault("silence", provider="openai")
    with served(world), world.client() as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/chat/completions", json=asking(f"{OPENAI},{ANTHROPIC}"), timeout=0.2)
        until = time.monotonic() + PATIENCE_S
        while not world.rows() or world.open_attempts():
            assert time.monotonic() < until, "the attempt did not end"
            time.sleep(0.01)
    assert [row.attempt.model for row in world.rows()] == [OPENAI]
    assert world.stand_in.seen("anthropic") == []


def test_an_answer_that_is_kept_for_its_repetition_has_arrived_when_it_is_kept(world: ChatWorld) -> None:
    with served(world), world.client() as client:
        first, repeated = (
            client.post("/chat/completions", json=asking(OPENAI), headers={"Idempotency-Key": "one-request"})
            for _ in range(2)
        )
    assert (first.content, repeated.headers["x-llm-idempotent-replay"]) == (repeated.content, "true")


async def test_a_stream_is_finished_when_the_attempts_before_it_are_too(world: ChatWorld) -> None:
    world.stand_in.fault("status", provider="openai", status=401)
    stream = await world.container.calls.llm.stream(caller_of(world), asking(f"{OPENAI},{ANTHROPIC}", stream=True))
    async for _ in stream.chunks():
        pass
    assert (stream.attempts, held(world)) == (2, "0")


@contextmanager
def limited(stand_in: StandIn, **limits: RateLimit) -> Iterator[ChatWorld]:
    """A world whose only thread for rate limits is busy for a while."""
    with ThreadPoolExecutor(1) as side_by_side:
        made = ChatWorld(stand_in, **limits)  # type: ignore[arg-type]  # key_limit or provider_limit
        made.ports.executor = side_by_side
        made.provider_key("openai")
        side_by_side.submit(Event().wait, LATE_S)
        yield made


async def test_a_call_that_cannot_be_planned_is_over_when_its_key_was_told(stand_in: StandIn) -> None:
    with limited(stand_in, key_limit=LIMIT) as world:
        with pytest.raises(ModelNotFound):
            await world.container.calls.llm.complete(caller_of(world), asking("openai/no-such-model"))
        assert [subject.partition(":")[0] for subject in world.rate_limits.stored] == ["service-key"]


async def test_a_call_without_room_in_its_budget_is_over_when_its_provider_was_told(stand_in: StandIn) -> None:
    with limited(stand_in, provider_limit=LIMIT) as world:
        world.budget("0.000001")
        with pytest.raises(BudgetExceeded):
            await world.container.calls.llm.complete(caller_of(world), asking(OPENAI))
        assert [subject.partition(":")[0] for subject in world.rate_limits.stored] == ["provider"]
