"""Estimates of what nobody rated: marked, capped, from facts, and never in a measured score's place."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, TokenLimits, decode, encode
from atom_llm.domain.registry.board import BoardRow
from atom_llm.domain.registry.heuristic_quality import CAP, ModelFacts, facts, score
from atom_llm.domain.registry.quality import QualitySet, scored
from atom_llm.domain.registry.row_quality import measured, models_of
from atom_llm.domain.registry.search import SearchIndex
from atom_llm.domain.registry.search_rows import ranked
from benchmarks import fit_heuristic
from testing import real_data
from testing.rows import row
from tests.unit.registry import boards
from tests.unit.registry.boards import index_of, made_up


def catalogue(*entries: ModelEntry) -> Catalogue:
    return decode(encode(entries)[1])


def sold(
    key: str, *able: str, usd: str = "1e-06", by: str = "acme", own: bool = True, context: int = 128_000
) -> ModelEntry:
    entry = row(key.rsplit("/", 1)[-1], usd, provider=by, source_key=key, first_party=own)
    return replace(entry, capabilities=frozenset(able), limits=TokenLimits(context, 8_000))


def of(*entries: ModelEntry) -> Mapping[str, ModelFacts]:
    """The facts of each model by its stem."""
    models = models_of(catalogue(*entries))
    found = facts(models, range(len(models.spellings)))
    return {spelling.stem: each for spelling, each in zip(models.spellings, found, strict=True)}


@given(st.builds(ModelFacts, *[st.floats(-100, 100)] * len(ModelFacts._fields)))
def test_an_estimate_is_between_nothing_and_the_cap(of: ModelFacts) -> None:
    assert 0 <= score(of) <= CAP == 85.0


def test_both_sides_of_the_cap_are_reached() -> None:
    usual = of(sold("sage-4"))["sage-4"]
    assert score(usual) < CAP
    assert score(usual._replace(price=10.0, reasons=1.0)) == CAP


def test_a_measured_model_keeps_its_score_below_and_above_the_cap_and_an_unmeasured_one_is_marked() -> None:
    entries = [sold("sage-4"), sold("sage-4-mini"), sold("sage-5"), sold("cloud/acme/sage-5", by="cloud", own=False)]
    quality = scored(made_up(BoardRow("sage-4", 1500.0), BoardRow("sage-4-mini", 1010.0)), index_of(*entries))
    index = SearchIndex(catalogue(*entries), quality)
    found = {entry.id: index.quality_of(entry.id) for entry in entries}
    best, worst, estimated, host = (found[entry.id] for entry in entries)
    assert best is not None
    assert worst is not None
    assert estimated is not None
    assert (best.source, worst.source, estimated.source) == ("lmarena", "lmarena", "heuristic")
    assert best.score > CAP > worst.score
    assert (best.rating, worst.rating) == (1500.0, 1010.0)
    assert estimated == host
    assert (estimated.rating, estimated.interval, estimated.votes, estimated.published, estimated.name) == (None,) * 5


@pytest.mark.parametrize("mode", ["embedding", "image_generation", "rerank", None])
def test_what_no_board_rates_is_not_estimated(mode: str | None) -> None:
    entry = replace(sold("lore-embed"), mode=mode)
    assert SearchIndex(catalogue(entry), scored(made_up(), index_of(entry))).quality_of(entry.id) is None


def test_what_has_a_chat_model_s_name_and_is_none_inherits_no_score() -> None:
    entries = (sold("sage-4"), replace(sold("cloud/sage-4", by="cloud", own=False), mode="embedding"))
    index = SearchIndex(catalogue(*entries), scored(made_up(BoardRow("sage-4", 1500.0)), index_of(*entries)))
    assert index.quality_of("acme/sage-4") is not None
    assert index.quality_of("cloud/sage-4") is None


def test_the_price_is_the_maker_s_own_and_else_the_hosts_middle() -> None:
    hosts = [sold(f"h{n}/sage-4", usd=f"{n}e-06", by=f"h{n}", own=False) for n in (1, 2, 9)]
    assert of(*hosts)["sage-4"].price == pytest.approx(log10(2))
    assert of(*hosts, sold("sage-4", usd="4e-06"))["sage-4"].price == pytest.approx(log10(4))


@pytest.mark.parametrize(("usd", "price"), [("0.0002", log10(200)), ("0.000201", 0.0), ("0", 0.0)])
def test_a_price_beyond_belief_and_none_say_nothing(usd: str, price: float) -> None:
    assert of(sold("sage-4", usd=usd))["sage-4"].price == pytest.approx(price)


@pytest.mark.parametrize(
    ("name", "is_smaller", "billions"),
    [
        ("sage-4-mini", 1.0, None),
        ("sage-4-minimal-edition", 0.0, None),
        ("minimax-m2", 0.0, None),
        ("sage-70b", 0.0, 70.0),
        ("sage-8x22b-chat", 0.0, 176.0),
        ("sage-1.5b", 0.0, 1.5),
        ("sage-235b-a22b", 0.0, 235.0),
        ("sage-4-bolt", 0.0, None),
    ],
)
def test_the_size_class_is_read_from_whole_words_of_the_name(
    name: str, is_smaller: float, billions: float | None
) -> None:
    ((_, found),) = of(sold(name)).items()
    assert found.is_smaller == is_smaller
    assert found.has_size == float(billions is not None)
    assert found.size == (pytest.approx(log10(billions / 30)) if billions else 0.0)


def test_the_generation_is_the_share_of_the_newest_version_of_the_family() -> None:
    found = of(sold("sage-2"), sold("sage-4"), sold("sage-4.5"), sold("lore"))
    assert found["sage-2"].generation == pytest.approx(2 / 4)
    assert (found["sage-4"].generation, found["sage-4"].unversioned) == (1.0, 0.0)
    assert (found["lore"].generation, found["lore"].unversioned) == (1.0, 1.0)


def test_what_any_of_its_rows_can_do_a_model_can_do() -> None:
    found = of(sold("sage-4"), sold("cloud/sage-4", "reasoning", "function_calling", by="cloud", own=False))["sage-4"]
    assert (found.reasons, found.calls_functions) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("context", "logarithm"), [(128_000, 0.0), (1_000_000, log10(1e6 / 128e3)), (9_000_000, log10(1e6 / 128e3))]
)
def test_the_window_counts_up_to_a_million_tokens(context: int, logarithm: float) -> None:
    assert of(sold("sage-4", context=context))["sage-4"].context == pytest.approx(logarithm)


# On real data


@cache
def real() -> tuple[Catalogue, QualitySet]:
    entries = list(real_data.litellm_of(real_data.JULY_24).entries.values())
    return catalogue(*entries), scored(boards.real(real_data.BOARD_APRIL), index_of(*entries))


def test_the_error_is_what_the_module_says_and_half_of_knowing_nothing() -> None:
    rated = fit_heuristic.examples(*real())
    scores = [quality.score for *_, quality in rated]
    guesses = [score(found) for _, found, _ in rated]
    middle = sorted(scores)[len(scores) // 2]
    assert len(rated) >= 180
    assert fit_heuristic.mae(guesses, scores) < 5.6
    assert fit_heuristic.mae(guesses, scores) < 0.7 * fit_heuristic.mae([middle] * len(scores), scores)
    assert (fit_heuristic.rank_correlation(guesses, scores) or 0) > 0.75


def test_in_the_real_catalogue_every_estimate_is_capped_and_marked_and_no_measured_score_is_replaced() -> None:
    known, quality = real()
    models = models_of(known)
    ratings = dict(zip(models.spellings, measured(models, quality, range(len(models.spellings))), strict=True))
    estimated = 0
    rows = ranked(known, quality)
    for spelling, found in zip(rows.spellings.spread(), rows.qualities, strict=True):
        if found is None:
            continue
        if found.source == "heuristic":
            estimated += 1
            assert found.score <= CAP
            assert ratings[spelling] is None
        else:
            assert found == ratings[spelling]
    assert estimated > 300


def test_a_row_without_a_token_price_is_estimated_all_the_same() -> None:
    entry = replace(sold("sage-4"), published={"tiered_pricing": []})
    index = SearchIndex(catalogue(entry), scored(made_up(), index_of(entry)))
    found = index.quality_of(entry.id)
    assert found is not None
    assert found.source == "heuristic"


def test_a_tiered_price_counts_with_its_first_tier() -> None:
    tiers = [
        {"range": [0, 32_000], "input_cost_per_token": "2e-06", "output_cost_per_token": "2e-06"},
        {"range": [32_000, 128_000], "input_cost_per_token": "9e-06", "output_cost_per_token": "9e-06"},
    ]
    rows = ranked(
        catalogue(replace(sold("sage-4"), published={"tiered_pricing": tiers})), scored(made_up(), index_of())
    )
    assert rows.prices.spread() == [Decimal("0.000002")]
