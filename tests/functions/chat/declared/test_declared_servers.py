"""Servers that the operator declares are called like any provider: listed, chained, costed exactly, and proven."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from atom_llm.domain.core.public_hosts import private_address_fault
from atom_llm.domain.providers.declared_providers import DeclaredProvider, read_declared
from testing.chat_world import OPENAI, OURS, ChatWorld, asking, served, stream
from testing.fakes.provider_keys import OperatorSecretsInMemory
from testing.stand_in.server import StandIn
from testing.stand_in.wires import DECLARED

PAID, FREE = "vllm/org/llama-3.3-70b", "vllm/free-8b"
SECRET = "atom-llm/dev/providers/vllm"


def declared(stand_in: StandIn, **more: Any) -> tuple[DeclaredProvider, ...]:
    price = {"input_cost_per_token": "0.00000013", "output_cost_per_token": "0.00000041"}
    able = ["function_calling", "response_schema", "vision"]
    server = {
        "base_url": f"{stand_in.url}/{DECLARED}",
        "name": "Our own machines",
        "auth": "none",
        "private": True,
        "models": {
            "org/llama-3.3-70b": {"price": price, "capabilities": able, "max_output_tokens": 4096},
            "free-8b": {"price": "free", "max_output_tokens": 4096},
            "embed": {"price": "free", "mode": "embedding"},
        },
        **more,
    }
    return read_declared({"vllm": server}, lambda url, _: private_address_fault(url))


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in, declared=declared(stand_in))) as served_world:
        yield served_world


def test_a_tenant_without_any_key_calls_it_by_name_and_pays_what_was_declared(
    world: ChatWorld, caller: httpx.Client
) -> None:
    answer = caller.post("/chat/completions", json=asking(PAID))
    assert answer.status_code == 200, answer.text
    [row] = world.rows()
    usage = answer.json()["usage"]
    expected = usage["prompt_tokens"] * Decimal("0.00000013") + usage["completion_tokens"] * Decimal("0.00000041")
    assert row.settlement.cost == expected > 0
    assert answer.headers["x-llm-cost-usd"] == f"{expected:f}"
    assert (row.attempt.provider, row.attempt.model, row.attempt.provider_key) == ("vllm", PAID, "operator-vllm")
    [seen] = world.stand_in.seen(DECLARED)
    assert "authorization" not in seen.headers
    assert seen.model == "org/llama-3.3-70b"


def test_a_free_model_is_called_and_costs_nothing(world: ChatWorld, caller: httpx.Client) -> None:
    answered = stream(caller, FREE)
    assert answered.is_done
    assert answered.text
    [row] = world.rows()
    assert (row.settlement.cost, row.settlement.status) == (Decimal(0), "succeeded")


def test_a_bare_name_finds_it(world: ChatWorld, caller: httpx.Client) -> None:
    assert caller.post("/chat/completions", json=asking("free-8b")).status_code == 200


def test_its_models_are_listed_and_those_of_others_are_not(world: ChatWorld, caller: httpx.Client) -> None:
    listed = {each["id"] for each in caller.get("/models").json()["data"]}
    assert {PAID, FREE, "vllm/embed"} <= listed
    assert not any(each.startswith("openai/") for each in listed)


def test_a_chain_falls_back_to_it(world: ChatWorld, caller: httpx.Client) -> None:
    world.provider_key("openai")
    world.stand_in.fault("status", provider="openai", status=500)
    answer = caller.post("/chat/completions", json=asking(f"{OPENAI},{PAID}"))
    assert (answer.status_code, answer.headers["x-llm-provider"]) == (200, "vllm")


def test_instructions_amid_a_conversation_are_told_to_it_at_the_head(world: ChatWorld, caller: httpx.Client) -> None:
    """Qwen's chat templates refuse a system message anywhere else, and coding agents send them."""
    roles = ("system", "user", "system", "assistant", "developer", "user")
    body = {**asking(FREE), "messages": [{"role": role, "content": role} for role in roles]}
    assert caller.post("/chat/completions", json=body).status_code == 200
    told = world.stand_in.seen(DECLARED)[-1].body["messages"]
    assert told[0] == {"role": "system", "content": "system\n\nsystem\n\ndeveloper"}
    assert [message["role"] for message in told[1:]] == ["user", "assistant", "user"]


