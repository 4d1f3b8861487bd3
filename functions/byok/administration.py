"""Whom an admin may administer: its own tenant, and every tenant where its own is the operator's."""

from atom_llm.composition import Container
from atom_llm.domain.core.errors import NotFound, OperatorOnly
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.domain.tenancy.tenants import Tenant


def is_operator(container: Container, caller: Caller) -> bool:
    """Whether the caller's tenant operates the deployment."""
    own = container.ports.tenants.find(caller.tenant)
    return own is not None and own.is_operator and own.deleted_at is None


def require_operator(container: Container, caller: Caller) -> None:
    """Raises `OperatorOnly` for an admin of any other tenant."""
    if not is_operator(container, caller):
        raise OperatorOnly("only the operator's tenant may do this", scope="admin")


def administered(container: Container, caller: Caller, tenant: str | None) -> TenantId:
    """The tenant that a request is about, the caller's own by default; raises `NotFound` for one that is none of its
    business, just as for one that never was."""
    if tenant is None or tenant == caller.tenant:
        return caller.tenant
    return known(container, caller, tenant).id


def known(container: Container, caller: Caller, tenant: str) -> Tenant:
    """A tenant's record; raises `NotFound` as above."""
    may_know = tenant == caller.tenant or is_operator(container, caller)
    found = container.ports.tenants.find(TenantId(tenant)) if may_know else None
    if found is None:
        raise NotFound("there is no tenant of that id", tenant=tenant)
    return found
