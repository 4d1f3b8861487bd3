"""The money path on tables of its own."""

import pytest

from testing.fakes.service_keys import NOON
from testing.money_world import MoneyWorld, on_tables
from tests.contract.conftest import NewTable


@pytest.fixture
def world(new_table: NewTable) -> MoneyWorld:
    return on_tables(new_table()[0], new_table()[0], NOON)
