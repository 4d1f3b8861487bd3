"""Models that a tenant can call, and the plan of a call: told without spending anything or asking any provider."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, THEIRS, ChatWorld, asking, served
from testing.stand_in.server import StandIn


@pytest.fixture(scope="module")
def world() -> Iterator[ChatWorld]:
    with StandIn() as stand_in, served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic", "google", "deepseek"):
            served_world.provider_key(provider)
        yield served_world


@pytest.fixture
def caller(world: ChatWorld) -> Iterator[httpx.Client]:
    with world.client() as client:
        yield client
    assert world.stand_in.calls == []
    assert (world.rows(), world.open_attempts()) == ([], 0)


def planned(caller: httpx.Client, model: str, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    answer = caller.post("/route", json=asking(model, **more), headers=headers)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def models_of(plan: dict[str, Any]) -> list[str]:
    return [each["model"] for each in plan["candidates"]]


def why_not(plan: dict[str, Any]) -> dict[str, str]:
    return {each["model"]: each["reason"] for each in plan["excluded"]}


def test_a_chain_is_tried_in_the_order_in_which_it_was_written(caller: httpx.Client) -> None:
    plan = planned(caller, f"{ANTHROPIC},{OPENAI}")
    assert (plan["chosen"], models_of(plan)) == (ANTHROPIC, [ANTHROPIC, OPENAI])
    assert plan["runner_up"]["model"] == OPENAI
    assert 0 < float(plan["runner_up"]["expected_cost_usd"]) < float(plan["runner_up"]["most_cost_usd"])


@pytest.mark.parametrize(
    ("bare", "meant"),
    [
        ("gpt-4o-mini", OPENAI),
        ("claude-haiku-4.5", ANTHROPIC),
        ("gemini-2.5-flash", GOOGLE),  # under its bare name the price file sells Vertex AI's
        ("deepseek-chat", "deepseek/deepseek-chat"),  # it stands there twice
    ],
)
def test_a_bare_name_means_the_model_where_it_can_be_called(caller: httpx.Client, bare: str, meant: str) -> None:
    assert models_of(planned(caller, bare)) == [meant]


def test_a_name_with_a_provider_means_that_one_alone(caller: httpx.Client) -> None:
    assert why_not(planned(caller, "vertex_ai/gemini-2.5-flash")) == {"vertex_ai/gemini-2.5-flash": "not_served"}


def test_every_model_that_is_left_out_is_left_out_for_a_reason(caller: httpx.Client) -> None:
    chain = "groq/openai/gpt-oss-20b,whisper-1,openai/gpt-4,openai/gpt-3.5-turbo,gpt-4o-mini"
    plan = planned(caller, chain, messages=[{"role": "user", "content": "word " * 12_000}])
    assert models_of(plan) == ["openai/gpt-3.5-turbo", OPENAI]
    assert why_not(plan) == {
        "groq/openai/gpt-oss-20b": "no_key",
        "openai/whisper-1": "wrong_mode",
        "openai/gpt-4": "context_window",
    }
    picture = [{"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}]
    plan = planned(caller, "openai/gpt-3.5-turbo,gpt-4o-mini", messages=[{"role": "user", "content": picture}])
    assert (models_of(plan), why_not(plan)) == ([OPENAI], {"openai/gpt-3.5-turbo": "capability"})
    assert plan["excluded"][0]["field"] == "messages.0.content.0"


def test_a_model_that_may_cost_more_than_the_caller_allows_is_left_out(caller: httpx.Client) -> None:
    plan = planned(caller, f"{ANTHROPIC},{OPENAI}", {"x-llm-max-cost-usd": "0.02"})
    assert (models_of(plan), why_not(plan)) == ([OPENAI], {ANTHROPIC: "over_max_cost"})


def test_more_models_than_are_tried_are_named_as_beyond_the_plan(caller: httpx.Client) -> None:
    plan = planned(caller, f"{ANTHROPIC},{OPENAI},{GOOGLE},deepseek/deepseek-chat")
    assert len(models_of(plan)) == 3
    assert why_not(plan) == {"deepseek/deepseek-chat": "beyond_the_plan"}


def test_an_unknown_name_is_answered_with_near_ones(caller: httpx.Client) -> None:
    answer = caller.post("/route", json=asking("gpt-4o-mimi"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert "gpt-4o-mini" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("gpt-4o-2025-01-01", "openai/gpt-4o,"),
        ("gpt-4-0125-preview", "openai/gpt-4,"),
        ("mistral-large-2411", "mistral/mistral-large-latest"),
        ("claude-opus-4-5-thinking-32k", "anthropic/claude-opus-4-5,"),
    ],
)
def test_a_name_that_is_only_near_is_planned_for_no_other_model(caller: httpx.Client, name: str, offered: str) -> None:
    answer = caller.post("/route", json=asking(name))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert offered in answer.json()["error"]["message"]
    assert caller.get(f"/models/{name}").status_code == 404


def test_the_list_of_models_is_what_the_tenants_keys_reach(world: ChatWorld, caller: httpx.Client) -> None:
    listed = caller.get("/models").json()
    owners = {each["owned_by"] for each in listed["data"]}
    assert (listed["object"], owners) == ("list", {"openai", "anthropic", "google", "deepseek", "atom-llm"})
    assert {each["id"] for each in listed["data"]} >= {OPENAI, ANTHROPIC, GOOGLE}
    with world.client(world.service_key(THEIRS)) as other:
        assert other.get("/models").json()["data"] == []
        assert other.get(f"/models/{OPENAI}").status_code == 404


def test_one_model_is_found_by_its_id_or_by_another_spelling(caller: httpx.Client) -> None:
    by_id = caller.get(f"/models/{OPENAI}").json()
    assert (by_id["id"], by_id["object"], by_id["owned_by"]) == (OPENAI, "model", "openai")
    assert caller.get("/models/gemini-2.5-flash").json()["id"] == GOOGLE
    assert caller.get("/models/cohere/command-r7b-12-2024").status_code == 404


def test_auto_and_the_tiers_stand_in_the_list_and_can_be_looked_up(caller: httpx.Client) -> None:
    listed = [each["id"] for each in caller.get("/models").json()["data"]]
    assert listed[:2] == ["auto", "tier/micro"]
    for name in ("auto", "tier/complex"):
        found = caller.get(f"/models/{name}").json()
        assert (found["id"], found["object"], found["owned_by"]) == (name, "model", "atom-llm")
    assert caller.get("/models/tier/other").status_code == 404
    page = caller.get("/models", params={"limit": 1, "after_id": "auto"}).json()
    assert ([each["id"] for each in page["data"]], page["has_more"]) == (["tier/micro"], True)
