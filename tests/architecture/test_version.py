"""The version is written once; what tells it reads it there, and the changelog's newest release is that version."""

import re

from atom_llm import __version__
from tests.architecture.citations import CODE, ROOT

HOME = ROOT / "shared" / "atom_llm" / "__init__.py"


def test_no_other_file_spells_the_version() -> None:
    files = [
        *(file for folder in CODE for file in (ROOT / folder).rglob("*.py")),
        *ROOT.glob("*.toml"),
        *ROOT.glob("*.json"),
    ]
    own = [file for file in files if file.name != "package-lock.json" and file != HOME]
    assert [file for file in own if f'"{__version__}"' in file.read_text()] == []


def test_the_newest_release_of_the_changelog_is_this_version() -> None:
    releases = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[0] == __version__
