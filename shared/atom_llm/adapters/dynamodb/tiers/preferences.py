"""Tenants' preferences in DynamoDB."""

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import Tier


class DynamoPreferences:
    """Implements `PreferenceStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> Preferences | None:
        """Return the preferences that a tenant has set; None where it has not. Consistent."""
        item = self._table.get(keys.preferences(tenant), consistent=True)
        return None if item is None else _preferences(item)

    def create(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        """Set preferences once; raises `Conflict` where there are some."""
        try:
            self._audited.commit(
                entry, self._table.putting(keys.preferences(tenant), _item(preferences), if_absent=True)
            )
        except ConditionFailed:
            raise Conflict("the tenant has preferences already; PUT replaces them") from None

    def replace(self, tenant: TenantId, preferences: Preferences, entry: AuditEntry) -> None:
        """Set preferences, over any that are there."""
        self._audited.commit(entry, self._table.putting(keys.preferences(tenant), _item(preferences)))

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        """Delete the preferences; False when there were none."""
        return self._audited.delete(entry, self._table, keys.preferences(tenant))

    def erase(self, tenant: TenantId) -> bool:
        """Remove them."""
        if self.of(tenant) is None:
            return False
        self._table.delete(keys.preferences(tenant))
        return True


def _item(of: Preferences) -> Item:
    return {
        "enabled": of.enabled,
        "default_tier": str(of.default_tier),
        "min_tier": str(of.min_tier),
        "max_tier": str(of.max_tier),
        "preferred_providers": list(of.preferred_providers),
        "blocked_providers": list(of.blocked_providers),
        "max_cost_per_request_usd": of.max_cost_per_request_usd,
        "monthly_budget_usd": of.monthly_budget_usd,
        "cache_aware": of.cache_aware,
        "auto_escalation": of.auto_escalation,
        "prefer": of.prefer,
    }


def _preferences(item: Item) -> Preferences:
    return Preferences(
        enabled=item["enabled"],
        default_tier=Tier(item["default_tier"]),
        min_tier=Tier(item["min_tier"]),
        max_tier=Tier(item["max_tier"]),
        preferred_providers=tuple(item["preferred_providers"]),
        blocked_providers=tuple(item["blocked_providers"]),
        max_cost_per_request_usd=item["max_cost_per_request_usd"],
        monthly_budget_usd=item["monthly_budget_usd"],
        cache_aware=item["cache_aware"],
        auto_escalation=item["auto_escalation"],
        prefer=item["prefer"],
    )
