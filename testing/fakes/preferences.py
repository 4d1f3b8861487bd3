"""Preferences of tiers and allow-lists of models in memory, with the same rules as in the table."""

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList
from atom_llm.domain.tiers.preferences import Preferences
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.audited import AuditedRecords, AuditedSetting


class PreferencesInMemory(AuditedSetting[Preferences]):
    """Implements `PreferenceStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        super().__init__(audit)
        self.is_down = False

    def of(self, tenant: TenantId) -> Preferences | None:
        if self.is_down:
            raise StoreUnavailable("down")
        return super().of(tenant)

    def create(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        if tenant in self.stored and not self.audit.has(entry):
            raise Conflict("the tenant has preferences already; PUT replaces them")
        self.keep(tenant, preferences, entry)

    def replace(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        self.keep(tenant, preferences, entry)


class AllowListsInMemory(AuditedRecords[AllowList]):
    """Implements `AllowListStore`."""

    def put(self, tenant: TenantId, allow_list: AllowList, entry: AuditEntry) -> None:
        self.keep((tenant, allow_list.scope), allow_list, entry)

    def delete(self, tenant: TenantId, scope: str, entry: AuditEntry) -> bool:
        return self.drop((tenant, scope), entry)
