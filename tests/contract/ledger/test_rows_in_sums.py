"""A row comes into the sums once on tables: behind an earlier build, beside its roll-ups, and with an attempt that was
opened again."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from atom_llm.adapters.dynamodb.ledger.items import attempt_item
from atom_llm.adapters.dynamodb.ledger.ledger import row_key
from atom_llm.adapters.dynamodb.table import ConditionFailed, Table
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.sweep import LEASE
from testing.fakes.service_keys import NOON
from testing.money_world import TENANT, MoneyWorld, on_tables, usd
from tests.contract.conftest import NewTable

COST = usd("0.0025")


@pytest.fixture
def usage(new_table: NewTable) -> Table:
    return new_table()[0]


@pytest.fixture
def world(new_table: NewTable, usage: Table) -> MoneyWorld:
    world = on_tables(new_table()[0], usage, NOON)
    world.budget("1")
    return world


def earlier_row(world: MoneyWorld, usage: Table, held: Attempt) -> LedgerRow:
    """Settle a call as an earlier build did, which spelt all of a row."""
    ended = world.settlement(COST)
    (line,) = ended.lines
    item: Mapping[str, Any] = attempt_item(held) | {
        "status": "succeeded",
        "settled_at": ended.settled_at.isoformat(),
        "cost": COST,
        "usage": '{"input":1000}',
        "context": 1000,
        "raw": json.dumps(ended.raw_usage),
        "lines": json.dumps([["input", "input", 1000, str(line.rate), line.rate_key, "1", str(line.amount)]]),
        "latency_ms": ended.latency_ms,
        "first_token_ms": ended.first_token_ms,
    }
    usage.put(row_key(held), dict(item), if_absent=True)
    for ref in held.windows:
        world.windows.settle(TENANT, ref, held.hold_id, held.hold, COST)
    return LedgerRow(held, ended)


def earlier_post(usage: Table, row: LedgerRow) -> bool:
    """Mark a row as an earlier build's roll-up did; its sums would go with it. False where it was marked."""
    mark = usage.updating(
        row_key(row.attempt),
        "SET posted = :yes",
        {":yes": True},
        condition="attribute_exists(pk) AND attribute_not_exists(posted)",
    )
    try:
        usage.transact([mark])
    except ConditionFailed:
        return False
    return True


def books_agree(world: MoneyWorld, rows: int) -> bool:
    assert world.ledger.open_attempts_of(TENANT) == []
    assert world.check().drift == {}
    return world.summed() == COST * rows


def test_a_row_of_an_earlier_build_comes_into_the_sums_once_and_never_by_that_ones_roll_up_too(
    world: MoneyWorld, usage: Table
) -> None:
    row = earlier_row(world, usage, world.spending.hold(world.attempt()))
    assert [each.settlement for each in world.rows()] == [row.settlement]
    assert (world.roll_up.run().posted, world.roll_up.run().posted) == (1, 0)
    assert not earlier_post(usage, row)
    assert books_agree(world, 1)


def test_a_row_that_an_earlier_roll_up_has_just_counted_is_only_closed(world: MoneyWorld, usage: Table) -> None:
    row = earlier_row(world, usage, world.spending.hold(world.attempt()))
    post = world.sums.post
    seen: list[int | None] = []

    def late(rows: Any) -> int | None:
        earlier_post(usage, row)
        seen.append(post(rows))
        return seen[-1]

    world.sums.post = late  # type: ignore[method-assign]
    done = world.roll_up.run()
    assert (done.posted, seen) == (0, [None])
    assert world.summed() == 0
    assert world.ledger.open_attempts_of(TENANT) == []


def test_a_row_says_nothing_that_its_key_says_and_is_not_written_when_it_is_counted(
    world: MoneyWorld, usage: Table
) -> None:
    held = world.spending.hold(world.attempt())
    world.spending.settle(held, world.settlement(COST))
    item = usage.get(row_key(held), consistent=True)
    assert item is not None
    assert not item.keys() & {"tenant", "call_id", "label", "posted"}
    assert world.roll_up.run().posted == 1
    assert usage.get(row_key(held), consistent=True) == item
    assert books_agree(world, 1)


@pytest.mark.parametrize("ends", ["swept", "given up"])
def test_an_attempt_that_a_late_request_opens_again_is_closed_and_counts_no_second_time(
    world: MoneyWorld, ends: str
) -> None:
    held = world.spending.hold(world.attempt(maker="dead"))
    if ends == "swept":
        world.clock.pass_s(LEASE.total_seconds() + 1)
    else:
        world.spending._give_up(held, "the ledger could not be written")
    assert world.roll_up.run().posted == 1
    summed = world.summed()
    world.ledger.open(held)
    assert world.roll_up.run().posted == 0
    assert world.summed() == summed
    assert world.ledger.open_attempts_of(TENANT) == []


def test_rows_are_erased_once_they_are_in_the_sums(world: MoneyWorld) -> None:
    kept = [world.spend(COST) for _ in range(3)]
    world.roll_up.run()
    waiting = world.spend(COST)
    erased = world.ledger.erase_day(TENANT, world.clock().date(), at_most=2)
    erased += world.ledger.erase_day(TENANT, world.clock().date(), at_most=100)
    assert erased == len(kept)
    assert [row.attempt for row in world.rows()] == [waiting.attempt]


def test_of_roll_ups_at_the_same_row_one_counts_it_and_the_other_finds_nothing_left(world: MoneyWorld) -> None:
    world.spend(COST)
    other: Callable[[], Any] = world.roll_up.run
    post = world.sums.post

    def meanwhile(rows: Any) -> int | None:
        world.sums.post = post  # type: ignore[method-assign]
        assert other().posted == 1
        return post(rows)

    world.sums.post = meanwhile  # type: ignore[method-assign]
    assert world.roll_up.run().posted == 0
    assert books_agree(world, 1)
