"""The actors and entries of changes in tests, for changes whose entry does not matter."""

from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.audit import Action, Actor, AuditEntry
from atom_llm.domain.core.ids import RANDOM_BYTES, ServiceKeyId, TenantId, ulid
from testing.fakes.service_keys import NOON

SOMEBODY: Final = Actor(TenantId("tenant-a"), ServiceKeyId("somebodysKey"), "203.0.113.9")


def an_entry(tenant: TenantId = SOMEBODY.tenant, action: Action = "tenant.changed") -> AuditEntry:
    """Return an entry like no other."""
    return AuditEntry(
        ulid(NOON, token_bytes(RANDOM_BYTES)), tenant, NOON, SOMEBODY.key_id, action, "a-subject", SOMEBODY.origin
    )
