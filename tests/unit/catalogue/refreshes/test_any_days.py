"""Any sequence of good, dirty, unchanged and missing answers keeps prices sound."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.catalogue.errors import SourcesDown
from atom_llm.domain.catalogue.price_events import decode_events
from atom_llm.domain.catalogue.quarantine import CONFIRMATION_DELAY, EVERYTHING, Approval
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.catalogue.review import ABSENCES_TO_LEAVE
from atom_llm.services.catalogue.price_history import history
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing.rows import IN, row
from tests.unit.catalogue.refreshes.refresh_world import UNUSABLE, World, model_list, oldest_first, price_file

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
        entries = oldest_first(self.world)
        assert [each.sequence for each in entries] == list(range(1, len(entries) + 1))
        assert all(one.activated_at <= other.activated_at for one, other in pairwise(entries))

    @invariant()
    def every_entry_s_events_are_stored(self) -> None:
        for entry in self.world.book.activations(since=None, before=None):
            assert len(decode_events(self.world.book.events(entry))) == entry.events

    def teardown(self) -> None:
        """History tells what was believed at each activation, for every row that ever was."""
        entries = oldest_first(self.world)
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
