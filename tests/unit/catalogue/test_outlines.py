"""Rows at a glance say what their entries say, row by row."""

from functools import cache

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.catalogue.outlines import CodedColumn, RowOutline, coded, outlines
from atom_llm.domain.pricing.token_prices import blended


@cache
def seed() -> Catalogue:
    return decode(load_seed().snapshot)


def test_every_row_at_a_glance_is_what_its_entry_is() -> None:
    rows = outlines(seed())
    for row, entry in enumerate(seed()):
        assert rows[row] == RowOutline(
            entry.id,
            entry.source_key,
            entry.provider,
            entry.mode,
            rows.per_token[row],
            entry.limits.max_input_tokens,
            tuple(sorted(entry.capabilities)),
            entry.deprecation_date.isoformat() if entry.deprecation_date else None,
            entry.first_party,
            entry.absent_since,
        )


def test_every_row_has_the_price_of_its_compiled_rates_in_tiers_and_out_of_them() -> None:
    rows, in_tiers = outlines(seed()), 0
    for row, entry in enumerate(seed()):
        prices = seed().token_prices(entry)
        assert blended(*rows.per_token[row]) == (None if prices is None else prices.blended), entry.id
        in_tiers += "tiered_pricing" in (entry.published or {})
    assert in_tiers > 20


def test_a_column_has_each_of_its_values_once() -> None:
    column = coded(["chat", None, "chat", "rerank"])
    assert column == CodedColumn(["chat", None, "rerank"], [0, 1, 0, 2])
    assert column.spread() == ["chat", None, "chat", "rerank"]
    assert column.each([1, 2, 3]) == [1, 2, 1, 3]
    assert [column[row] for row in range(4)] == column.spread()
