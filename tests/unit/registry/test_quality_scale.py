"""Scores of ratings: monotone, within bounds, and the best models apart."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.registry.board import MOST_RATING, ratings_of
from atom_llm.domain.registry.quality_scale import FRONTIER_SCORE, LOW_BEND, MIDDLE_SCORE, QualityScale, fitted
from testing import real_data
from tests.unit.registry import boards

RATINGS = st.floats(0.01, MOST_RATING - 0.01)
SCALES = st.builds(
    lambda middle, spread: QualityScale(middle, middle + spread), st.floats(500, 2000), st.floats(10, 1000)
)


@given(SCALES, RATINGS, RATINGS)
def test_the_better_rating_never_has_the_lower_score(scale: QualityScale, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= scale.score(low) <= scale.score(high) <= 100


@given(SCALES, st.floats(-60, 60), st.floats(0.2, 100))
def test_ratings_a_tenth_of_a_point_of_score_apart_stay_apart_between_the_bends(
    scale: QualityScale, start: float, by: float
) -> None:
    rating = scale.middle + start / scale.slope * 0.25
    assert scale.score(rating) < scale.score(rating + by / scale.slope)


@given(SCALES)
def test_the_fixed_points_are_hit_and_the_bends_have_no_kink(scale: QualityScale) -> None:
    assert scale.score(scale.middle) == MIDDLE_SCORE
    assert scale.score(scale.frontier) == FRONTIER_SCORE
    step = 0.1 / scale.slope
    for bend in (scale.frontier, scale.middle - (MIDDLE_SCORE - LOW_BEND) / scale.slope):
        assert scale.score(bend + step) - scale.score(bend) == pytest.approx(0.1, abs=0.011)
        assert scale.score(bend) - scale.score(bend - step) == pytest.approx(0.1, abs=0.011)


@pytest.mark.parametrize("name", real_data.WHOLE_BOARDS)
def test_on_real_boards_ten_rating_points_are_one_of_score_up_to_the_frontier(name: str) -> None:
    ratings = ratings_of(boards.real(name).rows)
    scale = fitted(ratings)
    assert 0.105 < scale.slope < 0.115
    assert scale.score(ratings[0]) < 99.5
    for better, worse in pairwise(ratings[:20]):
        if better - worse >= 1:
            assert scale.score(better) > scale.score(worse)
    # A usual interval is ±5 to ±10: at the very top, where the scale bends, that is still seen.
    assert scale.score(ratings[0]) - scale.score(ratings[0] - 10) > 0.25
    assert scale.score(scale.frontier) - scale.score(scale.frontier - 10) > 1


@pytest.mark.parametrize("name", real_data.WHOLE_BOARDS)
def test_on_real_boards_each_tier_s_floor_is_reached_by_some_models_and_fewer_from_tier_to_tier(name: str) -> None:
    ratings = ratings_of(boards.real(name).rows)
    scale = fitted(ratings)
    reaching = [sum(scale.score(rating) >= floor for rating in ratings) for floor in (80, 86, 90, 94)]
    assert reaching == sorted(reaching, reverse=True)
    assert len(set(reaching)) == 4
    assert reaching[-1] >= 10


def test_one_wild_row_moves_no_other_score_by_much() -> None:
    ratings = ratings_of(boards.real(real_data.BOARD_APRIL).rows)
    calm, wild = fitted(ratings), fitted([*ratings, 4_000.0])
    assert abs(calm.score(1400) - wild.score(1400)) < 0.5
