"""Preferences of tiers and allow-lists of models in memory, with the same rules as in the table."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList
from atom_llm.domain.tiers.preferences import Preferences
from testing.fakes.audit_log import AuditLogInMemory


class PreferencesInMemory:
    """Implements `PreferenceStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[TenantId, Preferences] = {}
        self.is_down = False

    def of(self, tenant: TenantId) -> Preferences | None:
        if self.is_down:
            raise StoreUnavailable("down")
        return self.stored.get(tenant)

    def create(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        if tenant in self.stored and not self.audit.has(entry):
            raise Conflict("the tenant has preferences already; PUT replaces them")
        self.stored[tenant] = preferences
        self.audit.record(entry)

    def replace(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        self.stored[tenant] = preferences
        self.audit.record(entry)

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        was_there = self.erase(tenant)
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> bool:
        """Delete the preferences; False when there were none."""
        return self.stored.pop(tenant, None) is not None


class AllowListsInMemory:
    """Implements `AllowListStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.set: dict[tuple[TenantId, str], AllowList] = {}

    def of(self, tenant: TenantId) -> list[AllowList]:
        return [self.set[place] for place in sorted(self.set) if place[0] == tenant]

    def put(self, tenant: TenantId, allow_list: AllowList, entry: AuditEntry) -> None:
        self.set[tenant, allow_list.scope] = allow_list
        self.audit.record(entry)

    def delete(self, tenant: TenantId, scope: str, entry: AuditEntry) -> bool:
        was_there = self.set.pop((tenant, scope), None) is not None
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> int:
        own = [place for place in self.set if place[0] == tenant]
        for place in own:
            del self.set[place]
        return len(own)
