"""How far the daily check came: one suite for the log in memory and the one in DynamoDB."""

from datetime import date

import pytest

from atom_llm.adapters.dynamodb.ledger.check_log import DynamoCheckLog
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.checks import CheckProgress
from atom_llm.ports.ledger import CheckLog
from testing.fakes.ledger.check_log import CheckLogInMemory
from tests.contract.conftest import NewTable

DAY = date(2026, 11, 28)


@pytest.fixture(params=["in memory", "in DynamoDB"])
def log(request: pytest.FixtureRequest, new_table: NewTable) -> CheckLog:
    return CheckLogInMemory() if request.param == "in memory" else DynamoCheckLog(new_table()[0])


def test_nothing_is_noted_at_first(log: CheckLog) -> None:
    assert log.progress() is None


def test_what_is_noted_comes_back_with_the_next_revision(log: CheckLog) -> None:
    first = log.put_progress(CheckProgress(DAY, TenantId("acme")))
    assert first == log.progress() == CheckProgress(DAY, TenantId("acme"), revision=1)
    assert log.put_progress(CheckProgress(DAY, is_finished=True, revision=1)) == log.progress()
    assert log.progress() == CheckProgress(DAY, is_finished=True, revision=2)


def test_of_two_processes_at_the_same_revision_one_goes_on(log: CheckLog) -> None:
    assert log.put_progress(CheckProgress(DAY)) is not None
    assert log.put_progress(CheckProgress(DAY, TenantId("late"))) is None
    assert log.progress() == CheckProgress(DAY, revision=1)
