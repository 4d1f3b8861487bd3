"""Deleting a tenant: a death at any step is finished by repeating it, and `is_complete` promises no more than is so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy import erase_tenant
from atom_llm.services.tenancy.erase_tenant import ERASE_FOR, QUIET_AFTER, Erasure, TenantEraser
from atom_llm.services.tenancy.provider_key_vault import LEASE, ProviderKeyVault
from testing.audit import SOMEBODY, an_entry
from testing.fakes.ledger.budget_windows import BudgetWindowsInMemory
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.provider_keys import ProviderKeyBookInMemory, SecretsInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, TenantsInMemory
from testing.money_world import in_memory, usd

DOOMED, OTHER = TenantId("doomed"), TenantId("other")
Reached = Callable[[str], None]


class Died(BaseException):
    """The process ended here."""


class Steps:
    """Hears of every step before and after it, and dies at one of them."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.dies_at = dies_at
        self.heard: list[str] = []

    def __call__(self, step: str) -> None:
        self.heard.append(step)
        if len(self.heard) - 1 == self.dies_at:
            raise Died(step)


class Watched:
    """A store whose every call is a step."""

    def __init__(self, store: object, reached: Reached) -> None:
        self._store = store
        self._reached = reached

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **more: Any) -> Any:
            self._reached(name)
            answer = getattr(self._store, name)(*given, **more)
            self._reached(f"{name} done")
            return answer

        return call


class World:
    """Two tenants with everything that a tenant can have, and who deletes one of them."""

    def __init__(self) -> None:
        self.reached: Reached = lambda _: None
        self.money = in_memory()
        self.clock = self.money.clock
        self.tenants, self.keys, self.book = TenantsInMemory(), KeysInMemory(), ProviderKeyBookInMemory()
        self.secrets = SecretsInMemory()
        for tenant in (DOOMED, OTHER):
            self._furnish(tenant)

    def _furnish(self, tenant: TenantId) -> None:
        self.tenants.add(Tenant(tenant, tenant.title(), "UTC", NOON - timedelta(days=30)), an_entry())
        for letter in "ab":
            key_id = ServiceKeyId(tenant + letter)
            self.keys.add(ServiceKey(key_id, tenant, ALL_SCOPES, bytes(32), "v1", NOON), an_entry())
        key = ProviderKey(ProviderKeyId("k"), tenant, "openai", "0000", "f" * 16, NOON)
        self.vault.store(key, Plaintext(f"sk-of-{tenant}-0123456789"), SOMEBODY)
        self.money.budget("10", tenant=tenant)
        for days_ago in (9, 1, 0):
            self.clock.now = NOON - timedelta(days=days_ago)
            self.money.spend(usd("0.01"), tenant=tenant)
        self.money.roll_up.run()

    @property
    def vault(self) -> ProviderKeyVault:
        """That of a new process; nobody waits for another writer in a test."""
        book, secrets = Watched(self.book, self._tell), Watched(self.secrets, self._tell)
        return ProviderKeyVault(book, secrets, self.clock, pause=lambda _: None)

    def _tell(self, step: str) -> None:
        self.reached(step)

    def erase(self, reached: Reached = lambda _: None) -> Erasure:
        """By a new process."""
        self.reached = reached
        tenant = self.tenants.find(DOOMED)
        assert tenant is not None
        money = self.money
        stores = (self.tenants, self.keys, money.settings, money.windows, money.ledger, money.sums)
        tenants, keys, settings, windows, ledger, sums = (Watched(store, self._tell) for store in stores)
        try:
            return TenantEraser(tenants, keys, settings, windows, ledger, sums, (self.vault,), self.clock).erase(
                tenant, SOMEBODY
            )
        finally:
            self.reached = lambda _: None

    def windows_of(self, tenant: TenantId) -> set[WindowRef]:
        """Windows of its budgets, and what rows say of them."""
        windows = self.money.windows
        assert isinstance(windows, BudgetWindowsInMemory)
        return {ref for owner, ref in windows.all.keys() | windows.said_by_rows.keys() if owner == tenant}

    def left_of(self, tenant: TenantId) -> tuple[int, ...]:
        """Count the rest of a tenant: keys that work, provider keys, secrets, budgets, rows."""
        assert isinstance(self.money.ledger, LedgerInMemory)
        return (
            sum(key.is_usable(self.clock()) for key in self.keys.of(tenant)),
            len(self.book.of(tenant)[0]),
            self.secrets.everything().count(f"sk-of-{tenant}"),
            len(self.money.settings.of(tenant)),
            sum(place[0] == tenant for place in self.money.ledger.rows),
        )


@pytest.fixture
def world() -> World:
    return World()


def steps_of_a_run() -> list[str]:
    steps = Steps()
    World().erase(steps)
    return steps.heard


def test_everything_goes_and_another_tenants_stays(world: World) -> None:
    assert world.left_of(DOOMED) == world.left_of(OTHER) == (2, 1, 1, 1, 3)
    assert world.erase().done == {
        "service_keys_revoked": 2,
        "budgets_deleted": 1,
        "provider_keys_deleted": 1,
        "secrets_deleted": 1,
        "ledger_rows_deleted": 3,
        "end_user_sums_deleted": 0,
        "budget_scopes_deleted": 0,
    }
    assert world.left_of(DOOMED) == (0, 0, 0, 0, 0)
    assert world.left_of(OTHER) == (2, 1, 1, 1, 3)


