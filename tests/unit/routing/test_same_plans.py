"""Plans that weigh few models are those that weigh all: over the labelled prompts, and tenants of every kind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.routing.retry import MAX_CANDIDATES
from atom_llm.domain.tiers.preferences import Prefer, Preferences
from atom_llm.domain.tiers.tier import TIER_PREFIX, Tier
from atom_llm.ports.routing import ModelKey, StoredCircuit
from atom_llm.services.routing.plan_call import Plan, Planner
from testing.chat_world import OURS, ChatWorld
from testing.fakes.service_keys import SetClock
from testing.labelled import labelled
from testing.stand_in.server import StandIn

PROMPTS = labelled()
TIERS = [f"{TIER_PREFIX}{tier}" for tier in Tier]
MODELS = ["auto", "auto", *TIERS, "gpt-4o-mini,auto", "claude-haiku-4-5,gpt-4o-mini,tier/heavy"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {"max_tokens": 5},
    {"n": 3},
    {"service_tier": "flex"},
    {"response_format": {"type": "json_object"}},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]},
]
PREFERENCES: list[dict[str, Any]] = [
    {},
    {"prefer": "cost"},
    {"prefer": "quality"},
    {"preferred_providers": ("google", "mistral")},
    {"blocked_providers": ("google",)},
    {"cache_aware": False},
]


class Deck:
    """A chat function whose planner is asked twice: few are weighed, and all."""

    def __init__(self, random: Random) -> None:
        self.world = ChatWorld(StandIn(), clock=SetClock())
        container = self.world.container
        for provider in random.sample(sorted(PROVIDER_BY_ID), random.randint(1, len(PROVIDER_BY_ID))):
            self.world.provider_key(provider)
        self.world.preferences.stored[OURS] = replace(Preferences(), **random.choice(PREFERENCES))
        self.planner: Planner = container.routing.planner
        self.rows = [each.entry for each in container.routing.eligible_models.current().whole.rows]
        breaker, history = container.routing.circuit_breaker, container.routing.call_history
        for entry in random.sample(self.rows, random.choice([0, 0, 10, 100])):
            for _ in range(20):
                breaker.record(OURS, entry.provider, entry.name, ok=False, was_probe=False)
        for entry in random.sample(self.rows, random.choice([0, 40])):
            used = Usage({Unit.CACHE_READ: random.randint(0, 2_000), Unit.OUTPUT: random.randint(1, 900)}, 2_000)
            history.record(OURS, random.choice(MODELS), entry.id, b"", used, random.choice([100.0, 900.0]))
        for provider in random.sample(sorted(PROVIDER_BY_ID), random.choice([0, 2])):
            for _ in range(30):
                container.registry.health_recorder.record(OURS, provider, "m", FailureKind.TRANSIENT, 800, None)

    def few(self, body: dict[str, Any], max_cost: Decimal | None = None) -> Plan:
        return self.planner.plan(self.planner.chat(OURS, chat_request(body), max_cost))

    def whole(self, body: dict[str, Any], max_cost: Decimal | None = None) -> Plan:
        return self.planner.plan(self.planner.chat(OURS, chat_request(body), max_cost), explain=True)


def body_of(random: Random) -> dict[str, Any]:
    messages = [dict(each) for each in random.choice(PROMPTS).messages]
    return {"model": random.choice(MODELS), "messages": messages, **random.choice(OPTIONS)}


def assert_same(few: Plan, whole: Plan) -> None:
    assert few.candidates == whole.candidates
    assert (few.choice, few.price_version) == (whole.choice, whole.price_version)
    assert few.ranked.items() <= whole.ranked.items()


@pytest.mark.parametrize("prefer", ["balanced", "cost", "quality"])
def test_each_labelled_prompt_has_the_plan_of_all_models_weighed(prefer: Prefer) -> None:
    deck = Deck(Random(prefer))
    for provider in PROVIDER_BY_ID:
        deck.world.provider_key(provider)
    deck.world.preferences.stored[OURS] = Preferences(prefer=prefer)
    for prompt in PROMPTS:
        body = {"model": "auto", "messages": [dict(each) for each in prompt.messages]}
        few = deck.few(body)
        assert_same(few, deck.whole(body))
        assert len(few.candidates) == MAX_CANDIDATES


@pytest.mark.parametrize("seed", range(12))
def test_so_has_each_request_of_a_tenant_with_keys_preferences_history_and_circuits_of_its_own(seed: int) -> None:
    random = Random(seed)
    deck = Deck(random)
    for _ in range(12):
        body, limit = body_of(random), random.choice([None, None, Decimal("0.01"), Decimal("0.0001")])
        assert_same(deck.few(body, limit), deck.whole(body, limit))


def test_a_plan_asks_for_the_circuits_of_what_it_would_try() -> None:
    deck = Deck(Random(1))
    for provider in PROVIDER_BY_ID:
        deck.world.provider_key(provider)
    asked: list[ModelKey] = []
    load = deck.world.circuits.load

    def heard(models: Sequence[ModelKey]) -> Mapping[ModelKey, StoredCircuit]:
        asked.extend(models)
        return load(models)

    deck.world.circuits.load = heard  # type: ignore[method-assign]
    deck.world.clock.pass_s(60)
    few = deck.few({"model": "auto", "messages": [{"role": "user", "content": "hi"}]})
    assert len(few.candidates) == MAX_CANDIDATES
    assert 0 < len(asked) <= 8
