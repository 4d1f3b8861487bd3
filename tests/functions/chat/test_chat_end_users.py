"""The end user of a call and its agent's session: in the books, and at the providers that take one."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from testing.audit import an_entry
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def asks(caller: httpx.Client, model: str = OPENAI, headers: dict[str, str] | None = None, **more: Any) -> None:
    answer = caller.post("/chat/completions", json=asking(model, **more), headers=headers)
    assert answer.status_code == 200, answer.text


def named(world: ChatWorld) -> list[tuple[str | None, str | None]]:
    return [(row.attempt.end_user.user, row.attempt.end_user.session) for row in world.rows()]


def test_the_row_of_a_call_names_its_end_user_and_the_agents_session(world: ChatWorld, caller: httpx.Client) -> None:
    asks(caller, user="ann")
    asks(caller, safety_identifier="bob", headers={"session-id": "s-1", "x-client-request-id": "s-1"})
    stream(caller, OPENAI, {"x-session-affinity": "s-2"}, user="cem")
    caller.post("/embeddings", json={"model": "text-embedding-3-small", "input": "Hello", "user": "dora"})
    assert named(world) == [("ann", None), ("bob", "s-1"), ("cem", "s-2"), ("dora", None)]


def test_a_provider_that_takes_an_end_user_still_receives_it(world: ChatWorld, caller: httpx.Client) -> None:
    asks(caller, user="ann")
    asks(caller, ANTHROPIC, user="ann")
    assert [call.body.get("user") for call in world.stand_in.seen("openai")] == ["ann"]
    assert [call.body["metadata"] for call in world.stand_in.seen("anthropic")] == [{"user_id": "ann"}]


def test_the_books_of_a_tenant_that_hashes_have_no_name_and_its_providers_do(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.ports.tenants.change(OURS, an_entry(), name=None, calendar=None, hashes_end_users=True)
    asks(caller, user="ann@example.com", headers={"session-id": "s-1"})
    [(user, session)] = named(world)
    assert str(user).startswith("sha256-")
    assert str(session).startswith("sha256-")
    assert "ann@example.com" in json.dumps(world.stand_in.seen("openai")[0].body)
