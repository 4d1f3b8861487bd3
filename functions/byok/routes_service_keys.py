"""Service keys: issued, listed and revoked by admins; and the audit log that tells who did."""

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query

from atom_llm.composition import Container
from atom_llm.domain.core.errors import Conflict, InvalidRequest, NotFound, ScopeMissing
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.rate_limit import Limit
from atom_llm.domain.tenancy.service_keys import Scope, ServiceKey
from atom_llm.http.auditing import Audit
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.problems import problem_responses
from functions.byok import schemas_tenants as schemas
from functions.byok.administration import administered, is_operator

router = APIRouter(tags=["service keys"], dependencies=[requires(Scope.ADMIN)])

OfTenant = Annotated[schemas.TenantName | None, Query(description="Another tenant, for the operator alone.")]


@router.get("/service-keys", summary="Service keys", responses=problem_responses(403, 404, 422))
def service_keys(
    container: CurrentContainer, caller: CurrentCaller, paging: Paging, tenant: OfTenant = None
) -> Success[schemas.ServiceKeysOut]:
    """Those of the tenant, revoked ones included; never what opens something."""
    owner = administered(container, caller, tenant)
    start = paging.position(key=str)
    after = ServiceKeyId(start["key"]) if start else None
    found = list(islice(container.ports.service_keys.of(owner, after=after, limit=paging.limit + 1), paging.limit + 1))
    page = found[: paging.limit]
    following = cursor(key=page[-1].key_id) if len(found) > len(page) else None
    items = [schemas.ServiceKeyOut(**_fields(key)) for key in page]
    return success(schemas.ServiceKeysOut(items=items, next_cursor=following), container.clock())


@router.post(
    "/service-keys",
    summary="Issue a service key",
    status_code=201,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def issue_service_key(
    container: CurrentContainer, caller: CurrentCaller, audit: Audit, request: schemas.ServiceKeyIn
) -> Success[schemas.IssuedKeyOut]:
    """The answer holds the plaintext, this once. Nobody can give scopes that it has not, but the operator."""
    owner = administered(container, caller, request.tenant)
    now = container.clock()
    if request.expires_at is not None and request.expires_at <= now:
        raise InvalidRequest("expires_at", "is not in the future")
    beyond = request.scopes - caller.scopes
    if beyond and not is_operator(container, caller):
        raise ScopeMissing("a key cannot give scopes that it has not", scopes=sorted(beyond))
    issued = container.tenancy.service_key_granter.grant(
        owner,
        request.scopes,
        label=request.label,
        expires_at=request.expires_at,
        limit=Limit(request.requests_per_minute, request.tokens_per_minute),
    )
    audit("service_key.issued", issued.key.key_id, owner)
    return success(schemas.IssuedKeyOut(**_fields(issued.key), service_key=issued.plaintext), now)


@router.delete(
    "/service-keys/{key_id}", summary="Revoke a service key", responses=problem_responses(403, 404, 409, 422)
)
def revoke_service_key(
    container: CurrentContainer,
    caller: CurrentCaller,
    audit: Audit,
    key_id: schemas.ServiceKeyName,
    tenant: OfTenant = None,
) -> Success[schemas.ServiceKeyOut]:
    """It opens nothing any more, within 60 seconds everywhere. May be repeated."""
    owner = administered(container, caller, tenant)
    _keep_the_last_operator_key(container, owner, ServiceKeyId(key_id))
    revoked = container.ports.service_keys.revoke(owner, ServiceKeyId(key_id), container.clock())
    if revoked is None:
        raise NotFound("there is no service key of that id", service_key=key_id)
    audit("service_key.revoked", key_id, owner)
    return success(schemas.ServiceKeyOut(**_fields(revoked)), container.clock())


@router.get("/audit", summary="Audit log", responses=problem_responses(403, 404, 422), tags=["audit"])
def audit_log(
    container: CurrentContainer, caller: CurrentCaller, paging: Paging, tenant: OfTenant = None
) -> Success[schemas.AuditOut]:
    """Every change of keys, budgets, tenants and corrections, newest first."""
    owner = administered(container, caller, tenant)
    start = paging.position(id=str)
    found = list(
        container.ports.audit_log.entries(owner, before=start["id"] if start else None, limit=paging.limit + 1)
    )
    page = found[: paging.limit]
    items = [
        schemas.AuditEntryOut(
            id=each.id, at=each.at, actor=each.actor, action=each.action, subject=each.subject, origin=each.origin
        )
        for each in page
    ]
    following = cursor(id=page[-1].id) if len(found) > len(page) else None
    return success(schemas.AuditOut(items=items, next_cursor=following), container.clock())


def _keep_the_last_operator_key(container: Container, owner: TenantId, key_id: ServiceKeyId) -> None:
    """Raises `Conflict` where nobody could administer the deployment any more."""
    tenant = container.ports.tenants.find(owner)
    if tenant is None or not tenant.is_operator:
        return
    now = container.clock()
    admins = [
        key.key_id for key in container.ports.service_keys.of(owner) if Scope.ADMIN in key.scopes and key.is_usable(now)
    ]
    if admins == [key_id]:
        raise Conflict("this is the operator's last admin key; issue another one first")


def _fields(key: ServiceKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "tenant": key.tenant,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "requests_per_minute": key.limit.requests,
        "tokens_per_minute": key.limit.tokens,
    }
