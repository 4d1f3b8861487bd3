"""One refresh after another: what is in force, held and told after each, whatever the sources do."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, decode
from atom_llm.domain.catalogue.errors import ActivationConflict, RefreshInProgress, SourcesDown
from atom_llm.domain.catalogue.price_events import decode_events
from atom_llm.domain.catalogue.quarantine import CONFIRMATION_DELAY, EVERYTHING, Approval
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.catalogue.review import ABSENCES_TO_LEAVE
from atom_llm.services.catalogue.price_history import HistoryFilter, changes, history
from atom_llm.services.catalogue.pricing_fetcher import FRESH_FOR, LEASE_S
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing import real_data
from testing.rows import IN, NOW, row
from tests.unit.catalogue.refresh_world import A_DAY, World, model_list, price_file

ALL = Approval(frozenset({EVERYTHING}))


@pytest.fixture
def world() -> World:
    """Two sources that answer, and a first refresh behind us."""
    found = World(row("a"), row("b"))
    found.says(price_file("a", "b", "c", "d"))
    found.lends(model_list("acme/a", "other/x"))
    found.refresh()
    return found


# ---------------------------------------------------------------- the first time


def test_the_first_refresh_enters_the_seed_with_its_day_and_then_what_was_fetched() -> None:
    world = World(row("a"), row("b"))
    world.says(price_file("a", "b", "c"))
    world.lends(model_list("other/x"))
    report = world.refresh()
    first, second = reversed(list(world.book.activations(since=None, before=None)))
    assert (first.sequence, first.activated_at, first.models) == (1, world.seed.as_of, 2)
    assert (second.sequence, second.activated_at, second.models) == (2, NOW, 4)
    assert (report.outcome, report.models, report.fetched, report.version) == ("refreshed", 4, 4, second.version)
    assert report.events == {"added": 2}


def test_a_first_refresh_with_every_source_down_leaves_the_seed_in_force() -> None:
    world = World(row("a"))
    with pytest.raises(SourcesDown):
        world.refresh()
    assert (world.head.sequence, world.prices()) == (1, {"acme/a": "0.000001"})
    assert world.journal.state().succeeded_at is None


def test_prices_of_the_first_fetch_are_compared_with_the_seed_s() -> None:
    world = World(row("a"))
    world.says(price_file("a", charge=2e-05))
    world.refresh()
    assert world.prices() == {"acme/a": "0.000001"}
    assert world.held().keys() == {"acme/a"}


def test_a_seed_s_day_that_is_still_to_come_is_today() -> None:
    world = World(row("a"), as_of=NOW + A_DAY)
    world.says(price_file("a"))
    world.refresh()
    assert world.head.activated_at == NOW


# ---------------------------------------------------------------- fresh, unchanged, changed


def test_within_a_day_nothing_is_asked_and_at_a_day_it_is(world: World) -> None:
    world.says(price_file("a", "b", "c", "d", charge=2e-06))
    world.later(FRESH_FOR - timedelta(microseconds=1))
    report = world.refresh(force=False)
    assert (report.outcome, report.version, report.models) == ("fresh", world.head.version, 5)
    assert world.prices()["acme/a"] == "1e-06"
    world.later(timedelta(microseconds=1))
    assert world.refresh(force=False).outcome == "refreshed"
    assert world.prices()["acme/a"] == "2e-06"


def test_with_force_it_is_asked_at_once(world: World) -> None:
    world.says(price_file("a", "b", "c", "d", charge=2e-06))
    assert world.refresh(force=True).outcome == "refreshed"


def test_a_source_that_says_not_modified_changes_nothing_and_is_fresh_again(world: World) -> None:
    before = world.head
    world.later(A_DAY)
    report = world.refresh()
    assert (report.outcome, world.head, report.fetched) == ("unchanged", before, 0)
    assert {name: each.condition for name, each in report.sources.items()} == {
        "litellm": "unchanged",
        "openrouter": "unchanged",
    }
    assert report.succeeded_at == world.now
    assert report.sources["litellm"].fetched_at == NOW


def test_the_same_content_under_a_new_tag_writes_no_entry(world: World) -> None:
    before = world.head
    world.says(json.dumps(price_file("d", "c", "b", "a"), indent=2).encode())
    assert world.refresh().outcome == "unchanged"
    assert world.head == before


def test_a_change_is_one_entry_with_its_event(world: World) -> None:
    before = world.head
    world.later(A_DAY)
    world.says(price_file("a", "b", "c", d=2e-06))
    report = world.refresh()
    assert report.events == {"price": 1}
    assert (world.head.sequence, world.head.activated_at) == (before.sequence + 1, world.now)
    assert world.head.source_times["litellm"] == world.now
    (event,) = world.events()
    assert (event.model, event.before[IN], event.after[IN]) == ("acme/d", "1e-06", "2e-06")


def test_prices_that_return_to_an_earlier_state_are_a_new_entry_of_the_old_version(world: World) -> None:
    first = world.head
    world.says(price_file("a", "b", "c", d=2e-06))
    world.refresh()
    world.says(price_file("a", "b", "c", "d"))
    world.refresh()
    assert world.head.version == first.version
    assert world.head.sequence == first.sequence + 2


def test_a_clock_that_goes_back_does_not_put_an_entry_before_its_predecessor(world: World) -> None:
    before = world.head
    world.later(-A_DAY)
    world.says(price_file("a", "b", "c", d=2e-06))
    world.refresh()
    assert world.head.activated_at == before.activated_at


# ---------------------------------------------------------------- sources in trouble

UNUSABLE: list[bytes] = [
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b'{"a": NaN}',
    b'{"x": {"litellm_provider": "acme"}',
    b'{"a": 1}',
]


@pytest.mark.parametrize("body", UNUSABLE)
def test_an_unusable_answer_of_the_primary_changes_no_price_and_says_why(world: World, body: bytes) -> None:
    before = world.prices()
    world.says(body)
    world.later(A_DAY)
    report = world.refresh()
    assert world.prices() == before
    state = report.sources["litellm"]
    assert (state.condition, state.failing_since) == ("rejected", world.now)
    assert state.detail
    assert report.events == {"quarantined": 1}
    (event,) = world.events()
    assert (event.kind, event.source, event.model) == ("quarantined", "litellm", "")
    assert (event.reason or "").startswith("whole fetch refused: ")


def test_an_answer_that_is_refused_again_is_told_once(world: World) -> None:
    world.says(b"<html>")
    world.refresh()
    head = world.head
    assert world.refresh().events == {}
    assert world.head == head
    world.says(b"<html>another</html>")
    assert world.refresh().events == {"quarantined": 1}


def test_a_dead_primary_is_no_failure_while_the_fallback_answers(world: World) -> None:
    world.litellm.fail("timeout")
    world.lends(model_list("acme/a", "other/x", "other/y"))
    world.later(A_DAY)
    report = world.refresh()
    assert report.outcome == "refreshed"
    assert report.succeeded_at == world.now
    assert world.prices().keys() == {"acme/a", "acme/b", "acme/c", "acme/d", "openrouter/other/x", "openrouter/other/y"}
    assert report.sources["litellm"].condition == "unavailable"


def test_a_dead_fallback_is_no_failure_either(world: World) -> None:
    world.openrouter.fail("connection")
    world.says(price_file("a", "b", "c", d=2e-06))
    assert world.refresh().events == {"price": 1}
    assert "openrouter/other/x" in world.prices()


def test_with_both_down_the_last_good_prices_stay_and_it_is_a_failure(world: World) -> None:
    head, succeeded = world.head, world.journal.state().succeeded_at
    world.litellm.fail("timeout")
    world.openrouter.fail("http_status")
    world.later(A_DAY)
    with pytest.raises(SourcesDown) as failure:
        world.refresh()
    assert set(failure.value.details["sources"]) == {"litellm", "openrouter"}  # type: ignore[call-overload]
    state = world.journal.state()
    assert (world.head, state.succeeded_at, state.attempted_at) == (head, succeeded, world.now)


def test_failing_since_is_the_first_of_an_unbroken_row(world: World) -> None:
    world.litellm.fail("timeout")
    world.later(A_DAY)
    since = world.now
    world.refresh()
    world.later(A_DAY)
    world.says(b"<html>")
    assert world.refresh().sources["litellm"].failing_since == since
    world.says(price_file("a", "b", "c", "d"))
    assert world.refresh().sources["litellm"].failing_since is None


def test_a_failed_source_is_asked_conditionally_with_what_it_last_gave(world: World) -> None:
    validators = world.journal.state().sources["litellm"].validators
    world.litellm.fail("timeout")
    world.refresh()
    assert world.journal.state().sources["litellm"].validators == validators


# ---------------------------------------------------------------- a whole fetch in doubt


def test_an_answer_with_less_than_half_of_the_rows_is_refused_until_the_same_comes_a_day_later(world: World) -> None:
    before = world.prices()
    world.says(price_file("a"))
    world.refresh()
    assert world.prices() == before
    assert world.held().keys() == {"fetch:litellm"}
    world.later(CONFIRMATION_DELAY - timedelta(microseconds=1))
    world.refresh()
    assert world.prices() == before
    world.later(timedelta(microseconds=1))
    report = world.refresh()
    assert report.sources["litellm"].condition == "fresh"
    assert "fetch:litellm" not in world.held()


def test_another_short_answer_waits_anew(world: World) -> None:
    world.says(price_file("a"))
    world.refresh()
    world.later(A_DAY)
    world.says(price_file("b"))
    world.refresh()
    assert world.held()["fetch:litellm"].first_seen == world.now


def test_an_approval_lets_a_short_answer_pass(world: World) -> None:
    world.says(price_file("a"))
    with suppress(SourcesDown):
        world.refresh()
    world.refresh(approval=Approval(frozenset({"fetch:litellm"})))
    assert world.journal.state().sources["litellm"].condition == "fresh"


def test_no_approval_makes_invalid_json_valid(world: World) -> None:
    before = world.prices()
    world.says(b"{")
    world.later(A_DAY)
    assert world.refresh(approval=ALL).sources["litellm"].condition == "rejected"
    assert world.prices() == before


def test_a_doubtful_fetch_waits_on_while_its_source_is_down(world: World) -> None:
    world.says(price_file("a"))
    world.refresh()
    world.litellm.fail("timeout")
    world.later(A_DAY)
    world.refresh()
    world.says(price_file("a"))
    assert world.refresh().sources["litellm"].condition == "fresh"


# ---------------------------------------------------------------- rows in doubt


def test_a_suspicious_price_is_held_over_refreshes_and_passes_a_day_later(world: World) -> None:
    world.says(price_file("a", "b", "c", d=2e-05))
    assert world.refresh().held == 1
    assert world.prices()["acme/d"] == "1e-06"
    head = world.head
    world.later(timedelta(hours=12))
    assert world.refresh().outcome == "unchanged"
    assert world.head == head
    world.later(timedelta(hours=12))
    report = world.refresh()
    assert (report.events, report.held) == ({"price": 1}, 0)
    assert world.prices()["acme/d"] == "2e-05"


def test_an_approval_lets_one_held_row_pass_and_not_the_other(world: World) -> None:
    world.says(price_file("a", "b", c=2e-05, d=2e-05))
    world.refresh()
    world.refresh(approval=Approval(frozenset({"acme/c"})))
    assert (world.prices()["acme/c"], world.prices()["acme/d"]) == ("2e-05", "1e-06")
    assert world.held().keys() == {"acme/d"}


def test_a_row_leaves_after_three_absences_and_not_before(world: World) -> None:
    world.says(price_file("a", "b", "c"))
    assert world.refresh().events == {"removed": 1}
    for _ in range(ABSENCES_TO_LEAVE - 1):
        assert world.catalogue.get("acme/d") is not None
        world.refresh()
    assert world.catalogue.get("acme/d") is not None
    world.refresh()
    assert world.catalogue.get("acme/d") is None


def test_refreshes_without_the_primary_are_no_absences(world: World) -> None:
    world.says(price_file("a", "b", "c"))
    world.refresh()
    world.litellm.fail("timeout")
    for _ in range(ABSENCES_TO_LEAVE * 2):
        world.refresh()
    assert world.catalogue.get("acme/d") is not None


# ---------------------------------------------------------------- one at a time, and after a crash


def test_a_second_refresh_at_the_same_time_is_refused(world: World) -> None:
    assert world.journal.begin("another", world.now, LEASE_S) is not None
    with pytest.raises(RefreshInProgress):
        world.refresh()


def test_a_dead_holder_is_waited_for_until_its_lease_ends(world: World) -> None:
    world.journal.begin("dead", world.now, LEASE_S)
    world.later(timedelta(seconds=LEASE_S) - timedelta(microseconds=1))
    with pytest.raises(RefreshInProgress):
        world.refresh()
    world.later(timedelta(microseconds=1))
    assert world.refresh().outcome == "unchanged"


def test_a_failed_attempt_gives_the_lease_back_and_keeps_the_state(world: World) -> None:
    state = world.journal.state()
    world.says(price_file("a", "b", "c", d=2e-06))
    world.race_with(replace(world.head, sequence=world.head.sequence + 1))
    with pytest.raises(ActivationConflict):
        world.refresh()
    assert world.journal.state() == replace(state, attempted_at=world.now)
    assert world.refresh().events == {"price": 1}


# ---------------------------------------------------------------- the real days


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
    entries = _oldest_first(real_world)
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
    assert told == sum(each.events for each in _oldest_first(real_world))


def _input(catalogue: Catalogue, identity: str) -> Decimal:
    entry = catalogue.get(identity)
    return Decimal(str((entry.published or {}).get(IN) or 0)) if entry else Decimal(0)


def _oldest_first(world: World) -> list[Activation]:
    return list(reversed(list(world.book.activations(since=None, before=None))))


# ---------------------------------------------------------------- any sequence of days

NAMES = ("a", "b", "c", "d", "e", "f")
PRICES = st.sampled_from([0.0, 1e-07, 1e-06, 2e-06, 9e-06, 3e-05, 4e-04, 2e-03])
FILES = st.dictionaries(st.sampled_from(NAMES), PRICES, max_size=6)
HOURS = st.sampled_from([0, 1, 12, 23, 24, 30])


class Refreshes(RuleBasedStateMachine):
    """Days of good, dirty, unchanged and missing answers in any order, over a small catalogue."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(*(row(name) for name in NAMES))
        self.proposed: list[tuple[datetime, dict[str, float]]] = []
        self.approvals: list[tuple[datetime, frozenset[str]]] = []
        self.believed: dict[int, dict[str, ModelEntry]] = {}

    @initialize()
    def begin(self) -> None:
        """The first fetch lists what the seed lists, so that the packaged rows are the source's own."""
        self.world.says(price_file(*NAMES))
        self.world.lends(model_list("acme/a", "other/x"))
        self._refresh()

    @rule(file=FILES, hours=HOURS)
    def another_day(self, file: dict[str, float], hours: int) -> None:
        self.world.later(timedelta(hours=hours))
        self.world.says(price_file(**file))
        self._refresh()

    @rule(hours=HOURS)
    def the_same_again(self, hours: int) -> None:
        self.world.later(timedelta(hours=hours))
        self._refresh()

    @rule(subjects=st.frozensets(st.sampled_from([*(f"acme/{name}" for name in NAMES), "fetch:litellm", EVERYTHING])))
    def an_admin_s_word(self, subjects: frozenset[str]) -> None:
        self.approvals.append((self.world.now, subjects))
        self._refresh(Approval(subjects))

    @rule(body=st.sampled_from(UNUSABLE), hours=HOURS)
    def an_unusable_answer(self, body: bytes, hours: int) -> None:
        before = self.world.prices()
        self.world.later(timedelta(hours=hours))
        self.world.says(body)
        self._refresh()
        assert {k: v for k, v in self.world.prices().items() if k.startswith("acme/")} == {
            k: v for k, v in before.items() if k.startswith("acme/")
        }

    @rule(hours=HOURS, both=st.booleans())
    def an_outage(self, hours: int, both: bool) -> None:
        before = self.world.prices()
        self.world.later(timedelta(hours=hours))
        self.world.litellm.fail("timeout")
        if both:
            self.world.openrouter.fail("timeout")
        self._refresh()
        if both:
            assert self.world.prices() == before

    @rule(slugs=st.sets(st.sampled_from(["acme/a", "other/x", "other/y", "acme/f"]), min_size=1), price=PRICES)
    def another_list(self, slugs: set[str], price: float) -> None:
        self.world.lends(model_list(*sorted(slugs), charge=str(price)))
        self._refresh()

    def _refresh(self, approval: Approval | None = None) -> None:
        head = self.world.book.head()
        before = dict(self.believed.get(head.sequence, {})) if head else {}
        held = dict(self.world.held())
        with suppress(SourcesDown):
            self.world.refresh(approval=approval or Approval())
        after = {entry.id: entry for entry in self.world.catalogue}
        for identity, entry in after.items():
            self._check(before.get(identity), entry, held.get(identity), approval)
        for identity in before.keys() - after.keys():
            gone = before[identity]
            if gone.source == "litellm":
                assert gone.absent_since is not None, "a row left on one absence"
                assert self.world.journal.state().whole_refreshes - gone.absent_since >= ABSENCES_TO_LEAVE
        for activation in self.world.book.activations(since=None, before=None):
            self.believed.setdefault(
                activation.sequence, {each.id: each for each in decode(self.world.book.snapshot(activation))}
            )

    def _check(self, before: ModelEntry | None, after: ModelEntry, held: Any, approval: Approval | None) -> None:
        """No price moves more than ten times, or to nothing, without a day's confirmation or approval."""
        if before is None:
            return
        was, now = (Decimal(str((each.published or {}).get(IN))) for each in (before, after))
        if was == now or not was or (now and max(was, now) <= 10 * min(was, now)):
            return
        approved = approval is not None and approval.covers(after.id)
        confirmed = held is not None and held.entry == after and self.world.now - held.first_seen >= CONFIRMATION_DELAY
        assert approved or confirmed, f"{after.id} went from {was} to {now} unconfirmed"

    @invariant()
    def the_book_has_no_gap(self) -> None:
        entries = _oldest_first(self.world)
        assert [each.sequence for each in entries] == list(range(1, len(entries) + 1))
        assert all(one.activated_at <= other.activated_at for one, other in pairwise(entries))

    @invariant()
    def every_entry_s_events_are_stored(self) -> None:
        for entry in self.world.book.activations(since=None, before=None):
            assert len(decode_events(self.world.book.events(entry))) == entry.events

    def teardown(self) -> None:
        """History tells what was believed at each activation, for every row that ever was."""
        entries = _oldest_first(self.world)
        in_force = CatalogueInForce(self.world.catalogue, entries[-1], entries[-1].activated_at)
        for identity in {each for snapshot in self.believed.values() for each in snapshot}:
            periods = history(self.world.book, in_force, identity)
            for activation in entries:
                if self._is_superseded(activation, entries):
                    continue  # two entries of one instant: only the later one was ever believed
                entry = self.believed[activation.sequence].get(identity)
                told = [
                    _amounts(period.rates)
                    for period in periods
                    if period.since <= activation.activated_at
                    and (period.until is None or activation.activated_at < period.until)
                ]
                listed = [entry] if entry is not None and entry.absent_since is None else []
                assert told == [_amounts(each.published or {}) for each in listed], (identity, activation)

    def _is_superseded(self, activation: Activation, entries: list[Activation]) -> bool:
        return any(
            other.sequence > activation.sequence and other.activated_at == activation.activated_at for other in entries
        )


def _amounts(rates: Mapping[str, object]) -> dict[str, Decimal]:
    """Rates without their spelling: a source may write 1e-06 for 0.000001 and has changed nothing."""
    return {key: Decimal(str(value)) for key, value in rates.items()}


Refreshes.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_any_sequence_of_days_keeps_the_prices_sound = Refreshes.TestCase
