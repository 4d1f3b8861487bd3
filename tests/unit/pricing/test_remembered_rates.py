"""Rates that a row has given before: whatever was priced in between, a call costs what it costs at a fresh row."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atom_llm.domain.pricing.cost import Cost, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import RATES_OF, Unit
from atom_llm.domain.pricing.usage import Usage

IN, OUT, READ = "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"
BY_LENGTH: dict[str, object] = {
    IN: "0.001",
    f"{IN}_above_200k_tokens": "0.002",
    f"{IN}_above_272k_tokens": "0.003",
    f"{IN}_priority": "0.004",
    f"{IN}_above_200k_tokens_priority": "0.005",
    READ: "0.0001",
    f"{READ}_above_128k_tokens": "0.0002",
    OUT: "0.01",
    f"{OUT}_batches": "0.005",
    "output_cost_per_image": "0.04",
    "search_context_cost_per_query": {"search_context_size_low": "0.01", "search_context_size_medium": "0.02"},
    "provider_specific_entry": {"us": 1.1, "fast": 6.0},
}
BY_RANGE: dict[str, object] = {
    "tiered_pricing": [
        {"range": [0, 1000], IN: "0.001", OUT: "0.01"},
        {"range": [1000, 32_000], IN: "0.002", OUT: "0.02"},
    ]
}
BY_RESULTS: dict[str, object] = {
    "tiered_pricing": [
        {"max_results_range": [0, 25], "input_cost_per_query": "0.002"},
        {"max_results_range": [26, 100], "input_cost_per_query": "0.005"},
    ]
}
BY_HOUR: dict[str, object] = {
    IN: "0.002",
    OUT: "0.004",
    "off_peak_pricing": {"hours_utc": "16:30-00:30", IN: "0.001", OUT: "0.001"},
}
LENGTHS = [0, 1, 1000, 1001, 32_000, 32_001, 128_000, 128_001, 200_000, 200_001, 272_000, 272_001, 10**6]
HOURS = [None, datetime(2026, 11, 28, 12, tzinfo=UTC), datetime(2026, 11, 28, 20, tzinfo=UTC)]

usages = st.builds(
    Usage,
    st.dictionaries(st.sampled_from(sorted(RATES_OF)), st.integers(1, 10**6), max_size=4),
    st.sampled_from(LENGTHS),
)
terms = st.builds(
    PricingTerms,
    service_tier=st.sampled_from([None, "priority", "batch", "standard"]),
    at=st.sampled_from(HOURS),
    inference_geo=st.sampled_from([None, "us"]),
    variant=st.sampled_from([None, "1080p"]),
    search_context=st.sampled_from(["low", "medium"]),
    max_results=st.sampled_from([0, 25, 26]),
)


def told(usage: Usage, rates: Any, terms: PricingTerms) -> Cost | tuple[object, ...]:
    try:
        return cost(usage, rates, terms)
    except Unpriced as error:
        return (*error.units, error.priced)


@pytest.mark.parametrize(
    "published", [BY_LENGTH, BY_RANGE, BY_RESULTS, BY_HOUR], ids=["length", "range", "results", "hour"]
)
@pytest.mark.parametrize("inclusive", [False, True])
@settings(max_examples=30)
@given(calls=st.lists(st.tuples(usages, terms), min_size=1, max_size=6))
@example(calls=[(Usage({Unit.INPUT: 1}, tokens), PricingTerms()) for tokens in LENGTHS])
def test_no_call_changes_what_another_costs(published: dict[str, object], inclusive: bool, calls: Any) -> None:
    rates = read_rates(published, inclusive_thresholds=inclusive)
    for usage, made in [*calls, *reversed(calls)]:
        assert told(usage, rates, made) == told(usage, read_rates(published, inclusive_thresholds=inclusive), made)


def test_what_is_remembered_is_bounded_by_the_row_and_not_by_its_callers() -> None:
    rates = read_rates(BY_LENGTH | BY_RESULTS)
    for tokens in range(0, 10**6, 10_000):
        told(Usage({Unit.QUERIES: 1, Unit.INPUT: 1}, tokens), rates, PricingTerms(max_results=tokens))
    assert not rates.remembered.token_rates
    rates = read_rates(BY_LENGTH)
    for tokens in range(0, 10**6, 10_000):
        cost(Usage({Unit.INPUT: 1}, tokens), rates)
    assert len(rates.remembered.token_rates) == 4  # up to 128,000, 200,000 and 272,000 tokens, and beyond
