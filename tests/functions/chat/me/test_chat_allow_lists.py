"""Allow-lists in calls: what they leave out is called by no door, by no name and in no dialect."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList
from testing.audit import SOMEBODY
from testing.chat_world import ANTHROPIC, HELLO, OPENAI, OURS, THEIRS, ChatWorld, asking, served, stream
from testing.fakes.preferences import AllowListsInMemory
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def allow(world: ChatWorld, scope: str, *models: str) -> None:
    world.container.routing.allow_list_setter.put(scope, models, SOMEBODY)


def refused(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 403, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def test_a_model_that_is_left_out_is_a_403_with_the_list_that_leaves_it_out(
    world: ChatWorld, caller: httpx.Client
) -> None:
    allow(world, "tenant", "anthropic/*")
    error = refused(caller.post("/chat/completions", json=asking(OPENAI)))
    assert error["code"] == "model_not_allowed"
    assert f"{OPENAI}: the allow-list of tenant leaves it out: anthropic/*" in error["message"]
    assert caller.post("/chat/completions", json=asking(ANTHROPIC)).status_code == 200
    assert [row.attempt.model for row in world.rows()] == [ANTHROPIC]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/completions", {**asking(OPENAI), "stream": True}),
        ("/embeddings", {"model": "text-embedding-3-small", "input": "hello"}),
        ("/responses", {"model": "gpt-4o-mini", "input": "hello"}),
        ("/responses", {"model": "gpt-4o-mini", "input": "hello", "stream": True}),
        ("/messages", {"model": OPENAI, "messages": HELLO, "max_tokens": 5}),
        ("/images/generations", {"model": "gpt-image-1-mini", "prompt": "A dot", "size": "1024x1024"}),
        ("/audio/speech", {"model": "gpt-4o-mini-tts", "input": "hello", "voice": "alloy"}),
        ("/moderations", {"model": "omni-moderation-latest", "input": "hello"}),
    ],
    ids=["stream", "embeddings", "responses", "responses-stream", "messages", "images", "speech", "moderations"],
)
def test_no_door_leads_past_a_list(world: ChatWorld, caller: httpx.Client, path: str, body: dict[str, Any]) -> None:
    allow(world, "tenant", "claude-*")
    assert "leaves it out" in refused(caller.post(path, json=body))["message"]
    assert world.rows() == []


def test_a_chain_goes_on_with_what_is_allowed_and_the_route_says_why_the_other_is_out(
    world: ChatWorld, caller: httpx.Client
) -> None:
    allow(world, "tenant", "claude-*")
    chain = f"{OPENAI},{ANTHROPIC}"
    assert caller.post("/chat/completions", json=asking(chain)).json()["model"] == ANTHROPIC
    assert {chunk["model"] for chunk in stream(caller, chain).chunks} == {ANTHROPIC}
    route = caller.post("/route", json=asking(chain)).json()
    assert [(each["model"], each["reason"]) for each in route["excluded"]] == [(OPENAI, "not_allowed")]


def test_auto_chooses_among_what_is_allowed_the_same_models_whether_few_are_weighed_or_all(
    world: ChatWorld, caller: httpx.Client
) -> None:
    allow(world, "tenant", "openai/gpt-4*")
    route = caller.post("/route", json=asking("auto")).json()
    chosen = [each["model"] for each in route["candidates"]]
    assert chosen
    assert all(model.startswith("openai/gpt-4") for model in chosen)
    assert {each["reason"] for each in route["excluded"] if each["model"] == ANTHROPIC} == {"not_allowed"}
    assert caller.post("/chat/completions", json=asking("auto")).json()["model"] == chosen[0]


def test_a_tier_that_is_listed_passes_with_all_it_chooses_and_another_has_nothing_left(
    world: ChatWorld, caller: httpx.Client
) -> None:
    free = caller.post("/route", json=asking("tier/micro")).json()["chosen"]
    allow(world, "tenant", "tier/micro")
    assert caller.post("/route", json=asking("tier/micro")).json()["chosen"] == free
    assert caller.post("/chat/completions", json=asking("tier/micro")).status_code == 200
    assert refused(caller.post("/chat/completions", json=asking("tier/heavy")))["code"] == "model_not_allowed"
    assert refused(caller.post("/chat/completions", json=asking(free)))["code"] == "model_not_allowed"


def test_a_list_of_a_key_a_person_or_a_team_concerns_nobody_else(world: ChatWorld, caller: httpx.Client) -> None:
    key = world.service_key()
    world.container.ledger.team_setter.put("platform", "Platform", (), ("bob",), SOMEBODY)
    allow(world, f"service-key:{key.split('_')[2]}", "claude-*")
    allow(world, "person:ann", "claude-*")
    allow(world, "team:platform", "claude-*")
    world.container.routing.allow_list_book.forget(OURS)
    with world.client(key) as limited:
        refused(limited.post("/chat/completions", json=asking(OPENAI)))
    for user in ("ann", "bob"):
        refused(caller.post("/chat/completions", json=asking(OPENAI, user=user)))
    assert caller.post("/chat/completions", json=asking(OPENAI, user="eve")).status_code == 200


def test_another_tenant_s_list_is_nobody_else_s(world: ChatWorld) -> None:
    allow(world, "tenant", "claude-*")
    world.provider_key("openai", tenant=THEIRS)
    with world.client(world.service_key(THEIRS)) as other:
        assert other.post("/chat/completions", json=asking(OPENAI)).status_code == 200


def test_models_that_are_left_out_are_not_listed_nor_found(world: ChatWorld, caller: httpx.Client) -> None:
    allow(world, "tenant", "claude-haiku-*", "tier/micro")
    listed = [each["id"] for each in caller.get("/models").json()["data"]]
    assert listed[:2] == ["auto", "tier/micro"]
    assert {model.partition("/")[0] for model in listed[6:]} == {"anthropic"}
    assert caller.get(f"/models/{ANTHROPIC}").status_code == 200
    assert caller.get(f"/models/{OPENAI}").status_code == 404
    assert caller.get("/me").json()["allowed_models"] == [
        {"scope": "tenant", "models": ["claude-haiku-*", "tier/micro"]}
    ]


class Unreadable(AllowListsInMemory):
    """A table that does not answer."""

    def of(self, tenant: TenantId) -> list[AllowList]:
        raise StoreUnavailable("the keys table")


def test_nothing_is_called_while_the_lists_cannot_be_read(world: ChatWorld, caller: httpx.Client) -> None:
    world.ports.allow_lists = Unreadable()
    assert caller.post("/chat/completions", json=asking(OPENAI)).status_code == 503
    assert world.rows() == []
