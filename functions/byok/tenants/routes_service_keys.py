"""Service keys: issued, listed and revoked by admins; and the audit log that tells who did."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import Scope, ServiceKey
from atom_llm.http.auth import CurrentActor, CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.idempotency import IdempotencyKey
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.tenants import schemas_tenants as schemas

router = APIRouter(tags=["service keys"], dependencies=[requires(Scope.ADMIN)])


@router.get("/service-keys", summary="Service keys", responses=problem_responses(403, 404, 422))
def service_keys(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    paging: Paging,
    exchanged: Annotated[
        bool, Query(description="Those that tokens were exchanged for, in place of issued ones.")
    ] = False,
) -> Success[schemas.ServiceKeysOut]:
    """List the tenant's service keys, revoked ones included; never anything that opens something."""
    start = paging.position(key=str)
    after = ServiceKeyId(start["key"]) if start else None
    found = container.tenancy.issued_service_keys.listed(
        tenant, after=after, limit=paging.limit + 1, exchanged=exchanged
    )
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
    container: CurrentContainer,
    caller: CurrentCaller,
    by: CurrentActor,
    request: schemas.ServiceKeyIn,
    idempotency_key: IdempotencyKey = None,
) -> Success[schemas.IssuedKeyOut]:
    """Issue a key; the answer holds its plaintext, this once. Only the operator may give scopes its own key lacks.

    The same request once more with the same Idempotency-Key is given the same key under a new secret, as long as the
    one before was not used: where an answer got lost, no key is left that nobody has.
    """
    tenant = container.tenancy.directory.administered(caller.tenant, request.tenant, changes=True)
    issued = container.tenancy.service_key_granter.grant(
        tenant,
        request.scopes,
        by,
        caller.scopes,
        label=request.label,
        expires_at=request.expires_at,
        limit=RateLimit(request.requests_per_minute, request.tokens_per_minute),
        own_names=container.routing.own_name_check.checked(tenant, request.own_names),
        idempotency_key=idempotency_key,
    )
    data = schemas.IssuedKeyOut(**_fields(issued.key), service_key=issued.plaintext)
    return success(data, container.clock())


@router.patch(
    "/service-keys/{key_id}",
    summary="Change a service key's own names",
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def change_service_key(
    container: CurrentContainer, by: ActorForTenant, key_id: schemas.ServiceKeyName, request: schemas.ServiceKeyChangeIn
) -> Success[schemas.ServiceKeyOut]:
    """Set which models stand for the names that the key's callers use, in the place of all that were set before.

    It holds from the next minute on everywhere.
    """
    names = container.routing.own_name_check.checked(by.acts_for, request.own_names)
    changed = container.tenancy.service_key_changer.name(by.acts_for, ServiceKeyId(key_id), names, by)
    return success(schemas.ServiceKeyOut(**_fields(changed)), container.clock())


@router.delete(
    "/service-keys/{key_id}", summary="Revoke a service key", responses=problem_responses(403, 404, 409, 422)
)
def revoke_service_key(
    container: CurrentContainer, by: ActorForTenant, key_id: schemas.ServiceKeyName
) -> Success[schemas.ServiceKeyOut]:
    """Revoke a key: it opens nothing any more, within 5 seconds everywhere. May be repeated."""
    revoked = container.tenancy.issued_service_keys.revoke(by.acts_for, ServiceKeyId(key_id), by)
    return success(schemas.ServiceKeyOut(**_fields(revoked)), container.clock())


@router.get("/audit", summary="Audit log", responses=problem_responses(403, 404, 422), tags=["audit"])
def audit_log(container: CurrentContainer, tenant: ConcernedTenant, paging: Paging) -> Success[schemas.AuditOut]:
    """List every change of what the tenant has, and each read by the operator, newest first.

    The operator's own log also tells of price refreshes, acceptances and quality syncs, by the actor `schedule` where
    nobody asked for them.
    """
    start = paging.position(id=str)
    before = start["id"] if start else None
    found = container.tenancy.audit_reader.entries(tenant, before=before, limit=paging.limit + 1)
    page = found[: paging.limit]
    items = [
        schemas.AuditEntryOut(
            id=each.id,
            at=each.at,
            actor=each.person or each.actor,
            service_key=each.actor,
            action=each.action,
            subject=each.subject,
            origin=each.origin,
            by_operator=each.by_operator,
        )
        for each in page
    ]
    following = cursor(id=page[-1].id) if len(found) > len(page) else None
    return success(schemas.AuditOut(items=items, next_cursor=following), container.clock())


def _fields(key: ServiceKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "tenant": key.tenant,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "lapses_at": key.lapses_at,
        "last_used_at": key.last_used_at,
        "requests_per_minute": key.limit.requests,
        "tokens_per_minute": key.limit.tokens,
        "own_names": dict(key.own_names.targets),
        "person": key.holder.person if key.holder else None,
        "team": key.holder.team if key.holder else None,
        "issuer": key.holder.issuer if key.holder else None,
    }
