"""The ledger's function in the deployed stack: woken by rows, sweeping by schedule, telling of reached thresholds."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.windows import WindowKind
from local.emulator import client_environment
from testing.money_world import MoneyWorld, on_tables, usd
from tests.e2e.conftest import RunningService

WOKEN_WITHIN_S = 150  # the emulator polls its streams; after a restart of it the next sweep does it instead


@pytest.fixture
def money(deployment: RunningService) -> MoneyWorld:
    """A process beside the deployed ones, on the deployment's own tables."""
    client = dynamodb_client(environment=client_environment(deployment.endpoint_url))
    names = deployment.table_names
    return on_tables(Table(client, names["keys"]), Table(client, names["usage"]))


@pytest.fixture
def told(deployment: RunningService) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The alerts that the topic of budgets handed on."""
    queues, topics = deployment.client("sqs"), deployment.client("sns")
    queue = queues.create_queue(QueueName="told")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=deployment.outputs["BudgetAlertsTopicArn"], Protocol="sqs", Endpoint=arn)

    def read() -> list[dict[str, Any]]:
        got = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(json.loads(each["Body"])["Message"])["detail"] for each in got]

    yield read
    queues.delete_queue(QueueUrl=queue)


def test_an_unknown_trigger_is_an_error(deployment: RunningService) -> None:
    _, error = deployment.invoke("byok-ledger", {"trigger": "celebrate"})
    assert error is not None


def test_a_sweep_with_nothing_left_to_do_says_so(deployment: RunningService) -> None:
    nothing = {
        "posted": 0,
        "swept": 0,
        "never_called": 0,
        "finished": 0,
        "still_open": 0,
        "alerts": 0,
        "recounted": 0,
        "exports": [0],
    }

    def is_said() -> bool:
        answer, error = deployment.invoke("byok-ledger", {"trigger": "sweep"})
        assert error is None
        assert answer.keys() == nothing.keys()
        return {**answer, "exports": sorted(set(answer["exports"].values()))} == nothing

    _until(is_said)  # earlier calls of this deployment may still wait to be brought into the sums


def test_a_row_wakes_the_function_which_brings_it_into_the_sums_and_tells_of_a_threshold(
    deployment: RunningService, money: MoneyWorld, told: Callable[[], list[dict[str, Any]]]
) -> None:
    tenant = TenantId("woken")
    money.budget("1", alert_at=(50,), tenant=tenant)
    with _no_sweeps(deployment):
        money.spend(usd("0.6"), tenant=tenant)
        money.spend(usd("0.01"), tenant=tenant)  # it wakes the function again, should the first hold still have stood
        _until(lambda: money.summed(tenant) >= usd("0.6"))
        _until(lambda: [alert["threshold_percent"] for alert in told()] == [50])
    (alert,) = told()
    assert (alert["tenant"], alert["limit_usd"]) == (tenant, "1")
    assert usd(alert["spent_usd"]) >= usd("0.6")


def test_rows_wake_the_function_after_a_restart_too(deployment: RunningService, money: MoneyWorld) -> None:
    """The emulator forgets its streams and remembered how far they were read: what was new then woke nobody."""
    with _no_sweeps(deployment):
        _rows_wake_the_function(money)
        deployment.restart()
        _rows_wake_the_function(money)


def test_a_call_whose_process_died_is_swept(deployment: RunningService, money: MoneyWorld) -> None:
    tenant = TenantId("died")
    money.budget("1", window=WindowKind.TOTAL, tenant=tenant)
    opened = datetime.now(UTC) - timedelta(hours=1)
    died = replace(money.attempt(usd("0.1"), tenant=tenant), opened_at=opened, deadline=opened + timedelta(minutes=5))
    with _no_sweeps(deployment):
        money.clock.now = opened
        money.spending.hold(died)
        money.clock.now = datetime.now(UTC)
        answer, _ = deployment.invoke("byok-ledger", {"trigger": "sweep"})
    assert answer["swept"] >= 1
    state = money.state(window=WindowKind.TOTAL, tenant=tenant)
    assert state is not None
    assert (state.spent, state.held) == (usd("0.05"), usd("0"))


def test_the_daily_check_finds_the_books_in_order(deployment: RunningService) -> None:
    answer, error = deployment.invoke("byok-ledger", {"trigger": "check"})
    assert error is None
    assert answer["drift"] == {}
    assert answer["is_finished"]  # by this run, or by the rule's before it


def _rows_wake_the_function(money: MoneyWorld) -> None:
    tenant = TenantId("restarted")
    before = money.summed(tenant)
    for _ in range(2):  # the second wakes it again, should the first one's hold still have stood
        money.spend(usd("0.01"), tenant=tenant)
    _until(lambda: money.summed(tenant) > before)


@contextmanager
def _no_sweeps(deployment: RunningService) -> Iterator[None]:
    """The minute's sweep would do the stream's work, and nobody could tell which of them did."""
    events = deployment.client("events")
    function = deployment.client("lambda").get_function_configuration(
        FunctionName=deployment.function_names["byok-ledger"]
    )
    rules = events.list_rule_names_by_target(TargetArn=function["FunctionArn"])["RuleNames"]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WOKEN_WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.5)
