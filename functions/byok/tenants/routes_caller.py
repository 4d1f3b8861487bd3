"""The caller: what a service key is allowed, for pages that offer no more than that."""

from fastapi import APIRouter

from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from functions.byok.tenants import schemas_tenants as schemas

router = APIRouter(tags=["service keys"], dependencies=[requires(None)])


@router.get("/caller", summary="The caller", responses=problem_responses(422))
def caller(container: CurrentContainer, caller: CurrentCaller) -> Success[schemas.CallerOut]:
    """Tell whose service key asks, and what it may do."""
    tenant = container.tenancy.directory.find(caller.tenant, caller.tenant)
    data = schemas.CallerOut(
        tenant=tenant.id,
        tenant_name=tenant.name,
        time_zone=tenant.time_zone,
        is_operator=tenant.is_operator,
        service_key=caller.key_id,
        scopes=sorted(caller.scopes),
    )
    return success(data, container.clock())
