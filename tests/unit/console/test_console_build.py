"""The console as Vite builds it: its size, and what it asks of a browser."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.console.files import ConsoleFiles
from infra.build_console import build_console

MAX_COMPRESSED = 180 * 1024  # bytes of script and style together


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console, built from the sources as they stand."""
    folder = tmp_path_factory.mktemp("console") / "built"
    build_console(folder)
    return folder


def scripts_and_styles(built: Path) -> Iterator[Path]:
    """Those of the console; the reference's are another page's, and another project's."""
    files = (file for file in built.rglob("*") if file.suffix in (".js", ".css"))
    return (file for file in files if not file.name.startswith("reference-"))


def test_script_and_style_fit_into_what_was_set_for_them(built: Path) -> None:
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in scripts_and_styles(built)}
    assert sizes
    assert sum(sizes.values()) <= MAX_COMPRESSED, sizes


@pytest.mark.parametrize("name", ["index.html", "reference.html"])
def test_no_page_holds_an_inline_script_an_inline_style_or_a_foreign_address(built: Path, name: str) -> None:
    page = (built / name).read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []
    assert re.findall(r'(?:src|href)="(?!\./)', page) == [], "a stage may stand before the console"


def test_nothing_of_another_host_is_named(built: Path) -> None:
    allowed = {"http://www.w3.org/"}  # names of SVG's and MathML's vocabularies, which nobody asks for
    for file in scripts_and_styles(built):
        for address in re.findall(r"https?://[^\s\"'`)]+", file.read_text()):
            assert any(address.startswith(each) for each in allowed), (file.name, address)


def test_every_file_has_a_type_that_its_function_knows(built: Path) -> None:
    assert ConsoleFiles(built).answer("GET", "/console/", {}).status == 200
