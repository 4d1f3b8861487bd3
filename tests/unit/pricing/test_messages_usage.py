"""Anthropic's usage of calls in which other models took part: each is billed at its own model's rates."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.calls.billing import exact_bill
from atom_llm.domain.calls.possible_usage import ROUNDS, USUAL_WINDOW, was_bounded
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.pricing.cost import PricingTerms
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.messages_usage import messages_usage
from atom_llm.domain.routing.candidates import CallRequirements, Candidate

CATALOGUE = decode(load_seed().snapshot)
REQUIREMENTS = CallRequirements("chat", 100, 400, 500, PricingTerms())
HOLD = Decimal("0.5")


def row(name: str) -> ModelEntry:
    entry = CATALOGUE.get(f"anthropic/{name}")
    assert entry is not None, name
    return entry


def rates_of(name: str) -> Rates | None:
    entry = CATALOGUE.get(f"anthropic/{name}")
    return None if entry is None else CATALOGUE.rates(entry)


def candidate(name: str, beside: Callable[[str], Rates | None] = rates_of) -> Candidate:
    entry = row(name)
    return Candidate(entry, CATALOGUE.rates(entry), 500, Decimal(0), HOLD, rates_beside=beside)


def reported(**usage: Any) -> ReportedUsage:
    found = messages_usage(usage)
    assert found is not None
    return found


def billed(model: str, **usage: Any) -> Decimal:
    return exact_bill(candidate(model), REQUIREMENTS, reported(**usage)).cost


def run(kind: str, prompt: int, output: int, model: str | None = None) -> dict[str, Any]:
    of_model = {} if model is None else {"model": model}
    return {"type": kind, "input_tokens": prompt, "output_tokens": output, **of_model}


ADVISED = {
    "input_tokens": 1610,
    "output_tokens": 350,
    "iterations": [
        run("message", 10, 50),
        run("advisor_message", 20_000, 1500, "claude-opus-5"),
        run("message", 1600, 300),
    ],
}


def test_an_advisor_is_billed_at_its_own_models_rates_beside_the_answer() -> None:
    assert billed("claude-sonnet-5", **ADVISED) == Decimal("0.14422")


def test_the_lines_of_an_advisor_say_its_model() -> None:
    bill = exact_bill(candidate("claude-sonnet-5"), REQUIREMENTS, reported(**ADVISED))
    keys = [line.rate_key for line in bill.lines]
    assert keys[:2] == ["input_cost_per_token", "output_cost_per_token"]
    assert keys[2:] == ["claude-opus-5: input_cost_per_token", "claude-opus-5: output_cost_per_token"]
    assert sum(line.amount for line in bill.lines) == bill.cost


@pytest.mark.parametrize(
    ("asked", "served", "refused", "answered", "right"),
    [
        ("claude-haiku-4-5", "claude-opus-5", (412, 0), (412, 264), "0.00866"),
        ("claude-opus-5-5", "claude-sonnet-5", (412, 0), (412, 264), "0.003464"),
        ("claude-opus-5-5", "claude-sonnet-5", (1000, 299), (1300, 200), "0.01458"),
    ],
)
def test_a_fallback_is_billed_at_the_model_that_served_and_a_refusal_only_after_output(
    asked: str, served: str, refused: tuple[int, int], answered: tuple[int, int], right: str
) -> None:
    runs = [run("message", *refused, asked), run("fallback_message", *answered, served)]
    usage = {"input_tokens": answered[0], "output_tokens": answered[1], "iterations": runs}
    assert billed(asked, **usage) == Decimal(right)


def test_a_compaction_is_billed_on_top_at_the_models_own_rates() -> None:
    usage = {"input_tokens": 100, "output_tokens": 10, "iterations": [run("compaction", 1000, 100)]}
    assert billed("claude-haiku-4-5", **usage) == Decimal("0.001100") + Decimal("0.00055")


def test_a_run_of_a_kind_that_is_not_known_is_billed_too() -> None:
    usage = {"input_tokens": 100, "output_tokens": 0, "iterations": [run("reviewer", 1000, 0, "claude-opus-5")]}
    assert billed("claude-haiku-4-5", **usage) == Decimal("0.0001") + Decimal("0.005")


def test_a_model_without_a_price_is_charged_at_the_hold() -> None:
    bill = exact_bill(candidate("claude-sonnet-5", lambda _: None), REQUIREMENTS, reported(**ADVISED))
    assert bill.cost == HOLD
    assert bill.note == "charged at its hold: no price for claude-opus-5"


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "claude-haiku-4-5-20251001"])
def test_a_search_without_a_published_rate_costs_what_anthropic_asks_of_every_model(model: str) -> None:
    usage = reported(input_tokens=1000, output_tokens=100, server_tool_use={"web_search_requests": 3})
    bill = exact_bill(candidate(model), REQUIREMENTS, usage)
    assert (bill.cost, bill.note) == (Decimal("0.0315"), None)
    assert bill.lines[-1].rate_key == "search_context_cost_per_query (platform.claude.com pricing)"


def test_searches_of_a_call_that_another_model_served_are_billed() -> None:
    runs = [run("message", 10, 0, "claude-opus-5-5"), run("fallback_message", 10, 10, "claude-sonnet-5")]
    usage = {"iterations": runs, "server_tool_use": {"web_search_requests": 2}}
    assert billed("claude-opus-5-5", **usage) == Decimal("0.02") + Decimal("0.00002") + Decimal("0.0001")


@pytest.mark.parametrize("absurd", [{"input_tokens": 10**12}, {"output_tokens": 10**12}])
def test_another_models_tokens_are_no_more_than_the_longest_windows_hold(absurd: dict[str, int]) -> None:
    advice = {**run("advisor_message", 20_000, 1500, "claude-opus-5"), **absurd}
    bill = exact_bill(candidate("claude-haiku-4-5"), REQUIREMENTS, reported(**{**ADVISED, "iterations": [advice]}))
    assert sum(bill.usage.counts.values()) < 2 * ROUNDS * USUAL_WINDOW
    assert was_bounded(bill.note)
