"""Deadlines are absolute: nothing that a provider sends beside its answer, and no slowness, stretches one."""

import asyncio
import time
from dataclasses import replace
from typing import Any, Final

import pytest

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.registry.health import HealthOutcome, bucket_of
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.services.calls.llm_service import CallOptions
from testing.chat_world import ANTHROPIC, LIMITS, OPENAI, ChatWorld, asking
from testing.stand_in.server import StandIn
from tests.drills.deadlines import ASKS, Ask, caller_of, held_back, past_deadline, streamed, whole, world_of

pytestmark = pytest.mark.anyio

LATE_S: Final = 8.0  # a busy machine wakes late; without an absolute deadline each fault lasts longer than this


@pytest.mark.parametrize("ask", ASKS, ids=[ask.__name__ for ask in ASKS])
async def test_no_fault_of_a_provider_keeps_a_caller_past_its_deadline(ask: Ask) -> None:
    found = await past_deadline(ask, 1.0)
    assert {fault: round(s, 1) for fault, s in found.items() if s > LATE_S} == {}


@pytest.mark.parametrize(
    ("fault", "more"),
    [("comments", {"after": 0, "ms": 20}), ("drip", {"ms": 20}), ("stall", {"after": 0})],
    ids=["keep_alive_only", "a_byte_at_a_time", "stalls"],
)
@pytest.mark.parametrize("ask", [whole, streamed, held_back])
async def test_a_route_without_content_leaves_the_call_time_for_the_next_candidate_and_is_not_asked_again(
    fault: str, more: dict[str, Any], ask: Ask
) -> None:
    async with StandIn() as stand_in:
        stand_in.fault(fault, provider="openai", **more)
        world = world_of(stand_in)
        await ask(world.container.calls.llm, caller_of(world), f"{OPENAI},{ANTHROPIC}", CallOptions({}))
        assert [call.provider for call in stand_in.calls] == ["openai", "anthropic"]


async def test_idle_means_no_content_pings_in_the_middle_do_not_count() -> None:
    async with StandIn() as stand_in:
        stand_in.fault("comments", after=2, ms=20)
        world = ChatWorld(stand_in)
        world.provider_key("anthropic")
        stream = await world.container.calls.llm.stream(caller_of(world), asking(ANTHROPIC, stream=True))
        began = time.monotonic()
        with pytest.raises(AtomError):
            async for _ in stream.chunks():
                pass
        assert time.monotonic() - began < LIMITS.idle_s + LATE_S


@pytest.mark.parametrize("ms", [20, 100])
async def test_after_a_disconnect_pings_do_not_stretch_what_is_read_for_the_cost(ms: int) -> None:
    async with StandIn() as stand_in:
        stand_in.fault("comments", after=2, ms=ms)
        world = ChatWorld(stand_in, limits=replace(LIMITS, idle_s=30.0))
        world.provider_key("anthropic")
        stream = await world.container.calls.llm.stream(caller_of(world), asking(ANTHROPIC, stream=True))
        began = time.monotonic()
        reading = asyncio.ensure_future(anext(chunks := stream.chunks()))
        await reading
        await chunks.aclose()
        assert time.monotonic() - began < LIMITS.drain_s + LATE_S


# A first token that is later than usual

PATIENT: Final = replace(LIMITS, deadline_s=60.0, first_byte_s=30.0, first_token_s=30.0, late_s=0.6)
TWICE: Final = f"{OPENAI},{ANTHROPIC}"


async def late(model: str, ms: int, timed: int) -> tuple[str, list[int]]:
    """Return who serves when a first token takes so long, after so many fast ones, and the failed tries' times."""
    async with StandIn() as stand_in:
        world = ChatWorld(stand_in, limits=PATIENT)
        for provider in ("openai", "anthropic"):
            world.provider_key(provider)
        minute = int(world.clock().timestamp()) // 60
        for _ in range(timed):
            buckets = {"first_token": bucket_of(300)}
            world.health.add("openai", "gpt-4o-mini", minute, HealthOutcome.ANSWERED, buckets, "", world.clock())
        stand_in.fault("slow_first_token", provider="openai", ms=ms)
        stream = await world.container.calls.llm.stream(caller_of(world), asking(model, stream=True))
        async for _ in stream.chunks():
            pass
        failed = [row.settlement for row in world.rows() if row.settlement.status is AttemptStatus.FAILED]
        return stream.candidate.id, [settlement.latency_ms or 0 for settlement in failed]


async def test_a_first_token_far_later_than_the_model_s_own_moves_on() -> None:
    served, [tried_ms] = await late(TWICE, 29_000, timed=20)
    assert served == ANTHROPIC
    assert 600 <= tried_ms < 20_000


async def test_a_late_first_token_of_a_model_that_nobody_has_timed_is_waited_for() -> None:
    assert await late(TWICE, 1_500, timed=19) == (OPENAI, [])


async def test_a_late_first_token_is_waited_for_where_nobody_else_can_serve() -> None:
    assert await late(OPENAI, 1_500, timed=20) == (OPENAI, [])


@pytest.mark.parametrize(
    ("usual_s", "left_s", "late_s"),
    [
        (None, 60.0, None),
        (0.5, 60.0, 15.0),
        (7.5, 60.0, 15.0),
        (8.0, 60.0, 16.0),
        (14.9, 60.0, 29.8),
        (15.0, 60.0, None),  # its usual ones take as long as it would be waited for
        (0.5, 30.0, 15.0),
        (0.5, 29.9, None),  # no useful second try is left
    ],
)
async def test_what_is_too_late_for_a_first_token(usual_s: float | None, left_s: float, late_s: float | None) -> None:
    assert CallLimits().too_late_s(usual_s, left_s) == late_s
