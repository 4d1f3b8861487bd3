"""The review of a fetch: row by row against those in force, and disappearances provider by provider."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.quarantine import CONFIRMATION_DELAY, NO_APPROVAL, Approval, HeldProposal, Quarantine
from atom_llm.domain.catalogue.review import ABSENCES_TO_LEAVE, Review, is_whole, review, unchanged_reading
from atom_llm.domain.catalogue.source import SourceReading
from testing import real_data
from testing.rows import DAY, IN, NOW, OUT, reading, row, rows

SHORTLY: timedelta = CONFIRMATION_DELAY - timedelta(microseconds=1)
JUMP = row(charge="0.00002")  # twenty times what row() charges


def judged(
    previous: Mapping[str, ModelEntry],
    said: SourceReading,
    held: Mapping[str, HeldProposal] | None = None,
    *,
    now: datetime = NOW,
    number: int = 1,
    approval: Approval = NO_APPROVAL,
) -> Review:
    return review(previous, said, Quarantine(held or {}), now=now, refresh_number=number, approval=approval)


def kinds(result: Review) -> dict[str, int]:
    return dict(Counter(event.kind for event in result.events))


def provider_of(count: int, provider: str = "acme", **fields: object) -> list[ModelEntry]:
    return [row(f"m{number:03}", provider=provider, **fields) for number in range(count)]  # type: ignore[arg-type]


# Rows that are there


def test_the_same_again_is_no_news() -> None:
    result = judged(rows(row()), reading(row()))
    assert (result.entries, result.events, result.held) == (rows(row()), (), {})


def test_a_new_row_and_a_small_change_pass_at_once() -> None:
    result = judged(rows(row("a")), reading(row("a", "0.000002"), row("b")))
    assert result.entries == rows(row("a", "0.000002"), row("b"))
    assert kinds(result) == {"price": 1, "added": 1}


def test_what_is_no_price_passes_with_no_event() -> None:
    result = judged(rows(row()), reading(row(capabilities=frozenset({"vision"}))))
    assert result.entries["acme/m"].capabilities == {"vision"}
    assert result.events == ()


def test_a_suspicious_change_is_held_and_the_previous_price_stays() -> None:
    result = judged(rows(row()), reading(JUMP))
    assert result.entries == rows(row())
    (event,) = result.events
    assert (event.kind, event.model, event.before, event.after) == (
        "quarantined",
        "acme/m",
        row().published,
        JUMP.published,
    )
    assert "more than 10 times" in (event.reason or "")
    assert result.held["acme/m"].first_seen == NOW


def test_a_suspicious_new_row_stays_out() -> None:
    result = judged({}, reading(row(charge="0.001")))
    assert result.entries == {}
    assert result.held.keys() == {"acme/m"}


def test_the_identical_proposal_is_told_once_and_keeps_its_first_sighting() -> None:
    held = judged(rows(row()), reading(JUMP)).held
    again = judged(rows(row()), reading(JUMP), held, now=NOW + SHORTLY)
    assert (again.entries, again.events, again.held) == (rows(row()), (), held)


def test_the_identical_proposal_passes_a_day_later() -> None:
    held = judged(rows(row()), reading(JUMP)).held
    result = judged(rows(row()), reading(JUMP), held, now=NOW + CONFIRMATION_DELAY)
    assert result.entries == rows(JUMP)
    assert kinds(result) == {"price": 1}
    assert result.held == {}


def test_another_proposal_begins_to_wait_anew() -> None:
    held = judged(rows(row()), reading(JUMP)).held
    result = judged(rows(row()), reading(row(charge="0.00003")), held, now=NOW + DAY)
    assert result.entries == rows(row())
    assert result.held["acme/m"].first_seen == NOW + DAY


def test_a_proposal_that_is_withdrawn_is_forgotten() -> None:
    held = judged(rows(row()), reading(JUMP)).held
    assert judged(rows(row()), reading(row()), held).held == {}


def test_an_approval_lets_its_subject_pass_and_no_other() -> None:
    before, after = rows(row("a"), row("b")), reading(row("a", "0.00002"), row("b", "0.00002"))
    held = judged(before, after).held
    result = judged(before, after, held, approval=Approval(frozenset({"acme/a"})))
    assert result.entries == rows(row("a", "0.00002"), row("b"))
    assert result.held.keys() == {"acme/b"}


def test_an_approval_covers_nothing_that_the_admin_could_not_have_seen() -> None:
    everything = Approval(frozenset({"*"}))
    assert judged(rows(row()), reading(JUMP), approval=everything).held.keys() == {"acme/m"}
    held = judged(rows(row()), reading(JUMP)).held
    another = judged(rows(row()), reading(row(charge="0.9")), held, approval=everything)
    assert another.held.keys() == {"acme/m"}


def test_an_unusable_row_keeps_its_previous_price_and_no_day_makes_it_usable() -> None:
    said = reading(refused={"acme/m": "input_cost_per_token is negative"})
    first = judged(rows(row()), said)
    assert first.entries == rows(row())
    assert kinds(first) == {"quarantined": 1}
    later = judged(rows(row()), said, first.held, now=NOW + 30 * DAY, approval=Approval(frozenset({"*"})))
    assert (later.entries, later.events) == (rows(row()), ())


def test_a_row_too_broken_to_have_an_id_is_held_as_the_row_of_its_key() -> None:
    result = judged(rows(row(source_key="acme-m")), reading(refused={"acme-m": "is not a model with a provider"}))
    assert result.entries == rows(row(source_key="acme-m"))
    assert result.held.keys() == {"acme/m"}


# Rows that are not


def test_an_absent_row_is_told_as_removed_and_stays_until_its_third_absence() -> None:
    before: Mapping[str, ModelEntry] = rows(row("a"), row("b"))
    result = judged(before, reading(row("b")), number=5)
    assert kinds(result) == {"removed": 1}
    for number in range(6, 5 + ABSENCES_TO_LEAVE):
        result = judged(result.entries, reading(row("b")), number=number)
        assert result.entries["acme/a"].absent_since == 5
        assert result.events == ()
    result = judged(result.entries, reading(row("b")), number=5 + ABSENCES_TO_LEAVE)
    assert (result.entries, result.events) == (rows(row("b")), ())


def test_a_row_that_returns_is_added_again_once_with_the_price_it_returns_at() -> None:
    gone = judged(rows(row()), reading())
    result = judged(gone.entries, reading(row(charge="0.000002")), number=2)
    assert result.entries == rows(row(charge="0.000002"))
    (event,) = result.events
    assert (event.kind, event.after) == ("added", {IN: "0.000002", OUT: "0.000002"})


def test_a_row_that_returns_twenty_times_dearer_is_held_and_stays_absent() -> None:
    gone = judged(rows(row()), reading())
    result = judged(gone.entries, reading(JUMP), number=2)
    assert result.entries == gone.entries
    assert result.held.keys() == {"acme/m"}


@pytest.mark.parametrize(
    ("listed", "gone", "is_held"),
    [(10, 5, False), (10, 6, True), (4, 2, False), (4, 3, True), (3, 3, True), (2, 2, False)],
)
def test_a_provider_collapses_when_more_than_half_of_its_rows_and_at_least_three_leave_at_once(
    listed: int, gone: int, is_held: bool
) -> None:
    own = provider_of(listed)
    result = judged(rows(*own, row("x", provider="other")), reading(*own[gone:], row("x", provider="other")))
    assert len(result.held) == (gone if is_held else 0)
    assert kinds(result) == {"quarantined" if is_held else "removed": gone}
    assert result.entries.keys() == rows(*own, row("x", provider="other")).keys()


def test_rows_past_their_deprecation_date_may_leave_together() -> None:
    over, coming = (provider_of(6, deprecation_date=day) for day in (NOW.date(), date(2027, 1, 1)))
    assert kinds(judged(rows(*over), reading())) == {"removed": 6}
    assert kinds(judged(rows(*coming), reading())) == {"quarantined": 6}


def test_a_collapse_is_let_through_by_the_same_absence_a_day_later_or_by_an_approval() -> None:
    before = rows(*provider_of(6))
    held = judged(before, reading()).held
    assert kinds(judged(before, reading(), held, now=NOW + SHORTLY)) == {}
    assert kinds(judged(before, reading(), held, now=NOW + CONFIRMATION_DELAY)) == {"removed": 6}
    assert kinds(judged(before, reading(), held, approval=Approval(frozenset({"*"})))) == {"removed": 6}


def test_a_collapse_of_one_provider_does_not_hold_what_leaves_another() -> None:
    before = rows(*provider_of(6), *provider_of(6, "other"))
    result = judged(before, reading(*provider_of(6, "other")[1:]))
    assert set(result.held) == {f"acme/m{number:03}" for number in range(6)}
    assert kinds(result) == {"quarantined": 6, "removed": 1}


def test_refused_rows_are_no_absences() -> None:
    own = provider_of(6)
    result = judged(rows(*own), reading(refused={entry.id: "is negative" for entry in own}))
    assert {held.reason for held in result.held.values()} == {"unusable row: is negative"}


# The first fetch after the seed


def test_rows_that_only_the_seed_knew_leave_with_the_first_fetch() -> None:
    before = rows(*provider_of(6), row("kept", provider="other"))
    result = review(
        before, reading(row("kept", provider="other")), Quarantine(), now=NOW, refresh_number=1, is_first=True
    )
    assert result.entries == rows(row("kept", provider="other"))
    assert {event.reason for event in result.events} == {"was only in the packaged seed"}
    assert kinds(result) == {"removed": 6}


def test_prices_of_the_first_fetch_are_judged_by_the_seed_s() -> None:
    said = reading(JUMP, refused={"acme/x": "is negative"})
    result = review(rows(row(), row("x")), said, Quarantine(), now=NOW, refresh_number=1, is_first=True)
    assert result.entries == rows(row(), row("x"))
    assert result.held.keys() == {"acme/m", "acme/x"}


# Not modified, and whole answers


def test_not_modified_repeats_what_is_listed_and_what_is_held() -> None:
    previous = rows(row("a"), row("gone", absent_since=3), row("b"))
    held = judged(previous, reading(row("a", "0.00002"), row("b"), refused={"acme/c": "is negative"})).held
    said = unchanged_reading("litellm", previous, Quarantine(held))
    assert said == reading(row("a", "0.00002"), row("b"), refused={"acme/c": "is negative"})


def test_not_modified_a_day_later_confirms_as_the_same_fetch_would() -> None:
    before = rows(row(), *provider_of(6, "other"))
    held = judged(before, reading(JUMP)).held
    said = unchanged_reading("litellm", before, Quarantine(held))
    result = judged(before, said, held, now=NOW + CONFIRMATION_DELAY)
    assert result.entries["acme/m"] == JUMP
    assert kinds(result) == {"price": 1, "removed": 6}


@pytest.mark.parametrize(("now_listed", "whole"), [(4, False), (5, True)])
def test_an_answer_with_half_the_rows_is_whole_and_with_fewer_is_not(now_listed: int, whole: bool) -> None:
    assert is_whole(10, reading(*provider_of(now_listed))) is whole


def test_an_answer_without_a_row_is_never_whole() -> None:
    assert not is_whole(0, reading())


# Real days


def between(one: str, other: str, **how: object) -> Review:
    return judged(real_data.litellm_of(one).entries, real_data.litellm_of(other), **how)  # type: ignore[arg-type]


def test_neighbouring_days_differ_a_little_and_nothing_is_held() -> None:
    result = between(real_data.JULY_22, real_data.JULY_24)
    assert kinds(result) == {"added": 10}
    assert result.held == {}
    assert result.entries == real_data.litellm_of(real_data.JULY_24).entries


def dirty_rows() -> set[str]:
    """Rows of the dirty day that were priced a thousand times and more of what they cost two months later."""
    clean, dirty = real_data.litellm_of(real_data.MARCH).entries, real_data.litellm_of(real_data.DIRTY_UNITS).entries
    found = set()
    for identity in clean.keys() & dirty.keys():
        was, now = (float(str((each[identity].published or {}).get(IN) or 0)) for each in (clean, dirty))
        if was and now >= was * 1000:
            found.add(identity)
    return found


def test_the_rows_of_the_dirty_day_are_held_and_their_previous_prices_stay() -> None:
    result = between(real_data.MARCH, real_data.DIRTY_UNITS)
    dirty = dirty_rows()
    assert len(dirty) >= 50
    assert dirty <= result.held.keys()
    for identity in dirty:
        assert result.entries[identity] == real_data.litellm_of(real_data.MARCH).entries[identity]
    assert {event.model for event in result.events if event.kind == "quarantined"} == result.held.keys()


def test_no_price_of_the_dirty_day_moves_more_than_ten_times_in_either_direction() -> None:
    for one, other in ((real_data.MARCH, real_data.DIRTY_UNITS), (real_data.DIRTY_UNITS, real_data.MARCH)):
        before, after = real_data.litellm_of(one).entries, between(one, other).entries
        for identity in before.keys() & after.keys():
            was, now = (float(str((each[identity].published or {}).get(IN) or 0)) for each in (before, after))
            assert (was == now) or (was and now and max(was, now) <= 10.0001 * min(was, now)), identity


def test_the_correction_of_the_dirty_day_is_held_too_and_passes_when_seen_again_a_day_later() -> None:
    first = between(real_data.DIRTY_UNITS, real_data.MARCH)
    assert dirty_rows() <= first.held.keys()
    later = judged(first.entries, real_data.litellm_of(real_data.MARCH), first.held, now=NOW + DAY, number=2)
    assert later.held == {}
    for identity in dirty_rows():
        assert later.entries[identity] == real_data.litellm_of(real_data.MARCH).entries[identity]


def test_on_a_first_refresh_without_a_seed_only_a_thousand_dollars_a_million_is_held() -> None:
    result = judged({}, real_data.litellm_of(real_data.DIRTY_UNITS))
    assert result.held
    assert all("$1,000 a million" in held.reason for held in result.held.values())
    assert not result.held.keys() & result.entries.keys()


def openrouter_rows(entries: Mapping[str, ModelEntry]) -> set[str]:
    return {identity for identity, entry in entries.items() if entry.provider == "openrouter"}


def test_a_reseller_whose_every_row_leaves_is_held_first_though_the_total_grows() -> None:
    before = real_data.litellm_of(real_data.SEPTEMBER).entries
    leaving = openrouter_rows(before)
    assert len(leaving) == 100
    assert openrouter_rows(real_data.litellm_of(real_data.NOVEMBER).entries) == set()
    result = between(real_data.SEPTEMBER, real_data.NOVEMBER)
    assert leaving <= result.held.keys()
    assert all(result.entries[identity] == before[identity] for identity in leaving)


def test_it_is_let_through_by_the_identical_fetch_a_day_later_and_gone_after_three_absences() -> None:
    november = real_data.litellm_of(real_data.NOVEMBER)
    result = between(real_data.SEPTEMBER, real_data.NOVEMBER)
    leaving = openrouter_rows(result.entries)
    result = judged(result.entries, november, result.held, now=NOW + SHORTLY, number=2)
    assert leaving <= result.held.keys()
    result = judged(result.entries, november, result.held, now=NOW + DAY, number=3)
    assert result.held == {}
    assert {event.model for event in result.events if event.kind == "removed"} >= leaving
    for number in (4, 5, 6):
        assert openrouter_rows(result.entries) == leaving
        result = judged(result.entries, november, result.held, now=NOW + DAY, number=number)
    assert openrouter_rows(result.entries) == set()
    assert result.entries.keys() == november.entries.keys()


def test_it_is_let_through_at_once_by_an_approval() -> None:
    first = between(real_data.SEPTEMBER, real_data.NOVEMBER)
    november = real_data.litellm_of(real_data.NOVEMBER)
    result = judged(first.entries, november, first.held, number=2, approval=Approval(frozenset({"*"})))
    assert result.held == {}
    leaving = openrouter_rows(result.entries)
    assert {result.entries[identity].absent_since for identity in leaving} == {2}


def test_two_months_of_real_changes_hold_one_changed_row_in_twenty_at_most() -> None:
    result = between(real_data.SEPTEMBER, real_data.NOVEMBER)
    changed = kinds(result)["price"]
    held = [each for each in result.held.values() if each.entry is not None]
    assert changed > 700
    assert len(held) <= 0.05 * (changed + len(held))
