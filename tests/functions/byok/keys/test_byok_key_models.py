"""The models that a provider key is limited to are ones that calls find, and stay when one of them is gone."""

from datetime import timedelta
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import TokenLimits
from atom_llm.domain.catalogue.own_prices import AddedModel, OwnPrice
from testing.money_world import KEY
from tests.functions.byok.byok_world import OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import chat, data_of, prices

pytestmark = pytest.mark.anyio

KEY_OF_OPENAI = {"provider": "openai", "api_key": "sk-proj-0123456789abcdefABCD"}


async def refusal(byok: ByokWorld, models: list[str], **more: Any) -> tuple[str, str]:
    """Return the field that is named, and what is said of it."""
    answer = await byok.ask("POST", "/keys", json=KEY_OF_OPENAI | {"allowed_models": models} | more)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    (told,) = error["details"]["fields"]
    return told["field"], error["message"].removeprefix(f"{told['field']} ")


@pytest.mark.parametrize("name", ["openai/gpt-4o", "gpt-4o", "text-embedding-3-small"])
async def test_a_model_is_named_by_its_id_or_by_the_providers_own_name(byok: ByokWorld, name: str) -> None:
    answer = await byok.ask("POST", "/keys", json=KEY_OF_OPENAI | {"allowed_models": [name]})
    assert (answer.status_code, data_of(answer)["allowed_models"]) == (201, [name])
    model = name if name.startswith("openai/") else f"openai/{name}"
    assert byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", model)


async def test_a_fine_tune_is_named_by_the_tenants_own_name_of_it(byok: ByokWorld) -> None:
    byok.puts_in_force(prices(**{"ft:gpt-4o-2024-08-06": chat("openai", 3.75e-06, 1.5e-05)}))
    tuned = "ft:gpt-4o-2024-08-06:acme::1a2b"
    answer = await byok.ask("POST", "/keys", json=KEY_OF_OPENAI | {"allowed_models": [tuned]})
    assert answer.status_code == 201, answer.text
    assert byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", f"openai/{tuned}")


async def test_a_name_that_is_no_models_is_refused_with_its_place_and_what_is_near_it(byok: ByokWorld) -> None:
    field, said = await refusal(byok, ["gpt-4o", "gpt-4o-minni"])
    assert field == "allowed_models.1"
    assert said.startswith("is no model of openai that is known; near it are openai/gpt-4o")
    assert byok.provider_keys.of(OURS)[0] == []


async def test_a_model_of_another_provider_is_refused(byok: ByokWorld) -> None:
    said = "is a model of anthropic, and the key is one of openai"
    assert await refusal(byok, ["anthropic/claude-sonnet-4-5"]) == ("allowed_models.0", said)


async def test_a_spelling_that_calls_understand_and_keys_do_not_is_refused_with_the_right_one(byok: ByokWorld) -> None:
    said = "is another spelling of openai/gpt-4o, which a key has to have"
    assert await refusal(byok, ["GPT-4o"]) == ("allowed_models.0", said)


async def test_a_model_that_its_tenant_has_added_is_taken_and_no_other_tenants(byok: ByokWorld) -> None:
    added = AddedModel("chat", TokenLimits(8_000, 1_000))
    price = OwnPrice("1", OURS, "openai/house", byok.clock() - timedelta(days=1), KEY, rates={}, adds=added)
    byok.own_prices.live[OURS, "1"] = price
    body = KEY_OF_OPENAI | {"allowed_models": ["house"]}
    assert (await byok.ask("POST", "/keys", tenant=THEIRS, json=body)).status_code == 422
    assert (await byok.ask("POST", "/keys", json=body)).status_code == 201


async def test_a_change_of_models_is_checked_too(byok: ByokWorld) -> None:
    key = data_of(await byok.ask("POST", "/keys", json=KEY_OF_OPENAI))
    answer = await byok.ask("PATCH", f"/keys/{key['id']}", json={"allowed_models": ["gpt-5-nothing"]})
    assert (answer.status_code, answer.json()["error"]["details"]["fields"][0]["field"]) == (422, "allowed_models.0")
    assert (await byok.read(f"/keys/{key['id']}"))["allowed_models"] is None


async def test_a_key_keeps_a_model_that_leaves_the_catalogue_and_others_join_it(byok: ByokWorld) -> None:
    body = KEY_OF_OPENAI | {"allowed_models": ["gpt-4o-mini"]}
    key = data_of(await byok.ask("POST", "/keys", json=body))
    byok.puts_in_force(prices(**{"gpt-4o-mini": None}))
    models = ["gpt-4o-mini", "gpt-4o"]
    changed = await byok.ask("PATCH", f"/keys/{key['id']}", json={"allowed_models": models})
    assert (changed.status_code, data_of(changed)["allowed_models"]) == (200, models)
    assert byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", "openai/gpt-4o-mini")
