"""Refreshes that hear lists: what is lent is told, remembered, given back, and heard anew where it was lost."""

import json
from datetime import timedelta
from typing import Any

import pytest

from atom_llm.adapters.sources import litellm, models_dev, openrouter
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.statements import decode_lists
from atom_llm.services.catalogue.price_history import history
from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher
from testing.fakes.sources import SourceInMemory
from testing.rows import IN, OUT, row
from tests.unit.catalogue.refreshes.refresh_world import A_DAY, World

READ = "cache_read_input_token_cost"


class HearingWorld(World):
    """A world with an independent list, whose row of `m` lacks a rate for cached tokens."""

    def __init__(self) -> None:
        super().__init__(row("m", provider="openai", first_party=True))
        self.list = SourceInMemory(models_dev.NAME, self.clock)
        self.fetcher = DynamicPricingFetcher(
            [(self.litellm, litellm.read), (self.openrouter, openrouter.read)],
            self.book,
            self.journal,
            lambda: self.seed,
            self.clock,
            [(self.list, models_dev.read)],
        )
        self.publishes()
        self.lists()

    def publishes(self, **more: Any) -> None:
        """Let the primary list `m` at a dollar a million."""
        self.says({"m": {"litellm_provider": "openai", "mode": "chat", IN: 1e-06, OUT: 1e-06, **more}})

    def lists(self, **more: Any) -> None:
        """Let the list say what the primary says, and more."""
        self.list.serve(json.dumps({"openai": {"models": {"m": {"cost": {"input": 1, "output": 1, **more}}}}}).encode())

    @property
    def row(self) -> ModelEntry:
        entry = self.catalogue.get("openai/m")
        assert entry is not None
        return entry


@pytest.fixture
def world() -> HearingWorld:
    found = HearingWorld()
    found.refresh()
    return found


def cached(world: HearingWorld) -> object:
    return (world.row.published or {}).get(READ)


def test_what_is_lent_changes_and_goes_with_an_event_each_and_stands_in_the_history(world: HearingWorld) -> None:
    for rate in (0.1, 0.2, None):
        world.later(A_DAY)
        world.lists(**({} if rate is None else {"cache_read": rate}))
        world.refresh()
        (event,) = world.events()
        assert (event.kind, event.model, event.after.get(READ)) == ("price", "openai/m", cached(world))
        assert (event.reason is None) == (rate is None)
    spans = history(world.book, world.reader.current(), "openai/m")
    assert [span.rates.get(READ) for span in spans] == [None, "0.0000002", "0.0000001", None]
    assert len({span.since for span in spans}) == len(spans)


def test_a_new_row_and_what_it_is_lent_are_one_event(world: HearingWorld) -> None:
    world.list.serve(
        json.dumps({"openai": {"models": {"n": {"cost": {"input": 1, "output": 1, "cache_read": 0.1}}}}}).encode()
    )
    rates = {"litellm_provider": "openai", "mode": "chat", IN: 1e-06, OUT: 1e-06}
    world.says({"m": rates, "n": rates})
    world.refresh()
    (event,) = (each for each in world.events() if each.model == "openai/n")
    assert (event.kind, event.after[READ]) == ("added", "0.0000001")
    assert event.reason == f"{READ} is of models.dev: the row has none"


def test_once_the_file_has_the_rate_it_is_the_file_s(world: HearingWorld) -> None:
    world.lists(cache_read=0.1)
    world.refresh()
    world.publishes(**{READ: 1e-07})
    report = world.refresh()
    assert world.row.lent is None
    assert cached(world) == "1e-07"
    assert report.events == {}, "the same amount by another's word is no change of a price"


def test_a_list_that_is_silent_still_lends_what_it_said(world: HearingWorld) -> None:
    world.lists(cache_read=0.1)
    world.refresh()
    world.list.fail()
    for _ in range(3):
        world.later(A_DAY)
        assert world.refresh().sources[models_dev.NAME].failing_since is not None
    assert cached(world) == "0.0000001"


@pytest.mark.parametrize("stored", [b"damaged", b""])
def test_what_was_heard_and_is_lost_is_heard_anew(world: HearingWorld, stored: bytes) -> None:
    world.lists(cache_read=0.1)
    world.refresh()
    world.journal.put_lists(stored)
    world.later(timedelta(days=1))
    report = world.refresh()
    assert report.sources[models_dev.NAME].condition == "fresh"
    assert decode_lists(world.journal.lists()).keys() >= {models_dev.NAME, "litellm"}
    assert cached(world) == "0.0000001"
    assert any("heard anew" in (event.reason or "") for event in world.events()) == bool(stored)


def test_an_answer_that_nothing_is_new_changes_nothing(world: HearingWorld) -> None:
    world.lists(cache_read=0.1)
    world.refresh()
    before, said = world.head, world.journal.lists()
    world.later(A_DAY)
    report = world.refresh()
    assert (report.outcome, world.head, world.journal.lists()) == ("unchanged", before, said)
    assert report.sources[models_dev.NAME].condition == "unchanged"


def test_a_list_that_has_lost_most_of_its_models_waits_a_day() -> None:
    world = HearingWorld()
    models = {f"m{n}": {"cost": {"input": 1, "output": 1}} for n in range(5)}
    world.list.serve(json.dumps({"openai": {"models": models}}).encode())
    world.refresh()
    world.list.serve(json.dumps({"openai": {"models": {"m": models["m0"]}}}).encode())
    report = world.refresh()
    assert (report.sources[models_dev.NAME].condition, set(world.held())) == ("rejected", {"fetch:models.dev"})
    world.later(A_DAY)
    report = world.refresh()
    assert (report.sources[models_dev.NAME].condition, world.held()) == ("fresh", {})
    assert set(decode_lists(world.journal.lists())[models_dev.NAME].models) == {"openai/m"}
