"""One catalogue from two sources: the primary's word first, the fallback's only for what the primary lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.merge import merge
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, HeldProposal, Quarantine
from atom_llm.domain.catalogue.review import Review
from atom_llm.domain.catalogue.source import SourceReading
from testing import real_data
from testing.rows import DAY, NOW, reading, row, rows


def lent(name: str, charge: str = "0.000001", **fields: object) -> ModelEntry:
    return row(name, charge, provider="openrouter", source="openrouter", **fields)  # type: ignore[arg-type]


def merged(
    base: Iterable[ModelEntry],
    primary: SourceReading | None,
    fallback: SourceReading | None = None,
    held: Mapping[str, HeldProposal] | None = None,
    *,
    now: datetime = NOW,
    number: int = 1,
) -> Review:
    readings = {each.source: each for each in (primary, fallback) if each is not None}
    return merge(base, readings, Quarantine(held or {}), now=now, refresh_number=number, approval=NO_APPROVAL)


def said(*entries: ModelEntry, refused: dict[str, str] | None = None) -> SourceReading:
    return reading(*entries, source="openrouter", refused=refused)


def test_the_fallback_lends_only_what_the_primary_does_not_name() -> None:
    result = merged([], reading(row("gpt-9", provider="openai")), said(lent("openai/gpt-9"), lent("acme/other")))
    assert result.entries.keys() == {"openai/gpt-9", "openrouter/acme/other"}
    assert result.entries["openrouter/acme/other"].source == "openrouter"


def test_a_model_is_named_under_any_spelling() -> None:
    own = row("claude-sonnet-9-5-20260929", provider="anthropic", first_party=True)
    result = merged([], reading(own), said(lent("anthropic/claude-9.5-sonnet"), lent("anthropic/claude-sonnet-9.5")))
    assert result.entries == rows(own)


def test_the_fallback_never_stands_in_for_a_vendor_s_row() -> None:
    own = row("gpt-9", provider="openai")
    result = merged([own], None, said(lent("openai/gpt-9", "0.000009")))
    assert result.entries == rows(own)
    assert result.events == ()


def test_while_the_primary_is_silent_its_rows_and_its_holds_stay_as_they_are() -> None:
    first = merged([row()], reading(row(charge="0.00002")))
    result = merged(first.entries.values(), None, said(lent("acme/x")), first.held, now=NOW + 9 * DAY)
    assert result.entries.keys() == {"acme/m", "openrouter/acme/x"}
    assert result.held == first.held


def test_while_the_fallback_is_silent_its_rows_and_its_holds_stay_as_they_are() -> None:
    base = [row(), lent("acme/x")]
    first = merged(base, reading(row()), said(lent("acme/x", "0.00002")))
    assert first.held.keys() == {"openrouter/acme/x"}
    result = merged(first.entries.values(), reading(row()), None, first.held)
    assert (result.entries, result.held) == (first.entries, first.held)


def test_a_refresh_in_which_the_fallback_is_silent_is_no_witness_of_an_absence() -> None:
    here = said(lent("acme/y"))
    entries = merged([row(), lent("acme/x"), lent("acme/y")], reading(row()), here, number=1).entries
    assert entries["openrouter/acme/x"].absent_since == 1
    for number, answer in ((2, None), (3, here), (4, None), (5, None), (6, here)):
        entries = merged(entries.values(), reading(row()), answer, number=number).entries
        assert "openrouter/acme/x" in entries, number  # three whole refreshes without it: 1, 3 and 6
    assert "openrouter/acme/x" not in merged(entries.values(), reading(row()), here, number=7).entries


def test_a_lent_row_is_given_back_when_the_primary_comes_to_name_it() -> None:
    result = merged([lent("acme/x")], reading(row("x")), said(lent("acme/x")))
    assert result.entries == rows(row("x"))
    assert [(event.kind, event.model, event.reason) for event in result.events] == [
        ("added", "acme/x", None),
        ("removed", "openrouter/acme/x", "now published by litellm"),
    ]


def test_a_lent_row_that_was_gone_already_is_not_removed_twice() -> None:
    result = merged([replace(lent("acme/x"), absent_since=1)], reading(row("x")), said(lent("other/y")), number=2)
    assert [(event.kind, event.model) for event in result.events] == [
        ("added", "acme/x"),
        ("added", "openrouter/other/y"),
    ]


def test_a_lent_row_that_the_primary_proposes_suspiciously_stays_lent() -> None:
    result = merged([lent("acme/x")], reading(row("x", "0.001")), said(lent("acme/x")))
    assert result.entries == rows(lent("acme/x"))


def test_lent_rows_are_judged_as_strictly_as_others() -> None:
    result = merged([lent("acme/x")], None, said(lent("acme/x", "0.00002")))
    assert result.entries == rows(lent("acme/x"))
    later = merged(result.entries.values(), None, said(lent("acme/x", "0.00002")), result.held, now=NOW + DAY)
    assert later.entries == rows(lent("acme/x", "0.00002"))


def test_a_lent_row_that_becomes_unusable_keeps_its_price_and_is_held() -> None:
    result = merged([lent("acme/x")], None, said(refused={"openrouter/acme/x": "input_cost_per_token is negative"}))
    assert result.entries == rows(lent("acme/x"))
    assert result.held.keys() == {"openrouter/acme/x"}


def test_an_unusable_row_that_was_never_lent_is_no_news() -> None:
    result = merged([], None, said(refused={"openrouter/openrouter/auto": "input_cost_per_token is negative"}))
    assert (result.entries, result.events, result.held) == ({}, (), {})


def test_a_reseller_s_rows_of_the_primary_are_not_lent_twice() -> None:
    own = row("anthropic/claude-9", provider="openrouter", source_key="openrouter/anthropic/claude-9")
    result = merged([own], reading(own), said(lent("anthropic/claude-9", "0.000002")))
    assert result.entries == rows(own)


def test_only_the_source_that_never_answered_drops_its_packaged_rows() -> None:
    base = [row("a"), row("b"), lent("acme/x"), lent("acme/y")]
    readings = {each.source: each for each in (reading(row("a")), said(lent("acme/x")))}
    result = merge(base, readings, Quarantine(), now=NOW, refresh_number=1, approval=NO_APPROVAL, seeded=["openrouter"])
    assert result.entries.keys() == {"acme/a", "acme/b", "openrouter/acme/x"}
    assert result.entries["acme/b"].absent_since == 1


def test_no_source_says_nothing() -> None:
    base = [row(), lent("acme/x")]
    result = merged(base, None)
    assert (result.entries, result.events, result.held) == (rows(*base), (), {})


def test_the_real_list_lends_what_the_real_file_lacks_and_says_whose_it_is() -> None:
    primary = real_data.litellm_of(real_data.JULY_24)
    fallback = real_data.openrouter_of(real_data.OPENROUTER_OVERRIDES)
    result = merged([], primary, fallback)
    own = {identity: entry for identity, entry in result.entries.items() if entry.source == "litellm"}
    borrowed = {identity: entry for identity, entry in result.entries.items() if entry.source == "openrouter"}
    assert own.items() <= primary.entries.items()
    assert own.keys() | result.held.keys() == primary.entries.keys()
    assert 0 < len(borrowed) < len(fallback.entries)
    assert borrowed.items() <= fallback.entries.items()
    assert not any(entry.first_party for entry in borrowed.values())


def test_the_same_again_changes_nothing_on_real_days() -> None:
    primary = real_data.litellm_of(real_data.JULY_24)
    fallback = real_data.openrouter_of(real_data.OPENROUTER_OVERRIDES)
    first = merged([], primary, fallback)
    again = merged(first.entries.values(), primary, fallback, first.held, now=NOW + timedelta(hours=1), number=2)
    assert (again.entries, again.events, again.held) == (first.entries, (), first.held)
