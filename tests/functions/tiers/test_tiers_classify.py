"""Classification over HTTP: a tier with its reasons, for a prompt or for messages."""

from typing import Any

import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import data_of
from tests.functions.tiers.tiers_world import TiersWorld

pytestmark = pytest.mark.anyio

PROOF = "Prove that every continuous function on a compact metric space is uniformly continuous."


@pytest.fixture
def tiers() -> TiersWorld:
    return TiersWorld()


async def classified(tiers: TiersWorld, **body: Any) -> dict[str, Any]:
    return data_of(await tiers.ask("POST", "/classify", scopes=(Scope.CHAT,), json=body))


async def test_a_prompt_has_a_tier_and_reasons_that_sum_up_to_its_score(tiers: TiersWorld) -> None:
    found = await classified(tiers, prompt=PROOF)
    assert (found["tier"], found["minimum_quality"]) == ("complex", 94)
    assert sum(signal["weight"] for signal in found["signals"]) == found["score"]
    assert 0 < found["confidence"] <= 1
    assert found["tokens"] > 10


async def test_messages_are_judged_by_the_last_turn(tiers: TiersWorld) -> None:
    messages = [{"role": "system", "content": PROOF}, {"role": "user", "content": "Hi there!"}]
    assert (await classified(tiers, messages=messages))["tier"] == "micro"


async def test_preferences_change_no_classification(tiers: TiersWorld) -> None:
    await tiers.prefers(max_tier="micro", enabled=False)
    assert (await classified(tiers, prompt=PROOF))["tier"] == "complex"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": "a", "messages": [{"role": "user", "content": "a"}]}, "prompt"),
        ({"messages": []}, "messages"),
        ({"messages": ["hello"]}, "messages.0"),
        ({"messages": [{"role": "wizard", "content": "a"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content.0.text"),
        ({"prompt": "a", "model": "auto"}, "model"),
    ],
)
async def test_what_is_no_prompt_is_refused_and_the_field_is_named(
    tiers: TiersWorld, body: dict[str, Any], field: str
) -> None:
    answer = await tiers.ask("POST", "/classify", json=body)
    assert answer.status_code == 422
    assert error_of(answer)["details"]["fields"][0]["field"] == field


async def test_an_empty_prompt_needs_least(tiers: TiersWorld) -> None:
    found = await classified(tiers, prompt="")
    assert (found["tier"], found["tokens"], found["signals"]) == ("micro", 0, [])
