"""The operator's tenant: made once, whoever comes first, and never in place of an ordinary one."""

import pytest

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
from atom_llm.services.tenancy.operator.bootstrap_operator import operators_key, operators_tenant, take_back
from testing.audit import an_entry
from testing.fakes.service_keys import NOON, KeysInMemory, PeppersInMemory, SetClock, TenantsInMemory

WANTED = TenantId("operator")


def test_the_first_one_is_made_under_the_id_that_is_wanted() -> None:
    tenants = TenantsInMemory()
    made = operators_tenant(tenants, WANTED, SetClock())
    assert (made.id, made.is_operator, tenants.find(WANTED)) == (WANTED, True, made)


def test_there_is_one_whatever_id_is_wanted_later() -> None:
    tenants = TenantsInMemory()
    tenants.add(Tenant(TenantId("a-tenant"), "A", "UTC", NOON), an_entry())
    first = operators_tenant(tenants, TenantId("local"), SetClock())
    assert operators_tenant(tenants, WANTED, SetClock()) == first
    assert tenants.find(WANTED) is None


def test_an_ordinary_tenant_of_that_id_does_not_become_the_operators() -> None:
    tenants = TenantsInMemory()
    ordinary = Tenant(WANTED, "An early bird", "UTC", NOON)
    tenants.add(ordinary, an_entry())
    with pytest.raises(Conflict):
        operators_tenant(tenants, WANTED, SetClock())
    assert tenants.find(WANTED) == ordinary


def test_of_two_who_make_it_at_the_same_moment_both_get_the_same() -> None:
    tenants = TenantsInMemory()
    clock = SetClock()

    class Late(TenantsInMemory):
        """Somebody else is faster between the look and the write."""

        def add(self, tenant: Tenant, entry: AuditEntry) -> None:
            clock.pass_s(1)
            operators_tenant(tenants, WANTED, clock)
            self.stored = tenants.stored
            super().add(tenant, entry)

    assert operators_tenant(Late(), WANTED, clock) == tenants.find(WANTED)


def test_the_last_key_that_was_made_so_may_be_taken_back_and_once_is_enough() -> None:
    tenants, keys, clock = TenantsInMemory(), KeysInMemory(), SetClock()
    tenant = operators_tenant(tenants, WANTED, clock)
    issued = operators_key(tenant, ServiceKeyIssuer(keys, PeppersInMemory(), "dev", clock), "a trial")
    take_back(issued, keys, clock)
    take_back(issued, keys, clock)
    found = keys.find(issued.key.key_id)
    assert found is not None
    assert not found.is_usable(clock())
