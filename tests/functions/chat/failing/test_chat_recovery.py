"""A provider that works again serves again within ten seconds of traffic, and one that does not is left alone."""

import pytest

from tests.drills.recovery import CHAINS, EVERY_S, MOST_S, OUTAGES, flapping, outage

OUTAGE_S = 40.0


@pytest.mark.parametrize(("chain", "fault"), [("alone", "503"), ("first of two", "connections reset")])
def test_a_provider_that_recovers_under_traffic_serves_again_within_ten_seconds(chain: str, fault: str) -> None:
    found = outage(fault, CHAINS[chain], OUTAGES[fault], OUTAGE_S, is_real=False)
    assert found.served_again_s <= MOST_S
    # Five failures open its circuit; then a probe each pause, of two seconds at least, asked twice.
    assert found.met_while_down <= 5 + 2 * (OUTAGE_S / 2)
    assert found.met_while_down < found.asked_while_down / 3
    if chain == "first of two":
        assert found.unanswered_while_down == 0  # callers of a chain notice nothing


def test_a_provider_that_flaps_meets_few_calls_while_it_is_down_and_no_caller_notices() -> None:
    found = flapping(64.0, is_real=False)
    assert found.unanswered_while_down == 0
    assert found.met_while_down < 64.0 / 2 / EVERY_S / 2
    assert found.served_again_s <= MOST_S
