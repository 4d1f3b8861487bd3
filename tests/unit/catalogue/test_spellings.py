"""Spellings that people use, and the row that each means in the newest price file: none is wrong, none is guessed.

`testing/data/spellings.csv` was written by hand. `means` is a source key, `host:` before it where the asker named no
seller and the model's maker does not sell it (`*`: any that has a price), `near:` where the row is only near and the
answer has to say so, or `unknown`.
`called` are the ids that a call by the name goes to; without any it goes nowhere.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atom_llm.domain.catalogue.catalogue import decode, encode
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing import real_data
from tests.unit.catalogue.test_called_models import letters, mutations, spellings

WRITTEN = Path(real_data.__file__).parent / "data" / "spellings.csv"
SEEN = real_data.CASES / "names.csv"
SPELLINGS = list(csv.DictReader(WRITTEN.read_text().splitlines()))
CASES = list(csv.DictReader(SEEN.read_text().splitlines())) if SEEN.is_file() else []
UNKNOWN = "unknown"
NEAR = {"undated", "dated", "weak"}
NAMED = {"exact", "alias"}


@pytest.fixture(scope="module")
def newest() -> CatalogueInForce:
    reading = real_data.litellm_of(real_data.NEWEST)
    snapshot = encode([*reading.entries.values(), *reading.aliases.values()])[1]
    return CatalogueInForce(decode(snapshot), None, datetime(2026, 11, 28, tzinfo=UTC))


def means(catalogue: CatalogueInForce, name: str) -> str:
    try:
        found = catalogue.find(name)
    except ModelNotFound:
        return UNKNOWN
    mark = "near:" if found.match in NEAR else "host:" if found.match == "host" else ""
    return f"{mark}{found.entry.source_key}"


def called(catalogue: CatalogueInForce, name: str) -> str:
    try:
        rows = called_models(catalogue, name)
    except ModelNotFound:
        return ""
    return " ".join(sorted(row.id for row in rows if row.provider in PROVIDER_BY_ID))


def test_there_are_enough_of_them_and_each_once() -> None:
    assert len(SPELLINGS) > 250
    assert len({row["asked"] for row in SPELLINGS}) == len(SPELLINGS)


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: row["asked"])
def test_a_spelling_means_its_row_and_calls_no_other_model(newest: CatalogueInForce, row: dict[str, str]) -> None:
    meant = means(newest, row["asked"])
    assert meant == row["means"] or (row["means"] == "host:*" and meant.startswith("host:"))
    assert called(newest, row["asked"]) == row["called"]


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["asked"])
def test_what_came_out_wrong_before_means_what_is_right(newest: CatalogueInForce, row: dict[str, str]) -> None:
    asked = row["asked"].partition(" (")[0]
    (written,) = (each for each in SPELLINGS if each["asked"] == asked)
    if newest.catalogue.get(row["right"]) is not None:
        assert written["means"] == row["right"]
    meant = means(newest, asked)
    assert meant == written["means"] or (written["means"] == "host:*" and meant.startswith("host:"))


@pytest.mark.parametrize("row", [row for row in SPELLINGS if row["means"] == "host:*"], ids=lambda row: row["asked"])
def test_a_bare_name_without_a_maker_s_row_finds_a_priced_host(newest: CatalogueInForce, row: dict[str, str]) -> None:
    entry = newest.find(row["asked"]).entry
    assert newest.catalogue.rates(entry).is_priced


# Every row


def test_every_row_of_a_maker_is_meant_by_its_id_its_key_and_its_name(newest: CatalogueInForce) -> None:
    rows = [entry for entry in newest.catalogue if entry.first_party]
    assert len(rows) > 700
    for entry in rows:
        assert newest.find(entry.id).entry is entry
        assert newest.find(entry.source_key).entry is entry
        found = newest.find(entry.name)
        assert (found.entry.name, found.match in NAMED) == (entry.name, True)


def test_every_row_is_meant_by_its_key_and_by_its_key_in_capitals(newest: CatalogueInForce) -> None:
    wrong = {}
    for entry in newest.catalogue:
        if newest.find(entry.source_key).entry is not entry:
            wrong[entry.source_key] = newest.find(entry.source_key).entry.id
        if newest.find(entry.source_key.upper()).entry.source_key.lower() != entry.source_key.lower():
            wrong[entry.source_key.upper()] = newest.find(entry.source_key.upper()).entry.id
    assert wrong == {}


def test_an_answer_that_does_not_say_that_it_is_near_has_every_word_of_the_name(newest: CatalogueInForce) -> None:
    spelt = {spelling for entry in newest.catalogue for spelling in (*spellings(entry), entry.source_key)}
    asked = sorted(spelt.union(*(mutations(spelling) for spelling in spelt)))[::5]
    aliases = {letters(alias.source_key) for alias in newest.catalogue.aliases}
    answers = {name: found for name in asked if (found := newest.names.resolve(name)) is not None}
    wrong = {
        name: found.id
        for name, found in answers.items()
        if found.match in (*NAMED, "host")
        and letters(name) not in aliases
        and not letters(found.id).endswith(letters(name))
        and not letters(name).endswith(letters(found.id))
    }
    assert wrong == {}
    assert len(answers) > 5_000
