"""Changed prices in the deployed stack: the ledger's function tells the tenant through the topic, once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.catalogue.price_events import changes, encode_events
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.ids import TenantId
from local.emulator import client_environment
from testing.money_world import MoneyWorld, on_tables, usd
from tests.e2e.conftest import RunningService

MODEL = "openai/gpt-4o-mini"
INPUT = "input_cost_per_token"


@pytest.fixture
def book(deployment: RunningService) -> DynamoPriceBook:
    client = dynamodb_client(environment=client_environment(deployment.endpoint_url))
    names = deployment.table_names
    return DynamoPriceBook(Table(client, names["catalogue"]), AuditedWrites(Table(client, names["keys"])))


@pytest.fixture
def yesterday(deployment: RunningService) -> MoneyWorld:
    """A process of yesterday beside the deployed ones, on the deployment's own tables."""
    client = dynamodb_client(environment=client_environment(deployment.endpoint_url))
    names = deployment.table_names
    return on_tables(Table(client, names["keys"]), Table(client, names["usage"]), datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def told(deployment: RunningService) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The alerts that the topic handed on."""
    queues, topics = deployment.client("sqs"), deployment.client("sns")
    queue = queues.create_queue(QueueName="told-of-prices")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=deployment.outputs["BudgetAlertsTopicArn"], Protocol="sqs", Endpoint=arn)

    def read() -> list[dict[str, Any]]:
        got = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(json.loads(each["Body"])["Message"]) for each in got]

    yield read
    queues.delete_queue(QueueUrl=queue)


def in_force(book: DynamoPriceBook) -> Activation:
    """The entry in force; of a deployment that was never refreshed, the seed's, as its first refresh enters it."""
    head = book.head()
    if head is None:
        seed = load_seed()
        catalogue = decode(seed.snapshot)
        head = Activation(1, catalogue.version, seed.as_of, len(catalogue), len(seed.snapshot), 0)
        book.activate(head, seed.snapshot, b"")
    return head


def put_in_force(book: DynamoPriceBook, rows: list[ModelEntry], before: dict[str, ModelEntry]) -> None:
    head = in_force(book)
    version, snapshot = encode(rows)
    events = [event for row in rows if row.id in before for event in changes(before[row.id], row)]
    now = datetime.now(UTC)
    activation = Activation(head.sequence + 1, version, now, len(rows), len(snapshot), len(events), head.source_times)
    book.activate(activation, snapshot, encode_events(events))


def test_a_dearer_model_is_told_to_the_tenant_that_called_it_through_the_topic(
    deployment: RunningService,
    book: DynamoPriceBook,
    yesterday: MoneyWorld,
    told: Callable[[], list[dict[str, Any]]],
) -> None:
    catalogue = decode(book.snapshot(in_force(book)))
    deployment.invoke("byok-ledger", {"trigger": "prices"})  # it tells of what comes from here on
    with deployment.http() as http:
        made = http.post("/api/byok/tenants", json={"name": "Told"}).json()["data"]["id"]
        settings = http.put(f"/api/byok/price-alerts?tenant={made}", json={"threshold_usd": "0"})
        assert settings.status_code == 200
        for _ in range(2):
            yesterday.spend(usd("0.01"), tenant=TenantId(made), model=MODEL)
        yesterday.roll_up.run()

        own = catalogue.get(MODEL)
        assert own is not None
        rate = Decimal(str((own.published or {})[INPUT]))
        dearer = replace(own, published={**(own.published or {}), INPUT: str(rate * 2)})
        before = {row.id: row for row in catalogue}
        rows = [*before.values(), *catalogue.aliases]
        put_in_force(book, [dearer if row.id == MODEL else row for row in rows], before)
        try:
            answers = [deployment.invoke("byok-ledger", {"trigger": "prices"})[0] for _ in range(2)]
            assert [answer["is_finished"] for answer in answers] == [True, True]
            (alert,) = (each for each in told() if each["detail"]["tenant"] == made)
            assert alert["detail-type"] == "Prices changed"
            (change,) = alert["detail"]["changes"]
            assert (change["model"], change["calls"]) == (MODEL, 2)
            # Two calls of a thousand input tokens each (testing/money_world.py).
            assert Decimal(change["difference_usd"]) == 2_000 * rate
            shown = http.get(f"/api/byok/price-alerts?tenant={made}").json()["data"]["alerts"]
            assert [each["alert_id"] for each in shown] == [alert["detail"]["alert_id"]]
        finally:
            put_in_force(book, rows, {MODEL: dearer})
