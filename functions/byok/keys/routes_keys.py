"""Providers, and the keys that a tenant brings for them; a key goes in and never comes out."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import ProviderKey, shape_warnings
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentActor, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.keys import schemas_keys as schemas

router = APIRouter(tags=["provider keys"])
reads: Final = [requires(Scope.KEYS_READ)]
writes: Final = [requires(Scope.KEYS_WRITE)]


@router.get("/providers", summary="Providers", dependencies=reads, responses=problem_responses(403, 404, 422))
def providers(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.ProvidersOut]:
    """List the providers that are called.

    Each has what the catalogue knows of its models, whether this tenant has a key that works, and its health in
    everybody's calls.
    """
    items = [
        schemas.ProviderOut(
            id=each.provider.id,
            display_name=each.provider.display_name,
            api_style=each.provider.api_style,
            base_url=each.base_url,
            model_count=each.model_count,
            capabilities=list(each.capabilities),
            has_active_key=each.has_active_key,
            key_status=each.key_status,
            health=each.health,
        )
        for each in container.registry.provider_overviews.of(tenant)
    ]
    return success(schemas.ProvidersOut(items=items), container.clock())


@router.get("/keys", summary="Provider keys", dependencies=reads, responses=problem_responses(403, 404, 422))
def keys(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    paging: Paging,
    include_deleted: Annotated[bool, Query(description="With the tombstones of deleted keys.")] = False,
) -> Success[schemas.KeysOut]:
    """List the metadata of each key, oldest first."""
    start = paging.position(key=str)
    after = start["key"] if start else None
    wanted = container.tenancy.provider_keys.listed(
        tenant, include_deleted=include_deleted, after=after, limit=paging.limit + 1
    )
    page = wanted[: paging.limit]
    following = cursor(key=page[-1].key_id) if len(wanted) > len(page) else None
    items = [schemas.KeyOut(**_fields(key)) for key in page]
    return success(schemas.KeysOut(items=items, next_cursor=following), container.clock())


@router.post(
    "/keys",
    summary="Store a provider key",
    status_code=201,
    dependencies=writes,
    responses=problem_responses(400, 403, 409, 413, 415, 422),
)
def store_key(container: CurrentContainer, by: CurrentActor, request: schemas.KeyIn) -> Success[schemas.StoredKeyOut]:
    """Store a key in the tenant's secret, and nowhere else. An unusual shape is a warning; only a test is proof.

    The same request once more, from the same caller, answers with the key that it stored.
    """
    stored = container.tenancy.provider_keys.store(
        request.provider,
        Plaintext(request.api_key.get_secret_value()),
        by,
        order=request.order,
        label=request.label,
        environment=request.environment,
        allowed_models=request.allowed_models,
        test=request.test,
    )
    return success(_stored(stored, request), container.clock())


@router.get("/keys/{key_id}", summary="A provider key", dependencies=reads, responses=problem_responses(403, 404, 422))
def key(container: CurrentContainer, tenant: ConcernedTenant, key_id: schemas.KeyName) -> Success[schemas.KeyOut]:
    """Show a key's metadata, also after it was deleted."""
    return success(schemas.KeyOut(**_fields(container.tenancy.provider_keys.find(tenant, key_id))), container.clock())


@router.patch(
    "/keys/{key_id}",
    summary="Change a provider key",
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def change_key(
    container: CurrentContainer, by: ActorForTenant, key_id: schemas.KeyName, request: schemas.KeyChangeIn
) -> Success[schemas.KeyOut]:
    """Change a key's label, environment, models or place in the order; the material is rotated instead."""
    changed = {
        name: value
        for name in ("label", "environment", "allowed_models", "order")
        if (value := getattr(request, name)) is not None
    }
    if request.any_model and request.allowed_models is not None:
        raise InvalidRequest("any_model", "contradicts allowed_models")
    if request.any_model:
        changed["allowed_models"] = None
    if not changed:
        raise InvalidRequest("label", "or another field must be given")
    found = container.tenancy.provider_keys.change(key_id, changed, by)
    return success(schemas.KeyOut(**_fields(found)), container.clock())


@router.delete(
    "/keys/{key_id}",
    summary="Delete a provider key",
    dependencies=writes,
    responses=problem_responses(403, 404, 409, 422),
)
def delete_key(container: CurrentContainer, by: ActorForTenant, key_id: schemas.KeyName) -> Success[schemas.KeyOut]:
    """Erase a key's material from the vault; its metadata stays as a tombstone. May be repeated."""
    deleted = container.tenancy.provider_keys.delete(key_id, by)
    return success(schemas.KeyOut(**_fields(deleted)), container.clock())


@router.post(
    "/keys/{key_id}/rotate",
    summary="Rotate a provider key",
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def rotate_key(
    container: CurrentContainer, by: CurrentActor, key_id: schemas.KeyName, request: schemas.RotationIn
) -> Success[schemas.StoredKeyOut]:
    """Put new material under the same id. Calls under way end with the old; others take the new within 30 seconds."""
    rotated = container.tenancy.provider_keys.rotate(
        key_id, Plaintext(request.api_key.get_secret_value()), by, test=request.test
    )
    return success(_stored(rotated, request), container.clock())


@router.post(
    "/keys/{key_id}/test",
    summary="Test a provider key",
    dependencies=writes,
    responses=problem_responses(403, 404, 409, 422),
)
def test_key(container: CurrentContainer, by: CurrentActor, key_id: schemas.KeyName) -> Success[schemas.KeyOut]:
    """Test a key with one cheap authenticated call. A provider that cannot be reached leaves the status as it is."""
    tested = container.tenancy.provider_keys.test(key_id, by)
    return success(schemas.KeyOut(**_fields(tested)), container.clock())


def _stored(key: ProviderKey, request: schemas.KeyIn | schemas.RotationIn) -> schemas.StoredKeyOut:
    warnings = shape_warnings(key.provider, request.api_key.get_secret_value())
    return schemas.StoredKeyOut(**_fields(key), warnings=warnings)


def _fields(key: ProviderKey) -> dict[str, Any]:
    probe = key.probe
    return {
        "id": key.key_id,
        "provider": key.provider,
        "last4": key.last4,
        "fingerprint": key.fingerprint,
        "status": key.status,
        "status_reason": key.status_reason,
        "status_at": key.status_at,
        "is_active": key.is_usable,
        "order": key.order,
        "label": key.label,
        "environment": key.environment,
        "allowed_models": list(key.allowed_models) if key.allowed_models is not None else None,
        "created_at": key.created_at,
        "rotated_at": key.rotated_at,
        "deleted_at": key.deleted_at,
        "last_test": schemas.ProbeOut(result=probe.result, at=probe.at, detail=probe.detail) if probe else None,
    }
