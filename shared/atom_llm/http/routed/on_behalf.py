"""The tenant that a request is about: the caller's own, or one that the operator names with `?tenant=`."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.tenants import MAX_TENANT, TENANT_PATTERN
from atom_llm.http.auth import CurrentActor
from atom_llm.http.deps import CurrentContainer

OfTenant = Annotated[
    str | None,
    Query(max_length=MAX_TENANT, pattern=TENANT_PATTERN, description="Another tenant, for the operator alone."),
]


def actor_for_tenant(container: CurrentContainer, by: CurrentActor, tenant: OfTenant = None) -> Actor:
    """Return the author of a change and the tenant that it acts for; raises `NotFound` for all but the operator.

    The change's own entry, in that tenant's audit log, tells that the operator made it.
    """
    return replace(by, named=container.tenancy.directory.administered(by.tenant, tenant, changes=True))


ActorForTenant = Annotated[Actor, Depends(actor_for_tenant)]


def concerned_tenant(
    request: Request, container: CurrentContainer, by: CurrentActor, tenant: OfTenant = None
) -> TenantId:
    """Return the tenant that a question is about; raises `NotFound` for all but the operator.

    What the operator asks about another tenant is written into that tenant's audit log before it is answered.
    """
    concerned = container.tenancy.directory.administered(by.tenant, tenant)
    if concerned != by.tenant:
        container.tenancy.operator_reads.record(replace(by, named=concerned), request.url.path)
    return concerned


ConcernedTenant = Annotated[TenantId, Depends(concerned_tenant)]
