"""Deleting a tenant on real tables and secrets: what is left is what has to be, and another tenant's is untouched."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import Item, Table
from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys
from atom_llm.adapters.dynamodb.tenancy.service_keys import DynamoServiceKeys
from atom_llm.adapters.dynamodb.tenancy.tenants import DynamoTenants
from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.ledger import lanes
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.erase_tenant import QUIET_AFTER, Erasure, TenantEraser
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import NOON
from testing.money_world import on_tables, usd
from tests.contract.conftest import NewTable

DOOMED, OTHER = TenantId("doomed"), TenantId("other")


@dataclass
class World:
    """A deployment's stores, two tenants in them, and who deletes."""

    settings: Table
    usage: Table
    prefix: str

    def __post_init__(self) -> None:
        self.money = on_tables(self.settings, self.usage, NOON)
        self.clock = self.money.clock
        self.tenants, self.keys = DynamoTenants(self.settings), DynamoServiceKeys(self.settings)
        secrets = SecretsManagerStore(secrets_client(), self.prefix, None)
        self.vault = ProviderKeyVault(DynamoProviderKeys(self.settings), secrets, self.clock)
        for tenant in (DOOMED, OTHER):
            self.tenants.add(Tenant(tenant, tenant.title(), "UTC", NOON - timedelta(days=30)), an_entry())
            self.keys.add(
                ServiceKey(ServiceKeyId(f"{tenant}-key"), tenant, ALL_SCOPES, bytes(32), "v1", NOON), an_entry()
            )
            key = ProviderKey(ProviderKeyId("k"), tenant, "openai", "0000", "f" * 16, NOON)
            self.vault.store(key, Plaintext(f"sk-of-{tenant}-0123456789"), SOMEBODY)
            self.money.budget("10", tenant=tenant)
            for days_ago in (9, 0, 0, 0, 0, 0):
                self.clock.now = NOON - timedelta(days=days_ago, milliseconds=uuid4().int % 1000)
                self.money.spend(usd("0.01"), tenant=tenant)
            self.money.spend(usd("0.01"), tenant=tenant, end_user=EndUser("ann", "s-1"))
        self.clock.now = NOON
        self.money.roll_up.run()

    def erase(self, tenant: TenantId) -> Erasure:
        """Erase the tenant, as the route does."""
        found, money = self.tenants.find(tenant), self.money
        assert found is not None
        eraser = TenantEraser(
            self.tenants,
            self.keys,
            money.settings,
            money.windows,
            money.ledger,
            money.sums,
            (self.vault,),
            self.clock,
        )
        return eraser.erase(found, SOMEBODY)

    def set_up(self, tenant: TenantId) -> list[Item]:
        """Everything in a tenant's own partition."""
        return list(self.settings.query(keys.tenant_items(tenant), consistent=True))

    def naming(self, tenant: TenantId, *names: str) -> list[str]:
        """The keys of a tenant's items in the usage table that have one of the names anywhere in them."""
        client: Any = boto3.client("dynamodb")
        pages = client.get_paginator("scan").paginate(TableName=self.usage._name)
        items = [item for page in pages for item in page["Items"] if tenant in item["pk"]["S"]]
        return sorted(f"{item['pk']['S']} {item['sk']['S']}" for item in items if any(n in repr(item) for n in names))

    def rows(self, tenant: TenantId) -> int:
        """Detail rows of today and of nine days ago."""
        days = (NOON.date(), NOON.date() - timedelta(days=9))
        return sum(len(list(self.money.ledger.rows_of_day(tenant, day, behind=None, page_size=2))) for day in days)

    def secrets(self, tenant: TenantId) -> list[str]:
        """Names of a tenant's secrets, deleted ones that could be restored included."""
        client: Any = boto3.client("secretsmanager")
        pages = client.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
        named = [each["Name"] for page in pages for each in page["SecretList"]]
        return [name for name in named if name.startswith(f"{self.prefix}/{tenant}/")]


@pytest.fixture
def world(new_table: NewTable) -> World:
    return World(new_table()[0], new_table()[0], f"erasure/{uuid4().hex}")


def test_only_what_names_its_revoked_keys_is_left_of_a_tenant(world: World) -> None:
    assert (world.rows(DOOMED), len(world.secrets(DOOMED))) == (7, 1)
    before = (world.set_up(OTHER), world.rows(OTHER), world.secrets(OTHER))
    assert world.erase(DOOMED).done == {
        "service_keys_revoked": 1,
        "budgets_deleted": 1,
        "provider_keys_deleted": 1,
        "secrets_deleted": 1,
        "ledger_rows_deleted": 7,
        "end_user_sums_deleted": 4,
        "budget_scopes_deleted": 0,
    }
    assert [item["sk"] for item in world.set_up(DOOMED)] == [keys.tenant_service_key(DOOMED, "doomed-key")[1]]
    assert (world.rows(DOOMED), world.secrets(DOOMED)) == (0, [])
    assert (world.set_up(OTHER), world.rows(OTHER), world.secrets(OTHER)) == before


