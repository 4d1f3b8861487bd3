"""Allow-lists over HTTP: set, shown, cleared, and what is refused with its place."""

from typing import Any

import pytest

from tests.functions.byok.byok_world import THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

A_LIST = {"scope": "person:*", "models": ["OpenAI/*", "gpt-4o-mini", "tier/micro"]}
KEPT = {"scope": "person:*", "models": ["openai/*", "gpt-4o-mini", "tier/micro"]}


async def test_a_list_is_set_shown_and_cleared(byok: ByokWorld) -> None:
    made = data_of(await byok.ask("PUT", "/allow-lists", json=A_LIST))
    assert made == {"scope": "person:*", "cleared": False, "allow_list": KEPT}
    assert (await byok.read("/allow-lists"))["items"] == [KEPT]
    cleared = data_of(await byok.ask("PUT", "/allow-lists", json={"scope": "person:*", "models": None}))
    assert cleared == {"scope": "person:*", "cleared": True, "allow_list": None}
    assert (await byok.read("/allow-lists"))["items"] == []
    again = data_of(await byok.ask("PUT", "/allow-lists", json={"scope": "person:*", "models": None}))
    assert again["cleared"] is False


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"scope": "person:*"}, 422, "models"),
        ({"scope": "person:*", "models": []}, 422, "models"),
        ({"scope": "session:*", "models": ["openai/*"]}, 422, "scope"),
        ({"scope": "model:openai/gpt-4o", "models": ["openai/*"]}, 422, "scope"),
        ({"scope": "nobody", "models": ["openai/*"]}, 422, "scope"),
        ({"scope": "tenant", "models": ["openai/*", "tier/huge"]}, 422, "models.1"),
        ({"scope": "tenant", "models": ["openai/*", "no-such-model-at-all"]}, 422, "models.1"),
        ({"scope": "tenant", "models": ["gpt4o"]}, 422, "models.0"),
        ({"scope": "team:nobodys", "models": ["openai/*"]}, 404, "scope"),
        ({"scope": "service-key:nobodysKey12", "models": ["openai/*"]}, 404, "scope"),
    ],
)
async def test_what_is_no_list_is_refused_and_changes_nothing(
    byok: ByokWorld, body: dict[str, Any], status: int, field: str
) -> None:
    answer = await byok.ask("PUT", "/allow-lists", json=body)
    assert answer.status_code == status, answer.text
    assert field in str(answer.json()["error"]["details"])
    assert (await byok.read("/allow-lists"))["items"] == []


async def test_each_change_stands_in_the_audit_log(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/allow-lists", json=A_LIST)
    await byok.ask("PUT", "/allow-lists", json={"scope": "person:*", "models": None})
    entries = [(each["action"], each["subject"]) for each in (await byok.read("/audit"))["items"]]
    assert {("allow_list.cleared", "person:*"), ("allow_list.set", "person:*")}.issubset(entries)


async def test_a_tenant_sees_its_own_lists_alone(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/allow-lists", tenant=THEIRS, json=A_LIST)
    assert (await byok.read("/allow-lists"))["items"] == []
    assert len((await byok.read("/allow-lists", tenant=THEIRS))["items"]) == 1
