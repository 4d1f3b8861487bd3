"""Tenants: made and deleted by the operator, each seen by its own admins."""

from fastapi import APIRouter

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.http.auth import CurrentActor, CurrentCaller, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.idempotency import IdempotencyKey
from atom_llm.http.routed.responses import problem_responses
from functions.byok.tenants import schemas_tenants as schemas

router = APIRouter(prefix="/tenants", tags=["tenants"], dependencies=[requires(Scope.ADMIN)])


@router.get("", summary="Tenants", responses=problem_responses(403, 422))
def tenants(container: CurrentContainer, caller: CurrentCaller, paging: Paging) -> Success[schemas.TenantsOut]:
    """List every tenant, deleted ones included, for the operator's admins; for others their own."""
    start = paging.position(tenant=str)
    after = TenantId(start["tenant"]) if start else None
    found = container.tenancy.directory.listed(caller.tenant, after=after, limit=paging.limit + 1)
    page = found[: paging.limit]
    following = cursor(tenant=page[-1].id) if len(found) > len(page) else None
    data = schemas.TenantsOut(items=[_tenant(each) for each in page], next_cursor=following)
    return success(data, container.clock())


@router.post(
    "",
    summary="Make a tenant",
    status_code=201,
    dependencies=[operator_only("make tenants")],
    responses=problem_responses(400, 403, 409, 413, 415, 422),
)
def make_tenant(
    container: CurrentContainer,
    by: CurrentActor,
    request: schemas.TenantIn,
    idempotency_key: IdempotencyKey = None,
) -> Success[schemas.TenantOut]:
    """Make a tenant, as the operator. `POST /service-keys` with its id as `tenant` issues its first service key.

    The same request once more, with the same id or the same Idempotency-Key, answers with the tenant that it made.
    """
    tenant = container.tenancy.directory.make(
        request.name, request.time_zone, by, wanted=request.id, idempotency_key=idempotency_key
    )
    return success(_tenant(tenant), container.clock())


@router.get("/{tenant_id}", summary="A tenant", responses=problem_responses(403, 404, 422))
def tenant(
    container: CurrentContainer, caller: CurrentCaller, tenant_id: schemas.TenantName
) -> Success[schemas.TenantOut]:
    """Show a tenant's record, also after it was deleted."""
    return success(_tenant(container.tenancy.directory.find(caller.tenant, tenant_id)), container.clock())


@router.patch("/{tenant_id}", summary="Change a tenant", responses=problem_responses(400, 403, 404, 409, 413, 415, 422))
def change_tenant(
    container: CurrentContainer, by: CurrentActor, tenant_id: schemas.TenantName, request: schemas.TenantChangeIn
) -> Success[schemas.TenantOut]:
    """Change a tenant's name, time zone, or what its books have of its end users, from the next minute on.

    Open windows of budgets stay; those of a new time zone begin with the next call.
    """
    changed = container.tenancy.directory.change(
        tenant_id,
        by,
        name=request.name,
        time_zone=request.time_zone,
        hashes_end_users=request.hash_end_users,
    )
    return success(_tenant(changed), container.clock())


@router.delete(
    "/{tenant_id}",
    summary="Delete a tenant",
    dependencies=[operator_only("delete a tenant: what is erased cannot be brought back")],
    responses=problem_responses(403, 404, 409, 422),
)
def delete_tenant(
    container: CurrentContainer, by: CurrentActor, tenant_id: schemas.TenantName
) -> Success[schemas.ErasureOut]:
    """Delete a tenant, as the operator, and count what was done.

    Its service keys are revoked; its provider keys, budgets, preferences and detail rows are erased.
    May be repeated: it finishes what was interrupted, and erases what was left behind meanwhile by calls under way and
    by callers who were still remembered. Repeat it until the answer says `complete`.
    """
    found = container.tenancy.directory.find(by.tenant, tenant_id)
    erasure = container.tenant_eraser.erase(found, by)
    data = schemas.ErasureOut(
        tenant=found.id,
        deleted_at=erasure.deleted_at,
        erased=dict(erasure.done),
        calls_under_way=erasure.calls_under_way,
        complete=erasure.is_complete,
    )
    return success(data, container.clock())


def _tenant(tenant: Tenant) -> schemas.TenantOut:
    return schemas.TenantOut(
        id=tenant.id,
        name=tenant.name,
        time_zone=tenant.time_zone,
        created_at=tenant.created_at,
        is_operator=tenant.is_operator,
        hash_end_users=tenant.hashes_end_users,
        deleted_at=tenant.deleted_at,
    )
