"""Steps near a budget's limit over HTTP: kept, shown, and refused by the field that is wrong."""

from typing import Any

import pytest

from tests.functions.byok.byok_world import ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

STEPS = [{"at": 50, "do": "slow_down", "to_percent": 20}, {"at": 80, "do": "prefer_cheaper", "to_percent": None}]


async def test_steps_are_kept_and_shown_and_gone_when_the_budget_is_set_without(byok: ByokWorld) -> None:
    body = {"window": "day", "limit_usd": "5", "near": STEPS}
    assert data_of(await byok.ask("PUT", "/budgets", json=body))["budget"]["near"] == STEPS
    assert (await byok.read("/budgets"))["items"][0]["near"] == STEPS
    byok.clock.pass_s(1)  # the later of two settings counts
    again = data_of(await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "5"}))
    assert again["budget"]["near"] == []


@pytest.mark.parametrize(
    ("scope", "near", "field"),
    [
        ("tenant", [{"at": 0, "do": "prefer_cheaper"}], "near.0.at"),
        ("tenant", [{"at": 100, "do": "prefer_cheaper"}], "near.0.at"),
        ("tenant", [{"at": 50, "do": "refuse"}], "near.0.do"),
        ("tenant", [{"at": 50, "do": "slow_down"}], "near.0.to_percent"),
        ("tenant", [{"at": 50, "do": "slow_down", "to_percent": 100}], "near.0.to_percent"),
        ("tenant", [{"at": 50, "do": "prefer_cheaper", "to_percent": 5}], "near.0.to_percent"),
        ("tenant", [{"at": 50, "do": "prefer_cheaper"}, {"at": 60, "do": "prefer_cheaper"}], "near.1.do"),
        ("model:openai/gpt-4o", [{"at": 50, "do": "prefer_cheaper"}], "near"),
        ("provider:*", [{"at": 50, "do": "prefer_cheaper"}], "near"),
    ],
    ids=range(9),
)
async def test_what_is_no_step_is_refused_by_its_field_and_changes_nothing(
    byok: ByokWorld, scope: str, near: list[dict[str, Any]], field: str
) -> None:
    body = {"scope": scope, "window": "day", "limit_usd": "5", "near": near}
    answer = await byok.ask("PUT", "/budgets", json=body)
    assert answer.status_code == 422
    assert field in str(answer.json()["error"]["details"])
    assert (await byok.read("/budgets"))["items"] == []
