"""The leaderboard's dataset, page by page from a server on loopback: whole, or a typed failure."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from atom_llm.adapters.sources.arena import LIMITS, MOST_ROWS, PAGE, ArenaBoard, board_of, page_of
from atom_llm.adapters.sources.fetch import FetchLimits
from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.registry.board import Board, BoardRow
from testing import real_data
from testing.fakes.board_origin import BoardOrigin, Page, board_origin, dataset_rows
from tests.unit.registry import boards

# Impatient, and yet with room for a busy machine: what is to be slow in these tests is far slower.
QUICK = FetchLimits(connect_s=2.0, read_s=1.0, total_s=20.0)
ROWS = tuple(
    BoardRow(f"model-{number}", 1400.0 - number, 1390.0 - number, 1410.0 - number, 5_000) for number in range(130)
)


async def at_once(_: float) -> None:
    """No pause between two attempts."""


@pytest.fixture
def origin() -> Iterator[BoardOrigin]:
    with board_origin() as served:
        served.serve(dataset_rows(Board(ROWS)))
        yield served


def fetched(origin: BoardOrigin, limits: FetchLimits = QUICK) -> Board:
    source = ArenaBoard(origin.url, lambda: datetime.now(UTC), limits, at_once, lambda: 0.5)
    return asyncio.run(source.fetch())


def at(offset: int, change: Callable[[Page], Page | int | bytes | None]) -> Callable[[int, Page], Any]:
    """Return a change of the page at one offset, the others being well."""
    return lambda asked, page: change(page) if asked == offset else page


def test_the_overall_rows_of_all_pages_are_the_board(origin: BoardOrigin) -> None:
    board = fetched(origin)
    assert {row.name: row.rating for row in board.rows} == {row.name: row.rating for row in ROWS}
    assert board.published == date(2026, 8, 3)
    assert sorted(origin.asked) == [0, 100, 200]
    first = next(row for row in board.rows if row.name == "model-0")
    assert (first.lower, first.upper, first.votes, first.licence) == (1390.0, 1410.0, 5_000, "Proprietary")


def test_a_real_board_comes_through_as_its_file_has_it(origin: BoardOrigin) -> None:
    real = boards.real(real_data.BOARD_DECEMBER)
    origin.serve(dataset_rows(real, besides=("math", "coding", "creative_writing")))
    board = fetched(origin)
    assert [(row.name, row.rating, row.lower, row.upper) for row in board.rows] == [
        (row.name, row.rating, row.lower, row.upper) for row in real.rows
    ]


def test_the_row_that_is_known_to_be_real_is_read_with_every_figure() -> None:
    (row,) = board_of(
        [
            {
                "model_name": "claude-fable-5",
                "organization": "anthropic",
                "license": "Proprietary",
                "rating": 1508.576862666775,
                "rating_lower": 1502.750545162002,
                "rating_upper": 1514.403180171548,
                "variance": 8.8,
                "vote_count": 17799.0,
                "rank": 1,
                "category": "overall",
                "leaderboard_publish_date": "2026-08-03",
            }
        ]
    ).rows
    assert row == BoardRow(
        "claude-fable-5", 1508.576862666775, 1502.750545162002, 1514.403180171548, 17_799, "anthropic", "Proprietary"
    )


def test_an_interval_and_votes_may_be_missing() -> None:
    (row,) = board_of([{"model_name": "m", "rating": 1200, "rating_lower": None, "category": "overall"}]).rows
    assert (row.lower, row.upper, row.votes) == (None, None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"model_name": None},
        {"model_name": "  "},
        {"model_name": 7},
        {"rating": None},
        {"rating": "1200"},
        {"rating": True},
        {"rating": 10**400},
        {"organization": ["Acme"]},
        {"rating_lower": "low"},
        {"vote_count": 1.5},
        {"vote_count": float("inf")},
        {"vote_count": "many"},
        {"leaderboard_publish_date": "yesterday"},
    ],
)
def test_an_overall_row_that_is_not_of_its_form_makes_the_board_unreadable(changed: dict[str, Any]) -> None:
    row = {"model_name": "m", "rating": 1200.0, "category": "overall"} | changed
    with pytest.raises(UnreadableSource):
        board_of([row])
    assert board_of([row | {"category": "math"}]).rows == ()


BROKEN: dict[str, Callable[[int, Page], Any]] = {
    "a total that changes between pages": at(100, lambda page: page | {"num_rows_total": 261}),
    "a total that changes on the last page": at(200, lambda page: page | {"num_rows_total": 259}),
    "partial": at(0, lambda page: page | {"partial": True}),
    "partial on a later page": at(100, lambda page: page | {"partial": True}),
    "rows left out": at(100, lambda page: page | {"rows": page["rows"][:-1]}),
    "an empty page": at(200, lambda page: page | {"rows": []}),
    "the first page again": at(
        100, lambda page: page | {"rows": [r | {"row_idx": r["row_idx"] - 100} for r in page["rows"]]}
    ),
    "a row twice": at(100, lambda page: page | {"rows": [page["rows"][0], *page["rows"][:-1]]}),
    "more rows than promised": at(200, lambda page: page | {"rows": [*page["rows"], page["rows"][-1]]}),
    "rows cut short": at(
        0, lambda page: page | {"rows": [page["rows"][0] | {"truncated_cells": ["model_name"]}, *page["rows"][1:]]}
    ),
    "no total": at(0, lambda page: {"rows": page["rows"]}),
    "a total that is none": at(0, lambda page: page | {"num_rows_total": "260"}),
    "a negative total": at(0, lambda page: page | {"num_rows_total": -1, "rows": []}),
    "more rows than any board": at(0, lambda page: page | {"num_rows_total": MOST_ROWS + 1}),
    "rows that are none": at(0, lambda page: page | {"rows": ["row"] * 100}),
    "a list": at(0, lambda page: b"[]"),
    "no JSON": at(100, lambda page: b'{"rows": [NaN'),
    "nested without end": at(0, lambda page: b"[" * 100_000),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_pages_that_are_not_one_whole_dataset_are_unreadable(origin: BoardOrigin, fault: str) -> None:
    origin.misbehave(BROKEN[fault])
    with pytest.raises(UnreadableSource):
        fetched(origin)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(at(200, lambda page: 500), "http_status"), (at(100, lambda page: None), "connection")],
    ids=["errors from the third page on", "the second page cut"],
)
def test_paging_that_ends_half_way_is_no_board_after_all_attempts(
    origin: BoardOrigin, change: Callable[[int, Page], Any], reason: str
) -> None:
    origin.misbehave(change)
    with pytest.raises(SourceUnavailable) as failure:
        fetched(origin)
    assert failure.value.reason == reason
    assert max(origin.asked.count(offset) for offset in (100, 200)) == QUICK.attempts


def test_a_page_that_fails_once_is_asked_again(origin: BoardOrigin) -> None:
    failed: list[int] = []

    def once(offset: int, page: Page) -> Page | int:
        if offset == 100 and not failed:
            failed.append(offset)
            return 503
        return page

    origin.misbehave(once)
    assert len(fetched(origin).rows) == len(ROWS)
    assert failed == [100]


def test_a_web_page_and_a_refusal_are_not_asked_again(origin: BoardOrigin) -> None:
    for answer, reason in ((b"<html>", "content"), (404, "http_status")):
        origin.asked.clear()
        origin.misbehave(at(0, lambda page, answer=answer: answer))  # type: ignore[misc]
        with pytest.raises(SourceUnavailable) as failure:
            fetched(origin)
        assert (failure.value.reason, origin.asked) == (reason, [0])


@pytest.mark.parametrize("limit", ["silence", "the whole time"])
def test_a_slow_server_is_given_up(origin: BoardOrigin, limit: str) -> None:
    origin.delay_s = 0.2
    limits = replace(QUICK, read_s=0.05, attempts=1) if limit == "silence" else replace(QUICK, total_s=0.3)
    with pytest.raises(SourceUnavailable) as failure:
        fetched(origin, limits)
    assert failure.value.reason == "timeout"


def test_a_page_may_not_be_larger_than_any(origin: BoardOrigin) -> None:
    with pytest.raises(SourceUnavailable) as failure:
        fetched(origin, replace(QUICK, max_body=10_000))
    assert failure.value.reason == "too_large"


def test_nobody_listening_is_a_failed_source() -> None:
    source = ArenaBoard("http://127.0.0.1:9/rows?dataset=x", lambda: datetime.now(UTC), QUICK, at_once, lambda: 0.5)
    with pytest.raises(SourceUnavailable):
        asyncio.run(source.fetch())


def test_the_largest_page_is_what_the_server_gives_and_all_is_over_before_the_gateway_s_29_s() -> None:
    assert PAGE == 100
    assert LIMITS.total_s < 29


def test_a_page_of_an_empty_dataset_is_a_page() -> None:
    assert page_of(b'{"rows": [], "num_rows_total": 0, "partial": false}', 0).rows == []
