"""Azure OpenAI and Vertex AI: wires that are there, their own authentication, and the price list's rows for them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from atom_llm.domain.core.public_hosts import private_address_fault
from atom_llm.domain.providers.declared_providers import read_declared
from testing.chat_world import OURS, ChatWorld, asking, served, stream
from testing.fakes.provider_keys import OperatorSecretsInMemory
from testing.stand_in.server import StandIn
from testing.stand_in.wires import AZURE, VERTEX, VERTEX_PATH

AZURES, VERTEXS = "azure-eu/our-gpt", "google-cloud/gemini-2.5-flash"
SECRET = "atom-llm/dev/providers/x"


def azure(stand_in: StandIn, **more: Any) -> Mapping[str, Any]:
    models = {
        "our-gpt": {"price_of": "azure/eu/gpt-4o-mini-2024-07-18"},
        "our-embeddings": {"price_of": "azure/text-embedding-3-small", "mode": "embedding"},
        "gone": {"price_of": "azure/a-row-that-no-list-has"},
    }
    url = f"{stand_in.url}/{AZURE}/openai/v1"
    own = {"api": "azure", "base_url": url, "auth": "operator", "secret": SECRET, "private": True, "models": models}
    return {"azure-eu": own | more}


def vertex(stand_in: StandIn) -> Mapping[str, Any]:
    models = {"gemini-2.5-flash": {"price_of": "vertex_ai/gemini-2.5-flash"}}
    url = f"{stand_in.url}/{VERTEX}/{VERTEX_PATH}"
    own = {"api": "vertex", "base_url": url, "auth": "operator", "secret": SECRET, "private": True, "models": models}
    return {"google-cloud": own}


def world_of(stand_in: StandIn, content: Mapping[str, Any], secret: str) -> ChatWorld:
    stand_in.behave()
    world = ChatWorld(stand_in, declared=read_declared(content, lambda url, _: private_address_fault(url)))
    assert isinstance(world.ports.operator_secrets, OperatorSecretsInMemory)
    world.ports.operator_secrets.all[SECRET] = secret
    return world


def listed(world: ChatWorld, row: str, name: str) -> Decimal:
    entry = world.container.catalogue.reader.current().catalogue.get(row)
    assert entry is not None
    return Decimal(str((entry.published or {})[name]))


@pytest.mark.parametrize("is_stream", [False, True])
def test_azure_is_called_by_its_deployments_name_at_the_price_of_the_lists_row(
    stand_in: StandIn, is_stream: bool
) -> None:
    with served(world_of(stand_in, azure(stand_in), "azures-own-key")) as world, world.client() as caller:
        if is_stream:
            assert stream(caller, AZURES).is_done
        else:
            assert caller.post("/chat/completions", json=asking(AZURES, max_tokens=50)).status_code == 200
        [row] = world.rows()
        usage = row.settlement.usage
        name = "azure/eu/gpt-4o-mini-2024-07-18"
        costs = [listed(world, name, f"{side}_cost_per_token") for side in ("input", "output")]
    [seen] = stand_in.seen(AZURE)
    assert (seen.model, seen.headers["api-key"]) == ("our-gpt", "azures-own-key")
    assert "authorization" not in seen.headers
    assert row.settlement.cost == sum(cost * count for cost, count in zip(costs, usage.values(), strict=True)) > 0


def test_azure_takes_each_tenants_own_key_where_that_is_said(stand_in: StandIn) -> None:
    content = {"azure-eu": {name: each for name, each in azure(stand_in)["azure-eu"].items() if name != "secret"}}
    content["azure-eu"]["auth"] = "tenant"
    with served(world_of(stand_in, content, "")) as world, world.client() as caller:
        assert caller.post("/chat/completions", json=asking(AZURES)).status_code >= 400
        world.provider_key("azure-eu", "a-tenants-azure-key")
        world.container.tenancy.provider_key_ring.forget(OURS)
        assert caller.post("/chat/completions", json=asking(AZURES)).status_code == 200
    assert [each.headers["api-key"] for each in stand_in.seen(AZURE)] == ["a-tenants-azure-key"]


def test_a_model_whose_row_the_list_lost_cannot_be_called(stand_in: StandIn) -> None:
    with served(world_of(stand_in, azure(stand_in), "azures-own-key")) as world, world.client() as caller:
        assert caller.post("/chat/completions", json=asking("azure-eu/gone")).status_code >= 400
    assert stand_in.seen(AZURE) == []


@pytest.mark.parametrize("is_stream", [False, True])
def test_vertex_is_called_with_a_token_that_the_service_account_signs_for(stand_in: StandIn, is_stream: bool) -> None:
    key = RSAKey.generate_key(2048)
    stand_in.service_account = key.as_pem(private=False).decode()
    account = {
        "type": "service_account",
        "client_email": "ours@p.iam.gserviceaccount.com",
        "private_key_id": "k1",
        "private_key": key.as_pem(private=True).decode(),
        "token_uri": f"{stand_in.url}/oauth/token",
    }
    stand_in.tokens_asked = 0
    with served(world_of(stand_in, vertex(stand_in), json.dumps(account))) as world, world.client() as caller:
        for _ in range(2):
            if is_stream:
                assert stream(caller, VERTEXS).is_done
            else:
                answer = caller.post("/chat/completions", json=asking(VERTEXS))
                assert answer.status_code == 200, answer.text
        rows = world.rows()
        costs = [listed(world, "vertex_ai/gemini-2.5-flash", f"{side}_cost_per_token") for side in ("input", "output")]
    assert stand_in.tokens_asked == 1
    assert {each.headers["authorization"] for each in stand_in.seen(VERTEX)} == {"Bearer ya29.of-the-stand-in"}
    for row in rows:
        usage = row.settlement.usage
        assert row.settlement.cost == sum(cost * count for cost, count in zip(costs, usage.values(), strict=True)) > 0


@pytest.mark.parametrize(
    "secret", ["no json", "{}", '{"client_email": "a", "private_key": "b", "token_uri": "http://x"}']
)
def test_a_secret_that_is_no_service_account_is_the_keys_fault_and_is_not_told(stand_in: StandIn, secret: str) -> None:
    with served(world_of(stand_in, vertex(stand_in), secret)) as world, world.client() as caller:
        answer = caller.post("/chat/completions", json=asking(VERTEXS))
        assert answer.status_code >= 400
        assert secret not in answer.text
    assert stand_in.seen(VERTEX) == []
