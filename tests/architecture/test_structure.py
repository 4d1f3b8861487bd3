"""The shape of the code is within its reach, as far as that can be told without making a call."""

from typing import Final

import pytest

from local.structure.sources import Repository
from local.structure.table import Measure, measures
from tests.architecture.citations import ROOT

LINES: Final = [line for line in measures(Repository(ROOT)) if line.value is not None]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.what)
def test_it_is_within_reach(line: Measure) -> None:
    assert line.is_met, [*line.offenders[:20]]
