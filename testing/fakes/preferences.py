"""Preferences in memory."""

from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import Preferences


class PreferencesInMemory:
    """Implements `PreferenceStore`."""

    def __init__(self) -> None:
        self.stored: dict[TenantId, Preferences] = {}
        self.is_down = False

    def of(self, tenant: TenantId) -> Preferences | None:
        """What was set."""
        if self.is_down:
            raise StoreUnavailable("down")
        return self.stored.get(tenant)

    def create(self, tenant: TenantId, preferences: Preferences) -> None:
        """Once."""
        if self.stored.setdefault(tenant, preferences) is not preferences:
            raise Conflict("the tenant has preferences already; PUT replaces them")

    def replace(self, tenant: TenantId, preferences: Preferences) -> None:
        """Whatever was there."""
        self.stored[tenant] = preferences

    def delete(self, tenant: TenantId) -> bool:
        """Whether there were any."""
        return self.stored.pop(tenant, None) is not None
