"""Tenants: made and deleted by the operator, each seen by its own admins."""

from itertools import islice
from secrets import token_bytes

from fastapi import APIRouter

from atom_llm.domain.core.errors import Conflict, InvalidRequest
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.http.auditing import Audit
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.problems import problem_responses
from functions.byok import schemas_tenants as schemas
from functions.byok.administration import is_operator, known, require_operator

router = APIRouter(prefix="/tenants", tags=["tenants"], dependencies=[requires(Scope.ADMIN)])


@router.get("", summary="Tenants", responses=problem_responses(403, 422))
def tenants(container: CurrentContainer, caller: CurrentCaller, paging: Paging) -> Success[schemas.TenantsOut]:
    """Every tenant, deleted ones included, for the operator's admins; for others their own."""
    if not is_operator(container, caller):
        own = container.ports.tenants.find(caller.tenant)
        data = schemas.TenantsOut(items=[_tenant(own)] if own else [], next_cursor=None)
        return success(data, container.clock())
    start = paging.position(tenant=str)
    after = TenantId(start["tenant"]) if start else None
    found = list(islice(container.ports.tenants.all(after=after, limit=paging.limit + 1), paging.limit + 1))
    page = found[: paging.limit]
    following = cursor(tenant=page[-1].id) if len(found) > len(page) else None
    return success(schemas.TenantsOut(items=[_tenant(each) for each in page], next_cursor=following), container.clock())


@router.post("", summary="Make a tenant", status_code=201, responses=problem_responses(400, 403, 409, 413, 415, 422))
def make_tenant(
    container: CurrentContainer, caller: CurrentCaller, audit: Audit, request: schemas.TenantIn
) -> Success[schemas.TenantOut]:
    """By the operator. Its first service key is issued with `POST /service-keys` and its id as `tenant`."""
    require_operator(container, caller)
    now = container.clock()
    drawn = f"t-{ulid(now, token_bytes(RANDOM_BYTES)).lower()}"
    tenant = Tenant(TenantId(request.id or drawn), request.name, request.time_zone, now)
    container.ports.tenants.add(tenant)
    audit("tenant.created", tenant.id, tenant.id)
    return success(_tenant(tenant), now)


@router.get("/{tenant_id}", summary="A tenant", responses=problem_responses(403, 404, 422))
def tenant(
    container: CurrentContainer, caller: CurrentCaller, tenant_id: schemas.TenantName
) -> Success[schemas.TenantOut]:
    """Its record, also after it was deleted."""
    return success(_tenant(known(container, caller, tenant_id)), container.clock())


@router.patch("/{tenant_id}", summary="Change a tenant", responses=problem_responses(400, 403, 404, 409, 413, 415, 422))
def change_tenant(
    container: CurrentContainer,
    caller: CurrentCaller,
    audit: Audit,
    tenant_id: schemas.TenantName,
    request: schemas.TenantChangeIn,
) -> Success[schemas.TenantOut]:
    """Its name or its time zone. Windows that are open stay; those of the new zone begin with the next call."""
    if request.name is None and request.time_zone is None:
        raise InvalidRequest("name", "or time_zone must be given")
    found = known(container, caller, tenant_id)
    changed = container.ports.tenants.change(found.id, name=request.name, time_zone=request.time_zone)
    if changed is None:
        raise Conflict("the tenant was deleted", tenant=str(found.id))
    container.tenancy.zones.forget(found.id)
    audit("tenant.changed", found.id, found.id)
    return success(_tenant(changed), container.clock())


@router.delete("/{tenant_id}", summary="Delete a tenant", responses=problem_responses(403, 404, 409, 422))
def delete_tenant(
    container: CurrentContainer, caller: CurrentCaller, audit: Audit, tenant_id: schemas.TenantName
) -> Success[schemas.ErasureOut]:
    """Revoke its service keys, erase its provider keys, budgets, preferences and detail rows, and say what was done.

    May be repeated: it finishes what was interrupted, and erases what was left behind meanwhile by calls under way and
    by callers who were still remembered. Repeat it until the answer says `complete`.
    """
    found = known(container, caller, tenant_id)
    erasure = container.tenant_eraser.erase(found)
    audit("tenant.deleted", found.id, found.id)
    gone = known(container, caller, tenant_id)
    data = schemas.ErasureOut(
        tenant=gone.id,
        deleted_at=gone.deleted_at or container.clock(),
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
        deleted_at=tenant.deleted_at,
    )
