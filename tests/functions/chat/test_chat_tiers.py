"""`auto` and `tier/…`: which tier a prompt gets, which model of it, and what the tenant's preferences make of both."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import BOUNDS, Tier
from testing.audit import an_entry
from testing.chat_world import OPENAI, OURS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn

SMALL_TALK = "Thank you, good night!"
PROOF = (
    "Prove that every compact self-adjoint operator on a Hilbert space has an orthonormal basis of eigenvectors, "
    "and derive from it the spectral theorem for compact normal operators, with every step of the argument."
)


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google", "mistral"):
            served_world.provider_key(provider)
        yield served_world


def wants(world: ChatWorld, **preferences: Any) -> None:
    """The tenant's preferences, before its first call."""
    world.preferences.replace(OURS, Preferences(**preferences), an_entry())


def planned(caller: httpx.Client, text: str = SMALL_TALK, model: str = "auto", **more: Any) -> dict[str, Any]:
    answer = caller.post("/route", json=asking(model, messages=[{"role": "user", "content": text}], **more))
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def asked(caller: httpx.Client, text: str = SMALL_TALK, model: str = "auto", **more: Any) -> httpx.Response:
    return caller.post("/chat/completions", json=asking(model, messages=[{"role": "user", "content": text}], **more))


def reasons(plan: dict[str, Any]) -> dict[str, str]:
    return {each["model"]: each["reason"] for each in plan["excluded"]}


# Which model


def test_small_talk_gets_a_cheaper_model_than_a_hard_proof_and_the_route_says_why(caller: httpx.Client) -> None:
    talk, proof = planned(caller), planned(caller, PROOF)
    assert (talk["tier"]["tier"], proof["tier"]["tier"]) == ("micro", "complex")
    assert proof["tier"]["why"].startswith("classified as complex: ")
    assert {signal["name"] for signal in proof["tier"]["signals"]} >= {"advanced", "reasoning"}
    costs = [Decimal(plan["candidates"][0]["expected_cost_usd"]) for plan in (talk, proof)]
    assert costs[0] * 100 < costs[1]
    assert {each["quality"] >= 94 for each in proof["candidates"]} == {True}
    assert talk["chosen"] != proof["chosen"]


def test_the_answer_names_tier_and_model_and_so_does_the_ledger(world: ChatWorld, caller: httpx.Client) -> None:
    chosen = planned(caller)["chosen"]
    answer = asked(caller)
    assert (answer.headers["x-llm-tier"], answer.headers["x-llm-model"], answer.json()["model"]) == (
        "micro",
        chosen,
        chosen,
    )
    [row] = world.rows()
    assert (row.attempt.tier, row.attempt.model, row.attempt.model_asked) == ("micro", chosen, "auto")


@pytest.mark.parametrize("tier", list(Tier))
def test_every_tier_is_answered_by_models_of_at_least_its_quality(caller: httpx.Client, tier: Tier) -> None:
    plan = planned(caller, model=f"tier/{tier}")
    assert (plan["tier"]["tier"], plan["tier"]["why"]) == (tier, f"{tier} was asked for")
    assert plan["candidates"]
    assert all(each["quality"] >= float(BOUNDS[tier].minimum_quality) for each in plan["candidates"])
    values = [each["value"] for each in plan["candidates"]]
    assert values == sorted(values, reverse=True)


def test_every_other_model_is_out_for_a_reason(caller: httpx.Client) -> None:
    why = reasons(planned(caller, model="tier/complex"))
    assert why[OPENAI] == "below_quality"
    assert set(why.values()) >= {"below_quality", "deprecated", "obscure", "no_key"}


def test_the_models_that_are_tried_are_of_several_providers(caller: httpx.Client) -> None:
    plan = planned(caller, model="tier/standard")
    assert len({each["provider"] for each in plan["candidates"]}) == 3


def test_a_rate_limit_leads_to_another_model_of_the_same_tier(world: ChatWorld, caller: httpx.Client) -> None:
    first, second, _ = planned(caller, model="tier/heavy")["candidates"]
    world.stand_in.fault("status", provider=first["provider"], status=429, headers={"retry-after": "1"})
    answer = asked(caller, model="tier/heavy")
    assert (answer.headers["x-llm-model"], answer.headers["x-llm-tier"]) == (second["model"], "heavy")


def test_a_tier_that_there_is_none_of_is_named(caller: httpx.Client) -> None:
    answer = asked(caller, model="tier/genius")
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "model")
    assert "micro, standard, versatile, heavy, complex" in answer.json()["error"]["message"]


