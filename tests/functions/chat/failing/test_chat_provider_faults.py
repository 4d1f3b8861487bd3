"""The faults of `make faults` as claims: by default nothing looks whole that is not, and held back all of them pass."""

import pytest

from tests.drills.provider_faults import BUFFER, FAULTS, ProviderFault, show

SAFE = {
    "cut in the middle",
    "error event in the middle",
    "JSON truncated in the middle",
}  # content had reached the caller

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name.replace(" ", "_") for fault in FAULTS])


@each_fault
def test_a_fault_is_passed_over_unless_content_has_reached_the_caller(fault: ProviderFault) -> None:
    assert show(fault, {}).verdict == ("safe" if fault.name in SAFE else "pass")


@each_fault
def test_a_stream_that_is_held_back_comes_whole_whatever_the_first_candidate_does(fault: ProviderFault) -> None:
    assert show(fault, BUFFER).verdict == "pass"
