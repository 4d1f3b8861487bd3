"""The first key of a deployment: the operator's tenant, and an admin key of it, made with the account's own rights.

Whoever has those can make another one at any time, so that the last may be taken back too.
"""

from atom_llm.domain.core.audit import OPERATOR, Actor
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ServiceKeyStore, TenantStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey, ServiceKeyIssuer
from atom_llm.services.tenancy.operator.find_operator import operator_of


def operators_tenant(tenants: TenantStore, wanted: TenantId, clock: Clock) -> Tenant:
    """Return the operator's tenant, made under this id if the deployment has none yet.

    Raises `Conflict` when the id is an ordinary tenant's.
    """
    found = operator_of(tenants)
    if found is not None:
        return found
    now = clock()
    made = Tenant(wanted, "Operator", "UTC", now, is_operator=True, created_by=OPERATOR)
    try:
        tenants.add(made, audit_entry(Actor(wanted, OPERATOR), "tenant.created", wanted, wanted, now))
    except Conflict:  # an ordinary tenant's, unless somebody else made the operator's at this very moment
        there = tenants.find(wanted)
        if there is None or not there.is_operator:
            raise
        return there
    return made


def operators_key(tenant: Tenant, issuer: ServiceKeyIssuer, label: str) -> IssuedServiceKey:
    """Issue a new key of the operator's tenant with every scope."""
    return issuer.issue(tenant.id, ALL_SCOPES, Actor(tenant.id, OPERATOR), label=label)


def take_back(issued: IssuedServiceKey, keys: ServiceKeyStore, clock: Clock) -> None:
    """Revoke a key that was made so, although it be the operator's last; what is revoked already stays so."""
    tenant, key_id, now = issued.key.tenant, issued.key.key_id, clock()
    by = Actor(tenant, OPERATOR)
    keys.revoke(tenant, key_id, now, audit_entry(by, "service_key.revoked", key_id, tenant, now))
