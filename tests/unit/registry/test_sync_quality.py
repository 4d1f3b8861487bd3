"""The sync of quality scores: what comes into force, what is refused, and what the report says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NoReturn

import pytest

from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.core.errors import InvalidRequest, StoreUnavailable
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.registry.errors import BoardRefused, QualityConflict
from tests.unit.registry.quality_world import MODELS, QualityWorld, board


@pytest.fixture
def world() -> QualityWorld:
    return QualityWorld()


def test_the_first_sync_takes_the_place_of_the_packaged_set_and_reports_what_it_did(world: QualityWorld) -> None:
    report = world.synced()
    assert (report.source, report.rows, report.matched) == ("lmarena", 100, len(MODELS))
    assert report.unmatched == tuple(f"sage-{number}" for number in range(41, 101))
    assert (report.version_before, report.has_changed) == (world.seed.version, True)
    assert (report.version, report.activated_at) == (world.in_force().version, world.now)
    assert len(world.in_force().rated) == 100


def test_the_same_board_again_changes_nothing_and_keeps_its_date(world: QualityWorld) -> None:
    first, second = world.synced(), world.synced()
    assert (second.version, second.has_changed, second.version_before) == (first.version, False, first.version)
    assert second.activated_at == first.activated_at < world.now


def test_a_process_that_synced_sees_it_at_once_and_another_within_a_minute(world: QualityWorld) -> None:
    other = world.process()
    before = other.current()
    world.reader.current()
    report = world.sync.run(by=None)
    assert world.reader.current().version == report.version
    assert other.current() == before
    world.now += timedelta(seconds=59)
    assert other.current() == before
    world.now += timedelta(seconds=1)
    assert other.current().version == report.version


@pytest.mark.parametrize(("rows", "passes"), [(60, True), (59, False), (20, False)])
def test_a_board_of_fewer_than_three_fifths_of_the_previous_rows_is_refused_and_the_set_stays(
    world: QualityWorld, rows: int, passes: bool
) -> None:
    first = world.synced()
    world.says(board(rows))
    if passes:
        assert world.synced().rows == rows
        return
    with pytest.raises(BoardRefused):
        world.synced()
    assert world.in_force().version == first.version


def test_a_collapsed_board_cannot_come_in_by_steps(world: QualityWorld) -> None:
    world.synced()
    for rows in (59, 58, 50):
        world.says(board(rows))
        with pytest.raises(BoardRefused):
            world.synced()
    assert len(world.in_force().rated) == 100


@pytest.mark.parametrize(
    "said",
    [
        Board((*board(99).rows, board(1).rows[0])),
        Board((*board(99).rows, BoardRow("sage-100", float("nan")))),
        Board(tuple(BoardRow(f"sage-{number}", 1200.0) for number in range(100))),
        Board(()),
    ],
    ids=["a name twice", "a rating that is none", "all alike", "nothing"],
)
def test_a_board_that_cannot_be_is_refused_and_the_set_stays(world: QualityWorld, said: Board) -> None:
    first = world.synced()
    world.says(said)
    with pytest.raises(BoardRefused) as refusal:
        world.synced()
    assert "lmarena" in refusal.value.message
    assert world.in_force().version == first.version


@pytest.mark.parametrize(
    "failure", [SourceUnavailable("lmarena", "timeout", "slow"), UnreadableSource("lmarena", "half a page")]
)
def test_a_source_that_fails_leaves_the_set_in_force(world: QualityWorld, failure: Exception) -> None:
    first = world.synced()

    def fail() -> NoReturn:
        raise failure

    world.says(fail)
    with pytest.raises(type(failure)):
        world.synced()
    assert world.in_force().version == first.version


def overtaken_by(world: QualityWorld, rows: int) -> Callable[[], Board]:
    """A board of 110 rows; while it is fetched, another process brings one of so many."""

    def says() -> Board:
        other = QualityWorld(store=world.memory)
        other.says(board(rows))
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(other.synced).result()
        return board(110)

    return says


def test_a_sync_that_began_earlier_does_not_replace_what_a_later_one_has_brought(world: QualityWorld) -> None:
    world.synced()
    world.says(overtaken_by(world, rows=120))
    with pytest.raises(QualityConflict):
        world.synced()
    assert len(world.in_force().rated) == 120


def test_of_two_syncs_of_the_same_board_both_succeed(world: QualityWorld) -> None:
    world.synced()
    world.says(overtaken_by(world, rows=110))
    report = world.synced()
    assert (report.rows, report.has_changed) == (110, True)
    assert world.memory.in_force is not None
    assert report.activated_at == world.memory.in_force.activated_at < world.now


def test_a_source_that_is_not_known_is_said_to_be_none(world: QualityWorld) -> None:
    with pytest.raises(InvalidRequest, match="lmarena"):
        world.sync.run("rumour", by=None)
    assert {world.sync.run(named, by=None).source for named in ("lmarena", "auto")} == {"lmarena"}


def test_before_anything_is_fetched_the_store_has_to_answer(world: QualityWorld) -> None:
    world.memory.is_down = True
    world.says(lambda: pytest.fail("the board was asked for"))
    with pytest.raises(StoreUnavailable):
        world.synced()


def test_while_the_store_is_down_or_its_set_is_damaged_what_was_known_goes_on(world: QualityWorld) -> None:
    assert world.reader.current().version == world.seed.version
    report = world.synced()
    known = world.reader.current()
    world.memory.is_down = True
    world.now += timedelta(hours=1)
    assert world.reader.current() is known
    assert world.in_force().version == world.seed.version  # a process that starts now has the packaged set at least
    world.memory.is_down = False
    world.memory.sets[report.version] = b"damaged"
    assert world.in_force().version == world.seed.version


def test_the_index_is_made_anew_when_the_scores_are_others_and_only_then(world: QualityWorld) -> None:
    index = world.index.current()
    assert world.index.current() is index
    world.synced()
    later = world.index.current()
    assert later is not index
    world.synced()
    assert world.index.current() is later
