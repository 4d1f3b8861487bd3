"""One refresh after another: what is in force, held and told after each, whatever the sources do."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from atom_llm.domain.catalogue.errors import ActivationConflict, RefreshInProgress, SourcesDown
from atom_llm.services.catalogue.pricing_fetcher import FRESH_FOR, LEASE_S
from testing.rows import IN, NOW, row
from tests.unit.catalogue.refreshes.refresh_world import A_DAY, UNUSABLE, World, model_list, price_file


def test_the_first_refresh_enters_the_seed_with_its_day_and_then_what_was_fetched() -> None:
    world = World(row("a"), row("b"))
    world.says(price_file("a", "b", "c"))
    world.lends(model_list("other/x"))
    report = world.refresh()
    first, second = reversed(list(world.book.activations(since=None, before=None)))
    assert (first.sequence, first.activated_at, first.models) == (1, world.seed.as_of, 2)
    assert (second.sequence, second.activated_at, second.models) == (2, NOW, 4)
    assert (report.outcome, report.models, report.fetched, report.version) == ("refreshed", 4, 4, second.version)
    assert report.events == {"added": 2}


def test_a_first_refresh_with_every_source_down_leaves_the_seed_in_force() -> None:
    world = World(row("a"))
    with pytest.raises(SourcesDown):
        world.refresh()
    assert (world.head.sequence, world.prices()) == (1, {"acme/a": "0.000001"})
    assert world.journal.state().succeeded_at is None


def test_prices_of_the_first_fetch_are_compared_with_the_seed_s() -> None:
    world = World(row("a"))
    world.says(price_file("a", charge=2e-05))
    world.refresh()
    assert world.prices() == {"acme/a": "0.000001"}
    assert world.held().keys() == {"acme/a"}


def test_a_seed_s_day_that_is_still_to_come_is_today() -> None:
    world = World(row("a"), as_of=NOW + A_DAY)
    world.says(price_file("a"))
    world.refresh()
    assert world.head.activated_at == NOW


def test_within_a_day_nothing_is_asked_and_at_a_day_it_is(world: World) -> None:
    world.says(price_file("a", "b", "c", "d", charge=2e-06))
    world.later(FRESH_FOR - timedelta(microseconds=1))
    report = world.refresh(force=False)
    assert (report.outcome, report.version, report.models) == ("fresh", world.head.version, 5)
    assert world.prices()["acme/a"] == "1e-06"
    world.later(timedelta(microseconds=1))
    assert world.refresh(force=False).outcome == "refreshed"
    assert world.prices()["acme/a"] == "2e-06"


def test_with_force_it_is_asked_at_once(world: World) -> None:
    world.says(price_file("a", "b", "c", "d", charge=2e-06))
    assert world.refresh(force=True).outcome == "refreshed"


def test_a_source_that_says_not_modified_changes_nothing_and_is_fresh_again(world: World) -> None:
    before = world.head
    world.later(A_DAY)
    report = world.refresh()
    assert (report.outcome, world.head, report.fetched) == ("unchanged", before, 0)
    assert {name: each.condition for name, each in report.sources.items()} == {
        "litellm": "unchanged",
        "openrouter": "unchanged",
    }
    assert report.succeeded_at == world.now
    assert report.sources["litellm"].fetched_at == NOW


def test_the_same_content_under_a_new_tag_writes_no_entry(world: World) -> None:
    before = world.head
    world.says(json.dumps(price_file("d", "c", "b", "a"), indent=2).encode())
    assert world.refresh().outcome == "unchanged"
    assert world.head == before


def test_a_change_is_one_entry_with_its_event(world: World) -> None:
    before = world.head
    world.later(A_DAY)
    world.says(price_file("a", "b", "c", d=2e-06))
    report = world.refresh()
    assert report.events == {"price": 1}
    assert (world.head.sequence, world.head.activated_at) == (before.sequence + 1, world.now)
    assert world.head.source_times["litellm"] == world.now
    (event,) = world.events()
    assert (event.model, event.before[IN], event.after[IN]) == ("acme/d", "1e-06", "2e-06")


def test_prices_that_return_to_an_earlier_state_are_a_new_entry_of_the_old_version(world: World) -> None:
    first = world.head
    world.says(price_file("a", "b", "c", d=2e-06))
    world.refresh()
    world.says(price_file("a", "b", "c", "d"))
    world.refresh()
    assert world.head.version == first.version
    assert world.head.sequence == first.sequence + 2


def test_a_clock_that_goes_back_does_not_put_an_entry_before_its_predecessor(world: World) -> None:
    before = world.head
    world.later(-A_DAY)
    world.says(price_file("a", "b", "c", d=2e-06))
    world.refresh()
    assert world.head.activated_at == before.activated_at


@pytest.mark.parametrize("body", UNUSABLE)
def test_an_unusable_answer_of_the_primary_changes_no_price_and_says_why(world: World, body: bytes) -> None:
    before = world.prices()
    world.says(body)
    world.later(A_DAY)
    report = world.refresh()
    assert world.prices() == before
    state = report.sources["litellm"]
    assert (state.condition, state.failing_since) == ("rejected", world.now)
    assert state.detail
    assert report.events == {"quarantined": 1}
    (event,) = world.events()
    assert (event.kind, event.source, event.model) == ("quarantined", "litellm", "")
    assert (event.reason or "").startswith("whole fetch refused: ")


def test_an_answer_that_is_refused_again_is_told_once(world: World) -> None:
    world.says(b"<html>")
    world.refresh()
    head = world.head
    assert world.refresh().events == {}
    assert world.head == head
    world.says(b"<html>another</html>")
    assert world.refresh().events == {"quarantined": 1}


def test_a_dead_primary_is_no_failure_while_the_fallback_answers(world: World) -> None:
    world.litellm.fail("timeout")
    world.lends(model_list("acme/a", "other/x", "other/y"))
    world.later(A_DAY)
    report = world.refresh()
    assert report.outcome == "refreshed"
    assert report.succeeded_at == world.now
    assert world.prices().keys() == {"acme/a", "acme/b", "acme/c", "acme/d", "openrouter/other/x", "openrouter/other/y"}
    assert report.sources["litellm"].condition == "unavailable"


def test_a_dead_fallback_is_no_failure_either(world: World) -> None:
    world.openrouter.fail("connection")
    world.says(price_file("a", "b", "c", d=2e-06))
    assert world.refresh().events == {"price": 1}
    assert "openrouter/other/x" in world.prices()


def test_with_both_down_the_last_good_prices_stay_and_it_is_a_failure(world: World) -> None:
    head, succeeded = world.head, world.journal.state().succeeded_at
    world.litellm.fail("timeout")
    world.openrouter.fail("http_status")
    world.later(A_DAY)
    with pytest.raises(SourcesDown) as failure:
        world.refresh()
    assert set(failure.value.details["sources"]) == {"litellm", "openrouter"}  # type: ignore[call-overload]
    state = world.journal.state()
    assert (world.head, state.succeeded_at, state.attempted_at) == (head, succeeded, world.now)


def test_failing_since_is_the_first_of_an_unbroken_row(world: World) -> None:
    world.litellm.fail("timeout")
    world.later(A_DAY)
    since = world.now
    world.refresh()
    world.later(A_DAY)
    world.says(b"<html>")
    assert world.refresh().sources["litellm"].failing_since == since
    world.says(price_file("a", "b", "c", "d"))
    assert world.refresh().sources["litellm"].failing_since is None


def test_a_failed_source_is_asked_conditionally_with_what_it_last_gave(world: World) -> None:
    validators = world.journal.state().sources["litellm"].validators
    world.litellm.fail("timeout")
    world.refresh()
    assert world.journal.state().sources["litellm"].validators == validators


def test_a_second_refresh_at_the_same_time_is_refused(world: World) -> None:
    assert world.journal.begin("another", world.now, LEASE_S) is not None
    with pytest.raises(RefreshInProgress):
        world.refresh()


def test_a_dead_holder_is_waited_for_until_its_lease_ends(world: World) -> None:
    world.journal.begin("dead", world.now, LEASE_S)
    world.later(timedelta(seconds=LEASE_S) - timedelta(microseconds=1))
    with pytest.raises(RefreshInProgress):
        world.refresh()
    world.later(timedelta(microseconds=1))
    assert world.refresh().outcome == "unchanged"


def test_a_failed_attempt_gives_the_lease_back_and_keeps_the_state(world: World) -> None:
    state = world.journal.state()
    world.says(price_file("a", "b", "c", d=2e-06))
    world.race_with(replace(world.head, sequence=world.head.sequence + 1))
    with pytest.raises(ActivationConflict):
        world.refresh()
    assert world.journal.state() == replace(state, attempted_at=world.now)
    assert world.refresh().events == {"price": 1}
