"""The storage of tenants' preferences."""

from typing import Protocol

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import Preferences


class PreferenceStore(Protocol):
    """One set of preferences a tenant, or none; a change and its `entry` are one write.

    Every method raises `StoreUnavailable`.
    """

    def of(self, tenant: TenantId) -> Preferences | None:
        """Return the preferences that a tenant has set; None where it has not. Consistent."""
        ...

    def create(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        """Set the preferences for the first time; raises `Conflict` where there are some."""
        ...

    def replace(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        """Set the preferences, over any that are there."""
        ...

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        """Delete the preferences; False when there were none, and then no entry is written."""
        ...

    def erase(self, tenant: TenantId) -> bool:
        """Delete the preferences as a part of the tenant's erasure; False when there were none."""
        ...
