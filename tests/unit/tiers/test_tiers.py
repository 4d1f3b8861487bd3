"""Tiers: their order, and the bounds that a prompt is within."""

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.domain.tiers.tier import BOUNDS, TIERS, Tier, clamped, tier_above, tier_of


def test_tiers_are_ordered_by_what_they_demand_and_not_by_their_names() -> None:
    assert sorted({*TIERS}) == ["micro", "standard", "versatile", "heavy", "complex"]
    assert Tier.COMPLEX > Tier.MICRO
    assert Tier.HEAVY >= Tier.HEAVY
    assert not Tier.HEAVY < Tier.HEAVY


@pytest.mark.parametrize(
    ("tokens", "score", "tier"),
    [
        (100, 0, "micro"),
        (101, 0, "standard"),
        (100, 1, "standard"),
        (500, 2, "standard"),
        (501, 2, "versatile"),
        (500, 3, "versatile"),
        (2_000, 5, "versatile"),
        (2_001, 5, "heavy"),
        (2_000, 6, "heavy"),
        (5_000, 8, "heavy"),
        (5_001, 8, "complex"),
        (5_000, 9, "complex"),
        (0, -3, "micro"),
        (10**9, -3, "complex"),
    ],
)
def test_the_lowest_tier_whose_both_bounds_hold_wins(tokens: int, score: int, tier: str) -> None:
    assert tier_of(tokens, score) == tier


def test_each_tier_asks_for_more_quality_than_the_one_below() -> None:
    assert [BOUNDS[tier].minimum_quality for tier in TIERS] == [0, 80, 86, 90, 94]


def test_above_every_tier_but_the_last_is_another() -> None:
    assert [tier_above(tier) for tier in TIERS] == [*TIERS[1:], None]


@pytest.mark.parametrize(
    ("tier", "result"),
    [
        ("micro", "standard"),
        ("standard", "standard"),
        ("versatile", "versatile"),
        ("heavy", "heavy"),
        ("complex", "heavy"),
    ],
)
def test_a_tier_is_clamped_to_a_range_with_both_its_ends(tier: Tier, result: str) -> None:
    assert clamped(Tier(tier), Tier.STANDARD, Tier.HEAVY) == result


def test_the_defaults_clamp_nothing() -> None:
    assert [clamped(tier, DEFAULTS.min_tier, DEFAULTS.max_tier) for tier in TIERS] == list(TIERS)


def test_preferences_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="min_tier"):
        Preferences(min_tier=Tier.HEAVY, max_tier=Tier.STANDARD)
    with pytest.raises(InvalidRequest, match="blocked_providers"):
        Preferences(preferred_providers=("openai",), blocked_providers=("groq", "openai"))
