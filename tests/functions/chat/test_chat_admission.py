"""A service key's rate limit, which is asked while the first attempt is being begun, so that no call waits for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.domain.core.errors import RateLimited
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.rate_limit import MINUTE, RateLimit, RestartWrite
from testing.chat_world import OPENAI, OURS, ChatWorld, asking
from testing.stand_in.server import StandIn

pytestmark = pytest.mark.anyio
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[ChatWorld]:
    with StandIn() as stand_in, ThreadPoolExecutor(2) as executor:
        world = ChatWorld(stand_in, key_limit=RateLimit(requests=10, tokens=100_000))
        world.ports.executor = executor
        world.provider_key("openai")
        world.budget("1")
        yield world


async def test_a_call_whose_key_others_have_used_up_is_refused_and_leaves_nothing_held(world: ChatWorld) -> None:
    caller = world.container.tenancy.authenticator.authenticate(world.service_key())
    now = (world.container.clock() - EPOCH) // timedelta(microseconds=1)
    spent = RestartWrite(now + MINUTE, now)  # by another process, of which this one has not heard
    world.rate_limits.take(f"service-key:{caller.key_id}", spent, None, world.container.clock() + timedelta(hours=1))
    with pytest.raises(RateLimited) as refusal:
        await world.container.calls.llm.complete(caller, asking(OPENAI))
    assert 5 < refusal.value.retry_after_s <= 6
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.REFUSED]
    state = world.money.state(tenant=OURS)
    assert state is not None
    assert (world.open_attempts(), str(state.held), len(world.stand_in.calls)) == (0, "0", 0)
    with pytest.raises(RateLimited):  # now it knows: nothing is written for it
        await world.container.calls.llm.complete(caller, asking(OPENAI))
    assert len(world.rows()) == 1


async def test_a_call_that_is_admitted_says_how_its_limits_stand(world: ChatWorld) -> None:
    caller = world.container.tenancy.authenticator.authenticate(world.service_key())
    completed = await world.container.calls.llm.complete(caller, asking(OPENAI))
    assert {name: (each.limit, each.remaining < each.limit) for name, each in completed.standings.items()} == {
        "requests": (10, True),
        "tokens": (100_000, True),
    }
