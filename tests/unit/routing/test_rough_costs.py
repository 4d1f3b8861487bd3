"""Rough costs are the exact ones but for rounding, at every row, length of a prompt, share of a cache and hour."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, TokenLimits, decode, encode
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced
from atom_llm.domain.routing.candidates import CACHE_MINIMUM, CallRequirements, expected_cost, output_limit
from atom_llm.domain.routing.rough_costs import MARGIN, RoughTable, rough_costs
from testing.rows import IN, OUT, row

HOURS = st.sampled_from([None, *(datetime(2026, 11, 30, hour, 30, tzinfo=UTC) for hour in (2, 9, 17, 23))])


@cache
def catalogue() -> Catalogue:
    return decode(load_seed().snapshot)


@cache
def table(service_tier: str | None) -> RoughTable:
    """All chat rows of the packaged catalogue that are called, priced or not."""
    rows = [(each, 80.0) for each in catalogue() if each.mode == "chat" and each.provider in PROVIDER_BY_ID]
    return RoughTable(rows, catalogue().rates, PricingTerms(service_tier=service_tier))


@given(
    tokens=st.integers(1, 2_000_000),
    output=st.integers(0, 8_000),
    limit=st.none() | st.integers(0, 100_000),
    choices=st.integers(1, 5),
    service_tier=st.sampled_from([None, "flex", "priority"]),
    at=HOURS,
    hit_rate=st.none() | st.sampled_from([Decimal(0), Decimal("0.37"), Decimal(1)]),
)
@settings(max_examples=100, deadline=None)
def test_a_rough_cost_is_the_exact_one_but_for_rounding(
    tokens: int,
    output: int,
    limit: int | None,
    choices: int,
    service_tier: str | None,
    at: datetime | None,
    hit_rate: Decimal | None,
) -> None:
    terms = PricingTerms(service_tier=service_tier, at=at)
    asked = CallRequirements(
        "chat", tokens, tokens, 4_096, terms, output_limit=limit, choices=choices, expected_output=output
    )
    rows = table(service_tier).rows(tokens, at)
    for each, rough in zip(rows, rough_costs(rows, asked, lambda _: hit_rate), strict=True):
        try:
            exact = float(expected_cost(each.entry, each.exact, asked, output_limit(each.entry, asked), hit_rate))
        except (Unpriced, InvalidRate):
            assert rough is None, each.entry.id
        else:
            assert rough == pytest.approx(exact, rel=MARGIN / 100, abs=0), each.entry.id


def test_the_packaged_catalogue_has_rows_of_every_kind() -> None:
    rates = [each.exact for each in table(None).rows(1_000, None)]
    assert any(each.sells_pieces for each in rates)
    assert any(each.off_peak is not None for each in rates)
    assert any(each.edges for each in rates)
    assert any(not each.is_priced for each in rates)


def test_a_prompt_that_a_cache_holds_whole_needs_no_price_of_a_fresh_token() -> None:
    entry = replace(
        row("sage", rates={"cache_read_input_token_cost": "1e-07", "output_cost_per_token": "1e-06"}),
        capabilities=frozenset({"prompt_caching"}),
    )
    sage = decode(encode([entry])[1])
    rows = RoughTable([(entry, 80.0)], sage.rates, PricingTerms()).rows(10_000, None)
    asked = CallRequirements("chat", 10_000, 10_000, 4_096, PricingTerms(), expected_output=100)
    assert rough_costs(rows, asked, lambda _: Decimal(1)) == [pytest.approx(0.0011)]
    assert rough_costs(rows, asked, lambda _: Decimal("0.9")) == [None]


@pytest.mark.parametrize("least", [None, 4_096])
def test_what_is_read_from_a_cache_has_its_price_from_the_first_prompt_on_that_one_holds(least: int | None) -> None:
    entry = replace(
        row("sage", rates={IN: "1e-06", OUT: "1e-06", "cache_read_input_token_cost": "1e-07"}),
        capabilities=frozenset({"prompt_caching"}),
        limits=TokenLimits(prompt_cache_min_tokens=least),
    )
    sage = RoughTable([(entry, 80.0)], decode(encode([entry])[1]).rates, PricingTerms())

    def usd(tokens: int) -> float | None:
        asked = CallRequirements("chat", tokens, tokens, 4_096, PricingTerms(), expected_output=100)
        return rough_costs(sage.rows(tokens, None), asked, lambda _: Decimal("0.5"))[0]

    first = least or CACHE_MINIMUM
    assert usd(first - 1) == pytest.approx((first - 1 + 100) * 1e-6)
    assert usd(first) == pytest.approx((first / 2 + 100) * 1e-6 + first / 2 * 1e-7)
