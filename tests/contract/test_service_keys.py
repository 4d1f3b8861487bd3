"""Stored service keys: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb.service_keys import DynamoServiceKeys
from atom_llm.domain.errors import Conflict
from atom_llm.domain.ids import ServiceKeyId, TenantId
from atom_llm.domain.service_keys import Scope, ServiceKey
from atom_llm.ports import ServiceKeyStore
from tests.contract.conftest import NewTable
from tests.fakes.service_keys import KeysInMemory

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FULL = ServiceKey(
    ServiceKeyId("abcdefghijkl"),
    TenantId("tenant-a"),
    frozenset({Scope.CHAT, Scope.CATALOG_WRITE}),
    bytes(range(32)),
    "v2",
    NOW,
    "a label",
    NOW + timedelta(days=30),
    NOW + timedelta(days=1),
)
BARE = ServiceKey(ServiceKeyId("mnopqrstuvwx"), TenantId("tenant-b"), frozenset(), bytes(32), "v1", NOW)
NewStore = Callable[[], ServiceKeyStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest, new_table: NewTable) -> NewStore:
    if request.param == "in memory":
        return KeysInMemory
    return lambda: DynamoServiceKeys(new_table()[0])


def test_an_unknown_id_finds_nothing(new_store: NewStore) -> None:
    assert new_store().find(FULL.key_id) is None


@pytest.mark.parametrize("key", [FULL, BARE], ids=["full", "bare"])
def test_a_key_comes_back_as_it_was_stored(new_store: NewStore, key: ServiceKey) -> None:
    store = new_store()
    store.add(key)
    assert store.find(key.key_id) == key


def test_an_id_that_is_taken_is_a_conflict_and_the_first_key_stays(new_store: NewStore) -> None:
    store = new_store()
    store.add(FULL)
    with pytest.raises(Conflict):
        store.add(ServiceKey(FULL.key_id, TenantId("other"), frozenset(), bytes(32), "v1", NOW))
    assert store.find(FULL.key_id) == FULL
