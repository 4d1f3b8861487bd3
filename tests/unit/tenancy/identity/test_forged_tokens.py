"""Forged tokens of every kind; `make tokens` shows 10,000."""

from tests.drills.forged_tokens import FORGED, run


def test_no_forged_token_is_let_in_and_each_good_one_is() -> None:
    told = run(seed=20261129, tokens=400)
    assert {what.partition(":")[0] for what in told} == {*FORGED, "good"}
