"""Teams in DynamoDB: an item each among its tenant's settings."""

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.scopes import Team


class DynamoTeams:
    """Implements `TeamStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> list[Team]:
        """Return all teams of a tenant, in the order of their ids."""
        found = self._table.query(keys.tenant_items(tenant), prefix=keys.TEAMS, consistent=True)
        return [_team(item) for item in found]

    def put(self, tenant: TenantId, team: Team, entry: AuditEntry) -> None:
        """Write the team with its entry, in one transaction."""
        item: Item = {"name": team.name}
        item |= {name: set(members) for name, members in _members(team).items() if members}
        self._audited.commit(entry, self._table.putting(keys.team(tenant, team.id), item))

    def delete(self, tenant: TenantId, team_id: str, entry: AuditEntry) -> bool:
        """Delete the team with its entry; False when there was none."""
        return self._audited.delete(entry, self._table, keys.team(tenant, team_id))

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        found = self.of(tenant)
        self._table.delete_many([keys.team(tenant, team.id) for team in found])
        return len(found)


def _members(team: Team) -> dict[str, frozenset[str]]:
    return {"service_keys": team.service_keys, "people": team.people}


def _team(item: Item) -> Team:
    return Team(
        id=item["sk"].removeprefix(keys.TEAMS),
        name=item["name"],
        service_keys=frozenset(item.get("service_keys", ())),
        people=frozenset(item.get("people", ())),
    )
