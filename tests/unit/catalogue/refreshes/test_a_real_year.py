"""A year of the primary source as it really was, refreshed day by day."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.catalogue.price_events import decode_events
from atom_llm.services.catalogue.price_history import HistoryFilter, changes
from testing import real_data
from testing.rows import IN
from tests.unit.catalogue.refreshes.refresh_world import World, oldest_first


@pytest.fixture(scope="module")
def real_world() -> World:
    """A year of the primary as it really was: the dirty file and the invalid one between the good ones."""
    world = World()
    world.lends(real_data.body_of(real_data.OPENROUTER_OVERRIDES))
    for day, body in (
        ((2026, 3, 14), real_data.MARCH),
        ((2026, 3, 15), real_data.DIRTY_UNITS),
        ((2026, 3, 16), real_data.DIRTY_JSON),
        ((2026, 3, 17), real_data.MARCH),
        ((2026, 7, 22), real_data.JULY_22),
        ((2026, 7, 24), real_data.JULY_24),
        ((2026, 9, 6), real_data.SEPTEMBER),
        ((2026, 11, 12), real_data.NOVEMBER),
        ((2026, 11, 13), real_data.NOVEMBER),
    ):
        world.now = datetime(*day, tzinfo=UTC)
        world.says(real_data.body_of(body))
        world.refresh()
    return world


def test_after_a_real_year_everything_is_at_the_newest_file_s_prices_but_what_another_source_contradicts(
    real_world: World,
) -> None:
    newest = real_data.litellm_of(real_data.NOVEMBER).entries
    own = [entry for entry in real_world.catalogue if entry.source == "litellm" and entry.absent_since is None]
    held = real_world.held()
    assert {entry.id for entry in own} == newest.keys()
    assert {entry.id for entry in own if entry != newest[entry.id]} == held.keys()
    assert all("unconfirmed: openrouter says" in each.reason for each in held.values())
    assert len(held) < 5


def test_no_price_of_the_real_year_moved_more_than_ten_times_without_having_been_held(real_world: World) -> None:
    entries = oldest_first(real_world)
    held_before: set[str] = set()
    moved: set[str] = set()
    for one, other in pairwise(entries):
        before, after = (decode(real_world.book.snapshot(each)) for each in (one, other))
        for entry in after:
            was, now = _input(before, entry.id), _input(after, entry.id)
            if was and now and max(was, now) > 10 * min(was, now):
                moved.add(entry.id)
                assert entry.id in held_before, entry.id
        told = decode_events(real_world.book.events(other))
        held_before |= {event.model for event in told if event.kind == "quarantined"}
    assert moved


def test_the_real_year_is_told_page_by_page_without_a_gap(real_world: World) -> None:
    told, start = 0, None
    while True:
        page, start = changes(real_world.book, HistoryFilter(), 1000, start)
        told += len(page)
        if start is None:
            break
    assert told == sum(each.events for each in oldest_first(real_world))


def _input(catalogue: Catalogue, identity: str) -> Decimal:
    entry = catalogue.get(identity)
    return Decimal(str((entry.published or {}).get(IN) or 0)) if entry else Decimal(0)
