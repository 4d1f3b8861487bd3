"""Changes of a service key that was issued: its own names."""

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, NotFound
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.own_names import OwnNames
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ServiceKeyStore
from atom_llm.services.core.audit_entries import audit_entry


class ServiceKeyChanger:
    """The changes; whoever calls this may administer the tenant."""

    def __init__(self, keys: ServiceKeyStore, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def name(self, tenant: TenantId, key_id: ServiceKeyId, names: OwnNames, by: Actor) -> ServiceKey:
        """Give a key other own names, in the place of all that it had; within 5 seconds everywhere.

        Raises `NotFound`, and `Conflict` for a key that was revoked.
        """
        entry = audit_entry(by, "service_key.changed", key_id, tenant, self._clock())
        changed = self._keys.name(tenant, key_id, names, entry)
        if changed is None:
            raise NotFound("there is no service key of that id", service_key=key_id)
        if changed.revoked_at is not None:
            raise Conflict("the service key was revoked", service_key=key_id)
        return changed
