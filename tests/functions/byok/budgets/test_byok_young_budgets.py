"""A budget that is set within its window, by the API, and the sweeps of the minutes after it."""

from typing import Any

import pytest

from functions.byok.ledger import run
from testing.money_world import usd
from tests.functions.byok.byok_world import OURS, ByokWorld

pytestmark = pytest.mark.anyio


def sweep(byok: ByokWorld) -> dict[str, Any]:
    return run({"trigger": "sweep"}, byok.container, pause=lambda _: None)


async def test_five_calls_are_in_a_budget_set_right_after_them_and_the_sixth_once_it_has_ended(
    byok: ByokWorld,
) -> None:
    for _ in range(5):
        byok.money.spend(usd("0.0002625"), tenant=OURS)
    under_way = byok.money.spending.hold(byok.money.attempt(tenant=OURS))
    answer = await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "1"})
    assert answer.json()["data"]["budget"]["spent_usd"] == "0.0013125"
    byok.money.spending.settle(under_way, byok.money.settlement(usd("0.0002625")))
    assert sweep(byok)["recounted"] == 0
    byok.clock.pass_s(90)
    assert sweep(byok)["recounted"] == 1
    (shown,) = (await byok.read("/budgets"))["items"]
    assert shown["spent_usd"] == "0.001575"
    byok.clock.pass_s(90)
    assert sweep(byok)["recounted"] == 0
