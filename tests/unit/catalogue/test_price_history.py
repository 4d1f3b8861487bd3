"""The history of prices: pages of events, and one row's prices over time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from atom_llm.domain.catalogue.price_events import PriceEvent, encode_events
from atom_llm.domain.catalogue.refresh import Activation, SnapshotVersion
from atom_llm.services.catalogue.price_history import (
    BATCHES_A_PAGE,
    DatedEvent,
    EventPosition,
    HistoryFilter,
    PriceHistory,
    PricePeriod,
    changes,
    history,
)
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from benchmarks.aged_book import MODEL, SEASON, aged_book
from testing.fakes.catalogue_store import BookInMemory
from testing.rows import IN, NOW, row
from tests.unit.catalogue.refreshes.refresh_world import A_DAY, World, model_list, price_file


def book_of(batches: Iterable[list[PriceEvent]], every: timedelta = A_DAY) -> BookInMemory:
    """A book in which each batch was activated a day after the one before."""
    book = BookInMemory()
    for number, batch in enumerate(batches, start=1):
        at = NOW + (number - 1) * every
        entry = Activation(number, SnapshotVersion(f"v{number}"), at, 1, 1, len(batch))
        book.activate(entry, b"", encode_events(batch))
    return book


def event(model: str = "acme/m", **fields: object) -> PriceEvent:
    return PriceEvent(**{"kind": "price", "source": "litellm", "provider": "acme", "model": model, **fields})  # type: ignore[arg-type]


def every_page(book: BookInMemory, wanted: HistoryFilter, limit: int) -> list[list[DatedEvent]]:
    pages, start = [], None
    while True:
        page, start = changes(book, wanted, limit, start)
        pages.append(page)
        if start is None:
            return pages


# Events


def test_events_come_newest_activation_first_and_in_their_order_within_one() -> None:
    book = book_of([[event("a"), event("b")], [], [event("c"), event("d")]])
    page, following = changes(book, HistoryFilter(), 10, None)
    assert [(each.event.model, each.activation.sequence) for each in page] == [("c", 3), ("d", 3), ("a", 1), ("b", 1)]
    assert following is None


def test_a_full_page_says_where_the_next_begins_and_a_last_full_page_says_that_it_is_the_last() -> None:
    book = book_of([[event("a"), event("b")], [event("c")]])
    page, following = changes(book, HistoryFilter(), 2, None)
    assert [each.event.model for each in page] == ["c", "a"]
    assert following == EventPosition(1, 1)
    assert [each.event.model for each in changes(book, HistoryFilter(), 1, following)[0]] == ["b"]
    assert changes(book, HistoryFilter(), 3, None)[1] is None


@given(st.lists(st.lists(st.sampled_from("abc").map(event), max_size=4), max_size=6), st.integers(1, 5))
@how(deadline=None)
def test_pages_of_any_size_tell_every_event_once(batches: list[list[PriceEvent]], limit: int) -> None:
    book = book_of(batches)
    pages = every_page(book, HistoryFilter(), limit)
    assert all(len(page) == limit for page in pages[:-1])
    assert [each.event for page in pages for each in page] == [each for batch in reversed(batches) for each in batch]


@pytest.mark.parametrize(
    ("wanted", "models"),
    [
        (HistoryFilter(provider="acme"), ["a", "c"]),
        (HistoryFilter(model="b"), ["b"]),
        (HistoryFilter(kind="added"), ["b", "c"]),
        (HistoryFilter(provider="acme", kind="added"), ["c"]),
        (HistoryFilter(provider="nobody"), []),
    ],
)
def test_only_the_wanted_events_are_told(wanted: HistoryFilter, models: list[str]) -> None:
    book = book_of([[event("a"), event("b", provider="zeta", kind="added"), event("c", kind="added")]])
    assert [each.event.model for each in changes(book, wanted, 10, None)[0]] == models


def test_since_an_instant_means_from_that_very_instant_on() -> None:
    book = book_of([[event("a")], [event("b")]])
    assert len(changes(book, HistoryFilter(since=NOW + A_DAY), 10, None)[0]) == 1
    assert len(changes(book, HistoryFilter(since=NOW + A_DAY + timedelta(microseconds=1)), 10, None)[0]) == 0
    assert len(changes(book, HistoryFilter(since=NOW), 10, None)[0]) == 2


def test_a_search_that_finds_little_ends_its_page_after_so_many_batches_and_goes_on_from_there() -> None:
    book = book_of([[event("a")], *([event("b")] for _ in range(BATCHES_A_PAGE))])
    page, following = changes(book, HistoryFilter(model="a"), 10, None)
    assert (page, following) == ([], EventPosition(1, 0))
    assert [each.event.model for each in changes(book, HistoryFilter(model="a"), 10, following)[0]] == ["a"]


def test_exactly_so_many_batches_fit_one_page() -> None:
    book = book_of([[event("a")], *([event("b")] for _ in range(BATCHES_A_PAGE - 1))])
    page, following = changes(book, HistoryFilter(model="a"), 10, None)
    assert ([each.event.model for each in page], following) == (["a"], None)


# One row's prices


@pytest.fixture
def world() -> World:
    found = World(row("m"), row("n"))
    found.openrouter.fail("connection")
    found.says(price_file("m", "n"))
    found.refresh()
    return found


def a_day_later(world: World, *models: str, **priced: float) -> datetime:
    world.later(A_DAY)
    world.says(price_file(*models, **priced))
    world.refresh()
    return world.now


def told(world: World, model: str = "acme/m") -> list[tuple[datetime, datetime | None, object]]:
    world.reader.forget()
    return [
        (period.since, period.until, period.rates[IN]) for period in history(world.book, world.reader.current(), model)
    ]


def test_a_price_that_never_changed_is_one_period_from_the_first_snapshot_on(world: World) -> None:
    assert told(world) == [(world.seed.as_of, None, "1e-06")]


def test_each_change_ends_a_period_and_begins_the_next_newest_first(world: World) -> None:
    first = a_day_later(world, "n", m=2e-06)
    second = a_day_later(world, "n", m=3e-06)
    assert told(world) == [
        (second, None, "3e-06"),
        (first, second, "2e-06"),
        (world.seed.as_of, first, "1e-06"),
    ]
    assert told(world, "acme/n") == [(world.seed.as_of, None, "1e-06")]


def test_a_row_that_was_added_later_begins_later(world: World) -> None:
    since = a_day_later(world, "m", "n", x=2e-06)
    assert told(world, "acme/x") == [(since, None, "2e-06")]


def test_a_row_that_is_gone_keeps_its_history_and_a_gap_when_it_returns_at_another_price(world: World) -> None:
    gone = a_day_later(world, "n")
    assert told(world) == [(world.seed.as_of, gone, "1e-06")]
    for _ in range(4):
        a_day_later(world, "n")
    assert world.catalogue.get("acme/m") is None
    assert told(world) == [(world.seed.as_of, gone, "1e-06")]
    back = a_day_later(world, "n", m=2e-06)
    assert told(world) == [(back, None, "2e-06"), (world.seed.as_of, gone, "1e-06")]


def test_a_row_that_returns_at_another_price_before_it_left_has_the_gap_and_no_empty_period(world: World) -> None:
    gone = a_day_later(world, "n")
    back = a_day_later(world, "n", m=2e-06)
    assert told(world) == [(back, None, "2e-06"), (world.seed.as_of, gone, "1e-06")]


def test_a_price_that_was_held_begins_when_it_was_let_through(world: World) -> None:
    a_day_later(world, "n", m=5e-05)
    confirmed = a_day_later(world, "n", m=5e-05)
    assert told(world) == [(confirmed, None, "5e-05"), (world.seed.as_of, confirmed, "1e-06")]


def test_a_key_that_comes_and_goes_is_in_the_periods_that_had_it(world: World) -> None:
    key = "cache_read_input_token_cost"
    plain, cached = (price_file("m", "n") for _ in range(2))
    cached["m"][key] = 5e-07
    for content in (cached, plain):
        world.later(A_DAY)
        world.says(content)
        world.refresh()
    periods = history(world.book, CatalogueInForce(world.catalogue, world.head, world.head.activated_at), "acme/m")
    assert [key in period.rates for period in periods] == [False, True, False]


def test_a_reader_that_has_not_seen_the_newest_entry_tells_what_it_has_in_force(world: World) -> None:
    old = CatalogueInForce(world.catalogue, world.head, world.head.activated_at)
    a_day_later(world, "n", m=2e-06)
    assert [(each.until, each.rates[IN]) for each in history(world.book, old, "acme/m")] == [(None, "1e-06")]


def test_the_seed_alone_is_a_history(world: World) -> None:
    empty = World(row("m"))
    assert told(empty) == [(empty.seed.as_of, None, "0.000001")]


def test_a_row_that_never_was_has_no_history(world: World) -> None:
    assert told(world, "acme/never") == []


def test_a_reseller_s_price_never_enters_the_history_of_the_vendor_s_row(world: World) -> None:
    gone = a_day_later(world, "n")
    for _ in range(4):
        a_day_later(world, "n")
    world.lends(model_list("acme/m", charge="0.000009"))
    world.refresh()
    assert world.catalogue.get("openrouter/acme/m") is not None
    assert told(world, "acme/m") == [(world.seed.as_of, gone, "1e-06")]
    assert told(world, "openrouter/acme/m") == [(world.now, None, "0.000009")]


def test_a_period_says_which_version_and_which_source_began_it(world: World) -> None:
    a_day_later(world, "n", m=2e-06)
    period = history(world.book, CatalogueInForce(world.catalogue, world.head, world.now), "acme/m")[0]
    assert period == PricePeriod(
        world.now, None, {IN: "2e-06", "output_cost_per_token": "2e-06"}, world.head.version, "litellm"
    )


# As the book grows


@pytest.mark.parametrize("years", [1, 3])
def test_a_model_s_history_and_its_changes_are_ten_queries_at_the_most_at_any_age(world: World, years: int) -> None:
    book, table = aged_book(years * 365)
    head = book.head()
    assert head is not None
    in_force = CatalogueInForce(world.catalogue, head, head.activated_at)
    seasons = years * 365 // SEASON

    before = table.queries
    assert len(history(book, in_force, MODEL)) == seasons  # the row is in force no more: what ended is told
    assert table.queries - before <= 10

    before, found, start = table.queries, 0, None
    while found == 0 or start is not None:
        page, start = changes(book, HistoryFilter(model=MODEL), 50, start)
        found += len(page)
    assert (found, table.queries - before <= 10) == (seasons, True)

    before = table.queries
    assert PriceHistory(book).has_events(MODEL)
    assert not PriceHistory(book).has_events("acme/never")
    assert table.queries - before <= 20


def test_a_first_page_of_all_events_asks_for_no_more_than_it_shows() -> None:
    book, table = aged_book(200)
    before = table.queries
    page, _ = changes(book, HistoryFilter(), 50, None)
    assert len(page) == 50
    assert table.queries - before <= 2
