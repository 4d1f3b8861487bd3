"""A hold covers whatever the provider may bill, for requests with any options at any provider."""

import pytest

from tests.drills.holds import drill


@pytest.mark.parametrize("seed", range(3))
def test_the_worst_bill_of_a_request_is_never_above_its_hold(seed: int) -> None:
    outcome = drill(300, seed)
    assert outcome.above == []
    assert outcome.held > 60
    assert outcome.unbounded > 20
