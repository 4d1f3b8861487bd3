"""Price alerts: one suite for the settings and the log in memory and those in DynamoDB."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from atom_llm.adapters.dynamodb.ledger.price_alerts import DynamoPriceAlertLog, DynamoPriceAlertSettings
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import AlertProgress, Impact, PriceAlertSettings, TenantInWork
from atom_llm.ports.ledger import PriceAlertLog, PriceAlertSettingsStore
from testing.audit import an_entry
from testing.fakes.ledger.price_alerts import PriceAlertLogInMemory, PriceAlertSettingsInMemory
from tests.contract.conftest import NewTable

ACME, OTHER = TenantId("acme"), TenantId("other")
NOW = datetime(2026, 11, 29, 7, tzinfo=UTC)
Stores = tuple[PriceAlertSettingsStore, PriceAlertLog]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_stores(request: pytest.FixtureRequest) -> Callable[[], Stores]:
    if request.param == "in memory":
        return lambda: (PriceAlertSettingsInMemory(), PriceAlertLogInMemory())
    new_table: NewTable = request.getfixturevalue("new_table")
    table = new_table()[0]
    return lambda: (DynamoPriceAlertSettings(table), DynamoPriceAlertLog(table, timedelta(days=395)))


def test_settings_come_back_as_they_were_set_and_to_their_tenant_alone(new_stores: Callable[[], Stores]) -> None:
    settings, _ = new_stores()
    wanted = PriceAlertSettings(enabled=False, threshold=Decimal("0.000000000001"))
    settings.put(ACME, wanted, an_entry())
    assert (settings.of(ACME), settings.of(OTHER)) == (wanted, None)
    assert [settings.delete(ACME, an_entry()) for _ in range(2)] == [True, False]
    assert settings.of(ACME) is None
    settings.put(ACME, wanted, an_entry())
    assert [settings.erase(ACME) for _ in range(2)] == [True, False]


def test_progress_comes_back_whole_and_only_its_reader_moves_it(new_stores: Callable[[], Stores]) -> None:
    _, log = new_stores()
    assert log.progress() is None
    first = log.put_progress(AlertProgress(4))
    assert first == log.progress() == AlertProgress(4, revision=1)
    assert log.put_progress(AlertProgress(3)) is None
    impacts = {"price openai/gpt-4o": Impact(3, 1, Decimal("0.000000000000000000000000001"), Decimal(10**9))}
    in_work = AlertProgress(4, ACME, TenantInWork(OTHER, date(2026, 11, 3), impacts), revision=1)
    assert log.put_progress(in_work) == AlertProgress(4, ACME, in_work.in_work, revision=2)
    assert log.put_progress(in_work) is None
    assert log.progress() == AlertProgress(4, ACME, in_work.in_work, revision=2)


def test_an_alert_is_claimed_by_one_and_kept_once_it_is_sent(new_stores: Callable[[], Stores]) -> None:
    _, log = new_stores()
    assert [log.claim(ACME, 7, NOW) for _ in range(2)] == ["claimed", "busy"]
    assert log.newest(ACME, 10) == []
    assert log.claim(ACME, 7, NOW + timedelta(minutes=2)) == "claimed"
    log.sent(ACME, 7, {"alert_id": "acme/prices/7", "changes": [{"calls": 3}]})
    assert log.claim(ACME, 7, NOW + timedelta(days=9)) == "sent"
    assert log.claim(ACME, 12, NOW) == "claimed"
    log.sent(ACME, 12, {"alert_id": "acme/prices/12"})
    assert [alert["alert_id"] for alert in log.newest(ACME, 10)] == ["acme/prices/12", "acme/prices/7"]
    assert (len(log.newest(ACME, 1)), log.newest(OTHER, 10)) == (1, [])
    assert [log.erase(ACME) for _ in range(2)] == [2, 0]
