"""A sync with everything real but AWS itself: the boards that were published, page by page over HTTP, into a table."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb.audit import DynamoAuditLog
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.adapters.sources.arena import NAME, ArenaBoard
from atom_llm.adapters.sources.fetch import FetchLimits
from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.catalogue.spelling import catalogue_spelling
from atom_llm.domain.registry.board import Board
from atom_llm.domain.registry.errors import BoardRefused, QualityConflict
from atom_llm.domain.registry.quality import ATTRIBUTION, QualitySet, decode_set
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.core.shared_changes import SharedChanges
from atom_llm.services.registry.read_quality import QualityReader
from atom_llm.services.registry.sync_quality import QualityReport, QualitySync
from testing import real_data
from testing.catalogue_tables import price_book_on, quality_on
from testing.fakes.board_origin import BoardOrigin, Page, board_origin, dataset_rows
from tests.contract.conftest import NewTable
from tests.unit.registry import boards

LIMITS = FetchLimits(connect_s=2.0, read_s=0.5, total_s=20.0, attempts=2, first_pause_s=0.01)
WEEK = timedelta(days=7)


@dataclass
class World:
    """A deployment: its table, the publisher, and the time."""

    origin: BoardOrigin
    table: Table
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def sync(self, limits: FetchLimits = LIMITS) -> QualityReport:
        """Sync as the schedule does, in a process of its own, a week after the last time."""
        self.now += WEEK
        store, prices = quality_on(self.table), CatalogueReader(price_book_on(self.table), load_seed, self.clock)
        source = ArenaBoard(self.origin.url, self.clock, limits)
        changes = SharedChanges(lambda: None, DynamoAuditLog(self.table).record, self.clock)
        return QualitySync(store, {NAME: source}, prices, self.reader(), changes, self.clock).run(by=None)

    def reader(self) -> QualityReader:
        """Another process."""
        return QualityReader(quality_on(self.table), load_quality_seed, self.clock)

    def clock(self) -> datetime:
        """The time."""
        return self.now

    def serve(self, board: Board) -> None:
        """Publish this board from now on."""
        self.origin.serve(dataset_rows(board))

    def in_force(self) -> QualitySet:
        """Return the scores in force for a process that starts now."""
        return self.reader().current()


@pytest.fixture
def world(new_table: NewTable) -> Iterator[World]:
    with board_origin() as origin:
        yield World(origin, new_table()[0])


def names(board: Board) -> set[str]:
    """Whom a board rates."""
    return {row.name for row in board.rows}


def rated(quality: QualitySet) -> set[str]:
    """Whom a set rates."""
    return {each.row.name for each in quality.rated}


def test_each_real_board_in_turn_is_in_force_after_its_sync_and_a_bad_day_between_changes_nothing(world: World) -> None:
    assert world.in_force() == decode_set(load_quality_seed())
    for name in real_data.WHOLE_BOARDS:
        board = boards.real(name)
        world.serve(board)
        report = world.sync()
        in_force = world.in_force()
        assert rated(in_force) == names(board), name
        assert (report.rows, report.version, report.has_changed) == (len(board.rows), in_force.version, True)
        assert report.matched + len(report.unmatched) == report.rows
        assert (in_force.published, in_force.attribution) == (date(2026, 8, 3), ATTRIBUTION)

        world.serve(boards.real(real_data.BOARD_TRUNCATED))
        with pytest.raises(BoardRefused, match="20 models"):
            world.sync()
        assert world.in_force() == in_force

        world.serve(board)
        again = world.sync()
        assert (again.has_changed, again.version) == (False, report.version)


def test_a_known_model_has_the_rating_that_the_board_in_force_gives_it(world: World) -> None:
    board = boards.real(real_data.BOARD_DECEMBER)
    world.serve(board)
    world.sync()
    published = next(row for row in board.rows if row.name == "gpt-5.1")
    quality = world.in_force().of(catalogue_spelling("gpt-5.1"))
    assert quality is not None
    assert (quality.rating, quality.source, quality.published) == (published.rating, "lmarena", date(2026, 8, 3))
    assert quality.interval is not None
    assert quality.interval[0] < quality.score < quality.interval[1]


def half_finished(offset: int, page: Page) -> Page | int:
    return page if offset < 300 else 503


def moving(offset: int, page: Page) -> Page:
    return page | {"num_rows_total": page["num_rows_total"] + offset // 100}


def partial(offset: int, page: Page) -> Page:
    return page | {"partial": offset > 0}


def cut(offset: int, page: Page) -> Page | None:
    return page if offset != 200 else None


def page_of_the_web(offset: int, page: Page) -> bytes:
    return b"<html>maintenance</html>"


@pytest.mark.parametrize(
    ("misbehaves", "failure"),
    [
        (half_finished, SourceUnavailable),
        (cut, SourceUnavailable),
        (page_of_the_web, SourceUnavailable),
        (moving, UnreadableSource),
        (partial, UnreadableSource),
    ],
)
@pytest.mark.parametrize("is_first", [True, False], ids=["at the first sync", "at a later one"])
def test_paging_that_is_not_finished_or_not_of_one_piece_leaves_the_set_in_force(
    world: World, misbehaves: Callable[[int, Page], Page | int | bytes | None], failure: type[Exception], is_first: bool
) -> None:
    if not is_first:
        world.serve(boards.real(real_data.BOARD_DECEMBER))
        world.sync()
    before = world.in_force()
    world.serve(boards.real(real_data.BOARD_APRIL))
    world.origin.misbehave(misbehaves)
    with pytest.raises(failure):
        world.sync()
    assert world.in_force() == before
    world.serve(boards.real(real_data.BOARD_APRIL))
    assert world.sync().rows == len(boards.real(real_data.BOARD_APRIL).rows)


def test_a_slow_server_is_waited_for_and_one_that_is_too_slow_leaves_the_set_in_force(world: World) -> None:
    board = boards.real(real_data.BOARD_DECEMBER)
    world.serve(board)
    world.origin.delay_s = 0.1
    world.sync()
    before = world.in_force()
    assert rated(before) == names(board)
    world.serve(boards.real(real_data.BOARD_APRIL))
    world.origin.delay_s = 0.1
    with pytest.raises(SourceUnavailable) as late:
        world.sync(replace(LIMITS, total_s=0.15))
    assert late.value.reason == "timeout"
    assert world.in_force() == before


def test_of_syncs_at_the_same_time_every_one_succeeds_or_says_that_another_did(world: World) -> None:
    world.serve(boards.real(real_data.BOARD_DECEMBER))
    world.sync()
    world.serve(boards.real(real_data.BOARD_APRIL))

    def attempt(_: int) -> str | None:
        try:
            return world.sync().version
        except QualityConflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        versions = set(pool.map(attempt, range(4))) - {None}
    assert versions == {world.in_force().version}
