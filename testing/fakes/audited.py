"""What tenants have set, in memory: each change with its audit entry, as one transaction of the table has them."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from testing.fakes.audit_log import AuditLogInMemory


class AuditedRecords[Record]:
    """Records under their tenant and what names them beside it."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.set: dict[tuple[TenantId, *tuple[str, ...]], Record] = {}

    def of(self, tenant: TenantId) -> list[Record]:
        """Return the tenant's records, in the order of their names."""
        return [self.set[place] for place in sorted(self.set) if place[0] == tenant]

    def keep(self, place: tuple[TenantId, *tuple[str, ...]], record: Record, entry: AuditEntry) -> None:
        """Store a record with its entry."""
        self.set[place] = record
        self.audit.record(entry)

    def drop(self, place: tuple[TenantId, *tuple[str, ...]], entry: AuditEntry) -> bool:
        """Delete a record with its entry; False, without an entry, where there was none."""
        was_there = self.set.pop(place, None) is not None
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> int:
        """Delete the tenant's records without an entry, and return their number."""
        own = [place for place in self.set if place[0] == tenant]
        for place in own:
            del self.set[place]
        return len(own)


class AuditedSetting[Setting]:
    """One setting of each tenant."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[TenantId, Setting] = {}

    def of(self, tenant: TenantId) -> Setting | None:
        """Return the tenant's setting."""
        return self.stored.get(tenant)

    def keep(self, tenant: TenantId, setting: Setting, entry: AuditEntry) -> None:
        """Store a setting with its entry."""
        self.stored[tenant] = setting
        self.audit.record(entry)

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        """Delete the setting with its entry; False, without an entry, where there was none."""
        was_there = self.erase(tenant)
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> bool:
        """Delete the setting without an entry; False where there was none."""
        return self.stored.pop(tenant, None) is not None