def test_it_is_marked_and_its_keys_are_revoked_before_anything_is_erased() -> None:
    steps = steps_of_a_run()
    first_erased = min(steps.index(step) for step in ("erase", "erase_day"))
    last_revoked = len(steps) - 1 - steps[::-1].index("revoke_all done")
    assert steps.index("mark_deleted done") < steps.index("revoke_all") < last_revoked < first_erased


@pytest.mark.parametrize("dies_at", range(len(steps_of_a_run())))
def test_a_death_at_any_step_is_finished_by_repeating_it(world: World, dies_at: int) -> None:
    with pytest.raises(Died):
        world.erase(Steps(dies_at))
    world.clock.now += LEASE + timedelta(seconds=1)
    assert not world.erase().is_complete
    assert world.left_of(DOOMED) == (0, 0, 0, 0, 0)
    assert world.left_of(OTHER) == (2, 1, 1, 1, 3)
    world.clock.now += QUIET_AFTER
    last = world.erase()
    assert ({each for each, count in last.done.items() if count}, last.is_complete) == ({"budget_scopes_deleted"}, True)
    again = world.erase()
    assert (set(again.done.values()), again.is_complete) == ({0}, True)


@pytest.mark.parametrize("dies_at", range(8))
def test_windows_go_once_nothing_can_come_any_more_and_a_death_among_them_is_finished(
    world: World, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_tenant, "SCOPES_AT_ONCE", 2)
    world.money.budget("1", scope="person:*", window=WindowKind.TOTAL, tenant=DOOMED)
    for number in range(5):
        world.money.spend(usd("0.01"), tenant=DOOMED, end_user=EndUser(f"person-{number}"))
    world.money.roll_up.run()
    world.erase()
    assert len(world.windows_of(DOOMED)) == 8  # of three days, and of five people
    world.clock.now += QUIET_AFTER
    steps = Steps(dies_at)
    with pytest.raises(Died):
        world.erase(lambda step: steps(step) if step in ("erase", "erase done") else None)
    world.clock.now += LEASE + timedelta(seconds=1)
    assert world.erase().is_complete
    assert (world.windows_of(DOOMED), len(world.windows_of(OTHER))) == (set(), 3)


def test_it_is_not_complete_while_a_process_may_remember_a_key(world: World) -> None:
    world.erase()
    world.clock.now += QUIET_AFTER - timedelta(seconds=1)
    assert not world.erase().is_complete
    world.clock.now += timedelta(seconds=1)
    assert world.erase().is_complete


def test_a_key_that_was_revoked_late_counts_from_then(world: World) -> None:
    late = steps_of_a_run().index("revoke_all")
    with pytest.raises(Died):
        world.erase(Steps(late))
    world.clock.now += QUIET_AFTER
    assert not world.erase().is_complete
    world.clock.now += QUIET_AFTER - timedelta(seconds=1)
    assert not world.erase().is_complete


def test_what_a_remembered_caller_left_is_erased_by_repeating_it(world: World) -> None:
    world.erase()
    key = ProviderKey(ProviderKeyId("late"), DOOMED, "openai", "0000", "f" * 16, NOON)
    world.vault.store(key, Plaintext("sk-of-doomed-late"), SOMEBODY)
    world.money.budget("1", tenant=DOOMED)
    world.clock.now += QUIET_AFTER
    again = world.erase()
    assert (again.done["secrets_deleted"], again.done["budgets_deleted"], again.is_complete) == (1, 1, True)
    assert world.left_of(DOOMED) == (0, 0, 0, 0, 0)


def test_it_is_not_complete_while_a_call_is_under_way(world: World) -> None:
    held = world.money.spending.hold(world.money.attempt(tenant=DOOMED))
    world.erase()
    world.clock.now += QUIET_AFTER
    waits = world.erase()
    assert (waits.calls_under_way, waits.is_complete) == (1, False)
    world.money.spending.settle(held, world.money.settlement())
    assert world.erase().done["ledger_rows_deleted"] == 0  # not in the sums yet
    world.money.roll_up.run()
    last = world.erase()
    assert (last.done["ledger_rows_deleted"], last.calls_under_way, last.is_complete) == (1, 0, True)


def test_a_run_ends_in_time_and_the_next_one_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase_tenant, "ROWS_AT_ONCE", 1)

    def slow(step: str) -> None:
        world.clock.now += ERASE_FOR * 0.6 if step == "erase_day" else timedelta(0)

    first = world.erase(slow)
    assert (first.done["ledger_rows_deleted"], world.left_of(DOOMED)[-1]) == (1, 2)
    world.clock.now += QUIET_AFTER
    assert not world.erase(slow).is_complete
    world.clock.now += QUIET_AFTER
    assert (world.erase().is_complete, world.left_of(DOOMED)[-1]) == (True, 0)


def test_more_rows_than_are_deleted_at_once_all_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase_tenant, "ROWS_AT_ONCE", 2)
    for _ in range(4):
        world.clock.pass_s(0.001)
        world.money.spend(usd("0.01"), tenant=DOOMED)
    world.money.roll_up.run()
    assert world.erase().done["ledger_rows_deleted"] == 7


def test_the_operators_tenant_stays_whole(world: World) -> None:
    tenants, ours = world.tenants, TenantId("operator")
    tenants.add(Tenant(ours, "Operator", "UTC", NOON, is_operator=True), an_entry())
    money, tenant = world.money, tenants.find(ours)
    stores = (money.settings, money.windows, money.ledger, money.sums)
    eraser = TenantEraser(tenants, world.keys, *stores, (world.vault,), world.clock)
    assert tenant is not None
    with pytest.raises(Conflict):
        eraser.erase(tenant, SOMEBODY)
    assert tenants.find(ours) == tenant
