"""Providers, and the keys that a tenant brings for them; a key goes in and never comes out."""

from secrets import token_bytes
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import SecretStr

from atom_llm.composition import Container
from atom_llm.domain.core.errors import InvalidRequest, NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.tenancy.provider_keys import ProviderKey, fingerprint, in_order, shape_warnings
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auditing import Audit
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.problems import problem_responses
from atom_llm.observability import hide
from functions.byok import schemas_keys as schemas

router = APIRouter(tags=["provider keys"])
reads: Final = [requires(Scope.KEYS_READ)]
writes: Final = [requires(Scope.KEYS_WRITE)]


@router.get("/providers", summary="Providers", dependencies=reads, responses=problem_responses(403))
def providers(container: CurrentContainer, caller: CurrentCaller) -> Success[schemas.ProvidersOut]:
    """The eleven, with what the catalogue knows of their models, whether this tenant has a key that works, and how
    they answer everybody's calls."""
    keys, _ = container.ports.provider_keys.of(caller.tenant)
    models = container.catalogue.reader.current().catalogue.by_provider
    health = container.registry.provider_health.of(provider.id for provider in PROVIDERS)
    items = []
    for provider in PROVIDERS:
        own = in_order(key for key in keys if key.provider == provider.id and key.deleted_at is None)
        best = next((key for key in own if key.is_usable), own[0] if own else None)
        rows = models.get(provider.id, ())
        items.append(
            schemas.ProviderOut(
                id=provider.id,
                display_name=provider.display_name,
                api_style=provider.api_style,
                base_url=container.settings.provider_base_urls.get(provider.id, provider.base_url),
                model_count=len(rows),
                capabilities=sorted({capability for row in rows for capability in row.capabilities}),
                has_active_key=best is not None and best.is_usable,
                key_status=best.status if best is not None else None,
                health=health[provider.id].whole.state,
            )
        )
    return success(schemas.ProvidersOut(items=items), container.clock())


@router.get("/keys", summary="Provider keys", dependencies=reads, responses=problem_responses(403, 422))
def keys(
    container: CurrentContainer,
    caller: CurrentCaller,
    paging: Paging,
    include_deleted: Annotated[bool, Query(description="With the tombstones of deleted keys.")] = False,
) -> Success[schemas.KeysOut]:
    """What is known of each, oldest first."""
    start = paging.position(key=str)
    listed, _ = container.ports.provider_keys.of(caller.tenant)
    wanted = [
        key
        for key in sorted(listed, key=lambda key: key.key_id)
        if (include_deleted or key.deleted_at is None) and (start is None or key.key_id > start["key"])
    ]
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
def store_key(
    container: CurrentContainer, caller: CurrentCaller, audit: Audit, request: schemas.KeyIn
) -> Success[schemas.StoredKeyOut]:
    """Into the tenant's secret, and nowhere else. An unusual shape is a warning; only a test tells whether it works."""
    hide(request.api_key.get_secret_value())
    now = container.clock()
    key = ProviderKey(
        key_id=ProviderKeyId(ulid(now, token_bytes(RANDOM_BYTES))),
        tenant=caller.tenant,
        provider=request.provider,
        last4=_last4(request.api_key),
        fingerprint=_fingerprint(container, caller.tenant, request.api_key),
        created_at=now,
        order=request.order or 0,
        label=request.label,
        environment=request.environment,
        allowed_models=request.allowed_models,
    )
    stored = container.tenancy.provider_key_vault.store(key, request.api_key)
    container.tenancy.provider_key_ring.forget(caller.tenant)
    audit("provider_key.stored", stored.key_id)
    return _stored(container, stored, request.api_key, test=request.test)


@router.get("/keys/{key_id}", summary="A provider key", dependencies=reads, responses=problem_responses(403, 404, 422))
def key(container: CurrentContainer, caller: CurrentCaller, key_id: schemas.KeyName) -> Success[schemas.KeyOut]:
    """What is known of it, also after it was deleted."""
    return success(schemas.KeyOut(**_fields(_found(container, caller.tenant, key_id))), container.clock())