def test_a_chain_falls_back_from_it(world: ChatWorld, caller: httpx.Client) -> None:
    world.provider_key("openai")
    world.stand_in.fault("status", provider=DECLARED, status=503)
    answer = caller.post("/chat/completions", json=asking(f"{FREE},{OPENAI}"))
    assert (answer.status_code, answer.headers["x-llm-provider"]) == (200, "openai")


def test_auto_takes_it_where_it_is_all_there_is(world: ChatWorld, caller: httpx.Client) -> None:
    answer = caller.post("/chat/completions", json=asking("auto"))
    assert answer.headers.get("x-llm-provider") == "vllm", answer.text


def test_embeddings_come_from_it_too(world: ChatWorld, caller: httpx.Client) -> None:
    answer = caller.post("/embeddings", json={"model": "vllm/embed", "input": "Hello"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"][0]["embedding"]


def test_a_tenants_budget_holds_for_it(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("0.000001")
    assert caller.post("/chat/completions", json=asking(PAID)).status_code == 402
    assert world.stand_in.seen() == []


def test_the_operators_key_is_shown_and_asked_for_once(stand_in: StandIn) -> None:
    stand_in.behave()
    world = ChatWorld(stand_in, declared=declared(stand_in, auth="operator", secret=SECRET))
    secrets = world.ports.operator_secrets
    assert isinstance(secrets, OperatorSecretsInMemory)
    secrets.all[SECRET] = "operators-own-key"
    with served(world), world.client() as caller:
        for _ in range(2):
            assert caller.post("/chat/completions", json=asking(PAID)).status_code == 200
    assert [each.headers["authorization"] for each in stand_in.seen()] == ["Bearer operators-own-key"] * 2
    assert secrets.asked == 1


def test_an_operators_key_that_was_refused_stays_what_it_was(stand_in: StandIn) -> None:
    stand_in.behave()
    world = ChatWorld(stand_in, declared=declared(stand_in, auth="operator", secret=SECRET))
    assert isinstance(world.ports.operator_secrets, OperatorSecretsInMemory)
    world.ports.operator_secrets.all[SECRET] = "operators-own-key"
    stand_in.dead_keys.add("operators-own-key")
    with served(world), world.client() as caller:
        refused = caller.post("/chat/completions", json=asking(PAID))
        stand_in.dead_keys.clear()
        assert caller.post("/chat/completions", json=asking(PAID)).status_code == 200
    assert refused.status_code == 503
    assert "its operator has to act" in refused.json()["error"]["message"]
    assert "operators-own-key" not in refused.text


def test_a_tenants_own_key_is_asked_for_where_the_server_wants_one(stand_in: StandIn) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, declared=declared(stand_in, auth="tenant"))) as world, world.client() as caller:
        assert caller.post("/chat/completions", json=asking(PAID)).status_code >= 400
        world.provider_key(DECLARED, "a-tenants-own-key")
        world.container.tenancy.provider_key_ring.forget(OURS)
        assert caller.post("/chat/completions", json=asking(PAID)).status_code == 200
    assert [each.headers["authorization"] for each in stand_in.seen()] == ["Bearer a-tenants-own-key"]


def test_a_row_is_found_again_by_its_version_until_the_declaration_changes(world: ChatWorld) -> None:
    reader = world.container.catalogue.reader
    version = reader.current().catalogue.version
    at = world.clock()
    found = reader.of_version(version, at)
    assert found is not None
    assert found.costed_by(PAID) is not None
    dearer = replace(world.ports.settings.declared_providers[0], rows=())
    later = ChatWorld(world.stand_in, declared=(dearer,)).container.catalogue.reader
    kept = later.of_version(version, at)
    assert kept is not None
    assert (kept.costed_by(PAID) is None, kept.costed_by(OPENAI) is None) == (True, False)


def test_without_a_declaration_nothing_of_it_is_left(stand_in: StandIn) -> None:
    with served(ChatWorld(stand_in)) as world, world.client() as caller:
        assert caller.post("/chat/completions", json=asking(PAID)).status_code == 404
