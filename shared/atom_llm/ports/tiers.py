"""Where tenants' preferences are kept."""

from typing import Protocol

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import Preferences


class PreferenceStore(Protocol):
    """One set of preferences a tenant, or none. Every method raises `StoreUnavailable`."""

    def of(self, tenant: TenantId) -> Preferences | None:
        """What a tenant has set; None where it has not. Consistent."""
        ...

    def create(self, tenant: TenantId, preferences: Preferences) -> None:
        """Set them for the first time; raises `Conflict` where there are some."""
        ...

    def replace(self, tenant: TenantId, preferences: Preferences) -> None:
        """Set them, whatever was there."""
        ...

    def delete(self, tenant: TenantId) -> bool:
        """Take them away; whether there were any."""
        ...
