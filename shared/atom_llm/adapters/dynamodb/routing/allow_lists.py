"""Allow-lists of models in DynamoDB: an item each among its tenant's settings."""

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.allow_lists import AllowList


class DynamoAllowLists:
    """Implements `AllowListStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> list[AllowList]:
        """Return all lists of a tenant."""
        found = self._table.query(keys.tenant_items(tenant), prefix=keys.ALLOW_LISTS, consistent=True)
        return [AllowList(item["scope"], tuple(item["models"])) for item in found]

    def put(self, tenant: TenantId, allow_list: AllowList, entry: AuditEntry) -> None:
        """Write the list with its entry, in one transaction."""
        item = {"scope": allow_list.scope, "models": list(allow_list.models)}
        self._audited.commit(entry, self._table.putting(keys.allow_list(tenant, allow_list.scope), item))

    def delete(self, tenant: TenantId, scope: str, entry: AuditEntry) -> bool:
        """Delete the list with its entry; False when there was none."""
        return self._audited.delete(entry, self._table, keys.allow_list(tenant, scope))

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        found = self.of(tenant)
        self._table.delete_many([keys.allow_list(tenant, each.scope) for each in found])
        return len(found)
