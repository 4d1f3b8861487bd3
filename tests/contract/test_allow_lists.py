"""Allow-lists: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable

import pytest

from atom_llm.adapters.dynamodb.routing.allow_lists import DynamoAllowLists
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList
from atom_llm.ports.routing import AllowListStore
from testing.audit import an_entry
from testing.fakes.preferences import AllowListsInMemory
from tests.contract.conftest import NewTable

ACME, OTHER = TenantId("acme"), TenantId("other")
NewStore = Callable[[], AllowListStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return AllowListsInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoAllowLists(new_table()[0])


def test_lists_come_back_as_they_were_set_and_are_gone_once_they_are_deleted(new_store: NewStore) -> None:
    store = new_store()
    lists = [AllowList("person:*", ("openai/*", "auto")), AllowList("tenant", ("gpt-4o-mini",))]
    for each in lists:
        store.put(ACME, each, an_entry())
    assert (store.of(ACME), store.of(OTHER)) == (lists, [])
    store.put(ACME, AllowList("tenant", ("*",)), an_entry())
    assert store.of(ACME)[1].models == ("*",)
    assert (store.delete(ACME, "tenant", an_entry()), store.delete(ACME, "tenant", an_entry())) == (True, False)
    assert (store.erase(ACME), store.erase(ACME), store.of(ACME)) == (1, 0, [])
