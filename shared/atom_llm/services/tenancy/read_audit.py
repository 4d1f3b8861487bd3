"""The audit log of a tenant, newest first."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.tenancy import AuditLog


class AuditReader:
    """The list of audit entries; nothing is written here, for a change writes its own."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> list[AuditEntry]:
        """List at most `limit` entries with ids below `before`."""
        return list(self._log.entries(tenant, before=before, limit=limit))
