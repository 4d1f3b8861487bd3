"""The tables of docs/routing.md say what the code does."""

import re
from collections.abc import Mapping
from typing import Final

import pytest

from atom_llm.domain.core.providers import PROVIDERS, Provider
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.routing.retry import TriesSoFar, next_step
from atom_llm.domain.tiers.tier import BOUNDS, Tier
from atom_llm.services.routing.tier_candidates import USUAL_OUTPUTS
from tests.architecture.citations import ROOT

PAGE: Final = (ROOT / "docs" / "routing.md").read_text()


def rows(section: str) -> Mapping[str, list[str]]:
    """The first table of a section: the other cells of each row by its first, without ticks."""
    [text] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells[2:]}


def test_there_is_a_row_for_each_provider_in_the_codes_order() -> None:
    assert list(rows("Providers")) == [provider.id for provider in PROVIDERS]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_a_providers_row_is_the_codes(provider: Provider) -> None:
    name, prefix = provider.key_header
    header = f"{name.capitalize()}: {prefix.strip()}" if prefix else name
    names = ", ".join(provider.catalogue_names)
    assert rows("Providers")[provider.id] == [names, provider.api_style, provider.base_url, header]


@pytest.mark.parametrize("tier", Tier)
def test_a_tiers_row_is_the_codes(tier: Tier) -> None:
    bounds = BOUNDS[tier]
    tokens = "∞" if bounds.tokens is None else f"{bounds.tokens:,}"
    score = "∞" if bounds.score is None else str(bounds.score)
    assert rows("Cognitive tiers")[tier] == [tokens, score, f"{bounds.minimum_quality:g}", f"{USUAL_OUTPUTS[tier]:,}"]


def test_there_is_a_row_for_each_kind_of_failure() -> None:
    assert set(rows("Failure")) == set(FailureKind)


@pytest.mark.parametrize("kind", FailureKind)
def test_what_follows_a_failure_is_what_the_row_says(kind: FailureKind) -> None:
    _, step, _ = rows("Failure")[kind]
    assert step == next_step(kind, TriesSoFar(attempts=1, retries=0)).replace("_", " ")
