"""What a guardrail assesses is held for at every policy's price, and charged by the units that its trace tells."""

from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers import guardrails
from atom_llm.domain.routing.hold import HeldRequest, hold
from atom_llm.domain.routing.option_bounds import option_bounds
from testing.chat_world import ChatWorld, asking
from testing.stand_in.said import PIECES, PROMPT_TOKENS, WORD
from tests.functions.chat.bedrock.conftest import StandInOfBedrock

NOVA: Final = "bedrock/eu.amazon.nova-pro-v1:0"
GUARDRAIL: Final = {"guardrailIdentifier": "g1234567890", "guardrailVersion": "1"}
OF_TOKENS: Final = PROMPT_TOKENS * Decimal("0.00000105") + PIECES * Decimal("0.0000042")
# Of topics and of content, each $0.15 for 1,000 units; personal data by patterns alone is free.
A_UNIT: Final = 2 * Decimal("0.00015")


def units(text: str) -> int:
    return -(-len(text) // 1_000)


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_units_of_each_policy_are_charged_beside_the_model_and_stand_in_the_proof(
    world: ChatWorld, caller: httpx.Client, is_stream: bool
) -> None:
    asked = "x" * 2_500
    body = {"model": NOVA, "messages": [{"role": "user", "content": asked}], "guardrailConfig": GUARDRAIL}
    answer = caller.post("/chat/completions", json={**body, "stream": is_stream})
    assert answer.status_code == 200, answer.text
    [row] = world.rows()
    lines = {line.rate_key: line for line in row.settlement.lines if line.side == "extra"}
    total = units(asked) + units(WORD * PIECES)
    assert {key: (int(line.quantity), line.amount) for key, line in lines.items()} == {
        "guardrails: guardrail_cost_per_unit.topicPolicyUnits": (total, total * Decimal("0.00015")),
        "guardrails: guardrail_cost_per_unit.contentPolicyUnits": (total, total * Decimal("0.00015")),
        "guardrails: guardrail_cost_per_unit.sensitiveInformationPolicyFreeUnits": (total, 0),
    }
    of_tokens = sum(line.amount for line in row.settlement.lines if line.side != "extra")
    assert row.settlement.cost == of_tokens + total * A_UNIT
    assert row.settlement.usage[Unit.TOPIC_POLICY] == total
    assert row.settlement.reason is None


def test_what_a_guardrail_may_assess_is_held_for_and_has_to_fit_into_a_hard_budget(
    world: ChatWorld, caller: httpx.Client
) -> None:
    def held(**options: Any) -> Decimal:
        world.budget("0.0000001")
        refused = caller.post("/chat/completions", json=asking(NOVA, max_tokens=20, **options))
        assert refused.status_code == 402
        return Decimal(refused.json()["error"]["message"].partition("it may cost ")[2].partition(" USD")[0])

    plain, assessed = held(), held(guardrailConfig=GUARDRAIL)
    # 20 tokens of 128 characters are three units, the prompt's bytes another or two: each at all policies' prices.
    assert 4 * Decimal("0.00067") < assessed - plain < 8 * Decimal("0.00067")
    world.budget(str(assessed))
    answer = caller.post("/chat/completions", json=asking(NOVA, max_tokens=20, guardrailConfig=GUARDRAIL))
    assert answer.status_code == 200, answer.text
    assert OF_TOKENS + 2 * A_UNIT == world.rows()[-1].settlement.cost <= assessed


def test_a_price_list_without_guardrails_leaves_the_option_unbounded_by_its_name(world: ChatWorld) -> None:
    in_force = world.container.catalogue.reader.current()
    entry = in_force.catalogue.get(NOVA)
    assert entry is not None
    bounds = option_bounds("bedrock", entry.name, {"guardrailConfig": GUARDRAIL})
    request = HeldRequest(100, 0, 100, PricingTerms())
    assert hold(entry, in_force.catalogue.rates(entry), request, bounds, lambda _: None).unbounded == "guardrailConfig"


def test_pictures_are_held_for_where_there_are_any() -> None:
    assert Unit.CONTENT_POLICY_IMAGE not in guardrails.most_units(1_000, 0, has_pictures=False).counts
    assert guardrails.most_units(1_000, 0, has_pictures=True).counts[Unit.CONTENT_POLICY_IMAGE] == 20
    assert set(guardrails.most_units(1, 1, has_pictures=True).counts) == set(guardrails.UNITS.values())


@pytest.mark.parametrize(
    ("given", "sent", "told"),
    [
        ({}, "enabled", None),
        ({"trace": "disabled"}, "enabled", "left out: guardrailConfig.trace"),
        ({"trace": "enabled_full"}, "enabled_full", None),
    ],
)
def test_a_guardrail_is_asked_to_tell_what_it_assessed(
    world: ChatWorld,
    caller: httpx.Client,
    bedrock: StandInOfBedrock,
    given: dict[str, str],
    sent: str,
    told: str | None,
) -> None:
    answer = caller.post("/chat/completions", json=asking(NOVA, guardrailConfig={**GUARDRAIL, **given}))
    assert answer.status_code == 200, answer.text
    [one] = bedrock.asked()
    assert one["body"]["guardrailConfig"] == {**GUARDRAIL, "trace": sent}
    assert answer.headers.get("x-llm-warnings") == told
