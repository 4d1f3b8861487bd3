"""The catalogue at a glance: which chat models are cheapest, and providers side by side."""

from datetime import date
from decimal import Decimal

import pytest

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, decode, encode
from atom_llm.services.catalogue.price_summary import CHEAPEST, CatalogueSummary, summary
from testing import real_data
from testing.rows import IN, NOW, OUT, row

TODAY = NOW.date()


def catalogue(*entries: ModelEntry) -> Catalogue:
    return decode(encode(entries)[1])


def of(*entries: ModelEntry) -> CatalogueSummary:
    return summary(catalogue(*entries), TODAY)


def names(answer: CatalogueSummary) -> list[str]:
    return [entry.name for entry, _ in answer.cheapest]


def test_the_blend_is_three_tokens_in_to_one_out() -> None:
    ((_, prices),) = of(row(rates={IN: "0.000001", OUT: "0.000005"})).cheapest
    assert prices.blended == Decimal("0.000002")


def test_the_cheapest_come_first_and_equal_prices_in_the_order_of_ids() -> None:
    answer = of(row("b"), row("a"), row("dear", "0.000009"), row("cheap", "0.0000001"))
    assert names(answer) == ["cheap", "a", "b", "dear"]


def test_ten_are_shown_and_not_eleven() -> None:
    assert len(of(*(row(f"m{n}") for n in range(CHEAPEST))).cheapest) == CHEAPEST
    assert len(of(*(row(f"m{n}") for n in range(CHEAPEST + 1))).cheapest) == CHEAPEST


@pytest.mark.parametrize(
    "entry",
    [
        row(rates={IN: "0", OUT: "0.000001"}),
        row(rates={IN: "0.000001", OUT: "0"}),
        row(rates={IN: "0.000001"}),
        row(rates={"input_cost_per_request": "0.01"}),
        row(rates={}),
        row(deprecation_date=TODAY),
    ],
)
def test_free_unpriced_and_deprecated_models_are_not_the_cheapest(entry: ModelEntry) -> None:
    assert names(of(entry)) == []
    assert of(entry).models == 1


def test_a_model_counts_until_the_day_before_its_deprecation() -> None:
    assert names(of(row(deprecation_date=date(2026, 11, 13)))) == ["m"]


def test_only_chat_models_are_compared() -> None:
    embedding = ModelEntry("acme/e", "acme", "e", "litellm", mode="embedding", published={IN: "1e-9", OUT: "1e-9"})
    assert names(of(embedding, row())) == ["m"]


def test_rows_that_are_no_longer_listed_are_not_counted() -> None:
    answer = of(row("gone", absent_since=1), row("m"))
    assert answer.models == 1
    assert names(answer) == ["m"]
    assert [each.models for each in answer.providers] == [1]


def test_the_prices_are_those_of_a_short_standard_prompt() -> None:
    rates: dict[str, object] = {IN: "1", OUT: "2", f"{IN}_above_128k_tokens": "5", f"{IN}_batches": "0.5"}
    entry = row(rates=rates)
    found = catalogue(entry).token_prices(entry)
    assert found is not None
    assert [found.input, found.output] == [1, 2]


def test_a_row_priced_by_ranges_is_at_its_first() -> None:
    entry = row(
        rates={"tiered_pricing": [{"range": [0, 10], IN: "1", OUT: "2"}, {"range": [10, 20], IN: "3", OUT: "4"}]}
    )
    found = catalogue(entry).token_prices(entry)
    assert found is not None
    assert [found.input, found.output] == [1, 2]


def test_providers_are_side_by_side_with_their_cheapest_and_their_middle() -> None:
    acme, zeta = of(
        row("a", "0.000001"), row("b", "0.000002"), row("c", "0.000009"), row("z", provider="zeta", rates={})
    ).providers
    assert (acme.provider, acme.models, acme.priced_chat_models, acme.cheapest) == ("acme", 3, 3, "acme/a")
    assert (acme.lowest_blended, acme.median_blended) == (Decimal("0.000001"), Decimal("0.000002"))
    assert (zeta.models, zeta.priced_chat_models, zeta.cheapest, zeta.lowest_blended) == (1, 0, None, None)


def test_what_is_not_understood_is_counted_by_key() -> None:
    assert of(row("a", rates={"moon_cost": 1}), row("b", rates={"moon_cost": 2})).unread == {"moon_cost": 2}


def test_the_empty_catalogue_has_a_summary() -> None:
    assert of() == CatalogueSummary(0, (), (), {})


def test_the_real_catalogue_s_cheapest_models_are_priced_and_for_sale() -> None:
    entries = real_data.litellm_of(real_data.NOVEMBER).entries
    answer = summary(catalogue(*entries.values()), TODAY)
    assert answer.models == len(entries) == sum(each.models for each in answer.providers)
    assert len(answer.cheapest) == CHEAPEST
    assert all(prices.blended > 0 and not entry.is_deprecated(TODAY) for entry, prices in answer.cheapest)
