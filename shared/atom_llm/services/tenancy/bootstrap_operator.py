"""The first key of a deployment: the operator's tenant, and an admin key of it, made with the account's own rights."""

from secrets import token_bytes

from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.tenancy.audit import OPERATOR, AuditEntry
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import AuditLog, TenantStore
from atom_llm.services.tenancy.issue_service_key import Issued, ServiceKeyIssuer


def operators_tenant(tenants: TenantStore, wanted: TenantId, clock: Clock) -> Tenant:
    """The operator's tenant, made under this id if the deployment has none yet.

    Raises `Conflict` when the id is an ordinary tenant's.
    """
    found = next((tenant for tenant in tenants.all() if tenant.is_operator), None)
    if found is not None:
        return found
    made = Tenant(wanted, "Operator", "UTC", clock(), is_operator=True)
    try:
        tenants.add(made)
    except Conflict:  # an ordinary tenant's, unless somebody else made the operator's at this very moment
        there = tenants.find(wanted)
        if there is None or not there.is_operator:
            raise
        return there
    return made


def operators_key(tenant: Tenant, issuer: ServiceKeyIssuer, audit_log: AuditLog, clock: Clock, label: str) -> Issued:
    """A new key of the operator's tenant with every scope."""
    issued = issuer.issue(tenant.id, ALL_SCOPES, label=label)
    now = clock()
    entry = AuditEntry(
        ulid(now, token_bytes(RANDOM_BYTES)), tenant.id, now, OPERATOR, "service_key.issued", issued.key.key_id
    )
    audit_log.record(entry)
    return issued
