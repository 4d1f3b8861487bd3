"""Calls of one conversation keep to the model and key that hold its cache; the route says why, with both numbers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.routing.cache_affinity import LIVES
from atom_llm.domain.tiers.preferences import Preferences
from testing.audit import an_entry
from testing.chat_world import OPENAI, OURS, ChatWorld, asking, served
from testing.stand_in.server import StandIn

LONG = "You are a careful clerk. " * 400  # 10,000 characters, which the stand-in counts as 2,500 tokens
SESSION = {"x-session-affinity": "session-1"}


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    stand_in.output_tokens = 20
    with served(ChatWorld(stand_in)) as served_world:
        yield served_world
    stand_in.output_tokens = None


def talk(*turns: str) -> list[dict[str, Any]]:
    messages = [{"role": "system", "content": LONG}]
    for place, turn in enumerate(turns):
        messages.append({"role": "assistant" if place % 2 else "user", "content": turn})
    return messages


def asks(caller: httpx.Client, model: str, *turns: str, **headers: str) -> httpx.Response:
    answer = caller.post("/chat/completions", json=asking(model, messages=talk(*turns)), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def cache(caller: httpx.Client, model: str, *turns: str, **headers: str) -> dict[str, Any] | None:
    answer = caller.post("/route", json=asking(model, messages=talk(*turns)), headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json()["cache"]
    return found


def key_used(world: ChatWorld) -> str:
    return world.stand_in.seen()[-1].key


def test_a_conversation_stays_with_the_key_that_took_over(world: ChatWorld, caller: httpx.Client) -> None:
    first, second = (world.provider_key("openai", f"sk-stand-in-{name}") for name in ("first", "second"))
    world.stand_in.fault("status", provider="openai", key="sk-stand-in-first", status=429, times=1)
    asks(caller, OPENAI, "Hello")
    assert key_used(world) == "sk-stand-in-second"
    found = cache(caller, OPENAI, "Hello", "Yes?", "Go on")
    assert found is not None
    assert (found["provider_key"], found["kept"], found["instead"]) == (second.key_id, True, None)
    asks(caller, OPENAI, "Hello", "Yes?", "Go on")
    assert key_used(world) == "sk-stand-in-second"
    asks(caller, OPENAI, "Another conversation")
    assert key_used(world) == "sk-stand-in-first"
    assert first.key_id != second.key_id


def test_the_key_is_another_again_when_the_cache_has_gone(world: ChatWorld, caller: httpx.Client) -> None:
    for name in ("first", "second"):
        world.provider_key("openai", f"sk-stand-in-{name}")
    world.stand_in.fault("status", provider="openai", key="sk-stand-in-first", status=429, times=1)
    asks(caller, OPENAI, "Hello")
    world.clock.now += LIVES
    assert cache(caller, OPENAI, "Hello", "Yes?", "Go on") is None
    asks(caller, OPENAI, "Hello", "Yes?", "Go on")
    assert key_used(world) == "sk-stand-in-first"


def test_a_kept_key_that_fails_is_followed_by_the_tenant_s_next_one(world: ChatWorld, caller: httpx.Client) -> None:
    for name in ("first", "second"):
        world.provider_key("openai", f"sk-stand-in-{name}")
    world.stand_in.fault("status", provider="openai", key="sk-stand-in-first", status=429, times=1)
    asks(caller, OPENAI, "Hello")
    world.stand_in.dead_keys.add("sk-stand-in-second")
    asks(caller, OPENAI, "Hello", "Yes?", "Go on")
    assert key_used(world) == "sk-stand-in-first"


def test_a_tier_s_conversation_stays_where_its_cache_is_worth_more_than_moving_saves(
    world: ChatWorld, caller: httpx.Client
) -> None:
    for provider in ("openai", "google"):
        world.provider_key(provider)
    usual = asks(caller, "tier/standard", "Hello").headers["x-llm-provider"]
    world.stand_in.fault("status", provider=usual, status=404, times=1)
    moved = asks(caller, "tier/standard", "A second one", **SESSION)
    assert moved.headers["x-llm-provider"] != usual
    found = cache(caller, "tier/standard", "A second one", "Yes?", "Go on", **SESSION)
    assert found is not None
    assert (found["model"], found["instead"].partition("/")[0]) == (moved.headers["x-llm-model"], usual)
    assert Decimal(0) < Decimal(found["saving_usd"]) <= Decimal(found["worth_usd"])
    assert found["kept"] is True
    then = asks(caller, "tier/standard", "A second one", "Yes?", "Go on", **SESSION)
    assert then.headers["x-llm-model"] == found["model"]


def test_a_tenant_that_wants_no_cache_to_count_has_none_weighed(world: ChatWorld, caller: httpx.Client) -> None:
    world.preferences.replace(OURS, Preferences(cache_aware=False), an_entry())
    world.provider_key("openai")
    asks(caller, "tier/standard", "Hello")
    assert cache(caller, "tier/standard", "Hello", "Yes?", "Go on") is None


def test_a_short_prompt_leaves_nothing_to_keep_to(world: ChatWorld, caller: httpx.Client) -> None:
    world.provider_key("openai")
    hello = asking(OPENAI, messages=[{"role": "user", "content": "Hello"}])
    caller.post("/chat/completions", json=hello)
    assert caller.post("/route", json=hello).json()["cache"] is None