def test_repeated_it_finds_nothing_and_is_complete(world: World) -> None:
    assert not world.erase(DOOMED).is_complete
    world.clock.now += QUIET_AFTER
    done = world.erase(DOOMED).done
    assert {each for each, count in done.items() if count} == {"budget_scopes_deleted"}
    again = world.erase(DOOMED)
    assert (set(again.done.values()), again.is_complete) == ({0}, True)


def test_nothing_in_the_usage_table_names_the_people_and_runs_of_a_tenant(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever windows their budgets had: calendar, rolling, total, in lanes, carried over, a pool's, a run's."""
    monkeypatch.setattr(lanes, "LANE_HOLDS", 3)
    money, ann = world.money, EndUser("annabel", "run-7")
    for window in (WindowKind.MINUTE, WindowKind.ROLLING_DAY, WindowKind.TOTAL):
        money.budget("10", window=window, scope="person:*", tenant=DOOMED)
    money.budget("10", scope="session:*", tenant=DOOMED, carry_over="1")
    money.budget("10", window=WindowKind.TOTAL, scope="pool:annabel", tenant=DOOMED)
    money.budget("0", window=WindowKind.MONTH, scope="person:annabel", tenant=DOOMED, overflow="annabel")
    for day in (NOON, NOON + timedelta(days=1)):
        world.clock.now = day
        begun = [money.attempt(tenant=DOOMED, end_user=ann) for _ in range(8)]
        for held in [money.spending.hold(each, of_run=True) for each in begun]:
            money.spending.settle(held, money.settlement())
    money.spend(usd("0.01"), tenant=OTHER, end_user=ann)
    money.roll_up.run()
    of_windows = " ".join(place for place in world.naming(DOOMED, "annabel", "run-7") if place.startswith("budget#"))
    for kind in ("minute:", "rolling-day", "total#01", "posted#", "day:", " run", "pool:annabel"):
        assert kind in of_windows
    world.erase(DOOMED)
    world.clock.now += QUIET_AFTER
    others = world.naming(OTHER, "annabel", "run-7")
    assert world.erase(DOOMED).is_complete
    assert (world.naming(DOOMED, "annabel", "run-7"), world.naming(OTHER, "annabel", "run-7")) == ([], others)


def test_a_scope_is_listed_for_as_long_as_anything_is_kept_of_its_windows(world: World) -> None:
    money, ann = world.money, EndUser("annabel")
    for window in (WindowKind.MINUTE, WindowKind.QUARTER):
        money.budget("10", window=window, scope="person:*", tenant=DOOMED)
    money.spend(usd("0.01"), tenant=DOOMED, end_user=ann)
    money.roll_up.run()
    kept = [item["ttl"] for item in world.usage.query(keys.budget_windows(DOOMED, "person:annabel"))]
    (listed,) = world.usage.query(keys.budget_scopes(DOOMED), prefix="person:")
    assert (len(kept), max(kept) <= listed["ttl"]) == (4, True)
    money.budget("10", window=WindowKind.TOTAL, scope="person:*", tenant=DOOMED)
    money.budget("10", window=WindowKind.DAY, scope="person:*", tenant=DOOMED)
    for _ in range(2):  # of the second process the first window is a shorter one
        money.clock.now += timedelta(days=1)
        money.spend(usd("0.01"), tenant=DOOMED, end_user=ann)
        money = world.money = on_tables(world.settings, world.usage, money.clock())
    (listed,) = world.usage.query(keys.budget_scopes(DOOMED), prefix="person:")
    assert "ttl" not in listed


def test_no_more_rows_are_deleted_at_once_than_are_asked_for(world: World) -> None:
    deleted = [world.money.ledger.erase_day(DOOMED, NOON.date(), at_most=2) for _ in range(4)]
    assert deleted == [2, 2, 2, 0]
    assert (world.rows(DOOMED), world.rows(OTHER)) == (1, 7)


def test_rows_that_the_sums_do_not_hold_stay_until_they_do(world: World) -> None:
    world.clock.pass_s(1)
    world.money.spend(usd("0.01"), tenant=DOOMED)
    first = world.erase(DOOMED)
    assert (first.done["ledger_rows_deleted"], first.calls_under_way, world.rows(DOOMED)) == (7, 1, 1)
    world.money.roll_up.run()
    world.clock.now += QUIET_AFTER
    last = world.erase(DOOMED)
    assert (last.done["ledger_rows_deleted"], last.calls_under_way, last.is_complete) == (1, 0, True)
