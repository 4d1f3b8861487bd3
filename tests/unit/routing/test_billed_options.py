"""The table of what a hold covers is what the page on security shows."""

from pathlib import Path

import pytest

from atom_llm.domain.routing.billed_options import BILLED_OPTIONS, BilledOption
from local.structure.hold_table import PAGE, as_markdown

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_shows_the_table() -> None:
    assert as_markdown() in PAGE.read_text()


@pytest.mark.parametrize("option", BILLED_OPTIONS)
def test_each_option_names_a_test_that_exists(option: BilledOption) -> None:
    assert list((ROOT / "tests").rglob(option.test))
