"""The world that tests of refreshes begin with."""

import pytest

from testing.rows import row
from tests.unit.catalogue.refreshes.refresh_world import World, model_list, price_file


@pytest.fixture
def world() -> World:
    """Two sources that answer, and a first refresh behind us."""
    found = World(row("a"), row("b"))
    found.says(price_file("a", "b", "c", "d"))
    found.lends(model_list("acme/a", "other/x"))
    found.refresh()
    return found
