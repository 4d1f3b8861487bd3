"""Events: what differs between two states of a row, and a batch that comes back as it was."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.price_events import (
    EventKind,
    PriceEvent,
    added,
    changes,
    decode_events,
    encode_events,
    removed,
    same_rate,
)
from testing.rows import IN, OUT, PUBLISHED, row


def test_a_changed_rate_is_told_with_what_it_was_and_what_it_is_and_no_more() -> None:
    (event,) = changes(row(rates={IN: "1", OUT: "2"}), row(rates={IN: "1", OUT: "3"}))
    assert (event.kind, event.model, event.provider, event.source) == ("price", "acme/m", "acme", "litellm")
    assert (event.before, event.after) == ({OUT: "2"}, {OUT: "3"})


def test_a_rate_that_comes_or_goes_is_a_change_on_one_side_only() -> None:
    (event,) = changes(row(rates={IN: "1"}), row(rates={OUT: "2"}))
    assert (event.before, event.after) == ({IN: "1"}, {OUT: "2"})


@pytest.mark.parametrize(("one", "other"), [("1e-06", "0.000001"), ("0.10", "0.1"), (0, "0.0"), ("0.1", "1E-1")])
def test_another_spelling_of_the_same_rate_is_no_change(one: object, other: object) -> None:
    assert same_rate(one, other)
    assert list(changes(row(rates={IN: one}), row(rates={IN: other}))) == []


@pytest.mark.parametrize(
    ("one", "other"), [("1e-06", "1.0001e-06"), ("0", None), ("x", "y"), ({"a": 1}, {"a": 2}), ("NaN", "NaN ")]
)
def test_different_rates_differ(one: object, other: object) -> None:
    assert not same_rate(one, other)


def test_a_deprecation_is_an_event_of_its_own() -> None:
    before, after = row(), row(deprecation_date=date(2026, 12, 31))
    (event,) = changes(before, after)
    assert (event.kind, event.before, event.after) == (
        "deprecation",
        {"deprecation_date": None},
        {"deprecation_date": "2026-12-31"},
    )
    (withdrawn,) = changes(after, before)
    assert withdrawn.after == {"deprecation_date": None}


def test_limits_and_capabilities_are_no_price_events() -> None:
    assert list(changes(row(), row(capabilities=frozenset({"vision"})))) == []


def test_a_row_comes_and_goes_with_all_its_rates() -> None:
    assert added(row()).after == removed(row(), "gone").before == row().published
    assert removed(row(), "gone").reason == "gone"


EVENTS = st.builds(
    PriceEvent,
    kind=st.sampled_from(get_args(EventKind)),
    source=st.sampled_from(["litellm", "openrouter"]),
    model=st.text(max_size=8),
    provider=st.text(max_size=8),
    before=PUBLISHED,
    after=PUBLISHED,
    reason=st.none() | st.text(min_size=1, max_size=8),
)


@given(st.lists(EVENTS, max_size=6))
@settings(deadline=None)
def test_a_batch_comes_back_as_it_was(events: list[PriceEvent]) -> None:
    assert decode_events(encode_events(events)) == tuple(events)


def test_no_event_takes_no_byte() -> None:
    assert encode_events([]) == b""
    assert decode_events(b"") == ()


@given(st.binary(min_size=1, max_size=100))
def test_a_damaged_batch_is_refused(content: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        decode_events(content)


def test_a_truncated_batch_is_refused_at_every_length() -> None:
    batch = encode_events([added(row())])
    for length in range(1, len(batch)):
        with pytest.raises(SnapshotCorrupt):
            decode_events(batch[:length])
