"""Quality sets: who has a score, who inherits it, and what comes back from storage."""

from dataclasses import replace
from datetime import date

import pytest

from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.spelling import catalogue_spelling
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.registry.quality import Quality, QualitySet, decode_set, encode_set, scored
from atom_llm.domain.registry.quality_scale import QualityScale
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from testing import real_data
from testing.rows import row
from tests.unit.registry import boards
from tests.unit.registry.boards import index_of, made_up


def sold(key: str, *, by: str = "acme", own: bool = True) -> ModelEntry:
    return row(key, provider=by, source_key=key, first_party=own)


def of(quality: QualitySet, key: str) -> Quality | None:
    return quality.of(catalogue_spelling(key))


def rating_of(quality: QualitySet, key: str) -> float | None:
    found = of(quality, key)
    return None if found is None else found.rating


def test_a_score_is_inherited_by_every_host_of_a_model() -> None:
    quality = scored(made_up(BoardRow("sage-4-20250101", 1250.0)), index_of(sold("sage-4-20250101")))
    for key in ("cloud/acme/sage-4@20250101", "anthropic.sage-4-20250101-v1:0", "sage-4", "other/Sage-4-FP8"):
        assert rating_of(quality, key) == 1250.0
    assert of(quality, "sage-4-mini") is None
    assert of(quality, "sage-4-20240606") is None


def test_a_model_s_own_name_comes_before_its_variants() -> None:
    rows = (BoardRow("sage-4-high", 1290.0, votes=9_000), BoardRow("sage-4", 1240.0, votes=10))
    assert rating_of(scored(made_up(*rows), index_of(sold("sage-4"))), "sage-4") == 1240.0


@pytest.mark.parametrize(("votes", "rating"), [((900, 100), 1290.0), ((100, 900), 1240.0), ((None, None), 1240.0)])
def test_among_variants_alone_the_most_voted_speaks_and_else_the_lower_rating(
    votes: tuple[int | None, int | None], rating: float
) -> None:
    rows = (BoardRow("sage-4-thinking", 1290.0, votes=votes[0]), BoardRow("sage-4-instant", 1240.0, votes=votes[1]))
    assert rating_of(scored(made_up(*rows), index_of(sold("sage-4"))), "sage-4") == rating


def test_an_undated_row_has_the_newest_rating_and_a_dated_row_its_own() -> None:
    rows = (BoardRow("sage-4-20240101", 1200.0), BoardRow("sage-4-20250101", 1250.0))
    quality = scored(made_up(*rows), index_of(sold("sage-4")))
    assert rating_of(quality, "sage-4") == 1250.0
    assert rating_of(quality, "sage-4-20240101") == 1200.0


def test_a_row_of_the_effort_itself_does_not_lend_its_rating_to_the_plain_one() -> None:
    quality = scored(made_up(BoardRow("sage-4-thinking", 1290.0)), index_of(sold("sage-4"), sold("sage-4-thinking")))
    assert rating_of(quality, "sage-4-thinking") == 1290.0
    assert of(quality, "sage-4") is None


def test_a_weak_rating_says_so_and_gives_way_to_any_other() -> None:
    index = index_of(sold("sage-4"), sold("cloud/sage-4-exp", by="cloud", own=False))
    alone = scored(made_up(BoardRow("sage-4-exp", 1290.0)), index)
    weak = of(alone, "sage-4")
    assert weak is not None
    assert weak.is_weak
    exact = of(alone, "cloud/sage-4-exp")
    assert exact is not None
    assert not exact.is_weak
    beside = scored(made_up(BoardRow("sage-4-exp", 1290.0), BoardRow("sage-4-high", 1200.0)), index)
    assert rating_of(beside, "sage-4") == 1200.0


def test_a_name_without_a_row_is_counted_and_still_lends_its_score_when_the_row_comes() -> None:
    quality = scored(made_up(BoardRow("sage-5", 1290.0), filler=60), index_of(sold("sage-4")))
    assert len(quality.unmatched) == 61
    assert quality.matched == ()
    assert rating_of(quality, "cloud/sage-5") == 1290.0


def test_what_is_measured_carries_rating_interval_votes_date_and_source() -> None:
    row_ = BoardRow("sage-4", 1250.0, 1240.0, 1260.0, 17_799, "Acme", "Proprietary")
    board = Board(made_up(row_).rows, date(2026, 8, 3))
    quality = of(scored(board, index_of(sold("sage-4"))), "sage-4")
    assert quality is not None
    assert (quality.source, quality.rating, quality.votes, quality.published, quality.name) == (
        "lmarena",
        1250.0,
        17_799,
        date(2026, 8, 3),
        "sage-4",
    )
    assert quality.interval is not None
    assert quality.interval[0] < quality.score < quality.interval[1]


@pytest.mark.parametrize("name", real_data.WHOLE_BOARDS)
def test_a_real_board_comes_back_from_storage_as_it_was(name: str) -> None:
    entries = real_data.litellm_of(real_data.NOVEMBER).entries.values()
    quality = scored(boards.real(name), index_of(*entries))
    stored = encode_set(quality)
    assert decode_set(stored) == quality
    assert encode_set(decode_set(stored)) == stored
    assert len(stored) < 100_000


def test_equal_content_has_an_equal_version_and_other_content_another() -> None:
    index = index_of(sold("sage-4"))
    one, same = (scored(made_up(BoardRow("sage-4", 1250.0)), index) for _ in range(2))
    assert one.version == same.version
    assert scored(made_up(BoardRow("sage-4", 1250.5)), index).version != one.version
    assert scored(made_up(BoardRow("sage-4", 1250.0)), index_of()).version != one.version


def test_damage_is_noticed() -> None:
    stored = encode_set(scored(made_up(), index_of()))
    for damaged in (stored[:-9], b"", b"{}", stored[:20] + b"x" + stored[21:]):
        with pytest.raises(SnapshotCorrupt):
            decode_set(damaged)


def test_a_set_without_rows_measures_nothing() -> None:
    assert of(QualitySet("", None, QualityScale(0.0, 1.0), ()), "sage-4") is None


def test_the_packaged_set_is_the_april_board_on_the_packaged_catalogue_with_its_date_and_attribution() -> None:
    seed, packaged = load_seed(), decode_set(load_quality_seed())
    board = replace(boards.real(real_data.BOARD_APRIL), published=date(2026, 4, 24))
    assert packaged == scored(board, CatalogueInForce(decode(seed.snapshot), None, seed.as_of).names)
    assert packaged.published == date(2026, 4, 24)
    assert "CC BY 4.0" in packaged.attribution


def test_on_the_april_board_well_known_rows_have_the_scores_of_their_names() -> None:
    entries = real_data.litellm_of(real_data.NOVEMBER).entries
    quality = scored(boards.real(real_data.BOARD_APRIL), index_of(*entries.values()))
    told = {key: found.name for key in entries if (found := of(quality, entries[key].source_key)) is not None}
    assert len(told) > 1_000
    assert told["openai/gpt-5.1"] == "gpt-5.1"
    assert told["openai/gpt-5"] == "gpt-5-high"
    assert told["anthropic/claude-opus-4-5"] == "claude-opus-4-5-20251101"
    assert told["azure_ai/claude-sonnet-4-5"] == "claude-sonnet-4-5-20250929"
    assert "openai/gpt-4o-2024-11-20" not in told
