"""The gate that a leaderboard has to pass before it may come into force."""

from dataclasses import replace
from math import inf, nan

import pytest

from atom_llm.domain.registry.board import FEWEST_ROWS, Board, BoardRow, fault_of
from testing import real_data
from tests.unit.registry import boards


def board(rows: int, spread: float = 5.0) -> Board:
    return Board(tuple(BoardRow(f"model-{number}", 1000.0 + spread * number) for number in range(rows)))


@pytest.mark.parametrize("name", real_data.WHOLE_BOARDS)
def test_the_real_boards_pass(name: str) -> None:
    assert fault_of(boards.real(name)) is None


def test_the_truncated_board_is_refused_with_and_without_one_before_it() -> None:
    truncated = boards.real(real_data.BOARD_TRUNCATED)
    assert "only 20 models" in (fault_of(truncated) or "")
    assert fault_of(truncated, rows_before=350) is not None


@pytest.mark.parametrize(("rows", "passes"), [(FEWEST_ROWS, True), (FEWEST_ROWS - 1, False)])
def test_a_board_has_a_least_number_of_rows(rows: int, passes: bool) -> None:
    assert (fault_of(board(rows)) is None) is passes


@pytest.mark.parametrize(("rows", "passes"), [(180, True), (179, False)])
def test_a_board_keeps_three_fifths_of_the_rows_before(rows: int, passes: bool) -> None:
    fault = fault_of(board(rows), rows_before=300)
    assert (fault is None) is passes
    assert passes or "collapsed" in (fault or "")


def test_a_name_that_stands_twice_makes_a_board_unbelievable() -> None:
    whole = board(60)
    assert "more than once" in (fault_of(replace(whole, rows=(*whole.rows, whole.rows[7]))) or "")


@pytest.mark.parametrize(
    "row",
    [
        BoardRow("x", nan),
        BoardRow("x", inf),
        BoardRow("x", 0.0),
        BoardRow("x", 10_000.0),
        BoardRow("x", 1200.0, lower=nan),
        BoardRow("x", 1200.0, upper=inf),
        BoardRow("x", 1200.0, lower=1201.0),
        BoardRow("x", 1200.0, upper=1199.0),
        BoardRow("x", 1200.0, votes=-1),
    ],
)
def test_a_figure_that_is_none_refuses_the_whole_board(row: BoardRow) -> None:
    assert "figures that are none" in (fault_of(replace(board(60), rows=(*board(60).rows, row))) or "")


def test_an_interval_and_votes_that_are_not_published_are_no_fault() -> None:
    whole = board(60)
    rows = (*whole.rows, BoardRow("x", 1200.0), BoardRow("y", 1200.0, 1200.0, 1200.0, votes=0))
    assert fault_of(replace(whole, rows=rows)) is None


def test_a_board_that_rates_all_alike_is_refused() -> None:
    assert "rated alike" in (fault_of(board(60, spread=0.1)) or "")
