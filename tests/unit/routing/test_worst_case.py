"""The cover of a hold: the call is never billed for more, whatever classes its tokens turn out to be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.pricing.cost import STANDARD_TERMS, PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.routing.hold import INPUT_CLASSES, worst_case
from testing.money_world import usd

CATALOGUE = decode(load_seed().snapshot)
CHAT = [
    entry
    for entry in CATALOGUE
    if entry.mode == "chat" and entry.first_party and not entry.is_deprecated(date(2026, 11, 23))
]


def test_the_dearest_input_class_and_the_output_price_count() -> None:
    rates = read_rates(
        {
            "input_cost_per_token": 3e-06,
            "output_cost_per_token": 1.5e-05,
            "cache_creation_input_token_cost": 3.75e-06,
            "cache_creation_input_token_cost_above_1hr": 6e-06,
        }
    )
    assert worst_case(rates, 1000, 100, STANDARD_TERMS) == usd("0.006") + usd("0.0015")


def test_a_long_prompt_is_held_at_its_own_length_tier() -> None:
    rates = read_rates(
        {
            "input_cost_per_token": 1e-06,
            "input_cost_per_token_above_200k_tokens": 2e-06,
            "output_cost_per_token": 1e-06,
            "output_cost_per_token_above_200k_tokens": 3e-06,
        }
    )
    assert worst_case(rates, 200_000, 10, STANDARD_TERMS) == usd("0.20001")
    assert worst_case(rates, 200_001, 10, STANDARD_TERMS) == usd("0.400032")


def test_a_model_without_a_price_cannot_be_held_for() -> None:
    with pytest.raises(Unpriced):
        worst_case(read_rates({}), 1000, 100, STANDARD_TERMS)
    with pytest.raises(Unpriced):
        worst_case(read_rates({"input_cost_per_token": 1e-06}), 1000, 100, STANDARD_TERMS)


@given(
    entry=st.sampled_from(CHAT),
    prompt=st.integers(1, 400_000),
    output=st.integers(0, 20_000),
    parts=st.lists(st.sampled_from(INPUT_CLASSES), min_size=1, max_size=4, unique=True),
    reasoning=st.floats(0, 1),
    service_tier=st.sampled_from([None, "priority", "flex"]),
)
def test_no_call_of_a_real_model_costs_more_than_was_held(
    entry: object, prompt: int, output: int, parts: list[Unit], reasoning: float, service_tier: str | None
) -> None:
    rates, terms = CATALOGUE.rates(entry), PricingTerms(service_tier=service_tier)  # type: ignore[arg-type]
    share, thought = prompt // len(parts), int(output * reasoning)
    counts = {unit: share for unit in parts if share} | {Unit.OUTPUT: output - thought, Unit.REASONING: thought}
    usage = Usage({unit: count for unit, count in counts.items() if count}, prompt)
    try:
        held, spent = worst_case(rates, prompt, output, terms), cost(usage, rates, terms).total
    except Unpriced:
        return
    assert spent <= held
