"""`make names`: boards in every shape, and verdicts that cannot flatter."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import boards, names
from testing import real_data

ROWS = {"sage-4": 1250.0, "sage-4-mini": 1100.5}
SHAPES: dict[str, Any] = {
    "scores": {"text": ROWS, "vision": {"other": 1.0}},
    "figures": {"full": {name: {"rating": rating} for name, rating in ROWS.items()}, "chinese": {"x": {"rating": 1}}},
    "bare scores": ROWS,
    "scrape": {"meta": {}, "models": [{"model": name, "score": rating, "ci": 5} for name, rating in ROWS.items()]},
    "dataset page": {
        "features": [],
        "rows": [
            {"row_idx": 0, "row": {"model_name": name, "rating": rating, "category": "overall"}}
            for name, rating in ROWS.items()
        ]
        + [{"row_idx": 2, "row": {"model_name": "sage-4", "rating": 900.0, "category": "math"}}],
    },
    "pages": [{"rows": [{"row": {"model_name": name, "rating": rating}}]} for name, rating in ROWS.items()],
    "list of rows": [{"model_name": name, "rating": rating} for name, rating in ROWS.items()],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_board(shape: str, tmp_path: Path) -> None:
    file = tmp_path / "board.json"
    file.write_text(json.dumps(SHAPES[shape]))
    assert {row.name: row.rating for row in boards.read(file).rows} == ROWS


def test_csv_with_a_header_gives_votes_and_intervals_too(tmp_path: Path) -> None:
    file = tmp_path / "board.csv"
    file.write_text("rank,model,arena_score,95_pct_ci,votes\n1,sage-4,1250,+4/-3,31148\n")
    (row,) = boards.read(file).rows
    assert (row.rating, row.lower, row.upper, row.votes) == (1250.0, 1247.0, 1254.0, 31148)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "a,b\n1,2\n"])
def test_what_is_no_board_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "board"
    file.write_text(text)
    with pytest.raises(boards.NoBoard):
        boards.read(file)


PLAIN_LISTS = {
    "an array": json.dumps(list(ROWS)),
    "an array under a name": json.dumps({"names": list(ROWS)}),
    "rows without ratings": json.dumps([{"model_name": name} for name in ROWS]),
    "a name a line": "\n".join(ROWS) + "\n",
    "a column": "rank,model\n" + "\n".join(f"1,{name}" for name in ROWS),
}


@pytest.mark.parametrize("shape", PLAIN_LISTS)
def test_names_without_ratings_can_be_mapped_too(
    shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board, prices = tmp_path / "board", tmp_path / "prices.json"
    board.write_text(PLAIN_LISTS[shape])
    assert boards.names_of(board) == list(ROWS)
    prices.write_text(json.dumps(CATALOGUE))
    assert names.main([str(board), str(prices)]) == 0
    printed = capsys.readouterr().out
    assert "board: 2 names, 1 mapped" in printed
    assert "has no ratings" in printed


CATALOGUE = {
    "sage-4": {"litellm_provider": "mistral", "mode": "chat"},
    "cloud/acme/lore-1": {"litellm_provider": "cloud", "mode": "chat"},
    "nebula/lore-1": {"litellm_provider": "nebula", "mode": "chat"},
}


def judged(tmp_path: Path, *golden: dict[str, Any]) -> list[str]:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(CATALOGUE))
    return [verdict.outcome for verdict in names.judged(golden, names.index_of(file))]


def test_verdicts_tell_right_wrong_and_missing_apart(tmp_path: Path) -> None:
    assert judged(
        tmp_path,
        {"arena": "sage-4-high", "litellm": "sage-4", "tier": 2},
        {"arena": "sage-4", "litellm": "nebula/lore-1", "tier": 0},
        {"arena": "sage-4", "litellm": None},
        {"arena": "unknown", "litellm": "sage-4", "tier": 1},
        {"arena": "unknown", "litellm": "sage-4", "tier": 3},
        {"arena": "unknown", "litellm": None},
        {"arena": "lore-1", "litellm": "cloud/acme/lore-1", "tier": 0},
    ) == ["right", "wrong", "wrong", "missing", "weak, missing", "right", "another host"]


def test_the_exit_code_is_0_only_when_nothing_is_wrong_or_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices, board, golden = tmp_path / "prices.json", tmp_path / "board.json", tmp_path / "golden.json"
    prices.write_text(json.dumps(CATALOGUE))
    board.write_text(json.dumps(ROWS))
    arguments = [str(board), str(prices), str(golden)]
    golden.write_text(json.dumps({"rows": [{"arena": "sage-4", "litellm": "sage-4", "tier": 0}]}))
    assert names.main(arguments) == 0
    golden.write_text(json.dumps({"rows": [{"arena": "sage-4-mini", "litellm": "sage-4", "tier": 0}]}))
    assert names.main(arguments) == 1
    assert "missing: sage-4-mini: expected sage-4, mapped to nothing" in capsys.readouterr().out
    assert names.main(arguments[:2]) == 0
    assert names.main(arguments[:1]) == 2
    assert names.main([*arguments[:2], str(tmp_path / "absent")]) == 2


@pytest.mark.parametrize(
    "golden",
    [
        {"rows": [{"arena": "sage-4", "litellm": "sage-4", "tier": 0}]},
        [{"name": "sage-4", "litellm": "sage-4"}],
        {"sage-4": "sage-4"},
    ],
)
def test_a_golden_mapping_may_be_rows_or_an_object(
    golden: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("board", ROWS), ("prices", CATALOGUE), ("golden", golden)):
        (tmp_path / name).write_text(json.dumps(content))
    assert names.main([str(tmp_path / name) for name in ("board", "prices", "golden")]) == 0
    assert "right: 1 (" in capsys.readouterr().out
    (tmp_path / "golden").write_text(json.dumps([{"litellm": "sage-4"}]))
    assert names.main([str(tmp_path / name) for name in ("board", "prices", "golden")]) == 2


@pytest.mark.parametrize(
    ("board", "prices", "golden"),
    [
        (real_data.BOARD_DECEMBER, real_data.MARCH, real_data.GOLDEN_DECEMBER),
        (real_data.BOARD_APRIL, real_data.JULY_24, real_data.GOLDEN_APRIL),
    ],
)
def test_on_the_real_mappings_nothing_is_wrong_or_missing(
    board: str, prices: str, golden: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names.main([str(real_data.path_of(each)) for each in (board, prices, golden)]) == 0
    printed = capsys.readouterr().out
    assert "right: 100 (" in printed
    assert "wrong: 0 (0 strict)" in printed
