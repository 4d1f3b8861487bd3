"""The console's types are the routes' own: what a page asks for and shows is checked against them."""

from pathlib import Path

from local.console.types import TYPES, write_types


def test_the_types_are_those_of_our_documents_now(tmp_path: Path) -> None:
    write_types(tmp_path)
    for file in sorted(tmp_path.iterdir()):
        kept = TYPES / file.name
        assert kept.read_text() == file.read_text(), f"{kept.name} is of other routes: make console-types"
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in TYPES.iterdir()}
