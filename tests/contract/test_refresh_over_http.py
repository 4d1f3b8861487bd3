"""A refresh with everything real but AWS itself: files that upstream served, over HTTP, into tables of the emulator."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook
from atom_llm.adapters.dynamodb.catalogue.refresh_journal import DynamoRefreshJournal
from atom_llm.adapters.seed import load_seed
from atom_llm.adapters.sources import litellm, openrouter
from atom_llm.adapters.sources.fetch import FetchLimits, HttpPriceSource
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.errors import RefreshInProgress, SourcesDown
from atom_llm.domain.catalogue.price_events import same_rate
from atom_llm.domain.catalogue.quarantine import Approval, decode_quarantine
from atom_llm.domain.catalogue.review import ABSENCES_TO_LEAVE
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.services.catalogue.price_history import HistoryFilter, changes
from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher, RefreshReport
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from testing import real_data
from testing.catalogue_tables import price_book_on, refresh_journal_on
from testing.fakes.price_origin import Origin, price_origin
from tests.contract.conftest import NewTable, Traffic

LIMITS = FetchLimits(connect_s=1.0, read_s=0.3, total_s=1.5, first_pause_s=0.01)
DAY = timedelta(days=1)


@dataclass
class World:
    """A deployment: its tables, its sources, and the time."""

    primary: Origin
    fallback: Origin
    book: DynamoPriceBook
    journal: DynamoRefreshJournal
    traffic: Traffic
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __post_init__(self) -> None:
        """One process."""
        self.reader = CatalogueReader(self.book, load_seed, lambda: self.now)

    def refresh(self, *, approval: str | None = None) -> RefreshReport:
        """Refresh as the schedule does, a day after the last time."""
        self.now += DAY
        return self.refresh_now("01", approval=approval)

    def refresh_now(self, holder: str, *, approval: str | None = None) -> RefreshReport:
        """A forced refresh by one of several holders."""
        sources = (
            (HttpPriceSource(litellm.NAME, self.primary.url, lambda: self.now, LIMITS), litellm.read),
            (HttpPriceSource(openrouter.NAME, self.fallback.url, lambda: self.now, LIMITS), openrouter.read),
        )
        fetcher = DynamicPricingFetcher(sources, self.book, self.journal, load_seed, lambda: self.now)
        word = Approval(frozenset({approval} if approval else ()))
        return fetcher.refresh(holder, force=True, approval=word)

    def prices(self) -> Mapping[str, ModelEntry]:
        """Every row in force, as a process of its own sees it."""
        return {
            entry.id: entry for entry in CatalogueReader(self.book, load_seed, lambda: self.now).current().catalogue
        }

    def held(self) -> set[str]:
        """Return the proposals in quarantine."""
        return set(decode_quarantine(self.journal.quarantine()).held)


@pytest.fixture
def world(new_table: NewTable) -> Iterator[World]:
    table, traffic = new_table()
    with price_origin() as primary, price_origin() as fallback:
        fallback.serve(real_data.body_of(real_data.OPENROUTER_OVERRIDES))
        yield World(primary, fallback, price_book_on(table), refresh_journal_on(table), traffic)


def test_each_real_day_in_turn_is_in_force_after_its_refresh_but_for_what_is_held(world: World) -> None:
    for day in real_data.LITELLM_DAYS:
        world.primary.serve_compressed(real_data.body_of(day))
        report = world.refresh()
        assert report.sources["litellm"].condition == "fresh"
        assert differing(world, real_data.litellm_of(day)) <= world.held(), day


def test_between_good_days_the_dirty_ones_change_no_price_a_thousand_times(world: World) -> None:
    world.primary.serve(real_data.body_of(real_data.MARCH))
    world.refresh()
    world.refresh()  # what the first fetch proposed is confirmed
    good = world.prices()

    world.primary.serve(real_data.body_of(real_data.DIRTY_JSON))
    assert world.refresh().sources["litellm"].condition == "rejected"
    assert world.prices() == good

    world.primary.serve(real_data.body_of(real_data.DIRTY_UNITS))
    world.refresh()
    for identity, entry in world.prices().items():
        if identity in good and entry.published != good[identity].published:
            assert identity not in world.held()

    world.primary.serve(real_data.body_of(real_data.MARCH))
    world.refresh()
    assert differing(world, real_data.litellm_of(real_data.MARCH)) <= world.held()


def test_the_reseller_s_rows_leave_when_the_same_fetch_says_so_a_day_later(world: World) -> None:
    world.primary.serve(real_data.body_of(real_data.SEPTEMBER))
    world.refresh()
    world.primary.serve(real_data.body_of(real_data.NOVEMBER))
    world.refresh()
    resold = {identity for identity, entry in world.prices().items() if reseller(entry)}
    assert len(resold) == 100
    assert resold <= world.held()
    assert world.refresh().sources["litellm"].condition == "unchanged"  # 304: the same fetch
    assert {entry.absent_since is None for entry in world.prices().values() if reseller(entry)} == {False}


def test_an_admin_s_word_lets_them_leave_at_once(world: World) -> None:
    for day in (real_data.SEPTEMBER, real_data.NOVEMBER):
        world.primary.serve(real_data.body_of(day))
        world.refresh()
    world.refresh_now("02", approval="*")
    assert world.held() == set()
    assert not any(reseller(entry) and entry.absent_since is None for entry in world.prices().values())


@pytest.mark.parametrize("conduct", ["cut", "stall", "bomb", "500", "429", "404", "web page"])
def test_a_primary_that_misbehaves_is_no_failure_while_the_fallback_answers(world: World, conduct: str) -> None:
    world.primary.serve(real_data.body_of(real_data.JULY_22))
    world.refresh()
    good = {identity: each for identity, each in world.prices().items() if each.source == "litellm"}
    misbehave(world.primary, conduct)
    report = world.refresh()
    state = report.sources["litellm"]
    assert state.condition == "unavailable"
    assert state.failing_since == world.now
    assert {identity: each for identity, each in world.prices().items() if each.source == "litellm"} == good


def test_with_both_down_the_last_good_snapshot_stays_and_the_state_says_since_when(world: World) -> None:
    world.primary.serve(real_data.body_of(real_data.JULY_22))
    world.refresh()
    succeeded, good = world.now, world.prices()
    for source in (world.primary, world.fallback):
        source.fail(503)
    for _ in range(2):
        with pytest.raises(SourcesDown):
            world.refresh()
    state = world.journal.state()
    assert state.succeeded_at == succeeded
    assert state.sources["litellm"].failing_since == succeeded + DAY
    assert world.prices() == good


def test_refreshes_at_the_same_time_do_one_job(world: World) -> None:
    world.primary.serve(real_data.body_of(real_data.JULY_22))
    world.primary.stall(0.2)

    def refresh(holder: int) -> bool:
        try:
            world.refresh_now(f"holder-{holder}")
        except RefreshInProgress:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        ran = list(pool.map(refresh, range(8)))
    assert ran.count(True) == world.primary.hits == 1


def test_every_event_tells_the_truth_about_two_real_days(world: World) -> None:
    for day in (real_data.JULY_22, real_data.JULY_24):
        world.primary.serve(real_data.body_of(day))
        before = world.prices()
        world.refresh()
    after = world.prices()
    head = world.book.head()
    assert head is not None
    events, _ = changes(world.book, HistoryFilter(since=head.activated_at), 10_000, None)
    added = {each.event.model for each in events if each.event.kind == "added"}
    assert added == after.keys() - before.keys()
    for each in events:
        if each.event.kind == "price":
            published = after[each.event.model].published or {}
            assert all(same_rate(published[key], value) for key, value in each.event.after.items())


def test_an_unchanged_refresh_writes_two_units_and_a_changed_one_fewer_than_three_hundred(world: World) -> None:
    units: dict[str, int] = {}
    for day in (real_data.JULY_22, real_data.JULY_24, real_data.SEPTEMBER, real_data.NOVEMBER):
        world.primary.serve(real_data.body_of(day))
        world.traffic.write_units = 0
        world.refresh()
        units[day] = world.traffic.write_units
    for _ in range(ABSENCES_TO_LEAVE + 2):  # what was held passes a day later, and leaves three absences after that
        world.refresh()
    world.traffic.write_units = 0
    world.refresh()
    assert world.traffic.write_units == 2
    assert all(units[day] <= 300 for day in (real_data.JULY_24, real_data.SEPTEMBER, real_data.NOVEMBER)), units


def differing(world: World, reading: SourceReading) -> set[str]:
    """The rows of a reading whose rates are not what is in force."""
    prices = world.prices()
    return {
        identity
        for identity, entry in reading.entries.items()
        if identity not in prices or prices[identity].published != entry.published
    }


def reseller(entry: ModelEntry) -> bool:
    """Return whether a row is one of the reseller's that the primary listed."""
    return entry.provider == "openrouter" and entry.source == "litellm"


def misbehave(origin: Origin, conduct: str) -> None:
    """Tell a server how to fail."""
    match conduct:
        case "cut":
            origin.cut()
        case "stall":
            origin.stall(0.6)
        case "bomb":
            origin.bomb()
        case "web page":
            origin.conduct = lambda handler, body: handler.page()
        case status:
            origin.fail(int(status), **({"Retry_After": "0"} if status == "429" else {}))
