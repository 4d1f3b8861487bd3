"""Scores between 0 and 100 from a board's ratings, fitted anew to every board.

Two points of the board fix the scale: its middle model scores 80, which is the floor of the `standard` tier, and the
middle one of its ten best scores 97. Between them, and on below, the scale is straight, so that a rating point is worth
the same (about 0.11) at the frontier as in the middle of the field: whoever beats whom by 20 points on the board is two
score points ahead here. A logistic curve through the same two points gives the best models half of that. Above 97 the
line bends towards 100 without reaching it, with no kink, so that a model which leaves all others behind still differs
from the next one that does; below 20 it bends in the same way towards 0. Medians make both points deaf to a single wild
row. On the boards of 2024-09, 2025-12 and 2026-04 the fit's slope is 0.108 to 0.112 points a rating point, and the
tiers' floors 86, 90 and 94 lie 54 to 55, 89 to 92 and 125 to 129 rating points above the middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from statistics import median
from typing import Final

MIDDLE_SCORE: Final = 80.0
FRONTIER_SCORE: Final = 97.0
FRONTIER_MODELS: Final = 10
LOW_BEND: Final = 20.0  # below this score the line bends towards 0; the worst model of any real board scores above it
DECIMALS: Final = 2  # a hundredth is a tenth of a rating point, far inside every interval


@dataclass(frozen=True, slots=True)
class QualityScale:
    """A fitted scale: the ratings that score `MIDDLE_SCORE` and `FRONTIER_SCORE`."""

    middle: float
    frontier: float

    @property
    def slope(self) -> float:
        """Score points a rating point, on the straight part."""
        return (FRONTIER_SCORE - MIDDLE_SCORE) / (self.frontier - self.middle)

    def score(self, rating: float) -> float:
        """Return the score of a rating, 0 to 100; the better rating never has the lower score."""
        straight = MIDDLE_SCORE + self.slope * (rating - self.middle)
        if straight > FRONTIER_SCORE:
            room = 100.0 - FRONTIER_SCORE
            straight = 100.0 - room * exp(-(straight - FRONTIER_SCORE) / room)
        elif straight < LOW_BEND:
            straight = LOW_BEND * exp((straight - LOW_BEND) / LOW_BEND)
        return round(straight, DECIMALS)


def fitted(ratings: Sequence[float]) -> QualityScale:
    """Fit the scale to the ratings of a board that has passed its gate (`board.fault_of`)."""
    best = sorted(ratings, reverse=True)
    return QualityScale(median(best), median(best[:FRONTIER_MODELS]))
