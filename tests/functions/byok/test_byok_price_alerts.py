"""Price alerts over HTTP: a tenant's threshold, and what it was told."""

import pytest

from functions.byok.ledger import run
from tests.functions.byok.byok_world import OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import DAY, chat, data_of, prices

pytestmark = pytest.mark.anyio

PATH = "/price-alerts"


@pytest.fixture
def byok() -> ByokWorld:
    return ByokWorld()


async def test_without_settings_the_default_holds_and_nothing_was_told(byok: ByokWorld) -> None:
    assert await byok.read(PATH) == {"is_default": True, "enabled": True, "threshold_usd": "1", "alerts": []}


async def test_a_threshold_is_set_shown_and_reset_each_with_its_entry(byok: ByokWorld) -> None:
    wanted = {"threshold_usd": "12.50"}
    found = data_of(await byok.ask("PUT", PATH, json=wanted))
    assert (found["is_default"], found["enabled"], found["threshold_usd"]) == (False, True, "12.5")
    assert (await byok.read(PATH, tenant=THEIRS))["is_default"]
    for _ in range(2):
        assert data_of(await byok.ask("DELETE", PATH))["is_default"]
    told = [entry.action for entry in byok.audit.all if entry.tenant == OURS]
    assert told == ["price_alerts.set", "price_alerts.reset"]


@pytest.mark.parametrize("threshold", ["-1", "1e3", "NaN", None])
async def test_a_threshold_that_is_none_is_refused_by_its_name(byok: ByokWorld, threshold: object) -> None:
    answer = await byok.ask("PUT", PATH, json={"threshold_usd": threshold})
    assert answer.status_code == 422
    assert "threshold_usd" in answer.text


async def test_a_change_of_prices_is_told_to_the_tenant_that_it_means_something_for(byok: ByokWorld) -> None:
    await byok.ask("PUT", PATH, json={"threshold_usd": "0.000001"})
    run({"trigger": "prices"}, byok.container)
    byok.called("openai/gpt-4o")
    byok.money.roll_up.run()
    byok.clock.now += DAY
    byok.puts_in_force(prices(**{"gpt-4o": chat("openai", 0.005, 0.02)}), at=byok.clock())
    assert run({"trigger": "prices"}, byok.container)["sent"] == 1
    (alert,) = (await byok.read(PATH))["alerts"]
    (change,) = alert["changes"]
    assert (change["model"], change["kind"], change["calls"]) == ("openai/gpt-4o", "price", 1)
    assert float(change["difference_usd"]) == float(change["would_cost_usd"]) - float(change["cost_usd"])
    assert (await byok.read(PATH, tenant=THEIRS))["alerts"] == []
