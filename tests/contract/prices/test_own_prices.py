"""Own prices: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from atom_llm.adapters.dynamodb.catalogue.own_prices import DynamoOwnPrices
from atom_llm.domain.catalogue.catalogue import TokenLimits
from atom_llm.domain.catalogue.own_prices import AddedModel, Display, OwnPrice
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.ports.catalogue import OwnPriceStore
from testing.audit import an_entry
from testing.fakes.own_prices import OwnPricesInMemory
from tests.contract.conftest import NewTable

ACME, OTHER = TenantId("acme"), TenantId("other")
NOW = datetime(2026, 11, 29, 7, tzinfo=UTC)
PLAIN = OwnPrice("01A", ACME, "openai/*", NOW, ServiceKeyId("k"), factor=Decimal("0.800000000001"))
WHOLE = OwnPrice(
    "01B",
    ACME,
    "openai/ours",
    NOW,
    ServiceKeyId("k"),
    by_operator=True,
    rates={"input_cost_per_token": "0.000000000001"},
    adds=AddedModel("chat", TokenLimits(8_000, None), frozenset({"vision"})),
    ends=NOW.replace(hour=9),
    display=Display("EUR", Decimal("0.91")),
    note="of the framework contract",
)
NewStore = Callable[[], OwnPriceStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return OwnPricesInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoOwnPrices(new_table()[0])


def test_they_come_back_as_they_were_set_and_to_their_tenant_alone(new_store: NewStore) -> None:
    store = new_store()
    for price in (PLAIN, WHOLE):
        store.add(price, an_entry())
    assert list(store.of(ACME)) == [PLAIN, WHOLE]
    assert (store.of(OTHER), store.ended(ACME), store.get(OTHER, "01A")) == ([], [], None)
    assert store.get(ACME, "01B") == WHOLE


def test_an_ended_one_is_read_by_proofs_and_no_more_by_calls(new_store: NewStore) -> None:
    store = new_store()
    store.add(PLAIN, an_entry())
    ended = replace(PLAIN, ends=NOW)
    assert [store.end(ended, an_entry()) for _ in range(2)] == [True, False]
    assert (list(store.of(ACME)), list(store.ended(ACME)), store.get(ACME, "01A")) == ([], [ended], ended)
    assert (store.erase(ACME), store.get(ACME, "01A")) == (1, None)
