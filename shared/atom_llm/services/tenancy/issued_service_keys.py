"""A tenant's service keys, as its admins list and revoke them."""

from itertools import islice

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, NotFound
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import Caller, Scope, ServiceKey
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ServiceKeyStore, TenantStore
from atom_llm.services.core.audit_entries import audit_entry


class IssuedServiceKeys:
    """The list and the revocation of service keys; whoever calls this may administer the tenant."""

    def __init__(self, tenants: TenantStore, keys: ServiceKeyStore, clock: Clock) -> None:
        self._tenants = tenants
        self._keys = keys
        self._clock = clock

    def owner(self, key_id: ServiceKeyId) -> TenantId | None:
        """Return the tenant of a key; None: there is no such key."""
        found = self._keys.find(key_id)
        return found.tenant if found is not None else None

    def of_caller(self, caller: Caller) -> ServiceKey | None:
        """Return the key that a caller shows; None for one that shows none of ours."""
        return self._keys.find(caller.key_id)

    def listed(
        self, tenant: TenantId, *, after: ServiceKeyId | None, limit: int, exchanged: bool = False
    ) -> list[ServiceKey]:
        """List at most `limit` keys behind `after` in the order of ids, revoked ones included."""
        return list(islice(self._keys.of(tenant, after=after, limit=limit, exchanged=exchanged), limit))

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, by: Actor) -> ServiceKey:
        """Revoke a key, once; it opens nothing any more, within 5 seconds everywhere.

        Raises `NotFound`, and `Conflict` for the last key that could administer the deployment.
        """
        self._keep_the_last_operator_key(tenant, key_id)
        now = self._clock()
        revoked = self._keys.revoke(tenant, key_id, now, audit_entry(by, "service_key.revoked", key_id, tenant, now))
        if revoked is None:
            raise NotFound("there is no service key of that id", service_key=key_id)
        return revoked

    def _keep_the_last_operator_key(self, owner: TenantId, key_id: ServiceKeyId) -> None:
        tenant = self._tenants.find(owner)
        if tenant is None or not tenant.is_operator:
            return
        now = self._clock()
        admins = [key.key_id for key in self._keys.of(owner) if Scope.ADMIN in key.scopes and key.is_usable(now)]
        if admins == [key_id]:
            raise Conflict("this is the operator's last admin key; issue another one first")
