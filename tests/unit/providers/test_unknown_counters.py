"""Counters that nobody here knows: found wherever they stand in a usage object, and none in real answers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.providers.unknown_counters import LONGEST_NAME, MOST, unknown_counters
from local.bodies.answer import reported_usage

RECORDED = Path(__file__).parents[3] / "testing" / "data" / "bodies.json"
ENTRIES: list[dict[str, Any]] = json.loads(RECORDED.read_text(), parse_float=Decimal)


@pytest.mark.parametrize("recorded", ENTRIES, ids=lambda recorded: recorded["id"])
def test_a_recorded_answer_counts_nothing_that_is_not_known(recorded: dict[str, Any]) -> None:
    reported = reported_usage(recorded)
    assert reported is None or unknown_counters(reported.raw) == {}


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"prompt_tokens": 5, "hologram_tokens": 7}, {"hologram_tokens": 7}),
        ({"prompt_tokens_details": {"scent_tokens": 3}}, {"prompt_tokens_details.scent_tokens": 3}),
        ({"server_tool_use": {"teleport_requests": 2}}, {"server_tool_use.teleport_requests": 2}),
        (
            {"iterations": [{"type": "message", "input_tokens": 5, "dream_tokens": 1}, {"dream_tokens": 2}]},
            {"dream_tokens": 3},
        ),
        (
            {"promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}, {"modality": "SCENT", "tokenCount": 4}]},
            {"promptTokensDetails.SCENT.tokenCount": 4},
        ),
        ({"futureTokenCount": "12"}, {"futureTokenCount": 12}),  # as protocol buffers spell 64-bit integers
        ({"compute_units": 0.25}, {"compute_units": 1}),
    ],
)
def test_an_unknown_counter_is_named_by_its_place(usage: dict[str, Any], found: dict[str, int]) -> None:
    assert unknown_counters(usage) == found


@pytest.mark.parametrize(
    "usage",
    [
        {"hologram_tokens": 0},
        {"hologram_tokens": None},
        {"is_hologram": True},
        {"hologram_tier": "default"},
        {"hologram": {}},
        {"holograms": [1, 2]},
        {"hologram_tokens": -1},
        {"cost": 0.0012, "cost_details": {"upstream_inference_cost": 0.001}},  # OpenRouter's word on its own bill
        {"cost_in_usd_ticks": 53_180_000},  # xAI's
        {"cost": {"total_cost": 0.31, "request_cost": 0.006}},  # Perplexity's
    ],
)
def test_what_counts_nothing_is_no_counter(usage: dict[str, Any]) -> None:
    assert unknown_counters(usage) == {}


def test_so_many_are_named_and_no_name_is_long() -> None:
    found = unknown_counters({f"{number}{'x' * 500}": 1 for number in range(100)})
    assert (len(found), {len(name) for name in found}) == (MOST, {LONGEST_NAME})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
)


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=10))
def test_nothing_that_a_provider_sends_raises(usage: dict[str, Any]) -> None:
    assert all(number > 0 for number in unknown_counters(usage).values())
