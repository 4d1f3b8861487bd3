"""A newcomer finds a rule in two hops: from the README to the architecture page, and from there to its file."""

import re
from importlib import import_module
from typing import Final

import pytest

from tests.architecture.citations import ROOT, links

PAGE: Final = ROOT / "docs" / "architecture.md"
WALKS: Final = {
    "a price rule": "RATES_OF_TOKENS",
    "a provider's quirk": "DIFFERENCES",
    "a budget rule": "TenantBudgets",
    "a route's error": "STATUSES",
    "a tier's bound": "BOUNDS",
}


def test_the_first_hop_is_a_link_of_the_readme() -> None:
    assert PAGE in [target for _, target, _ in links(ROOT / "README.md")]


@pytest.mark.parametrize(("rule", "name"), WALKS.items())
def test_the_second_hop_leads_to_the_file_that_has_the_rule(rule: str, name: str) -> None:
    row = next(line for line in PAGE.read_text().splitlines() if line.startswith(f"| {rule}:"))
    [link] = re.findall(r"\]\((\S+)\)", row)
    file = (PAGE.parent / link).resolve()
    assert f"`{name}`" in row
    module = file.relative_to(ROOT / "shared").with_suffix("")
    assert hasattr(import_module(".".join(module.parts)), name)
