"""Held proposals: their confirmation, the approvals that cover them, and their storage."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.quarantine import (
    CONFIRMATION_DELAY,
    EVERYTHING,
    NO_APPROVAL,
    Approval,
    HeldProposal,
    Quarantine,
    decode_quarantine,
    encode_quarantine,
    proposal_of,
    proposal_of_body,
)
from testing.rows import ENTRIES, NOW, row

HELD = HeldProposal("acme/m", "litellm", proposal_of(row()), "why", NOW, row())


def test_the_identical_proposal_passes_when_the_delay_is_over_and_not_a_moment_before() -> None:
    same = proposal_of(row())
    assert not HELD.may_pass(same, NOW + CONFIRMATION_DELAY - timedelta(microseconds=1), NO_APPROVAL)
    assert HELD.may_pass(same, NOW + CONFIRMATION_DELAY, NO_APPROVAL)


def test_an_approval_lets_the_identical_proposal_pass_at_once() -> None:
    assert HELD.may_pass(proposal_of(row()), NOW, Approval(frozenset({"acme/m"})))
    assert not HELD.may_pass(proposal_of(row()), NOW, Approval(frozenset({"acme/other"})))


def test_another_proposal_never_confirms() -> None:
    everything = Approval(frozenset({"*"}))
    assert not HELD.may_pass(proposal_of(row(charge="2")), NOW + timedelta(days=365), everything)


def test_a_daily_schedule_that_comes_early_still_counts_as_a_day() -> None:
    assert timedelta(hours=23) < CONFIRMATION_DELAY < timedelta(hours=24)


def test_a_proposal_is_everything_that_a_row_says() -> None:
    assert proposal_of(row()) == proposal_of(row())
    assert proposal_of(row()) != proposal_of(row(capabilities=frozenset({"vision"})))
    assert proposal_of_body(b"a") != proposal_of_body(b"b")


def test_an_approval_covers_what_it_names() -> None:
    assert Approval(frozenset({"acme/m"})).covers("acme/m")
    assert not Approval(frozenset({"acme/m"})).covers("acme/m2")
    assert Approval(frozenset({EVERYTHING})).covers("fetch:litellm")
    assert not NO_APPROVAL.covers("acme/m")


def test_what_is_held_is_told_by_source() -> None:
    other = HeldProposal("openrouter/m", "openrouter", "x", "why", NOW)
    quarantine = Quarantine({held.subject: held for held in (HELD, other)})
    assert quarantine.entries_of("openrouter") == {"openrouter/m": other}


def hold(subject: str, entry: ModelEntry | None) -> HeldProposal:
    return HeldProposal(
        entry.id if entry else subject, "litellm", proposal_of(entry) if entry else "absent", "why", NOW, entry
    )


QUARANTINES = st.lists(st.builds(hold, st.text(min_size=1, max_size=8), st.none() | ENTRIES), max_size=5).map(
    lambda held: Quarantine({each.subject: each for each in held})
)


@given(QUARANTINES)
@settings(deadline=None)
def test_what_is_held_comes_back_as_it_was(quarantine: Quarantine) -> None:
    assert decode_quarantine(encode_quarantine(quarantine)) == quarantine


def test_an_absence_does_not_come_back_with_the_row_of_another_subject() -> None:
    proposed = row("x", provider="openrouter", source_key="acme/m")
    quarantine = Quarantine({each.subject: each for each in (hold("acme/m", None), hold("", proposed))})
    assert decode_quarantine(encode_quarantine(quarantine)).held["acme/m"].entry is None


def test_equal_quarantines_are_equal_bytes_whatever_their_order() -> None:
    one, other = hold("a", None), hold("b", None)
    assert encode_quarantine(Quarantine({"a": one, "b": other})) == encode_quarantine(
        Quarantine({"b": other, "a": one})
    )


def test_nothing_held_takes_no_byte() -> None:
    assert encode_quarantine(Quarantine()) == b""
    assert decode_quarantine(b"") == Quarantine()


@given(st.binary(min_size=1, max_size=100))
def test_a_damaged_quarantine_is_refused(content: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        decode_quarantine(content)
