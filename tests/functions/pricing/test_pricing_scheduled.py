"""The scheduled handler: what EventBridge calls every day and after each deployment."""

from typing import Any

import pytest

from atom_llm.domain.catalogue.errors import SourcesDown
from functions.pricing.refresh import scheduled
from tests.functions.pricing.pricing_world import PricingWorld, lent, prices


@pytest.fixture
def process(pricing: PricingWorld) -> PricingWorld:
    """The process of the scheduled function, before its first refresh."""
    pricing.puts_in_force({})
    pricing.says(prices())
    pricing.lends(lent("acme/only-there"))
    return pricing


def handled(process: PricingWorld, trigger: str = "schedule") -> dict[str, Any]:
    return scheduled({"trigger": trigger}, process.container)


def test_it_refreshes_and_reports(process: PricingWorld) -> None:
    report = handled(process)
    assert (report["outcome"], report["models"], report["held"]) == ("refreshed", len(prices()) + 1, 0)
    assert report["sources"] == {"litellm": "fresh", "openrouter": "fresh"}
    assert report["events"] == {"added": len(prices()) + 1}


def test_the_schedule_always_fetches_and_a_deployment_only_what_is_older_than_a_day(process: PricingWorld) -> None:
    handled(process)
    assert [handled(process, "deploy")["outcome"], process.litellm.asked] == ["fresh", 1]
    assert [handled(process, "schedule")["outcome"], process.litellm.asked] == ["unchanged", 2]
    process.clock.pass_s(24 * 3600)
    assert [handled(process, "deploy")["outcome"], process.litellm.asked] == ["unchanged", 3]


def test_both_sources_down_is_raised_so_that_lambda_retries(process: PricingWorld) -> None:
    process.litellm.fail()
    process.openrouter.fail()
    with pytest.raises(SourcesDown):
        handled(process)


def test_a_refresh_that_another_one_is_at_is_no_failure(process: PricingWorld) -> None:
    process.journal.begin("somebody else", process.clock.now, 150.0)
    assert handled(process) == {"outcome": "in_progress"}
    assert process.litellm.asked == 0


@pytest.mark.parametrize("event", [{}, {"trigger": "whim"}, {"trigger": None}, {"source": "aws.events"}])
def test_an_unknown_trigger_is_refused_before_anything_is_fetched(process: PricingWorld, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="trigger must be one of schedule, deploy"):
        scheduled(event, process.container)
    assert process.litellm.asked == 0