def test_behind_a_named_model_a_tier_is_what_is_tried_next(world: ChatWorld, caller: httpx.Client) -> None:
    wants(world, max_cost_per_request_usd=Decimal("0.000001"))
    plan = planned(caller, model=f"{OPENAI},tier/heavy")
    assert (plan["chosen"], plan["tier"]) == (OPENAI, None)
    wants(world)
    world.container.tiers.preference_reader.forget(OURS)
    plan = planned(caller, model=f"{OPENAI},tier/heavy")
    assert [each["quality"] is None for each in plan["candidates"]] == [True, False, False]
    world.stand_in.fault("status", provider="openai", status=404)
    answer = asked(caller, model=f"{OPENAI},tier/heavy")
    assert (answer.headers["x-llm-model"], "x-llm-tier" in answer.headers) == (plan["candidates"][1]["model"], False)


def test_there_are_no_tiers_of_embeddings(caller: httpx.Client) -> None:
    answer = caller.post("/embeddings", json={"model": "auto", "input": "one"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


def test_a_stream_is_of_its_tier_too(caller: httpx.Client) -> None:
    streamed = stream(caller, "tier/versatile")
    assert (streamed.is_done, streamed.headers["x-llm-tier"]) == (True, "versatile")


# Preferences


@pytest.mark.parametrize(
    ("preferences", "tier", "why"),
    [
        ({"max_tier": Tier.HEAVY}, "heavy", "clamped to micro … heavy"),
        ({"min_tier": Tier.COMPLEX}, "complex", "classified as complex"),
        ({"enabled": False}, "standard", "prompts are not classified: standard by default"),
        (
            {"enabled": False, "default_tier": Tier.MICRO, "min_tier": Tier.VERSATILE},
            "versatile",
            "clamped to versatile",
        ),
    ],
)
def test_preferences_clamp_what_the_prompt_was_classified_as(
    world: ChatWorld, caller: httpx.Client, preferences: dict[str, Any], tier: str, why: str
) -> None:
    wants(world, **preferences)
    plan = planned(caller, PROOF)
    assert plan["tier"]["tier"] == tier
    assert why in plan["tier"]["why"]


def test_a_tier_that_the_caller_names_is_clamped_as_well(world: ChatWorld, caller: httpx.Client) -> None:
    wants(world, max_tier=Tier.STANDARD)
    assert planned(caller, model="tier/complex")["tier"]["tier"] == "standard"


@pytest.mark.parametrize("prefer", ["cost", "quality"])
def test_cost_or_quality_alone_can_be_preferred(world: ChatWorld, caller: httpx.Client, prefer: str) -> None:
    wants(world, prefer=prefer)
    candidates = planned(caller, model="tier/versatile")["candidates"]
    if prefer == "cost":
        costs = [Decimal(each["expected_cost_usd"]) for each in candidates]
        assert costs == sorted(costs)
    else:
        qualities = [each["quality"] for each in candidates]
        assert qualities == sorted(qualities, reverse=True)
        assert qualities[0] >= float(BOUNDS[Tier.COMPLEX].minimum_quality)


def test_blocked_providers_are_out_and_preferred_ones_come_first(world: ChatWorld, caller: httpx.Client) -> None:
    wants(world, blocked_providers=("google",), preferred_providers=("anthropic",))
    plan = planned(caller, model="tier/heavy")
    assert plan["candidates"][0]["provider"] == "anthropic"
    assert "blocked" in {why for model, why in reasons(plan).items() if model.startswith("google/")}
    assert "google" not in {each["provider"] for each in plan["candidates"]}


def test_a_cap_on_a_request_leaves_out_what_may_cost_more(world: ChatWorld, caller: httpx.Client) -> None:
    wants(world, max_cost_per_request_usd=Decimal("0.01"))
    plan = planned(caller, model="tier/heavy", max_tokens=1_000)
    assert all(Decimal(each["most_cost_usd"]) <= Decimal("0.01") for each in plan["candidates"])
    assert "over_max_cost" in reasons(plan).values()
    assert planned(caller, model=OPENAI, max_tokens=16_000)["chosen"] == OPENAI  # its own word, under no cap of tiers


def test_a_cap_of_nothing_leaves_what_is_free(alone: ChatWorld) -> None:
    wants(alone, max_cost_per_request_usd=Decimal(0))
    with alone.client() as caller:
        assert asked(caller).status_code == 402
    assert alone.stand_in.calls == []


def test_a_full_budget_refuses_a_tier_like_any_call(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("0.000001")
    answer = asked(caller, PROOF)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "budget_exceeded")
    assert world.stand_in.calls == []


def test_caps_that_cannot_be_read_are_not_guessed(world: ChatWorld, caller: httpx.Client) -> None:
    world.preferences.is_down = True
    assert asked(caller).status_code == 503
    assert asked(caller, model=OPENAI).status_code == 200


# Escalation

WANTS_JSON = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "n",
            "schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
        },
    }
}


