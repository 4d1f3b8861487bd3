"""Deadlines are absolute: nothing that a provider sends beside its answer, and no slowness, stretches one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pytest

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.calls.llm_service import CallOptions, LLMService
from testing.chat_world import ANTHROPIC, LIMITS, OPENAI, ChatWorld, asking
from testing.stand_in.conduct import FAULTS
from testing.stand_in.server import StandIn

pytestmark = pytest.mark.anyio

DEADLINE_S: Final = 1.0
LATE_S: Final = 8.0  # a busy machine wakes late; without an absolute deadline each fault lasts longer than this
AT_ONCE: Final = 4
# As unkind as each fault can be.
AT_WORST: Final[dict[str, dict[str, Any]]] = {
    "status": {"status": 500},
    "slow": {"ms": 60_000},
    "slow_first_token": {"ms": 60_000},
    "comments": {"after": 0, "ms": 50},
    "drip": {"ms": 50},
}

Ask = Callable[[LLMService, Caller, str, CallOptions], Awaitable[None]]


def world_of(stand_in: StandIn) -> ChatWorld:
    world = ChatWorld(stand_in, limits=replace(LIMITS, idle_s=30.0))
    for provider in ("openai", "anthropic"):
        world.provider_key(provider)
    return world


def caller_of(world: ChatWorld) -> Caller:
    return world.container.tenancy.authenticator.authenticate(world.service_key())


async def whole(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    await (await llm.complete(caller, asking(model), options)).settled


async def streamed(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    stream = await llm.stream(caller, asking(model, stream=True), options)
    stream.abandon()
    await stream.finish()


async def held_back(llm: LLMService, caller: Caller, model: str, options: CallOptions) -> None:
    await streamed(llm, caller, model, replace(options, buffer=True))


async def waited_s(fault: str, ask: Ask, model: str) -> float:
    """Seconds until a caller with a deadline hears of an answer or an error, where every provider shows a fault."""
    async with StandIn() as stand_in:
        stand_in.fault(fault, **AT_WORST.get(fault, {}))
        world = world_of(stand_in)
        caller, began = caller_of(world), time.monotonic()
        with suppress(AtomError):
            await ask(world.container.calls.llm, caller, model, CallOptions({}, deadline_s=DEADLINE_S))
        return time.monotonic() - began


@pytest.mark.parametrize("ask", [whole, streamed, held_back])
async def test_no_fault_of_a_provider_keeps_a_caller_past_its_deadline(ask: Ask) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def measured(fault: str) -> tuple[str, float]:
        async with turns:
            return fault, await waited_s(fault, ask, f"{OPENAI},{ANTHROPIC}")

    found = dict(await asyncio.gather(*(measured(fault) for fault in FAULTS)))
    assert {fault: round(s, 1) for fault, s in found.items() if s > DEADLINE_S + LATE_S} == {}


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
