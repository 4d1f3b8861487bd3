"""Make out the audit entry of a change that is about to be written."""

from datetime import datetime
from secrets import token_bytes

from atom_llm.domain.core.audit import Action, Actor, AuditEntry
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid


def audit_entry(by: Actor, action: Action, subject: str, tenant: TenantId, now: datetime) -> AuditEntry:
    """Return an entry with an id of its own; `tenant` is whose thing changes, which an operator's own need not be."""
    drawn, is_operators = ulid(now, token_bytes(RANDOM_BYTES)), tenant != by.tenant
    return AuditEntry(drawn, tenant, now, by.key_id, action, subject, by.origin, is_operators, by.person)
