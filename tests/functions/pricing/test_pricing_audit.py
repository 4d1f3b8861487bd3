"""The operator's audit log on refreshes: those that were asked for, and the schedule's that changed prices."""

import httpx
import pytest

from atom_llm.domain.catalogue.errors import RefreshInProgress, SourcesDown
from atom_llm.domain.tenancy.service_keys import Scope
from functions.pricing.refresh import scheduled
from tests.functions.pricing.pricing_world import OPERATOR, PREFIX, PricingWorld, chat, lent, prices

pytestmark = pytest.mark.anyio


@pytest.fixture
def served(pricing: PricingWorld) -> PricingWorld:
    """A function whose sources have something new."""
    pricing.puts_in_force({})
    pricing.says(prices())
    pricing.lends(lent("acme/only-there"))
    return pricing


def told(world: PricingWorld) -> list[tuple[str, str]]:
    """The actions and subjects of the operator's log, oldest first."""
    assert all(entry.tenant == OPERATOR for entry in world.audit.all)
    return [(entry.action, entry.subject) for entry in world.audit.all]


async def test_a_refresh_that_was_asked_for_is_told_of_with_who_and_from_where(served: PricingWorld) -> None:
    key = served.key(Scope.CATALOG_WRITE)
    transport = httpx.ASGITransport(served.app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://pricing") as client:
        answer = await client.post(f"{PREFIX}/refresh", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert told(served) == [("prices.refreshed", "prices")]
    entry = served.audit.all[0]
    assert (entry.actor, entry.origin, entry.by_operator) == (key.split("_")[2], "203.0.113.9", False)


async def test_one_that_changed_nothing_or_fetched_nothing_is_told_of_too(served: PricingWorld) -> None:
    outcomes = [(await served.refreshed(force=force))["outcome"] for force in (True, True, False)]
    assert outcomes == ["refreshed", "unchanged", "fresh"]
    assert told(served) == [("prices.refreshed", "prices")] * 3


async def test_one_that_failed_and_changed_nothing_is_not_told_of(served: PricingWorld) -> None:
    served.litellm.fail()
    served.openrouter.fail()
    assert (await served.refresh(Scope.ADMIN, accept="*")).status_code == 502
    served.journal.begin("somebody else", served.clock.now, 150.0)
    assert (await served.refresh(force=True)).status_code == 409
    assert told(served) == []


async def test_one_that_failed_and_held_something_back_is_told_of(served: PricingWorld) -> None:
    await served.refreshed()
    served.says(dict(list(prices().items())[:1]))  # a list that lost most of its rows waits
    served.openrouter.fail()
    assert (await served.refresh(force=True)).status_code == 502
    assert told(served) == [("prices.refreshed", "prices")] * 2


async def test_an_acceptance_is_told_of_with_what_was_accepted(served: PricingWorld) -> None:
    await served.refreshed()
    served.says(prices(**{"gpt-4o": chat("openai", 0.0025, 0.01), "gpt-4o-mini": chat("openai", 0.0015, 0.006)}))
    await served.refreshed(force=True)
    await served.refreshed(Scope.ADMIN, accept=["openai/gpt-4o-mini", "openai/gpt-4o"])
    await served.refreshed(Scope.ADMIN, accept="*")
    assert told(served)[2:] == [("prices.accepted", "openai/gpt-4o, openai/gpt-4o-mini"), ("prices.accepted", "*")]


def test_the_schedule_is_told_of_where_it_changed_prices_and_not_where_nothing_was_new(served: PricingWorld) -> None:
    outcomes = [scheduled({"trigger": "schedule"}, served.container)["outcome"] for _ in range(2)]
    assert outcomes == ["refreshed", "unchanged"]
    assert told(served) == [("prices.refreshed", "prices")]
    assert (served.audit.all[0].actor, served.audit.all[0].origin) == ("schedule", None)


def test_a_schedule_that_fails_is_not_told_of(served: PricingWorld) -> None:
    served.journal.begin("somebody else", served.clock.now, 150.0)
    with pytest.raises(RefreshInProgress):
        served.container.catalogue.refresh.run(force=True, by=None)
    served.clock.pass_s(151)
    served.litellm.fail()
    served.openrouter.fail()
    with pytest.raises(SourcesDown):
        scheduled({"trigger": "schedule"}, served.container)
    assert told(served) == []


def test_before_there_is_an_operator_the_schedule_refreshes_all_the_same(served: PricingWorld) -> None:
    served.tenants.stored.clear()
    assert scheduled({"trigger": "deploy"}, served.container)["outcome"] == "refreshed"
    assert told(served) == []
