"""The review of a fetch: each row against the one in force, each disappearance against its provider."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.consensus import Doubt, unconfirmed
from atom_llm.domain.catalogue.price_events import PriceEvent, added, changes, removed
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Approval, HeldProposal, Quarantine, proposal_of
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.catalogue.statements import NO_STATEMENTS, Statements
from atom_llm.domain.catalogue.suspicion import suspicions

COLLAPSE_SHARE: Final = Decimal("0.5")  # of a provider's rows gone at once
COLLAPSE_ROWS: Final = 3  # fewer than this is no collapse: providers with one or two rows come and go
ABSENCES_TO_LEAVE: Final = 3  # whole refreshes without a row before it leaves the catalogue
MIN_SHARE_OF_LAST: Final = Decimal("0.5")  # a fetch with fewer rows than this share of the last is not whole
ABSENT: Final = "absent"  # the proposal of a row that is not there
UNUSABLE: Final = "unusable: "  # begins the proposal of a row that cannot be read


@dataclass(frozen=True, slots=True)
class Review:
    """The result of a review: a source's rows from here on, the events behind them, and the proposals held back."""

    entries: Mapping[str, ModelEntry]
    events: tuple[PriceEvent, ...]
    held: Mapping[str, HeldProposal]


def review(
    previous: Mapping[str, ModelEntry],
    reading: SourceReading,
    quarantine: Quarantine,
    *,
    now: datetime,
    refresh_number: int,
    approval: Approval = NO_APPROVAL,
    is_first: bool = False,
    statements: Statements = NO_STATEMENTS,
) -> Review:
    """Judge a whole reading of one source against that source's rows in force.

    A suspicious row is held: the previous one stays, or the row stays out if there was none. The identical proposal
    after a day, or an admin's approval, lets it pass. A row that is not listed any more stays, marked absent, until
    it was absent from three whole refreshes; where a provider collapses, its absences are held first.
    A maker's price that halves or doubles waits too, unless a list in `statements` says the same; where one says
    otherwise, until a list confirms it or an admin approves.
    With `is_first` the rows in force are the packaged seed's: one that the source does not list was never its word.
    """
    by_key = {entry.source_key: entry for entry in previous.values()}
    clerk = _Clerk(reading.source, previous, by_key, quarantine, now, refresh_number, approval, statements)
    # A row that is too broken to have an id is named by its key.
    refused = {
        by_key[subject].id if subject not in previous and subject in by_key else subject: fault
        for subject, fault in reading.refused.items()
    }
    for subject, fault in sorted(refused.items()):
        clerk.refuse(subject, fault)
    for entry in reading.entries.values():
        clerk.consider(entry, entry)
    proposed = {entry.source_key: entry for entry in reading.entries.values()} if reading.aliases else {}
    for alias in reading.aliases.values():
        clerk.consider(alias, proposed.get(alias.alias_of or "", alias))
    listed = reading.entries.keys() | reading.aliases.keys() | refused.keys()
    missing = [previous[identity] for identity in sorted(previous.keys() - listed)]
    if is_first:
        clerk.drop(missing)
        return clerk.review()
    collapsed = set(_collapsed(previous.values(), missing, now))
    for entry in missing:
        clerk.miss(entry, collapsed=entry.provider in collapsed)
    return clerk.review()