def says(world: ChatWorld, content: str, finish: str = "stop") -> None:
    """The next answer of any provider that speaks OpenAI's dialect is this."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    usage = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    world.stand_in.fault("body", times=1, status=200, body=json.dumps(body))


@pytest.fixture
def alone(stand_in: StandIn) -> Iterator[ChatWorld]:
    """A tenant with a key of OpenAI alone."""
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        served_world.provider_key("openai")
        yield served_world


@pytest.mark.parametrize(
    ("content", "finish", "more", "found"),
    [
        ("The answer begins", "length", {}, "truncated"),
        ("", "stop", {}, "empty"),
        ("seven", "stop", WANTS_JSON, "not_by_schema"),
        ('{"n": "seven"}', "stop", WANTS_JSON, "not_by_schema"),
    ],
)
def test_an_answer_that_falls_short_is_followed_by_one_of_the_next_tier_and_both_are_billed(
    alone: ChatWorld, content: str, finish: str, more: dict[str, Any], found: str
) -> None:
    says(alone, content, finish)
    if more:
        says(alone, '{"n": 7}')
    with alone.client() as caller:
        answer = asked(caller, **more)
        assert (answer.headers["x-llm-tier"], answer.headers["x-llm-escalated"]) == ("standard", f"micro ({found})")
        assert answer.headers["x-llm-attempts"] == "2"
        assert answer.json()["choices"][0]["message"]["content"] not in ("", content)
        rows = alone.rows()
        assert [(row.attempt.label, row.attempt.tier) for row in rows] == [("1", "micro"), ("2", "standard")]
        assert answer.headers["x-llm-cost-usd"] == f"{sum(row.settlement.cost for row in rows):f}".rstrip("0")
        assert len({row.attempt.call_id for row in rows}) == 1
        says(alone, content, finish)
        assert asked(caller, **more).headers["x-llm-tier"] == "micro"  # it cools down


@pytest.mark.parametrize(
    ("model", "preferences", "more"),
    [
        ("auto", {"auto_escalation": False}, {}),
        ("auto", {"max_tier": Tier.MICRO}, {}),
        ("tier/micro", {}, {}),
        (OPENAI, {}, {}),
        ("auto", {}, {"max_tokens": 5}),  # as long as the caller wanted it
    ],
)
def test_an_answer_stands_where_nobody_wants_another(
    alone: ChatWorld, model: str, preferences: dict[str, Any], more: dict[str, Any]
) -> None:
    wants(alone, **preferences)
    says(alone, "The answer begins", "length")
    with alone.client() as caller:
        answer = asked(caller, model=model, **more)
    assert "x-llm-escalated" not in answer.headers
    assert answer.json()["choices"][0]["message"]["content"] == "The answer begins"
    assert len(alone.rows()) == 1


def test_what_the_first_answer_cost_counts_against_what_the_caller_allows(alone: ChatWorld) -> None:
    planner, said_text = alone.container.routing.planner, [{"role": "user", "content": SMALL_TALK}]
    plan = planner.plan(planner.chat(OURS, chat_request({"model": "tier/standard", "messages": said_text})))
    least = min(each.candidate.hold for each in plan.ranked.values())  # room for an answer of standard, and no more
    says(alone, "")
    with alone.client() as caller:
        body = {"model": "auto", "messages": said_text}
        answer = caller.post("/chat/completions", json=body, headers={"x-llm-max-cost-usd": f"{least:f}"})
    assert (answer.status_code, answer.headers["x-llm-tier"]) == (200, "micro")
    assert [row.attempt.tier for row in alone.rows()] == ["micro"]


def test_it_goes_up_by_two_tiers_at_most(alone: ChatWorld) -> None:
    for _ in range(4):
        says(alone, "", "stop")
    with alone.client() as caller:
        answer = asked(caller)
    assert answer.headers["x-llm-escalated"] == "micro (empty), standard (empty)"
    assert [row.attempt.tier for row in alone.rows()] == ["micro", "standard", "versatile"]


def test_an_answer_is_not_lost_because_the_next_tier_has_none(alone: ChatWorld) -> None:
    says(alone, "The answer begins", "length")
    alone.stand_in.fault("status", status=500)
    with alone.client() as caller:
        answer = asked(caller)
    assert (answer.status_code, answer.headers["x-llm-tier"]) == (200, "micro")
    assert answer.json()["choices"][0]["message"]["content"] == "The answer begins"


def test_what_the_next_tier_was_charged_in_vain_is_told_with_the_answer_that_stands(alone: ChatWorld) -> None:
    says(alone, "The answer begins", "length")
    usage = {"prompt_tokens": 25, "completion_tokens": 20, "total_tokens": 45}
    unusable = {"id": "x", "object": "chat.completion", "model": "m", "choices": [], "usage": usage}
    alone.stand_in.fault("body", body=json.dumps(unusable))
    with alone.client() as caller:
        answer = asked(caller)
    costs = [row.settlement.cost for row in alone.rows()]
    assert (answer.status_code, answer.headers["x-llm-tier"], min(costs) > 0) == (200, "micro", True)
    assert int(answer.headers["x-llm-attempts"]) == len(costs) > 1
    assert Decimal(answer.headers["x-llm-cost-usd"]) == sum(costs)
