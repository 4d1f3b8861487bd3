"""Granting service keys: to a tenant that is not deleted and may have one more, within the giver's scopes."""

from datetime import datetime
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, InvalidRequest, ScopeMissing
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.own_names import NO_OWN_NAMES, OwnNames
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import Scope, id_of_request
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ServiceKeyStore, TenantStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey, ServiceKeyIssuer
from atom_llm.services.tenancy.tenant_directory import TenantDirectory

MAX_LIVE_KEYS: Final = 200  # of one tenant; enough for an application and environment each, and listed in a page


class ServiceKeyGranter:
    """The grant of keys, checked before and after a key is stored: a deletion in between marks the tenant first.

    A key that came too late is revoked, and its plaintext is shown to nobody.
    """

    def __init__(
        self,
        directory: TenantDirectory,
        tenants: TenantStore,
        keys: ServiceKeyStore,
        issuer: ServiceKeyIssuer,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._tenants = tenants
        self._keys = keys
        self._issuer = issuer
        self._clock = clock

    def grant(
        self,
        tenant: TenantId,
        scopes: frozenset[Scope],
        by: Actor,
        held: frozenset[Scope],
        *,
        label: str | None,
        expires_at: datetime | None,
        limit: RateLimit = UNLIMITED,
        own_names: OwnNames = NO_OWN_NAMES,
        idempotency_key: str | None = None,
    ) -> IssuedServiceKey:
        """Return a new key; `held` are the scopes of the key that asks, and nobody but the operator gives others.

        Raises `InvalidRequest` for a key that is born expired or outlives the one that asks, `ScopeMissing`, `Conflict`
        where none may be given, and what the issuer raises for an `idempotency_key`.
        """
        if expires_at is not None and expires_at <= self._clock():
            raise InvalidRequest("expires_at", "is not in the future")
        asking = self._keys.find(by.key_id)
        # A person who signs in for an hour is an admin tomorrow too; a key that was lent for a day is none.
        ends = asking.expires_at if asking is not None and asking.holder is None else None
        if ends is not None and (expires_at is None or expires_at > ends):
            raise InvalidRequest("expires_at", "is beyond the end of the key that asks")
        beyond = scopes - held
        if beyond and not self._directory.is_operator(by.tenant):
            raise ScopeMissing("a key cannot give scopes that it has not", scopes=sorted(beyond))
        given = id_of_request(by.key_id, idempotency_key) if idempotency_key is not None else None
        self._refuse(tenant, MAX_LIVE_KEYS - 1, besides=given)
        issued = self._issuer.store(
            tenant,
            scopes,
            by,
            label=label,
            expires_at=expires_at,
            limit=limit,
            own_names=own_names,
            idempotency_key=idempotency_key,
        )
        try:
            self._refuse(tenant, MAX_LIVE_KEYS)
        except Conflict:
            now, key_id = self._clock(), issued.key.key_id
            self._keys.revoke(tenant, key_id, now, audit_entry(by, "service_key.revoked", key_id, tenant, now))
            raise
        return self._issuer.hand_over(issued)

    def _refuse(self, tenant: TenantId, at_most: int, *, besides: ServiceKeyId | None = None) -> None:
        """Raise `Conflict` for a deleted tenant or one with too many keys; one without a record was never deleted."""
        found = self._tenants.find(tenant)
        if found is not None and found.deleted_at is not None:
            raise Conflict("the tenant was deleted", tenant=str(tenant))
        now = self._clock()
        if sum(key.is_usable(now) for key in self._keys.of(tenant) if key.key_id != besides) > at_most:
            raise Conflict(f"a tenant has at most {MAX_LIVE_KEYS} service keys that work; revoke some")
