"""Stored service keys: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb.tenancy.service_keys import DynamoServiceKeys
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import Holder, Scope, ServiceKey
from atom_llm.ports.tenancy import ServiceKeyStore
from testing.audit import an_entry
from testing.fakes.service_keys import KeysInMemory
from tests.contract.conftest import NewTable

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
OURS, THEIRS = FULL.tenant, TenantId("tenant-b")
HOUR = timedelta(hours=1)
BARE = ServiceKey(ServiceKeyId("mnopqrstuvwx"), TenantId("tenant-b"), frozenset(), bytes(32), "v1", NOW)
EXCHANGED = replace(
    FULL, key_id=ServiceKeyId("exchangedkey"), lapses_at=None, holder=Holder("ann", "https://login.example.com", "team")
)
NewStore = Callable[[], ServiceKeyStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return KeysInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoServiceKeys(new_table()[0])


def test_an_unknown_id_finds_nothing(new_store: NewStore) -> None:
    assert new_store().find(FULL.key_id) is None


@pytest.mark.parametrize("key", [FULL, BARE, EXCHANGED], ids=["full", "bare", "exchanged"])
def test_a_key_comes_back_as_it_was_stored(new_store: NewStore, key: ServiceKey) -> None:
    store = new_store()
    store.add(key, an_entry())
    assert store.find(key.key_id) == key


def test_an_id_that_is_taken_is_a_conflict_and_the_first_key_stays(new_store: NewStore) -> None:
    store = new_store()
    store.add(FULL, an_entry())
    with pytest.raises(Conflict):
        store.add(ServiceKey(FULL.key_id, TenantId("other"), frozenset(), bytes(32), "v1", NOW), an_entry())
    assert store.find(FULL.key_id) == FULL


def live(key_id: str, tenant: TenantId = OURS) -> ServiceKey:
    """A key that works."""
    return replace(BARE, key_id=ServiceKeyId(key_id * 12), tenant=tenant)


def test_a_taken_id_leaves_no_trace_with_who_wanted_it(new_store: NewStore) -> None:
    store = new_store()
    store.add(live("a"), an_entry())
    with pytest.raises(Conflict):
        store.add(live("a", THEIRS), an_entry())
    assert list(store.of(THEIRS)) == []


def test_of_many_who_draw_an_id_at_once_one_gets_it(new_store: NewStore) -> None:
    store = new_store()
    tenants = [TenantId(f"tenant-{number}") for number in range(12)]

    def draws(tenant: TenantId) -> bool:
        try:
            store.add(live("a", tenant), an_entry())
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        won = list(threads.map(draws, tenants))
    listed = [tenant for tenant in tenants if list(store.of(tenant))]
    assert (won.count(True), listed) == (1, [tenants[won.index(True)]])


def test_a_tenants_keys_are_listed_in_order_and_page_by_page(new_store: NewStore) -> None:
    store = new_store()
    for each in ("c", "a", "d", "b"):
        store.add(live(each), an_entry())
    store.add(live("e", THEIRS), an_entry())
    assert list(store.of(OURS)) == [live(each) for each in "abcd"]
    assert list(store.of(OURS, limit=2)) == [live("a"), live("b")]
    assert list(store.of(OURS, after=live("b").key_id, limit=2)) == [live("c"), live("d")]
    assert list(store.of(OURS, after=live("d").key_id)) == []


def test_more_keys_than_one_request_brings_are_listed_whole(new_store: NewStore) -> None:
    store = new_store()
    keys = [replace(BARE, key_id=ServiceKeyId(f"{number:012d}"), tenant=OURS) for number in range(105)]
    for key in keys:
        store.add(key, an_entry())
    assert list(store.of(OURS)) == keys


def test_a_key_is_revoked_once_and_stays_listed(new_store: NewStore) -> None:
    store = new_store()
    store.add(live("a"), an_entry())
    for at in (NOW, NOW + HOUR):
        assert store.revoke(OURS, live("a").key_id, at, an_entry()) == replace(live("a"), revoked_at=NOW)
    assert store.find(live("a").key_id) == replace(live("a"), revoked_at=NOW)
    assert list(store.of(OURS)) == [replace(live("a"), revoked_at=NOW)]


def test_a_foreign_key_is_as_unknown_as_one_that_never_was(new_store: NewStore) -> None:
    store = new_store()
    store.add(live("a", THEIRS), an_entry())
    for key_id in (live("a").key_id, live("b").key_id):
        assert store.revoke(OURS, key_id, NOW, an_entry()) is None
    assert store.find(live("a").key_id) == live("a", THEIRS)
    assert store.find(live("b").key_id) is None


def test_the_latest_use_stays_noted_and_a_key_that_is_gone_is_not_made(new_store: NewStore) -> None:
    store = new_store()
    store.add(live("a"), an_entry())
    for at in (NOW, NOW + HOUR, NOW + HOUR / 2):
        store.used(live("a").key_id, at)
    store.used(live("b").key_id, NOW)
    assert store.find(live("a").key_id) == replace(live("a"), last_used_at=NOW + HOUR)
    assert store.find(live("b").key_id) is None


def test_a_key_lapses_until_it_is_handed_over_or_used(new_store: NewStore) -> None:
    store = new_store()
    for each in "abc":
        store.add(replace(live(each), lapses_at=NOW + HOUR), an_entry())
    store.hand_over(live("a").key_id)
    store.used(live("b").key_id, NOW)
    store.hand_over(live("d").key_id)
    found = {each: store.find(live(each).key_id) for each in "abcd"}
    assert found == {
        "a": live("a"),
        "b": replace(live("b"), last_used_at=NOW),
        "c": replace(live("c"), lapses_at=NOW + HOUR),
        "d": None,
    }


def test_all_that_a_tenant_has_left_is_revoked_and_no_other_tenants(new_store: NewStore) -> None:
    store = new_store()
    for each in "abc":
        store.add(live(each), an_entry())
    store.add(live("d", THEIRS), an_entry())
    store.revoke(OURS, live("a").key_id, NOW, an_entry())
    assert [store.revoke_all(OURS, NOW + HOUR) for _ in range(2)] == [2, 0]
    assert [key.revoked_at for key in store.of(OURS)] == [NOW, NOW + HOUR, NOW + HOUR]
    assert [key.revoked_at for key in store.of(THEIRS)] == [None]


def test_a_lost_answer_is_no_conflict(new_table: NewTable) -> None:
    table, traffic = new_table()
    store = DynamoServiceKeys(table)
    traffic.lose_answer_to.add("TransactWriteItems")
    store.add(live("a"), an_entry())
    assert traffic.lose_answer_to == set()
    traffic.lose_answer_to.add("TransactWriteItems")
    assert store.revoke(OURS, live("a").key_id, NOW, an_entry()) == replace(live("a"), revoked_at=NOW)
    assert list(store.of(OURS)) == [replace(live("a"), revoked_at=NOW)]
    assert traffic.lose_answer_to == set()


def test_a_key_is_rehashed_once_and_not_over_a_change(new_store: NewStore) -> None:
    store = new_store()
    store.add(FULL, an_entry())
    store.rehash(FULL, bytes(32), "v3")
    assert store.find(FULL.key_id) == replace(FULL, secret_hash=bytes(32), pepper_version="v3")
    store.rehash(FULL, bytes(range(1, 33)), "v4")
    assert store.find(FULL.key_id) == replace(FULL, secret_hash=bytes(32), pepper_version="v3")


def test_a_key_that_is_not_there_is_not_made_by_a_new_hash(new_store: NewStore) -> None:
    store = new_store()
    store.rehash(BARE, bytes(range(32)), "v3")
    assert store.find(BARE.key_id) is None


def test_exchanged_keys_are_a_list_of_their_own_and_go_with_the_others(new_store: NewStore) -> None:
    store = new_store()
    for key in (FULL, EXCHANGED):
        store.add(replace(key, revoked_at=None), an_entry())
    assert [key.key_id for key in store.of(OURS)] == [FULL.key_id]
    assert [key.key_id for key in store.of(OURS, exchanged=True)] == [EXCHANGED.key_id]
    assert store.revoke_all(OURS, NOW) == 2
