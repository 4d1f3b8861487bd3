"""A tenant's own calls at other models: what they would cost there is exact, call by call."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.routing.usage_frontier import Moved, PastCall, RatedModel, Traffic, best_move

IN, OUT, READ = "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"
NOON, EVENING = datetime(2026, 11, 28, 12, tzinfo=UTC), datetime(2026, 11, 28, 20, tzinfo=UTC)


def model(
    name: str, quality: float = 90.0, window: int | None = None, published: Mapping[str, object] | None = None
) -> RatedModel:
    rates: dict[str, object] = {IN: "0.001", OUT: "0.002", **(published or {})}
    return RatedModel(name, quality, True, read_rates(rates), max_input_tokens=window)


def call(tokens: int = 1_000, given: int = 100, paid: str = "5", of: str = "own", **terms: Any) -> PastCall:
    usage = Usage({Unit.INPUT: tokens, Unit.OUTPUT: given}, tokens)
    return PastCall(of, usage, PricingTerms(**terms), Decimal(paid))


SEARCHES = {"search_context_cost_per_query": "0.01"}
MODELS = [
    model("flat"),
    model("cached", published={READ: "0.0001"}),
    model("long", published={f"{IN}_above_200k_tokens": "0.003", f"{OUT}_above_128k_tokens": "0.009"}),
    model(
        "tiered",
        published={"tiered_pricing": [{"range": [0, 32_000], IN: "0.1"}, {"range": [32_000, 300_000], IN: "0.3"}]},
    ),
    model("nightly", published={"off_peak_pricing": {"hours_utc": "16:30-00:30", IN: "0.0001", OUT: "0.0002"}}),
    model("served", published={f"{IN}_priority": "0.004", "provider_specific_entry": {"us": 1.1}}),
    model("short", window=40_000),
    model("searching", published=SEARCHES),
]
usages = st.builds(
    Usage,
    st.dictionaries(
        st.sampled_from([Unit.INPUT, Unit.OUTPUT, Unit.CACHE_READ, Unit.REASONING, Unit.WEB_SEARCHES, Unit.IMAGES]),
        st.integers(1, 400_000),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([0, 1, 32_000, 32_001, 40_000, 40_001, 128_001, 200_000, 200_001]),
)
calls = st.builds(
    PastCall,
    st.sampled_from(["own", "other"]),
    usages,
    st.builds(
        PricingTerms,
        service_tier=st.sampled_from([None, "priority"]),
        at=st.sampled_from([None, NOON, EVENING]),
        inference_geo=st.sampled_from([None, "us"]),
    ),
    st.decimals(0, 10, places=9),
)


def one_by_one(past: list[PastCall], candidate: RatedModel) -> dict[str, Moved]:
    """Each call costed by itself: what the groups have to come to."""
    found: dict[str, Moved] = {}
    for each in past:
        if candidate.max_input_tokens is not None and each.usage.context_tokens > candidate.max_input_tokens:
            moved = Moved(candidate, too_long=1)
        elif Unit.IMAGES in each.usage.counts:  # a song, which none of these makes
            moved = Moved(candidate, not_priced=1)
        else:
            try:
                there = cost(each.usage, candidate.rates, each.terms).total
                moved = Moved(candidate, 1, each.cost, there)
            except Unpriced:
                moved = Moved(candidate, not_priced=1)
        known = found.get(each.model)
        found[each.model] = moved if known is None else known.and_of(moved)
    return found


@pytest.mark.parametrize("candidate", MODELS, ids=lambda each: each.model)
@settings(max_examples=40)
@given(past=st.lists(calls, max_size=12))
def test_calls_put_together_cost_what_they_cost_one_by_one(candidate: RatedModel, past: list[PastCall]) -> None:
    assert Traffic(past, MODELS).at(candidate) == one_by_one(past, candidate)


def test_calls_that_do_not_fit_stay_and_their_cost_with_them() -> None:
    short = model("short", window=40_000)
    moved = Traffic([call(40_000, paid="90"), call(40_001, paid="91")], [short]).at(short)["own"]
    assert (moved.calls, moved.too_long, moved.takes_all) == (1, 1, False)
    assert (moved.actual, moved.would_cost, moved.saves) == (Decimal(90), Decimal("40.2"), Decimal("49.8"))


def test_what_a_model_has_no_price_for_stays() -> None:
    searched = PastCall("own", Usage({Unit.INPUT: 10, Unit.WEB_SEARCHES: 1}, 10), PricingTerms(), Decimal(1))
    plain, searching = model("plain"), model("searching", published=SEARCHES)
    traffic = Traffic([searched], [plain, searching])
    assert (traffic.at(plain)["own"].not_priced, traffic.at(plain)["own"].saves) == (1, ZERO)
    assert traffic.at(searching)["own"].would_cost == Decimal("0.02")


@pytest.mark.parametrize("unit", [Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO, Unit.IMAGES])
def test_an_answer_in_a_medium_stays_where_a_model_does_not_make_it(unit: Unit) -> None:
    answered = PastCall("own", Usage({Unit.INPUT: 10, Unit.OUTPUT: 5, unit: 9}, 10), PricingTerms(), Decimal(1))
    writer, maker = model("writer"), replace(model("maker"), media=frozenset({unit}))
    traffic = Traffic([answered], [writer, maker])
    assert (traffic.at(writer)["own"].not_priced, traffic.at(writer)["own"].would_cost) == (1, ZERO)
    assert (traffic.at(maker)["own"].not_priced, traffic.at(maker)["own"].calls) == (0, 1)


# The best move


def moved(to: RatedModel, saves: str) -> Moved:
    return Moved(to, 1, Decimal(10), EXACT.subtract(Decimal(10), Decimal(saves)))


@pytest.mark.parametrize(("may_lose", "best"), [(0.0, "as good"), (0.99, "as good"), (1.0, "worse"), (20.0, "worse")])
def test_a_worse_model_is_no_move_unless_so_many_points_may_be_lost(may_lose: float, best: str) -> None:
    moves = [moved(model("worse", 89.0), "9"), moved(model("as good", 90.0), "4"), moved(model("better", 95.0), "3")]
    found = best_move(moves, 90.0, may_lose)
    assert found is not None
    assert found.to.model == best


def test_where_nothing_saves_anything_there_is_no_move() -> None:
    assert best_move([moved(model("dear", 99.0), "-1"), moved(model("same", 95.0), "0")], 90.0, 0.0) is None


def test_of_moves_that_save_as_much_the_better_model_is_best_then_the_first_by_id() -> None:
    moves = [moved(model("c", 91.0), "4"), moved(model("b", 93.0), "4"), moved(model("a", 93.0), "4")]
    found = best_move(moves, 90.0, 0.0)
    assert found is not None
    assert found.to.model == "a"
