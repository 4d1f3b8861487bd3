"""A leaderboard as it was published, and the gate that a new one passes before it replaces the one in force."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from statistics import quantiles
from typing import Final, NamedTuple

OVERALL: Final = "overall"  # the category that is kept: all prompts, whatever they are about
FEWEST_ROWS: Final = 50  # below, there is no board to fit to; the smallest real one has 137 rows, a truncated one 20
KEPT_SHARE: Final = 0.6  # of the previous rows; models leave a board slowly, and scrapes collapse at once
MOST_RATING: Final = 10_000.0  # arena ratings live between 700 and 1,600
LEAST_SPREAD: Final = 10.0  # rating points of the middle half; the real boards have 125 to 155


class BoardRow(NamedTuple):
    """One model's standing: its rating (Bradley-Terry, in Elo points) with the 95 % interval where it is published."""

    name: str
    rating: float
    lower: float | None = None
    upper: float | None = None
    votes: int | None = None
    organisation: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The rows of one category on one day; `published` is None where the source does not say."""

    rows: tuple[BoardRow, ...]
    published: date | None = None


def fault_of(board: Board, rows_before: int = 0) -> str | None:
    """Return the reason why a board may not come into force, in one sentence; None where it may.

    `rows_before` is the number of rows of the board in force.
    """
    rows = board.rows
    if len(rows) < FEWEST_ROWS:
        return f"lists only {len(rows)} models; a board has at least {FEWEST_ROWS}"
    if len(rows) < KEPT_SHARE * rows_before:
        return f"collapsed: lists only {len(rows)} models, {rows_before} before"
    repeated = [name for name, times in Counter(row.name for row in rows).items() if times > 1]
    if repeated:
        return f"lists {len(repeated)} models more than once, {min(repeated)!r} first"
    impossible = sorted(row.name for row in rows if not _is_possible(row))
    if impossible:
        return f"has figures that are none for {len(impossible)} models, {impossible[0]!r} first"
    lower, _, upper = quantiles([row.rating for row in rows], n=4)
    return None if upper - lower >= LEAST_SPREAD else "says nothing: all of its models are rated alike"


def ratings_of(rows: Sequence[BoardRow]) -> list[float]:
    """Return the ratings alone, best first."""
    return sorted((row.rating for row in rows), reverse=True)


def _is_possible(row: BoardRow) -> bool:
    """Return whether the rating is a positive number inside its interval, and votes are a count."""
    lower = row.rating if row.lower is None else row.lower
    upper = row.rating if row.upper is None else row.upper
    return (
        all(isfinite(figure) and 0 < figure < MOST_RATING for figure in (lower, row.rating, upper))
        and lower <= row.rating <= upper
        and (row.votes is None or row.votes >= 0)
    )
