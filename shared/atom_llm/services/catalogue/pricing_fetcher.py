"""One refresh: ask the sources, judge their answers, put the result in force, remember it for the next one."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue, decode, encode
from atom_llm.domain.catalogue.errors import RefreshInProgress, SnapshotCorrupt, SnapshotMissing, SourcesDown
from atom_llm.domain.catalogue.merge import FALLBACK, merge
from atom_llm.domain.catalogue.price_events import EventKind, PriceEvent, encode_events
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Approval, Quarantine, decode_quarantine, encode_quarantine
from atom_llm.domain.catalogue.refresh import Activation, RefreshState, SourceState
from atom_llm.domain.catalogue.review import Review
from atom_llm.domain.catalogue.statements import (
    PRIMARY,
    HeardList,
    ListReading,
    decode_lists,
    encode_lists,
    passed_on,
)
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.ports.catalogue import PriceBook, PricedSeed, PriceSource, RefreshJournal
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.ask_sources import Reader, ReviewContext, SourceAnswer, ask_all
from atom_llm.services.catalogue.hear_lists import ListAnswer, Lists, ask_lists, believed, own_words
from atom_llm.services.core.shared_changes import PendingEntry

FRESH_FOR: Final = timedelta(hours=24)
LEASE_S: Final = 150.0  # above the refresh function's timeout of 120 s: a dead holder delays nobody for long

RefreshOutcome = Literal["refreshed", "unchanged", "fresh"]


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """The report of a refresh.

    `fetched` counts the rows that the sources answered with (0 where they said "not modified"), `events` those of the
    refresh by kind, `held` everything that waits in quarantine, `models` the listed rows in force after it.
    """

    outcome: RefreshOutcome
    version: str
    sources: Mapping[str, SourceState]
    succeeded_at: datetime | None
    models: int
    fetched: int = 0
    events: Mapping[EventKind, int] = field(default_factory=dict)
    held: int = 0


class _Base(NamedTuple):
    """The starting point of a refresh.

    `is_stored`: the entry's snapshot is in the book. `is_last_fetched`: the sources' validators speak of it.
    """

    entry: Activation
    catalogue: Catalogue
    is_stored: bool
    is_last_fetched: bool


class DynamicPricingFetcher:
    """The refresh of the catalogue; one at a time over all processes."""

    def __init__(
        self,
        sources: Sequence[tuple[PriceSource, Reader]],
        book: PriceBook,
        journal: RefreshJournal,
        seed: Callable[[], PricedSeed],
        clock: Clock,
        lists: Lists = (),
    ) -> None:
        """Take the sources in order of trust, the primary first, each with the function that reads its answers.

        `lists` are independent ones: they confirm and lend rates, and a refresh does without them.
        """
        self._sources = sources
        self._primary = sources[0][0].name
        self._book = book
        self._journal = journal
        self._seed = seed
        self._clock = clock
        self._lists = lists

    def refresh(
        self,
        holder: str,
        *,
        force: bool = False,
        approval: Approval = NO_APPROVAL,
        entry: AuditEntry | None = None,
        is_asked_for: bool = False,
    ) -> RefreshReport:
        """Refresh now; `holder` is an id of this attempt, for the lease.

        The `entry` is one write with what is put in force. Of a refresh that somebody asked for (`is_asked_for`) it is
        one with the first write after the lease, whichever that is; what fails and changes nothing has none.

        Without `force`, nothing is fetched within 24 h of the last success. Raises `RefreshInProgress` while another
        holder is at it, and `SourcesDown` when no source gave a usable answer; the last good snapshot then stays.
        """
        now = self._clock()
        if not force:
            state = self._journal.state()
            if state.succeeded_at is not None and now - state.succeeded_at < FRESH_FOR:
                return self._fresh(state)
        leased = self._journal.begin(holder, now, LEASE_S)
        if leased is None:
            raise RefreshInProgress("another refresh is running; its result will be in force in a moment")
        told = PendingEntry(entry, is_asked_for=is_asked_for)
        try:
            report, state = self._attempt(leased, now, approval, told)
        except BaseException:
            self._journal.finish(holder, replace(leased, attempted_at=now))
            raise
        sources = {source.name: state.sources[source.name] for source, _ in self._sources}
        is_down = all(source.failing_since is not None for source in sources.values())
        self._journal.finish(holder, state, entry=None if is_down else told.with_any_write())
        if is_down:
            raise SourcesDown(
                "no price source gave a usable answer; the last good prices stay in force",
                sources={name: source.detail for name, source in sources.items()},
            )
        return report

    def _fresh(self, state: RefreshState) -> RefreshReport:
        head = self._book.head()
        return RefreshReport(
            outcome="fresh",
            version=head.version if head else "",
            sources=state.sources,
            succeeded_at=state.succeeded_at,
            models=head.models if head else 0,
            held=len(decode_quarantine(self._journal.quarantine()).held),
        )

    def _attempt(
        self, before: RefreshState, now: datetime, approval: Approval, told: PendingEntry
    ) -> tuple[RefreshReport, RefreshState]:
        base = self._base(now)
        stored_quarantine = self._journal.quarantine()
        quarantine, lost = _read_quarantine(stored_quarantine, self._primary)
        context = ReviewContext(base.catalogue, quarantine, now, approval)
        stored_lists = self._journal.lists()
        known, lost_lists = _read_lists(stored_lists)
        answers, list_answers = asyncio.run(self._ask(before, base, known, context))
        list_answers, statements = believed(known, list_answers, _passed_on(answers), before.sources, context)
        primary_answered = answers[self._primary].reading is not None
        refresh_number = before.whole_refreshes + primary_answered
        merged = merge(
            (*base.catalogue, *base.catalogue.aliases),
            {name: answer.reading for name, answer in answers.items() if answer.reading is not None},
            quarantine,
            now=now,
            refresh_number=refresh_number,
            approval=approval,
            seeded=[name for name in answers if not (base.is_last_fetched and name in base.entry.source_times)],
            statements=statements,
        )
        answered: list[SourceAnswer | ListAnswer] = [*answers.values(), *list_answers.values()]
        from_sources = tuple(answer.event for answer in answered if answer.event is not None)
        events = lost + lost_lists + from_sources + merged.events
        waiting = [each.held for each in answered]
        held = dict(merged.held) | {each.subject: each for each in waiting if each is not None}
        activation = self._put_in_force(base, merged, events, answers, now, told)
        if (content := encode_quarantine(Quarantine(held))) != stored_quarantine:
            self._journal.put_quarantine(content, entry=told.with_any_write())
        lists = dict(statements.lists)
        if lists:
            lists[PRIMARY] = own_words(known.get(PRIMARY), merged.entries.values(), statements, now.date())
        if (content := encode_lists(lists)) != stored_lists:
            self._journal.put_lists(content, entry=told.with_any_write())
        state = RefreshState(
            whole_refreshes=refresh_number,
            attempted_at=now,
            succeeded_at=now if any(answer.reading for answer in answers.values()) else before.succeeded_at,
            sources={name: answer.state for name, answer in (answers | list_answers).items()},
        )
        report = RefreshReport(
            outcome="unchanged" if activation.sequence == base.entry.sequence else "refreshed",
            version=activation.version,
            sources=state.sources,
            succeeded_at=state.succeeded_at,
            models=activation.models,
            fetched=sum(answer.state.models for answer in answers.values() if answer.state.condition == "fresh"),
            events=Counter(event.kind for event in events),
            held=len(held),
        )
        return report, state

    async def _ask(
        self, before: RefreshState, base: _Base, known: Mapping[str, HeardList], context: ReviewContext
    ) -> tuple[dict[str, SourceAnswer], dict[str, ListAnswer]]:
        states = dict(before.sources) if base.is_last_fetched else {}
        if self._lists and FALLBACK not in known:
            states.pop(FALLBACK, None)  # what it passes on of makers' prices is not known: it is asked for everything
        return await asyncio.gather(
            ask_all(self._sources, states, context),
            ask_lists(self._lists, before.sources, known, context),
        )

    def _base(self, now: datetime) -> _Base:
        """Return the entry in force with its catalogue.

        The first refresh of a deployment enters the seed into the book. A snapshot that is lost or damaged is replaced
        by the seed for comparison, and both sources are then asked for everything.
        """
        head = self._book.head()
        if head is not None:
            try:
                return _Base(head, decode(self._book.snapshot(head)), is_stored=True, is_last_fetched=True)
            except (SnapshotMissing, SnapshotCorrupt):
                return _Base(head, decode(self._seed().snapshot), is_stored=False, is_last_fetched=False)
        seed = self._seed()
        catalogue = decode(seed.snapshot)
        entry = Activation(1, catalogue.version, min(seed.as_of, now), len(catalogue), len(seed.snapshot), 0)
        self._book.activate(entry, seed.snapshot, b"")
        return _Base(entry, catalogue, is_stored=True, is_last_fetched=False)

    def _put_in_force(
        self,
        base: _Base,
        merged: Review,
        events: tuple[PriceEvent, ...],
        answers: Mapping[str, SourceAnswer],
        now: datetime,
        told: PendingEntry,
    ) -> Activation:
        version, snapshot = encode(merged.entries.values())
        head = base.entry
        is_stored = base.is_stored and version == head.version
        if is_stored and not events:
            return head
        activation = Activation(
            sequence=head.sequence + 1,
            version=version,
            activated_at=max(now, head.activated_at),
            models=sum(entry.absent_since is None and entry.alias_of is None for entry in merged.entries.values()),
            snapshot_bytes=len(snapshot),
            events=len(events),
            source_times={**head.source_times, **_fetch_times(answers)},
        )
        parts = None if is_stored else snapshot, encode_events(events)
        self._book.activate(activation, *parts, entry=told.with_news())
        return activation


def _fetch_times(answers: Mapping[str, SourceAnswer]) -> dict[str, datetime]:
    """Return the instant of each source's last usable answer."""
    return {name: answer.state.fetched_at for name, answer in answers.items() if answer.state.fetched_at is not None}


def _passed_on(answers: Mapping[str, SourceAnswer]) -> ListReading | None:
    """Return what the reseller says of makers' prices, where it has answered anew."""
    reseller = answers.get(FALLBACK)
    if reseller is None or reseller.reading is None or reseller.state.condition != "fresh":
        return None
    return passed_on(reseller.reading)


def _read_lists(stored: bytes) -> tuple[Mapping[str, HeardList], tuple[PriceEvent, ...]]:
    """Read what lists said. Where it is damaged it is started anew and says so: they are asked for everything."""
    try:
        return decode_lists(stored), ()
    except SnapshotCorrupt:
        reason = "what independent lists said was damaged; they are heard anew"
        return {}, (PriceEvent("quarantined", "lists", reason=reason),)


def _read_quarantine(stored: bytes, source: str) -> tuple[Quarantine, tuple[PriceEvent, ...]]:
    """Read the quarantine. A damaged one is started anew and says so: its proposals are suspected again."""
    try:
        return decode_quarantine(stored), ()
    except SnapshotCorrupt:
        reason = "the quarantine was damaged and is started anew: every held proposal waits from now on"
        return Quarantine(), (PriceEvent("quarantined", source, reason=reason),)
