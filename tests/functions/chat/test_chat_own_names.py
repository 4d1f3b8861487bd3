"""Calls by a service key's own names: what stands for a name is called, and both are told."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from atom_llm.domain.tenancy.own_names import OwnNames
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from testing.audit import SOMEBODY
from testing.chat_world import ANTHROPIC, OPENAI, OURS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def caller_with(world: ChatWorld, names: Mapping[str, str]) -> httpx.Client:
    issuer = world.container.tenancy.service_key_issuer
    return world.client(issuer.issue(OURS, ALL_SCOPES, SOMEBODY, own_names=OwnNames(names)).plaintext)


def test_a_call_by_an_own_name_goes_to_what_stands_for_it(world: ChatWorld) -> None:
    with caller_with(world, {"claude-opus-5-5": OPENAI, "*": ANTHROPIC}) as caller:
        whole = caller.post("/chat/completions", json=asking("claude-opus-5-5"))
        assert (whole.status_code, whole.json()["model"]) == (200, OPENAI)
        assert whole.headers["x-llm-own-name"] == f"claude-opus-5-5 -> {OPENAI}"
        streamed = stream(caller, "anything-else")
        assert {chunk["model"] for chunk in streamed.chunks} == {ANTHROPIC}
        assert streamed.headers["x-llm-own-name"] == f"anything-else -> {ANTHROPIC}"
    asked = [(row.attempt.model_asked, row.attempt.model) for row in world.rows()]
    assert asked == [("claude-opus-5-5", OPENAI), ("anything-else", ANTHROPIC)]


def test_a_name_that_a_header_cannot_carry_is_told_without_what_it_cannot(world: ChatWorld) -> None:
    with caller_with(world, {"*": OPENAI}) as caller:
        answer = caller.post("/chat/completions", json=asking("né\r\nx-forged: 1"))
        assert answer.status_code == 200
        assert answer.headers["x-llm-own-name"] == f"n???x-forged: 1 -> {OPENAI}"
        assert "x-forged" not in answer.headers


def test_a_route_says_which_names_stand_for_which_and_the_star_leaves_embeddings_alone(world: ChatWorld) -> None:
    with caller_with(world, {"gpt-5": "auto", "*": "tier/heavy"}) as caller:
        route = caller.post("/route", json=asking("gpt-5")).json()
        assert (route["asked"], route["own_names"]) == ("gpt-5", [{"name": "gpt-5", "stands_for": "auto"}])
        assert route["tier"]["tier"]
        embedded = caller.post("/embeddings", json={"model": "text-embedding-3-small", "input": "Hello"})
        assert embedded.status_code == 200
        assert "x-llm-own-name" not in embedded.headers


def test_a_key_without_own_names_tells_of_none(world: ChatWorld, caller: httpx.Client) -> None:
    assert caller.post("/route", json=asking(OPENAI)).json()["own_names"] == []
    assert "x-llm-own-name" not in caller.post("/chat/completions", json=asking(OPENAI)).headers
