"""Tenants: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from atom_llm.adapters.dynamodb.tenancy.tenants import DynamoTenants
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.tenancy import TenantStore
from testing.audit import an_entry
from testing.fakes.service_keys import NOON, TenantsInMemory
from tests.contract.conftest import NewTable

ACME = Tenant(TenantId("acme"), "Acme", "Europe/Berlin", NOON)
HOUR = timedelta(hours=1)
NewStore = Callable[[], TenantStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return TenantsInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoTenants(new_table()[0])


@pytest.mark.parametrize("tenant", [ACME, replace(ACME, is_operator=True)], ids=["ordinary", "operator"])
def test_a_tenant_comes_back_as_it_was_stored(new_store: NewStore, tenant: Tenant) -> None:
    store = new_store()
    assert store.find(tenant.id) is None
    store.add(tenant, an_entry())
    assert store.find(tenant.id) == tenant


def test_an_id_that_is_taken_is_a_conflict_and_the_first_tenant_stays(new_store: NewStore) -> None:
    store = new_store()
    own = an_entry()
    store.add(ACME, own)
    store.add(ACME, own)  # our own write, its answer lost
    with pytest.raises(Conflict):
        store.add(replace(ACME, name="Other"), an_entry())
    assert store.find(ACME.id) == ACME


def test_an_id_is_not_free_again_after_its_tenant_is_gone(new_store: NewStore) -> None:
    store = new_store()
    store.add(ACME, an_entry())
    store.mark_deleted(ACME.id, NOON, an_entry())
    with pytest.raises(Conflict):
        store.add(ACME, an_entry())


def test_of_many_who_want_an_id_at_once_one_gets_it(new_store: NewStore) -> None:
    store = new_store()

    def wants(number: int) -> bool:
        try:
            store.add(replace(ACME, name=f"Acme {number}"), an_entry())
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(wants, range(16)))
    found = store.find(ACME.id)
    assert (won.count(True), found and found.name) == (1, f"Acme {won.index(True)}")


def test_what_is_given_is_changed_and_the_rest_stays(new_store: NewStore) -> None:
    store = new_store()
    store.add(ACME, an_entry())
    assert store.change(ACME.id, an_entry(), name="New", calendar=None) == replace(ACME, name="New")
    in_utc = ACME.calendar.changed(ZoneInfo("UTC"), NOON)
    expected = replace(ACME, name="New", time_zone="UTC", ran=in_utc.ran)
    assert store.change(ACME.id, an_entry(), name=None, calendar=in_utc) == expected
    assert store.find(ACME.id) == expected
    assert len(expected.calendar.ran) == 4  # days, weeks, months and quarters


def test_what_is_not_there_or_gone_is_not_changed(new_store: NewStore) -> None:
    store = new_store()
    assert store.change(ACME.id, an_entry(), name="New", calendar=None) is None
    assert store.find(ACME.id) is None
    store.add(ACME, an_entry())
    store.mark_deleted(ACME.id, NOON, an_entry())
    assert store.change(ACME.id, an_entry(), name="New", calendar=None) is None


def test_a_tenant_is_marked_once_and_keeps_its_record(new_store: NewStore) -> None:
    store = new_store()
    store.add(ACME, an_entry())
    store.mark_deleted(ACME.id, NOON, an_entry())
    store.mark_deleted(ACME.id, NOON + HOUR, an_entry())
    assert store.find(ACME.id) == replace(ACME, deleted_at=NOON)


def test_nothing_is_marked_that_never_was(new_store: NewStore) -> None:
    store = new_store()
    store.mark_deleted(ACME.id, NOON, an_entry())
    assert (store.find(ACME.id), list(store.all())) == (None, [])


def test_all_are_listed_in_order_and_page_by_page(new_store: NewStore) -> None:
    store = new_store()
    for name in ("bravo", "alpha", "delta", "charlie"):
        store.add(replace(ACME, id=TenantId(name)), an_entry())
    assert [each.id for each in store.all()] == ["alpha", "bravo", "charlie", "delta"]
    assert [each.id for each in store.all(limit=2)] == ["alpha", "bravo"]
    assert [each.id for each in store.all(after=TenantId("bravo"), limit=2)] == ["charlie", "delta"]
    assert list(store.all(after=TenantId("delta"))) == []


def test_a_lost_answer_is_no_conflict(new_table: NewTable) -> None:
    table, traffic = new_table()
    store = DynamoTenants(table)
    writes: list[Callable[[], object]] = [
        lambda: store.add(ACME, an_entry()),
        lambda: store.change(ACME.id, an_entry(), name="New", calendar=None),
        lambda: store.mark_deleted(ACME.id, NOON, an_entry()),
    ]
    for write in writes:
        traffic.lose_answer_to.add("TransactWriteItems")
        write()
        assert traffic.lose_answer_to == set()
    assert store.find(ACME.id) == replace(ACME, name="New", deleted_at=NOON)
