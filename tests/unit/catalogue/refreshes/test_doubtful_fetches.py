"""What a refresh doubts, a whole fetch or single rows, until it is confirmed or approved."""

from contextlib import suppress
from datetime import timedelta

from atom_llm.domain.catalogue.errors import SourcesDown
from atom_llm.domain.catalogue.quarantine import CONFIRMATION_DELAY, EVERYTHING, Approval
from atom_llm.domain.catalogue.review import ABSENCES_TO_LEAVE
from tests.unit.catalogue.refreshes.refresh_world import A_DAY, World, price_file

ALL = Approval(frozenset({EVERYTHING}))


def test_an_answer_with_less_than_half_of_the_rows_is_refused_until_the_same_comes_a_day_later(world: World) -> None:
    before = world.prices()
    world.says(price_file("a"))
    world.refresh()
    assert world.prices() == before
    assert world.held().keys() == {"fetch:litellm"}
    world.later(CONFIRMATION_DELAY - timedelta(microseconds=1))
    world.refresh()
    assert world.prices() == before
    world.later(timedelta(microseconds=1))
    report = world.refresh()
    assert report.sources["litellm"].condition == "fresh"
    assert "fetch:litellm" not in world.held()


def test_another_short_answer_waits_anew(world: World) -> None:
    world.says(price_file("a"))
    world.refresh()
    world.later(A_DAY)
    world.says(price_file("b"))
    world.refresh()
    assert world.held()["fetch:litellm"].first_seen == world.now


def test_an_approval_lets_a_short_answer_pass(world: World) -> None:
    world.says(price_file("a"))
    with suppress(SourcesDown):
        world.refresh()
    world.refresh(approval=Approval(frozenset({"fetch:litellm"})))
    assert world.journal.state().sources["litellm"].condition == "fresh"


def test_no_approval_makes_invalid_json_valid(world: World) -> None:
    before = world.prices()
    world.says(b"{")
    world.later(A_DAY)
    assert world.refresh(approval=ALL).sources["litellm"].condition == "rejected"
    assert world.prices() == before


def test_a_doubtful_fetch_waits_on_while_its_source_is_down(world: World) -> None:
    world.says(price_file("a"))
    world.refresh()
    world.litellm.fail("timeout")
    world.later(A_DAY)
    world.refresh()
    world.says(price_file("a"))
    assert world.refresh().sources["litellm"].condition == "fresh"


def test_a_suspicious_price_is_held_over_refreshes_and_passes_a_day_later(world: World) -> None:
    world.says(price_file("a", "b", "c", d=2e-05))
    assert world.refresh().held == 1
    assert world.prices()["acme/d"] == "1e-06"
    head = world.head
    world.later(timedelta(hours=12))
    assert world.refresh().outcome == "unchanged"
    assert world.head == head
    world.later(timedelta(hours=12))
    report = world.refresh()
    assert (report.events, report.held) == ({"price": 1}, 0)
    assert world.prices()["acme/d"] == "2e-05"


def test_an_approval_lets_one_held_row_pass_and_not_the_other(world: World) -> None:
    world.says(price_file("a", "b", c=2e-05, d=2e-05))
    world.refresh()
    world.refresh(approval=Approval(frozenset({"acme/c"})))
    assert (world.prices()["acme/c"], world.prices()["acme/d"]) == ("2e-05", "1e-06")
    assert world.held().keys() == {"acme/d"}


def test_a_row_leaves_after_three_absences_and_not_before(world: World) -> None:
    world.says(price_file("a", "b", "c"))
    assert world.refresh().events == {"removed": 1}
    for _ in range(ABSENCES_TO_LEAVE - 1):
        assert world.catalogue.get("acme/d") is not None
        world.refresh()
    assert world.catalogue.get("acme/d") is not None
    world.refresh()
    assert world.catalogue.get("acme/d") is None


def test_refreshes_without_the_primary_are_no_absences(world: World) -> None:
    world.says(price_file("a", "b", "c"))
    world.refresh()
    world.litellm.fail("timeout")
    for _ in range(ABSENCES_TO_LEAVE * 2):
        world.refresh()
    assert world.catalogue.get("acme/d") is not None
