"""Whether to believe a fetch: each row against the one in force, each disappearance against its provider."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue import ModelEntry, compiled
from atom_llm.domain.money import plain
from atom_llm.domain.price_events import PriceEvent, added, changes, removed
from atom_llm.domain.quarantine import NO_APPROVAL, Approval, Held, Quarantine, proposal_of
from atom_llm.domain.source import SourceReading
from atom_llm.domain.units import TOKEN_RATES

MAX_USD_PER_TOKEN: Final = Decimal("0.001")  # $1,000 a million; every real price above it was a unit mistake
MAX_CHANGE: Final = 10  # times, either way; upstream's larger changes were mistakes or corrections of them
COLLAPSE_SHARE: Final = Decimal("0.5")  # of a provider's rows gone at once
COLLAPSE_ROWS: Final = 3  # fewer than this is no collapse: providers with one or two rows come and go
ABSENCES_TO_LEAVE: Final = 3  # whole refreshes without a row before it leaves the catalogue
MIN_SHARE_OF_LAST: Final = Decimal("0.5")  # a fetch with fewer rows than this share of the last is not whole
ABSENT: Final = "absent"  # the proposal of a row that is not there
UNUSABLE: Final = "unusable: "  # begins the proposal of a row that cannot be read


@dataclass(frozen=True, slots=True)
class Review:
    """What a source's rows are from now on, what happened to them, and what is held back."""

    entries: Mapping[str, ModelEntry]
    events: tuple[PriceEvent, ...]
    held: Mapping[str, Held]


def review(
    previous: Mapping[str, ModelEntry],
    reading: SourceReading,
    quarantine: Quarantine,
    *,
    now: datetime,
    refresh_number: int,
    approval: Approval = NO_APPROVAL,
) -> Review:
    """Judge a whole reading of one source against that source's rows in force.

    A suspicious row is held: the previous one stays, or the row stays out if there was none. The identical proposal
    after a day, or an admin's approval, lets it pass. A row that is not listed any more stays, marked absent, until
    it was absent from three whole refreshes; where a provider collapses, its absences are held first.
    """
    clerk = _Clerk(reading.source, previous, quarantine, now, refresh_number, approval)
    for subject, fault in sorted(reading.refused.items()):
        clerk.refuse(subject, fault)
    for entry in reading.entries.values():
        clerk.consider(entry)
    collapsed = set(_collapsed(previous, reading, now))
    for missing in sorted(previous.keys() - reading.entries.keys() - reading.refused.keys()):
        clerk.miss(previous[missing], collapsed=previous[missing].provider in collapsed)
    return clerk.review()


class _Clerk:
    """The rows, events and holds of one review as they build up."""

    def __init__(
        self,
        source: str,
        previous: Mapping[str, ModelEntry],
        quarantine: Quarantine,
        now: datetime,
        refresh_number: int,
        approval: Approval,
    ) -> None:
        self._source = source
        self._previous = previous
        self._quarantine = quarantine
        self._now = now
        self._refresh_number = refresh_number
        self._approval = approval
        self._entries: dict[str, ModelEntry] = {}
        self._events: list[PriceEvent] = []
        self._held: dict[str, Held] = {}

    def consider(self, entry: ModelEntry) -> None:
        before = self._previous.get(entry.id)
        if before is not None and before.published == entry.published:
            self._accept(before, entry)
            return
        faults = list(suspicions(before, entry))
        if not faults or not self.hold(entry.id, proposal_of(entry), "; ".join(faults), entry):
            self._accept(before, entry)
        else:
            self.keep(entry.id)

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
        """An unusable row: no confirmation makes it usable, so it is held for as long as it is proposed."""
        self._hold(subject, f"{UNUSABLE}{fault}", f"unusable row: {fault}", None)
        self.keep(subject)

    def hold(self, subject: str, proposal: str, reason: str, entry: ModelEntry | None) -> bool:
        """Hold a proposal; False if it may pass: seen before, a day ago, or approved."""
        known = self._quarantine.held.get(subject)
        if self._approval.covers(subject) or (known is not None and known.is_confirmed(proposal, self._now)):
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
        self._held[subject] = Held(subject, source, proposal, reason, self._now, entry)
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
        if before is not None:
            self._events.extend(changes(before, entry))

    def review(self) -> Review:
        return Review(self._entries, tuple(self._events), self._held)


def suspicions(before: ModelEntry | None, entry: ModelEntry) -> Iterator[str]:
    """Why a proposed row is not to be believed at once; nothing for a sound one."""
    was = rates_by_key(before) if before is not None else {}
    for key, (name, rate) in rates_by_key(entry).items():
        old = was[key][1] if key in was else None
        if name in TOKEN_RATES and rate >= MAX_USD_PER_TOKEN and rate != old:
            yield f"{key} of {plain(rate)} is $1,000 a million tokens or more"
        elif old and not rate:
            yield f"{key} fell from {plain(old)} to nothing"
        elif old and (rate > old * MAX_CHANGE or rate * MAX_CHANGE < old):
            yield f"{key} went from {plain(old)} to {plain(rate)}, more than {MAX_CHANGE} times"


def unchanged_reading(source: str, previous: Mapping[str, ModelEntry], quarantine: Quarantine) -> SourceReading:
    """What a source that answers "not modified" says: what it said last time, the held proposals included."""
    held = quarantine.entries_of(source)
    listed = {identity: entry for identity, entry in previous.items() if entry.absent_since is None}
    entries = {identity: entry for identity, entry in listed.items() if identity not in held}
    entries |= {subject: each.entry for subject, each in held.items() if each.entry is not None}
    refused = {
        subject: each.proposal.removeprefix(UNUSABLE)
        for subject, each in held.items()
        if each.proposal.startswith(UNUSABLE)
    }
    return SourceReading(source, entries, refused)


def is_whole(listed: int, reading: SourceReading) -> bool:
    """Whether a reading has enough rows to be a whole answer of a source that listed so many before."""
    return bool(reading.entries) and len(reading.entries) >= listed * MIN_SHARE_OF_LAST


def rates_by_key(entry: ModelEntry) -> dict[str, tuple[str, Decimal]]:
    """Every rate of a row by the key it is published under, with the name of what it prices."""
    rates = compiled(entry)
    found = {
        priced.key: (name, priced.rate)
        for name, steps in rates.ladders.items()
        for step in steps
        for priced in step.by_tier.values()
    }
    for prompt_range in (*rates.ranges, *rates.result_ranges):
        found |= {priced.key: (name, priced.rate) for name, priced in prompt_range.rates.items()}
    for name, priced in (rates.off_peak_rates or {}).items():
        found[priced.key] = (name, priced.rate)
    return found


def _collapsed(previous: Mapping[str, ModelEntry], reading: SourceReading, now: datetime) -> Iterator[str]:
    """Providers that lost more than half their rows at once; rows past their deprecation date may go."""
    listed = Counter(entry.provider for entry in previous.values() if entry.absent_since is None)
    gone = Counter(
        entry.provider
        for identity, entry in previous.items()
        if identity not in reading.entries
        and identity not in reading.refused
        and entry.absent_since is None
        and not entry.is_deprecated(now.date())
    )
    return (
        provider
        for provider, count in gone.items()
        if count >= COLLAPSE_ROWS and count > listed[provider] * COLLAPSE_SHARE
    )
