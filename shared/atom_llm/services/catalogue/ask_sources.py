"""Ask the price sources and decide of each answer, as a whole, whether it can be used."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.catalogue.lending import in_sources_words
from atom_llm.domain.catalogue.price_events import PriceEvent
from atom_llm.domain.catalogue.quarantine import Approval, HeldProposal, Quarantine, proposal_of_body
from atom_llm.domain.catalogue.refresh import SourceState
from atom_llm.domain.catalogue.review import is_whole, unchanged_reading
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.ports.catalogue import FetchedSource, NotModified, PriceSource

Reader = Callable[[bytes], SourceReading]

MAX_DETAIL = 300  # characters of a failure's detail that are kept in the journal


class SourceAnswer(NamedTuple):
    """The outcome of asking a source: its state from here on, and its reading where it can be used.

    `held` is a whole fetch that waits for confirmation, `event` tells of one that was refused for the first time.
    """

    state: SourceState
    reading: SourceReading | None = None
    held: HeldProposal | None = None
    event: PriceEvent | None = None


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """The state that an answer is judged by: catalogue in force, quarantine, instant, and an admin's approval."""

    base: Catalogue
    quarantine: Quarantine
    now: datetime
    approval: Approval

    def listed(self, source: str) -> int:
        """Count the rows of the catalogue in force that a source lists."""
        return sum(entry.source == source and entry.absent_since is None for entry in self.base)


async def ask_all(
    sources: Sequence[tuple[PriceSource, Reader]], known: Mapping[str, SourceState], context: ReviewContext
) -> dict[str, SourceAnswer]:
    """Ask every source at the same time; a failure of one is an answer too."""
    asked = (_ask(source, read, known.get(source.name, SourceState()), context) for source, read in sources)
    answers = await asyncio.gather(*asked)
    return {source.name: answer for (source, _), answer in zip(sources, answers, strict=True)}


async def _ask(source: PriceSource, read: Reader, was: SourceState, context: ReviewContext) -> SourceAnswer:
    try:
        answer = await source.fetch(was.validators)
    except SourceUnavailable as failure:
        return SourceAnswer(failing(was, "unavailable", f"{failure.reason}: {failure.detail}", context.now))
    match answer:
        case NotModified():
            everything = (*context.base, *context.base.aliases)
            own = {entry.id: in_sources_words(entry) for entry in everything if entry.source == source.name}
            return SourceAnswer(was.confirmed(context.now), unchanged_reading(source.name, own, context.quarantine))
        case FetchedSource():
            return _judged(source.name, read, answer, was, context)


def _judged(name: str, read: Reader, fetched: FetchedSource, was: SourceState, context: ReviewContext) -> SourceAnswer:
    """Read a whole answer; one that cannot be read, or has lost most of its rows, is refused as a whole."""
    content = proposal_of_body(fetched.body)
    try:
        reading = read(fetched.body)
    except UnreadableSource as error:
        return _refused(name, error.fault, content, was, context.now, None)
    if not reading.entries:  # no day and no approval makes an empty list the list
        return _refused(name, "lists no usable model", content, was, context.now, None)
    before = was.models or context.listed(name)
    subject = f"fetch:{name}"
    known = context.quarantine.held.get(subject)
    passes = known is not None and known.may_pass(content, context.now, context.approval)
    if passes or is_whole(before, reading):
        rows = len(reading.entries)
        state = SourceState("fresh", context.now, fetched.fetched_at, None, fetched.validators, content, None, rows)
        return SourceAnswer(state, reading)
    fault = f"only {len(reading.entries)} usable rows, {before} before"
    held = (
        known
        if known is not None and known.proposal == content
        else HeldProposal(subject, name, content, fault, context.now)
    )
    return _refused(name, fault, content, was, context.now, held)


def _refused(
    name: str, fault: str, content: str, was: SourceState, now: datetime, held: HeldProposal | None
) -> SourceAnswer:
    event = PriceEvent("quarantined", name, reason=f"whole fetch refused: {fault}")
    return SourceAnswer(refused(was, fault, content, now), held=held, event=None if was.rejected == content else event)


def refused(was: SourceState, fault: str, content: str, now: datetime) -> SourceState:
    """Return the state of a source after an answer that cannot be used; `content` is the hash of its body."""
    return replace(failing(was, "rejected", fault, now), rejected=content)


def failing(was: SourceState, condition: Literal["unavailable", "rejected"], detail: str, now: datetime) -> SourceState:
    """Return the state of a source that gave no usable answer, for a reason in words."""
    since = was.failing_since or now
    return replace(was, condition=condition, checked_at=now, failing_since=since, detail=detail[:MAX_DETAIL])
