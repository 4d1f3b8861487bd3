"""Models of a bill and of the ledger: what is compared together."""

import pytest

from atom_llm.domain.ledger.exports.model_groups import model_groups


@pytest.mark.parametrize(
    ("billed", "booked", "together"),
    [
        ("gpt-5-2025-08-07", "openai/gpt-5", True),
        ("gpt-5-2025-08-07", "openai/gpt-5-2025-08-07", True),
        ("gpt-4o-2024-05-13", "openai/gpt-4o-2024-08-06", False),
        ("gpt-5-mini-2025-08-07", "openai/gpt-5", False),
        ("ft-gpt-4o-2024-08-06", "openai/ft:gpt-4o-2024-08-06:org::id", True),
    ],
)
def test_a_dated_model_of_a_bill_is_the_undated_one_that_was_asked_for(
    billed: str, booked: str, together: bool
) -> None:
    groups = model_groups("openai", {billed}, {booked})
    assert (groups[billed] == groups[booked]) is together


@pytest.mark.parametrize(
    ("billed", "booked"),
    [
        ("Claude Sonnet 4.5", "anthropic/claude-sonnet-4-5"),
        ("Claude Sonnet 4.5", "anthropic/claude-sonnet-4-5-20250929"),
        ("Claude Sonnet 3.7", "anthropic/claude-3-7-sonnet-20250219"),
    ],
)
def test_a_consoles_name_is_the_id_that_it_stands_for(billed: str, booked: str) -> None:
    groups = model_groups("anthropic", {billed}, {booked})
    assert groups[billed] == groups[booked]


def test_two_dates_stay_apart_until_the_model_is_asked_for_without_one() -> None:
    dated = {"gpt-4o-2024-05-13", "gpt-4o-2024-08-06"}
    apart = model_groups("openai", dated, {f"openai/{name}" for name in dated})
    assert len({apart[name] for name in dated}) == 2
    together = model_groups("openai", dated, {"openai/gpt-4o", "openai/gpt-4o-2024-05-13"})
    assert set(together.values()) == {"gpt-4o"}
