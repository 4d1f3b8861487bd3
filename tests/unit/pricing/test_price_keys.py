"""Every field of a price file that moves money is read, or counted as unread; nobody has to know it beforehand."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import compiled
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.price_keys import MULTIPLIERS, moves_money
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.google_usage import is_billed_by_prompt
from local import price_keys
from testing import real_data

ROW = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return price_file(tmp_path / "older.json")


def price_file(path: Path, **fields: object) -> Path:
    path.write_text(json.dumps({"gpt-9": {**ROW, **fields}}))
    return path


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("moon_cost", {"a": 1}),
        ("fedramp_uplift_multiplier", "1.1"),
        ("weekend_surcharge", "yes"),
        ("loyalty_discount", "0.1"),
        ("search_free_requests", {"count": 5000}),
        ("handling_fee", None),
        ("nobody_has_seen_this", "0.25"),
        ("nor_this", 2),
    ],
)
def test_a_field_moves_money_by_its_words_or_by_being_a_number_that_nothing_explains(key: str, value: object) -> None:
    assert moves_money(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_input_tokens", 128000),
        ("max_anything_at_all", "5"),
        ("rpm", 300),
        ("token_count_framing", 149),
        ("output_vector_size", 3072),
        ("supports_vision", True),
        ("mode", "chat"),
        ("source", "https://example.com/pricing"),
        ("deprecation_date", "2026-11-28"),
    ],
)
def test_limits_sizes_switches_and_words_move_none(key: str, value: object) -> None:
    assert not moves_money(key, value)


def test_what_moves_money_and_is_not_understood_is_counted_as_unread(older: Path) -> None:
    entry = litellm.read(price_file(older, nobody_has_seen_this=0.25, loyalty_discount="0.1").read_bytes()).entries
    assert compiled(entry["openai/gpt-9"]).unread == {"nobody_has_seen_this": "0.25", "loyalty_discount": "0.1"}


@pytest.mark.parametrize(("residency", "total"), [(None, "1"), ("us", "1"), ("fedramp", "1.1"), ("FedRAMP", "1.1")])
def test_openai_s_fedramp_endpoint_multiplies_all_tokens(residency: str | None, total: str) -> None:
    rates = read_rates({"input_cost_per_token": "0.001", "fedramp_uplift_multiplier": "1.1"})
    assert cost(Usage({Unit.INPUT: 1000}, 1000), rates, PricingTerms(data_residency=residency)).total == Decimal(total)


def test_every_multiplier_of_the_newest_file_is_read() -> None:
    entries = real_data.litellm_of(real_data.NEWEST).entries.values()
    published = {key for entry in entries for key in entry.published or {} if "multiplier" in key}
    assert published == MULTIPLIERS


def test_searches_are_billed_by_query_exactly_where_the_newest_file_says_so() -> None:
    content = real_data.json_of(real_data.NEWEST)
    wrong = {
        key: row.get("web_search_billing_unit")
        for key, row in content.items()
        if row.get("litellm_provider") in ("gemini", "vertex_ai-language-models")
        and re.search(r"gemini-\d", key)
        and row.get("mode") == "chat"
        and "search_context_cost_per_query" in row
        and is_billed_by_prompt(key.rpartition("/")[2]) == (row.get("web_search_billing_unit") == "per_query")
    }
    assert wrong == {}


# The command


@pytest.mark.parametrize("name", [*real_data.LITELLM_DAYS[1:], real_data.NEWEST])
def test_nothing_in_a_real_file_is_left_that_nobody_has_looked_at(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert price_keys.main([str(real_data.path_of(name))]) == 0
    assert "not looked at: none" in capsys.readouterr().out


def test_new_keys_of_a_newer_file_are_listed_by_the_money_that_they_move(capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(real_data.path_of(name)) for name in (real_data.NEWEST, real_data.NOVEMBER)]
    assert price_keys.main(paths) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("fedramp_uplift_multiplier: read; 112 rows, 112 of them called; ")
    assert len(lines) == 15


def test_a_key_that_nobody_has_looked_at_stands_first_and_fails_the_check(
    older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = price_file(tmp_path / "newer.json", lunar_uplift_multiplier=1.5, input_cost_per_token_flex=5e-07)
    assert price_keys.main([str(newer), str(older)]) == 1
    first, second, total = capsys.readouterr().out.splitlines()
    assert first == "lunar_uplift_multiplier: NOT LOOKED AT; 1 rows, 1 of them called; 1.25 USD, 1.25 at the median"
    assert second == "input_cost_per_token_flex: read; 1 rows, 1 of them called; 1 USD, 1 at the median"
    assert total == "2 listed; not looked at: lunar_uplift_multiplier"


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"], ["/nowhere/at/all.json"]])
def test_without_files_it_says_what_it_needs(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert price_keys.main(arguments) == 2
    assert capsys.readouterr().err
