"""A hold covers whatever the provider may bill, for requests with any options at any provider."""

from decimal import Decimal

import pytest

from testing.money_world import in_memory
from tests.drills.holds import drill
from tests.drills.options_race import options_race


@pytest.mark.parametrize("seed", range(3))
def test_the_worst_bill_of_a_request_is_never_above_its_hold(seed: int) -> None:
    outcome = drill(300, seed)
    assert outcome.above == []
    assert outcome.held > 60
    assert outcome.unbounded > 20


@pytest.mark.parametrize(("calls", "room_for"), [(40, 8), (1_000, 100)])
def test_calls_at_once_with_searches_files_and_tools_never_overshoot_a_hard_budget(calls: int, room_for: int) -> None:
    found = options_race(in_memory(), calls, threads=40, room_for=room_for)
    assert (found.overshoot, found.other) == (Decimal(0), [])
    assert found.admitted + found.full + found.unbounded == 2 * calls
    assert (found.full > 0, found.unbounded > 0) == (True, True)
    assert found.spent > found.limit * Decimal("0.8")  # the worst bills all but fill it
