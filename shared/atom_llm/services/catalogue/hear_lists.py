"""Hear what independent price lists say: each is asked, judged as a whole, and remembered until it is heard again."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.consensus import slipped
from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.catalogue.lending import in_sources_words, stated
from atom_llm.domain.catalogue.price_events import PriceEvent
from atom_llm.domain.catalogue.quarantine import HeldProposal, proposal_of_body
from atom_llm.domain.catalogue.refresh import SourceState
from atom_llm.domain.catalogue.review import MIN_SHARE_OF_LAST
from atom_llm.domain.catalogue.statements import (
    PRIMARY,
    DatedRates,
    HeardList,
    ListReading,
    Statements,
    heard,
)
from atom_llm.domain.core.money import plain
from atom_llm.ports.catalogue import FetchedSource, PriceSource
from atom_llm.services.catalogue.ask_sources import ReviewContext, failing, refused

ListReader = Callable[[bytes], ListReading]
Lists = Sequence[tuple[PriceSource, ListReader]]

REFUSED_IN_DETAIL: Final = 3  # models whose rates cannot be used, that a list's state names


class ListAnswer(NamedTuple):
    """The outcome of asking a list: its state from here on, and what it says now where that is new and usable.

    `held` is a whole list that waits for confirmation, `event` tells of one that was refused for the first time.
    """

    state: SourceState
    heard: HeardList | None = None
    held: HeldProposal | None = None
    event: PriceEvent | None = None


async def ask_lists(
    lists: Lists, states: Mapping[str, SourceState], known: Mapping[str, HeardList], context: ReviewContext
) -> dict[str, ListAnswer]:
    """Ask every list at the same time; a failure of one is an answer too. `known` is what they said before."""
    # Who has lost what a list said asks for all of it.
    was = {name: state for name, state in states.items() if name in known}
    asked = (_ask(source, read, was.get(source.name, SourceState()), known, context) for source, read in lists)
    answers = await asyncio.gather(*asked)
    return {source.name: answer for (source, _), answer in zip(lists, answers, strict=True)}


async def _ask(
    source: PriceSource,
    read: ListReader,
    was: SourceState,
    known: Mapping[str, HeardList],
    context: ReviewContext,
) -> ListAnswer:
    try:
        answer = await source.fetch(was.validators)
    except SourceUnavailable as failure:
        return ListAnswer(failing(was, "unavailable", f"{failure.reason}: {failure.detail}", context.now))
    if not isinstance(answer, FetchedSource):
        return ListAnswer(was.confirmed(context.now))
    return _judged(source.name, read, answer, was, known.get(source.name), context)


def _judged(
    name: str,
    read: ListReader,
    fetched: FetchedSource,
    was: SourceState,
    known: HeardList | None,
    context: ReviewContext,
) -> ListAnswer:
    """Read a list whole. One that cannot be read, has lost most of its models, or other units is not believed.

    A shorter one that is seen again a day later, or that an admin approves, is the list from then on.
    """
    content, now = proposal_of_body(fetched.body), context.now
    try:
        reading = read(fetched.body)
    except UnreadableSource as error:
        return _refused(name, error.fault, content, was, context)
    listed = HeardList({}, {}) if known is None else known
    if not reading.models:
        fault = f"lists no usable model: {_refusals(reading.refused) or 'it is empty'}"
        return _refused(name, fault, content, was, context)
    if len(reading.models) < len(listed.models) * MIN_SHARE_OF_LAST:
        fault, subject = f"only {len(reading.models)} usable models, {len(listed.models)} before", f"fetch:{name}"
        waiting = context.quarantine.held.get(subject)
        if waiting is None or not waiting.may_pass(content, now, context.approval):
            first = waiting if waiting is not None and waiting.proposal == content else None
            held = first or HeldProposal(subject, name, content, fault, now)
            return _refused(name, fault, content, was, context)._replace(held=held)
    detail = _refusals(reading.refused)
    state = SourceState(
        "fresh", now, fetched.fetched_at, None, fetched.validators, content, None, len(reading.models), detail
    )
    return ListAnswer(state, heard(listed, reading, now.date()))


def believed(
    known: Mapping[str, HeardList],
    answers: Mapping[str, ListAnswer],
    reseller: ListReading | None,
    states: Mapping[str, SourceState],
    context: ReviewContext,
) -> tuple[dict[str, ListAnswer], Statements]:
    """Return the answers, those refused of which most rates in force are far off, and what all lists say from now on.

    A list that is silent or refused says what it said last; `reseller` is what one passes on of makers' prices, where
    it has said something new.
    """
    today = context.now.date()
    lists = {name: listed for name, listed in known.items() if name != PRIMARY}
    if reseller is not None:
        lists[reseller.source] = heard(known.get(reseller.source), reseller, today)
    new = {name: answer.heard for name, answer in answers.items() if answer.heard is not None}
    statements = Statements(lists | new, today)
    faults = {name: fault for name, fault in slipped(context.base, statements).items() if name in new}
    if not faults:
        return dict(answers), statements
    refusals = {
        name: _refused(name, fault, answers[name].state.content or "", states.get(name, SourceState()), context)
        for name, fault in faults.items()
    }
    kept = {name: listed for name, listed in new.items() if name not in faults}
    return {**answers, **refusals}, Statements(lists | kept, today)


def _refused(name: str, fault: str, content: str, was: SourceState, context: ReviewContext) -> ListAnswer:
    event = PriceEvent("quarantined", name, reason=f"whole list refused: {fault}")
    state = refused(was, fault, content, context.now)
    return ListAnswer(state, event=None if was.rejected == content else event)


def _refusals(faults: Mapping[str, str]) -> str | None:
    if not faults:
        return None
    first = [f"{name} {fault}" for name, fault in list(faults.items())[:REFUSED_IN_DETAIL]]
    return f"{len(faults)} models not used: {'; '.join(first)}"


def own_words(known: HeardList | None, entries: Iterable[ModelEntry], statements: Statements, today: date) -> HeardList:
    """Return the price file's own rates that lists speak of, with the day since which it says each."""
    models: dict[str, Sequence[DatedRates]] = {}
    for entry in entries:
        if entry.source != PRIMARY or not (said := statements.about(entry)):
            continue
        own = in_sources_words(entry).published or {}
        rates = {key: plain(rate) for key in said if (rate := stated(own, key)) is not None}
        models[entry.id] = (DatedRates(None, rates),)
    return heard(known, ListReading(PRIMARY, models), today)
