"""Further names that the price file publishes for a row: aliases, and no models without a price."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.catalogue.quarantine import Quarantine, decode_quarantine, encode_quarantine
from atom_llm.domain.catalogue.review import Review, review, unchanged_reading
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing import real_data

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def priced(rate: float, provider: str = "openai") -> dict[str, object]:
    return {"litellm_provider": provider, "mode": "chat", "input_cost_per_token": rate, "output_cost_per_token": rate}


def read(**rows: object) -> SourceReading:
    return litellm.read(json.dumps(rows).encode())


def reviewed(reading: SourceReading, before: Review | None = None, now: datetime = NOW) -> Review:
    held = Quarantine(before.held) if before else Quarantine()
    return review(before.entries if before else {}, reading, held, now=now, refresh_number=1)


def in_force(entries: Review) -> CatalogueInForce:
    return CatalogueInForce(decode(encode(entries.entries.values())[1]), None, NOW)


def meaning(after: Review, name: str) -> tuple[str, str]:
    found = in_force(after).find(name)
    return found.entry.id, found.match


ALIAS = {"alias_of": "gpt-9"}


def test_an_alias_leads_to_its_row_and_is_no_model_itself() -> None:
    after = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS}))
    catalogue = in_force(after).catalogue
    assert [entry.id for entry in catalogue] == ["openai/gpt-9"]
    assert [alias.id for alias in catalogue.aliases] == ["openai/gpt-latest"]
    for name in ("gpt-latest", "openai/gpt-latest", "GPT Latest", "OpenAI/GPT-Latest"):
        assert meaning(after, name) == ("openai/gpt-9", "alias")
        assert [each.id for each in called_models(in_force(after), name)] == ["openai/gpt-9"]


def test_a_row_may_list_its_further_names_but_takes_no_other_row_s() -> None:
    after = reviewed(read(**{"gpt-9": {**priced(1e-06), "aliases": ["gpt", "gpt-8", 7]}, "gpt-8": priced(2e-06)}))
    assert meaning(after, "gpt") == ("openai/gpt-9", "alias")
    assert meaning(after, "gpt-8") == ("openai/gpt-8", "exact")


def test_an_alias_of_an_alias_leads_to_the_row_at_the_end() -> None:
    after = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS, "gpt": {"alias_of": "gpt-latest"}}))
    assert meaning(after, "gpt") == ("openai/gpt-9", "alias")


@pytest.mark.parametrize(
    "aliases",
    [
        {"a": {"alias_of": "a"}},
        {"a": {"alias_of": "b"}, "b": {"alias_of": "a"}},
        {"a": {"alias_of": "nowhere"}},
        {"a": {"alias_of": ["gpt-9"]}},
        {"a": {"alias_of": None}},
    ],
)
def test_an_alias_of_itself_or_of_nothing_is_refused_and_nothing_else_is(aliases: dict[str, object]) -> None:
    reading = read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS}, **aliases)
    assert reading.refused.keys() == aliases.keys()
    assert ({*reading.entries}, {*reading.aliases}) == ({"openai/gpt-9"}, {"openai/gpt-latest"})
    with pytest.raises(ModelNotFound):
        in_force(reviewed(reading)).find("a")


def test_an_alias_that_moves_to_another_row_is_an_event() -> None:
    first = reviewed(read(**{"gpt-8": priced(1e-06), "gpt-9": priced(2e-06), "gpt-latest": {"alias_of": "gpt-8"}}))
    then = reviewed(read(**{"gpt-8": priced(1e-06), "gpt-9": priced(2e-06), "gpt-latest": ALIAS}), first)
    assert meaning(then, "gpt-latest") == ("openai/gpt-9", "alias")
    (event,) = then.events
    assert (event.kind, event.model) == ("price", "openai/gpt-latest")
    assert (event.before, event.after) == ({"alias_of": "gpt-8"}, {"alias_of": "gpt-9"})


def test_an_alias_that_moves_to_a_price_beyond_what_prices_do_waits_for_a_day() -> None:
    before = reviewed(read(**{"gpt-8": priced(1e-06), "gpt-9": priced(11e-06), "gpt-latest": {"alias_of": "gpt-8"}}))
    moved = read(**{"gpt-8": priced(1e-06), "gpt-9": priced(11e-06), "gpt-latest": ALIAS})
    then = reviewed(moved, before)
    assert then.held.keys() == {"openai/gpt-latest"}
    assert meaning(then, "gpt-latest") == ("openai/gpt-8", "alias")
    assert decode_quarantine(encode_quarantine(Quarantine(then.held))).held == then.held
    assert meaning(reviewed(moved, then, NOW + timedelta(days=1)), "gpt-latest") == ("openai/gpt-9", "alias")


def test_a_row_that_becomes_an_alias_is_no_row_any_more() -> None:
    before = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": priced(5e-06)}))
    assert meaning(before, "gpt-latest") == ("openai/gpt-latest", "exact")
    then = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS}), before)
    assert meaning(then, "gpt-latest") == ("openai/gpt-9", "alias")
    assert [entry.id for entry in in_force(then).catalogue] == ["openai/gpt-9"]


def test_an_alias_that_becomes_a_row_has_its_own_price() -> None:
    before = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS}))
    then = reviewed(read(**{"gpt-9": priced(1e-06), "gpt-latest": priced(5e-06)}), before)
    assert meaning(then, "gpt-latest") == ("openai/gpt-latest", "exact")


def test_a_source_that_says_not_modified_says_its_aliases_again() -> None:
    said = read(**{"gpt-9": priced(1e-06), "gpt-latest": ALIAS})
    assert unchanged_reading("litellm", reviewed(said).entries, Quarantine()) == said


def test_every_alias_of_the_newest_file_leads_to_its_target() -> None:
    content = real_data.json_of(real_data.NEWEST)
    published = {key: row["alias_of"] for key, row in content.items() if "alias_of" in row}
    assert len(published) == 98
    reading = real_data.litellm_of(real_data.NEWEST)
    assert reading.refused == {}
    catalogue_in_force = in_force(reviewed(reading))
    entries: dict[str, ModelEntry] = {key: catalogue_in_force.find(key).entry for key in published}
    assert {key: entry.source_key for key, entry in entries.items()} == published
    assert {catalogue_in_force.find(key).match for key in published} == {"alias"}
