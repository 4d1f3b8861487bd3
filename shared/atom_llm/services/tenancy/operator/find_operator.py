"""The tenant that operates a deployment."""

from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.tenancy import TenantStore


def operator_of(tenants: TenantStore) -> Tenant | None:
    """Return the operator's tenant; None before `make admin-key` made it."""
    return next((tenant for tenant in tenants.all() if tenant.is_operator), None)
