"""The first key of a deployment: the operator's tenant, and an admin key of it, made with the account's own rights."""

from secrets import token_bytes

from atom_llm.domain.audit import OPERATOR, AuditEntry
from atom_llm.domain.errors import Conflict
from atom_llm.domain.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.service_keys import ALL_SCOPES
from atom_llm.domain.tenants import Tenant
from atom_llm.ports import AuditLog, Clock, TenantStore
from atom_llm.services.issue_service_key import Issued, ServiceKeyIssuer


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
