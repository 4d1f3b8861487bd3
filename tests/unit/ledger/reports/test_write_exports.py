"""Exports of usage are written in slices: whole, once, and as the ledger stands, whoever dies meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.usage_exports import LEASE, MAX_TRIES, UNWRITABLE, ExportState, UsageExport
from atom_llm.services.ledger.reports import write_exports
from atom_llm.services.ledger.reports.report_usage import Dimension, Group
from atom_llm.services.ledger.reports.usage_exports import UsageExports
from atom_llm.services.ledger.reports.write_exports import ExportWriter
from testing.fakes.ledger.usage_exports import UsageExportsInMemory
from testing.money_world import TENANT, MoneyWorld, in_memory, usd

DAY = timedelta(days=1)
FIRST = date(2026, 11, 1)


class Lines:
    """A line of 10 characters for each row and group, so that pieces are easily counted."""

    def header(self, group_by: Sequence[str]) -> str:
        return f"{','.join(group_by) or 'headings':9.9}\n"

    def call(self, row: LedgerRow) -> str:
        return f"{row.attempt.tags['n']:>9}\n"

    def group(self, group_by: Sequence[str], group: Group, sums: Sums) -> str:
        return f"{group[-1]:>5} {sums.calls:>3}\n"


class Dying(Lines):
    """Lines that cannot be written from one on."""

    def __init__(self, last: int) -> None:
        self.left = last

    def call(self, row: LedgerRow) -> str:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable("the table is gone")
        return super().call(row)


@dataclass
class ExportWorld:
    """The exports of a tenant, and calls to be in them."""

    money: MoneyWorld = field(default_factory=in_memory)
    store: UsageExportsInMemory = field(default_factory=UsageExportsInMemory)
    piece: int = 30  # characters: three lines

    def __post_init__(self) -> None:
        self.clock = self.money.clock
        self.exports = UsageExports(self.store, self.clock)
        self.writer = ExportWriter(self.store, self.money.ledger, self.money.sums, self.clock, self.piece)

    def calls(self, count: int, first: int = 0, **tags: str) -> None:
        for number in range(first, first + count):
            self.money.spend(usd("0.01"), tags={"n": str(number), **tags})
            self.clock.now += timedelta(seconds=1)
        self.money.roll_up.run()

    def asks(self, kind: Literal["calls", "usage"] = "calls", *group_by: Dimension) -> UsageExport:
        return self.exports.ask(TENANT, kind, FIRST, self.clock.now.date(), group_by)

    def runs(self, form: Lines | None = None, until: datetime | None = None) -> write_exports.ExportRun:
        return self.writer.run(until or self.clock.now + timedelta(minutes=4), form or Lines())

    def now(self, export: UsageExport) -> UsageExport:
        return self.exports.get(TENANT, export.export_id)

    def pieces(self, export: UsageExport) -> list[list[str]]:
        found = self.now(export)
        return [self.exports.piece(found, number).split() for number in range(1, found.pieces + 1)]


@pytest.fixture
def world() -> ExportWorld:
    return ExportWorld()


def test_calls_are_written_newest_first_over_all_days_in_pieces_of_a_size(world: ExportWorld) -> None:
    world.calls(3)
    world.clock.now += DAY
    world.calls(2, first=3)
    export = world.asks()
    done = world.runs()
    assert (done.finished, done.failed, done.lines) == (1, 0, 5)
    assert world.pieces(export) == [["headings", "4", "3"], ["2", "1", "0"]]
    assert (world.now(export).state, world.now(export).lines) == (ExportState.DONE, 5)


def test_a_period_without_calls_is_a_file_of_headings(world: ExportWorld) -> None:
    export = world.asks()
    world.runs()
    assert world.pieces(export) == [["headings"]]


def test_rows_that_the_sums_do_not_hold_yet_are_in_it(world: ExportWorld) -> None:
    world.money.spend(usd("0.01"), tags={"n": "7"})
    export = world.asks()
    world.runs()
    assert world.pieces(export) == [["headings", "7"]]


def test_usage_is_a_line_a_day_and_group_newest_day_first(world: ExportWorld) -> None:
    world.calls(2)
    world.clock.now += DAY
    world.calls(3)
    export = world.asks("usage", "provider")
    world.runs()
    assert world.now(export).group_by == ("day", "provider")
    assert [line for piece in world.pieces(export) for line in piece] == ["day,provi", "openai", "3", "openai", "2"]


def test_time_that_is_out_ends_a_run_and_the_next_one_goes_on_where_it_stopped(world: ExportWorld) -> None:
    world.calls(8)
    export = world.asks()

    class Slow(Lines):
        def call(self, row: LedgerRow) -> str:
            world.clock.now += timedelta(minutes=1)
            return super().call(row)

    written = [world.runs(Slow()).lines for _ in range(3)]
    assert written == [5, 3, 0]
    assert [line for piece in world.pieces(export) for line in piece] == ["headings", *map(str, range(7, -1, -1))]


def test_a_run_that_dies_loses_its_last_piece_alone_and_its_lease_lapses(world: ExportWorld) -> None:
    world.calls(8)
    export = world.asks()
    with pytest.raises(StoreUnavailable):
        world.runs(Dying(last=4))
    assert world.now(export).lines == 2
    assert world.runs().lines == 0  # the dead one's lease still holds
    world.clock.now += LEASE
    assert world.runs().finished == 1
    assert [line for piece in world.pieces(export) for line in piece] == ["headings", *map(str, range(7, -1, -1))]


def test_one_that_cannot_be_written_is_given_up_and_says_so(world: ExportWorld) -> None:
    world.calls(1)
    export = world.asks()
    for _ in range(MAX_TRIES):
        with pytest.raises(StoreUnavailable):
            world.runs(Dying(last=0))
        world.clock.now += LEASE
    assert world.runs().failed == 1
    assert (world.now(export).state, world.now(export).failure) == (ExportState.FAILED, UNWRITABLE)
    assert world.runs().failed == 0


def test_groups_beyond_what_memory_holds_fail_it_by_the_field(
    world: ExportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_exports, "MAX_GROUPS", 3)
    world.calls(4)
    export = world.asks("usage", "tag")
    assert world.runs().failed == 1
    assert (world.now(export).failure or "").startswith("group_by tells more than 3 groups of a day apart")


def test_of_two_runs_at_once_one_writes(world: ExportWorld) -> None:
    world.calls(8)
    export = world.asks()

    class Meanwhile(Lines):
        def call(self, row: LedgerRow) -> str:
            assert world.runs().lines == 0
            return super().call(row)

    assert world.runs(Meanwhile()).lines == 8
    assert world.now(export).state is ExportState.DONE


def test_one_that_is_deleted_while_it_is_written_leaves_nothing(world: ExportWorld) -> None:
    world.calls(8)
    export = world.asks()

    class Deleting(Lines):
        def call(self, row: LedgerRow) -> str:
            if row.attempt.tags["n"] == "3":
                world.exports.delete(TENANT, export.export_id)
            return super().call(row)

    assert world.runs(Deleting()).finished == 0
    assert (world.store.exports, world.store.pieces) == ({}, {})


def test_what_is_beyond_ascii_takes_more_of_a_piece(world: ExportWorld) -> None:
    class Names(Lines):
        def call(self, row: LedgerRow) -> str:
            return "äöü\n"

    world.calls(4)
    export = world.asks()
    world.runs(Names())
    assert [len(piece) for piece in world.pieces(export)] == [2, 2, 1]  # 24 characters of JSON each, beside headings
