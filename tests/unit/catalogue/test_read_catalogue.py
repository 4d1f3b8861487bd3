"""The catalogue in force: now, at an instant, and while nothing was fetched yet."""

from datetime import timedelta

import pytest

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.catalogue.errors import SnapshotMissing, SourcesDown
from atom_llm.domain.catalogue.names import provider_words
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.services.catalogue.read_catalogue import (
    HEAD_MAX_AGE,
    KEPT_VERSIONS,
    CatalogueInForce,
    CatalogueReader,
)
from testing import real_data
from testing.rows import IN, NOW, row
from tests.unit.catalogue.refreshes.refresh_world import A_DAY, World, model_list, price_file


@pytest.fixture
def world() -> World:
    found = World(row("m"))
    found.openrouter.fail("connection")
    return found


def price(in_force: CatalogueInForce | None, name: str = "acme/m") -> object:
    assert in_force is not None
    return (in_force.find(name).entry.published or {})[IN]


def refreshed(world: World, charge: float) -> None:
    world.says(price_file("m", charge=charge))
    world.refresh()


# The seed


def test_before_the_first_refresh_the_seed_is_believed_and_says_so(world: World) -> None:
    in_force = world.reader.current()
    assert (price(in_force), in_force.is_seed, in_force.as_of) == ("0.000001", True, world.seed.as_of)


def test_after_a_first_refresh_that_fetched_nothing_it_is_still_the_seed(world: World) -> None:
    world.litellm.fail("timeout")
    with pytest.raises(SourcesDown):
        world.refresh()
    in_force = world.reader.current()
    assert (in_force.is_seed, in_force.as_of) == (True, world.seed.as_of)


def test_after_a_first_fetch_that_was_refused_it_is_still_the_seed_of_its_day(world: World) -> None:
    world.says(b"<html>")
    with pytest.raises(SourcesDown):
        world.refresh()
    assert world.head.sequence == 2  # which tells of the refusal
    in_force = world.reader.current()
    assert (in_force.is_seed, in_force.as_of) == (True, world.seed.as_of)
    assert world.reader.age(world.journal.state()) == NOW - world.seed.as_of


def test_after_a_refresh_it_is_not(world: World) -> None:
    refreshed(world, 2e-06)
    in_force = world.reader.current()
    assert (price(in_force), in_force.is_seed, in_force.as_of) == ("2e-06", False, NOW)


def test_the_seed_is_not_read_while_the_book_has_an_entry(world: World) -> None:
    refreshed(world, 2e-06)

    def no_seed() -> None:
        raise AssertionError("the seed was read")

    reader = CatalogueReader(world.book, no_seed, world.clock)  # type: ignore[arg-type]
    assert price(reader.current()) == "2e-06"


def test_the_packaged_seed_is_a_catalogue_of_its_day() -> None:
    seed = load_seed()
    catalogue = decode(seed.snapshot)
    assert len(catalogue) == seed.models > 1000
    assert seed.as_of.utcoffset() == timedelta(0)
    assert (seed.source, seed.as_of <= NOW) == ("litellm", True)
    assert catalogue.get("gpt-4o") is not None


def test_the_packaged_seed_is_what_reading_its_file_gives_today() -> None:
    read_today = real_data.litellm_of(real_data.NOVEMBER).entries
    assert all(read_today[entry.id] == entry for entry in decode(load_seed().snapshot))


# Now


def test_a_new_entry_is_seen_when_the_old_look_is_a_minute_old_and_not_before(world: World) -> None:
    refreshed(world, 2e-06)
    assert price(world.reader.current()) == "2e-06"
    refreshed(world, 3e-06)
    world.later(HEAD_MAX_AGE - timedelta(microseconds=1))
    assert price(world.reader.current()) == "2e-06"
    world.later(timedelta(microseconds=1))
    assert price(world.reader.current()) == "3e-06"


def test_a_process_that_has_just_refreshed_forgets_and_sees_it_at_once(world: World) -> None:
    assert world.reader.current().is_seed
    refreshed(world, 2e-06)
    world.reader.forget()
    assert price(world.reader.current()) == "2e-06"


def test_an_unchanged_head_keeps_the_decoded_catalogue(world: World) -> None:
    refreshed(world, 2e-06)
    before = world.reader.current()
    world.later(HEAD_MAX_AGE)
    assert world.reader.current() is before