@router.patch(
    "/keys/{key_id}",
    summary="Change a provider key",
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 413, 415, 422),
)
def change_key(
    container: CurrentContainer,
    caller: CurrentCaller,
    audit: Audit,
    key_id: schemas.KeyName,
    request: schemas.KeyChangeIn,
) -> Success[schemas.KeyOut]:
    """Its label, environment, models or place in the order; the material is rotated instead."""
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
    found = container.ports.provider_keys.change(caller.tenant, ProviderKeyId(key_id), changed)
    if found is None:
        raise _no_key(key_id)
    container.tenancy.provider_key_ring.forget(caller.tenant)
    audit("provider_key.changed", key_id)
    return success(schemas.KeyOut(**_fields(found)), container.clock())


@router.delete(
    "/keys/{key_id}",
    summary="Delete a provider key",
    dependencies=writes,
    responses=problem_responses(403, 404, 409, 422),
)
def delete_key(
    container: CurrentContainer, caller: CurrentCaller, audit: Audit, key_id: schemas.KeyName
) -> Success[schemas.KeyOut]:
    """The material is erased from the vault; what is known of it stays as a tombstone. May be repeated."""
    deleted = container.tenancy.provider_key_vault.delete(_found(container, caller.tenant, key_id))
    container.tenancy.provider_key_ring.forget(caller.tenant)
    audit("provider_key.deleted", key_id)
    return success(schemas.KeyOut(**_fields(deleted)), container.clock())


@router.post(
    "/keys/{key_id}/rotate",
    summary="Rotate a provider key",
    dependencies=writes,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def rotate_key(
    container: CurrentContainer,
    caller: CurrentCaller,
    audit: Audit,
    key_id: schemas.KeyName,
    request: schemas.RotationIn,
) -> Success[schemas.StoredKeyOut]:
    """New material under the same id. Calls under way end with the old one; new ones take the new one, within 30 s."""
    hide(request.api_key.get_secret_value())
    found = _live(container, caller.tenant, key_id)
    print_ = _fingerprint(container, caller.tenant, request.api_key)
    rotated = container.tenancy.provider_key_vault.rotate(found, request.api_key, _last4(request.api_key), print_)
    container.tenancy.provider_key_ring.forget(caller.tenant)
    audit("provider_key.rotated", key_id)
    return _stored(container, rotated, request.api_key, test=request.test)


@router.post(
    "/keys/{key_id}/test",
    summary="Test a provider key",
    dependencies=writes,
    responses=problem_responses(403, 404, 409, 422),
)
def test_key(container: CurrentContainer, caller: CurrentCaller, key_id: schemas.KeyName) -> Success[schemas.KeyOut]:
    """One cheap authenticated call. A provider that cannot be reached has said nothing, and the status stays."""
    found = _live(container, caller.tenant, key_id)
    tested = _tested(container, found, container.tenancy.provider_key_ring.plaintext_of(found))
    return success(schemas.KeyOut(**_fields(tested)), container.clock())


def _stored(
    container: CurrentContainer, key: ProviderKey, plaintext: SecretStr, *, test: bool
) -> Success[schemas.StoredKeyOut]:
    known = _tested(container, key, plaintext) if test else key
    warnings = shape_warnings(key.provider, plaintext.get_secret_value())
    return success(schemas.StoredKeyOut(**_fields(known), warnings=warnings), container.clock())


def _tested(container: Container, key: ProviderKey, plaintext: SecretStr) -> ProviderKey:
    """The key after a test; one that was rotated or deleted meanwhile is shown as it is now."""
    hide(plaintext.get_secret_value())
    result, detail = container.ports.key_prober.probe(key.provider, plaintext.get_secret_value())
    return container.tenancy.provider_key_ring.report(key, result, detail) or _found(container, key.tenant, key.key_id)


def _found(container: Container, tenant: TenantId, key_id: str) -> ProviderKey:
    found = container.ports.provider_keys.find(tenant, ProviderKeyId(key_id))
    if found is None:
        raise _no_key(key_id)
    return found


def _live(container: Container, tenant: TenantId, key_id: str) -> ProviderKey:
    found = _found(container, tenant, key_id)
    if found.deleted_at is not None:
        raise _no_key(key_id)
    return found


def _no_key(key_id: str) -> NotFound:
    return NotFound("there is no provider key of that id", key_id=key_id)


def _last4(plaintext: SecretStr) -> str:
    return plaintext.get_secret_value()[-4:]


def _fingerprint(container: Container, tenant: TenantId, plaintext: SecretStr) -> str:
    _, pepper = container.ports.peppers.current()
    return fingerprint(pepper, tenant, plaintext.get_secret_value())


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