class _Clerk:
    """The rows, events and holds of one review as they build up."""

    def __init__(
        self,
        source: str,
        previous: Mapping[str, ModelEntry],
        by_key: Mapping[str, ModelEntry],
        quarantine: Quarantine,
        now: datetime,
        refresh_number: int,
        approval: Approval,
        statements: Statements,
    ) -> None:
        self._source = source
        self._previous = previous
        self._previous_by_key = by_key
        self._quarantine = quarantine
        self._now = now
        self._refresh_number = refresh_number
        self._approval = approval
        self._statements = statements
        self._entries: dict[str, ModelEntry] = {}
        self._events: list[PriceEvent] = []
        self._held: dict[str, HeldProposal] = {}

    def consider(self, entry: ModelEntry, charging: ModelEntry) -> None:
        """Accept or hold a proposed row; `charging` is the row whose prices it has: an alias has another's."""
        before = self._previous.get(entry.id)
        if before is not None and before.published == entry.published:
            self._accept(before, entry)
            return
        charged = before if before is None or before.alias_of is None else self._previous_by_key.get(before.alias_of)
        faults = list(suspicions(charged, charging))
        doubt = self._doubt(before, entry)
        if doubt is not None:
            faults.extend(doubt.reasons)
        by_time = doubt is None or not doubt.is_contradicted
        if not faults or not self.hold(entry.id, proposal_of(entry), "; ".join(faults), entry, by_time=by_time):
            self._accept(before, entry)
        else:
            self.keep(entry.id)

    def _doubt(self, before: ModelEntry | None, entry: ModelEntry) -> Doubt | None:
        if before is None or before.absent_since is not None or before.alias_of or entry.alias_of:
            return None
        return unconfirmed(before, entry, self._statements.about(entry)) if entry.first_party else None

    def drop(self, entries: Iterable[ModelEntry]) -> None:
        self._events.extend(removed(entry, "was only in the packaged seed") for entry in entries)

    def miss(self, before: ModelEntry, *, collapsed: bool) -> None:
        if before.absent_since is not None:
            if self._refresh_number - before.absent_since < ABSENCES_TO_LEAVE:
                self._entries[before.id] = before
            return
        if collapsed and self.hold(before.id, ABSENT, f"most rows of {before.provider} disappeared at once", None):
            self._entries[before.id] = before
            return
        self._events.append(removed(before, "no longer listed by its source"))
        self._entries[before.id] = replace(before, absent_since=self._refresh_number)

    def refuse(self, subject: str, fault: str) -> None:
        """Hold an unusable row for as long as it is proposed: no confirmation makes it usable."""
        self._hold(subject, f"{UNUSABLE}{fault}", f"unusable row: {fault}", None)
        self.keep(subject)

    def hold(self, subject: str, proposal: str, reason: str, entry: ModelEntry | None, *, by_time: bool = True) -> bool:
        """Hold a proposal; return False if it may pass: approved, or with `by_time` seen before, a day ago."""
        known = self._quarantine.held.get(subject)
        if known is not None and known.may_pass(proposal, self._now, self._approval, by_time=by_time):
            return False
        self._hold(subject, proposal, reason, entry)
        return True

    def _hold(self, subject: str, proposal: str, reason: str, entry: ModelEntry | None) -> None:
        known = self._quarantine.held.get(subject)
        if known is not None and known.proposal == proposal:
            self._held[subject] = known
            return
        before, source = self._previous.get(subject), self._source
        provider = entry.provider if entry else before.provider if before else ""
        self._held[subject] = HeldProposal(subject, source, proposal, reason, self._now, entry)
        self._events.append(
            PriceEvent(
                "quarantined",
                source,
                subject,
                provider,
                before=(before.published or {}) if before else {},
                after=(entry.published or {}) if entry else {},
                reason=reason,
            )
        )

    def keep(self, subject: str) -> None:
        if subject in self._previous:
            self._entries[subject] = self._previous[subject]

    def _accept(self, before: ModelEntry | None, entry: ModelEntry) -> None:
        self._entries[entry.id] = entry
        if before is None or before.absent_since is not None:
            self._events.append(added(entry))
        else:
            self._events.extend(changes(before, entry))

    def review(self) -> Review:
        return Review(self._entries, tuple(self._events), self._held)


def unchanged_reading(source: str, previous: Mapping[str, ModelEntry], quarantine: Quarantine) -> SourceReading:
    """Return the reading of a source that answers "not modified": its last one, the held proposals included."""
    held = quarantine.entries_of(source)
    listed = {identity: entry for identity, entry in previous.items() if entry.absent_since is None}
    said = {identity: entry for identity, entry in listed.items() if identity not in held}
    said |= {subject: each.entry for subject, each in held.items() if each.entry is not None}
    entries = {identity: entry for identity, entry in said.items() if entry.alias_of is None}
    aliases = {identity: entry for identity, entry in said.items() if entry.alias_of is not None}
    refused = {
        subject: each.proposal.removeprefix(UNUSABLE)
        for subject, each in held.items()
        if each.proposal.startswith(UNUSABLE)
    }
    return SourceReading(source, entries, refused, aliases)


def is_whole(listed: int, reading: SourceReading) -> bool:
    """Return whether a reading has enough rows to be a whole answer of a source that listed so many before."""
    return bool(reading.entries) and len(reading.entries) >= listed * MIN_SHARE_OF_LAST


def _collapsed(previous: Iterable[ModelEntry], missing: Iterable[ModelEntry], now: datetime) -> Iterator[str]:
    """Yield providers that lost more than half their rows at once; rows past their deprecation date may go."""
    listed = Counter(entry.provider for entry in previous if entry.absent_since is None)
    gone = Counter(
        entry.provider for entry in missing if entry.absent_since is None and not entry.is_deprecated(now.date())
    )
    return (
        provider
        for provider, count in gone.items()
        if count >= COLLAPSE_ROWS and count > listed[provider] * COLLAPSE_SHARE
    )
