"""What the ledger's function counts: a series is charged for by the hour, so that what is nothing is not counted."""

import pytest

from functions.byok.ledger import run
from testing.money_world import usd
from tests.functions.byok.byok_world import ByokWorld


@pytest.mark.parametrize("trigger", ["sweep", "prices"])
def test_a_run_that_finds_nothing_to_do_counts_nothing(capsys: pytest.CaptureFixture[str], trigger: str) -> None:
    run({"trigger": trigger}, ByokWorld().container)
    assert "CloudWatchMetrics" not in capsys.readouterr().out


def test_a_sweep_that_finds_a_call_under_way_counts_it_and_its_age(capsys: pytest.CaptureFixture[str]) -> None:
    byok = ByokWorld()
    byok.money.spending.hold(byok.money.attempt(usd("0.5")))
    assert run({"trigger": "sweep"}, byok.container, pause=lambda _: None)["still_open"] > 0
    told = capsys.readouterr().out
    assert '"OpenAttempts"' in told
    assert '"OpenAttemptAgeSeconds"' in told