def test_an_entry_of_the_same_version_keeps_it_too(world: World) -> None:
    refreshed(world, 2e-06)
    before = world.reader.current()
    world.says(b"<html>")  # refused and told in an entry that changes nothing
    with pytest.raises(SourcesDown):
        world.refresh()
    world.reader.forget()
    after = world.reader.current()
    assert after.catalogue is before.catalogue
    assert after.activation == world.head


def test_the_age_is_the_time_since_a_source_last_confirmed_the_prices(world: World) -> None:
    assert world.reader.age(world.journal.state()) == NOW - world.seed.as_of
    refreshed(world, 2e-06)
    world.later(A_DAY)
    assert world.reader.age(world.journal.state()) == A_DAY
    world.refresh()
    assert world.reader.updated_at(world.journal.state()) == world.now


def test_a_snapshot_that_is_lost_is_an_error_and_not_the_seed(world: World) -> None:
    refreshed(world, 2e-06)
    world.book.lose(world.head.version)
    with pytest.raises(SnapshotMissing):
        world.reader.current()


def test_a_refresh_replaces_a_snapshot_that_is_lost(world: World) -> None:
    refreshed(world, 2e-06)
    sequence = world.head.sequence
    world.book.lose(world.head.version)
    world.refresh()
    assert world.head.sequence == sequence + 1
    assert price(world.reader.current()) == "2e-06"


# At an instant


def test_what_was_believed_at_an_instant_is_answered_on_both_sides_of_a_change(world: World) -> None:
    refreshed(world, 2e-06)
    world.later(A_DAY)
    refreshed(world, 3e-06)
    moment = timedelta(microseconds=1)
    assert price(world.reader.at(NOW - moment)) == "0.000001"
    assert price(world.reader.at(NOW)) == "2e-06"
    assert price(world.reader.at(NOW + A_DAY - moment)) == "2e-06"
    assert price(world.reader.at(NOW + A_DAY)) == "3e-06"
    assert price(world.reader.at(NOW + 9 * A_DAY)) == "3e-06"


def test_before_the_first_snapshot_none_was_in_force(world: World) -> None:
    moment = timedelta(microseconds=1)
    for _ in range(2):  # without an entry in the book, and with
        assert world.reader.at(world.seed.as_of - moment) is None
        assert price(world.reader.at(world.seed.as_of)) == "0.000001"
        refreshed(world, 2e-06)


def test_a_few_past_catalogues_are_kept_and_not_more(world: World) -> None:
    for number in range(KEPT_VERSIONS + 1):
        refreshed(world, (number + 2) * 1e-06)
        world.later(A_DAY)
    instants = [NOW + n * A_DAY for n in range(KEPT_VERSIONS + 1)]
    first = [world.reader.at(instant) for instant in instants]
    again = [world.reader.at(instant) for instant in reversed(instants)]
    assert [one is other for one, other in zip(first, reversed(again), strict=True)] == [False] + [True] * KEPT_VERSIONS


# Finding


def test_an_id_and_a_key_are_exact_and_another_spelling_is_an_alias(world: World) -> None:
    world.says(price_file("acme/big-1.5"))
    world.refresh()
    in_force = world.reader.current()
    assert in_force.find("acme/big-1.5").match == "exact"
    assert in_force.find("Acme/Big 1.5").match == "alias"


def test_the_bare_name_of_a_model_that_no_maker_sells_is_found_at_a_host(world: World) -> None:
    world.says(price_file("acme/big-1.5"))
    world.refresh()
    assert world.reader.current().find("big-1.5").match == "host"


def test_an_unknown_model_is_refused_with_near_names(world: World) -> None:
    world.says(price_file("big-model"))
    world.refresh()
    with pytest.raises(ModelNotFound) as refusal:
        world.reader.current().find("big-modle")
    assert refusal.value.near == ("acme/big-model",)


def test_a_reseller_s_row_is_found_under_its_own_name_only(world: World) -> None:
    refreshed(world, 2e-06)
    world.lends(model_list("vendor/thing"))
    world.refresh()
    in_force = world.reader.current()
    assert in_force.find("openrouter/vendor/thing").entry.source == "openrouter"
    assert in_force.find("thing").entry.provider == "openrouter"


def test_the_reseller_is_known_as_a_provider_even_while_it_lends_nothing() -> None:
    assert provider_words({})["openrouter"] == "openrouter"
