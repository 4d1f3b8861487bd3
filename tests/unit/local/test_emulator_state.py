"""The parts of the emulator's saved state that are forgotten before it starts, and that everything else stays."""

import json
from pathlib import Path

import pytest

from local.emulator import forget_stream_positions

SAVED = {
    "__ministack_format__": 2,
    "payload": {
        "esms": {"__account_region_scoped__": True, "data": {"a mapping": {"Enabled": True}}},
        "dynamodb_stream_positions": {"__account_region_scoped__": True, "data": {"a mapping": 458}},
    },
}


def test_how_far_streams_were_read_is_forgotten_for_the_streams_are_not_saved(tmp_path: Path) -> None:
    saved = tmp_path / "lambda.json"
    saved.write_text(json.dumps(SAVED))
    forget_stream_positions(saved)
    kept = json.loads(saved.read_text())
    assert kept["payload"]["dynamodb_stream_positions"] == {"__account_region_scoped__": True, "data": {}}
    assert kept["payload"]["esms"] == SAVED["payload"]["esms"]  # type: ignore[index]
    assert list(tmp_path.iterdir()) == [saved]


def test_a_first_start_has_nothing_to_forget(tmp_path: Path) -> None:
    forget_stream_positions(tmp_path / "lambda.json")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"payload": null}', '{"payload": {"esms": {}}}'])
def test_a_file_of_another_form_is_left_to_the_emulator(tmp_path: Path, content: str) -> None:
    saved = tmp_path / "lambda.json"
    saved.write_text(content)
    forget_stream_positions(saved)
    assert saved.read_text() == content
